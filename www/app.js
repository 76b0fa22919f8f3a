// The demo's front door: starts the client and joins the page's parts.
import { AWSMobileClient } from "./cognito-wasm/index.js";
import { codeFiller } from "./codes.js";
import { findEmulator } from "./emulator/emulator.js";
import { showError } from "./errors.js";
import { byId } from "./dom.js";
import { followEmulatorClock } from "./emulator/clock.js";
import { startHelp } from "./help.js";
import { startListenerLog } from "./listeners.js";
import { startMailbox } from "./emulator/mailbox.js";
import { startPlayground } from "./emulator/playground.js";
import { startPool } from "./emulator/pool.js";
import { showUserState, startSignOut } from "./state.js";
import { startSteps } from "./steps.js";
import { startAuthenticator } from "./emulator/totp.js";

const client = AWSMobileClient.sharedInstance();

const emulator = await findEmulator();
if (emulator) await followEmulatorClock(emulator);
byId("no-emulator").hidden = Boolean(emulator);

client.subscribe(() => showUserState(client.getSnapshot()));
startListenerLog(client);
startHelp(client);

try {
  await client.initialize(); // reads ./awsconfiguration.json
  showUserState(client.getSnapshot());
  const page = await startSteps(client);
  startSignOut(client, page);
  if (emulator) {
    const codes = codeFiller(page);
    startMailbox(emulator, codes);
    startAuthenticator(emulator, client, codes);
    startPlayground(emulator);
    startPool(emulator);
    byId("recipes").hidden = false;
  }
} catch (error) {
  showError(document.querySelector("[data-step=starting] .error"), error);
}

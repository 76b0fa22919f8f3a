// The account of who is signed in: one module for each part. What a part shows is loaded whenever it comes on show, and
// gone when the user is.
import { byId } from "../dom.js";
import { startAttributes } from "./attributes.js";
import { startDevices } from "./devices.js";
import { startMfa } from "./mfa.js";
import { startOverview } from "./overview.js";
import { startPasskeys } from "./passkeys.js";
import { startPassword } from "./password.js";
import { startSessions } from "./sessions.js";

export function startAccount(client, page) {
  const parts = [
    startOverview,
    startAttributes,
    startPassword,
    startMfa,
    startPasskeys,
    startDevices,
    startSessions,
  ].map((start) => start(client, page));
  return {
    clear() {
      for (const { clear } of parts) clear();
      byId("remember-form").hidden = true;
    },
  };
}

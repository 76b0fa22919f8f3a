// Taking the network away and giving it back.

import { engine } from "./drivers.mjs";

/** Cuts the page off from the service. Returns the function that mends it. */
export async function cutNetwork({ browser, emulator }) {
  if (engine === "chromium") {
    const conditions = (offline) => ({ offline, latency: 0, download_throughput: -1, upload_throughput: -1 });
    await browser.setNetworkConditions(conditions(true));
    return () => browser.setNetworkConditions(conditions(false));
  }
  // No other driver can take a browser offline, so the service hangs up on every call.
  await emulator.fault({ operation: "*", count: null, fault: { reset: true } });
  return () => emulator.clearFaults();
}

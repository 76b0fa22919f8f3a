// A service worker that imports the package, as one file where its address says so, and answers with what initialize comes to.
import * as whole from "./cognito-wasm/inline.js";
import * as split from "./cognito-wasm/index.js";

addEventListener("message", async ({ data: config, ports: [port] }) => {
  const { AWSMobileClient } = location.search === "?inline" ? whole : split;
  const client = new AWSMobileClient();
  try {
    const value = await client.initialize(config);
    port.postMessage({ value, storage: client.getSnapshot().storage });
  } catch ({ code, message, retryable }) {
    port.postMessage({ failure: { code, message, retryable } });
  } finally {
    client.close();
  }
});

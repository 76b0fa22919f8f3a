// A service worker that imports the package, as one file where its address says so, and answers with what initialize comes to.
import * as whole from "./cognito-wasm/inline.js";
import * as split from "./cognito-wasm/index.js";

addEventListener("message", async ({ data: config, ports: [port] }) => {
  const { AWSMobileClient } = location.search === "?inline" ? whole : split;
  const client = new AWSMobileClient();
  const result = await client.initialize(config).then(
    (value) => ({ value, storage: client.getSnapshot().storage }),
    ({ code, message, retryable }) => ({ failure: { code, message, retryable } }),
  );
  client.close();
  await deleteDatabases();
  port.postMessage(result);
});

// WebKit never closes a connection that a worker has when it is ended, and then no page can delete the database. A
// deletion that has succeeded shows that this worker has none left.
async function deleteDatabases() {
  for (const { name } of await indexedDB.databases()) {
    await new Promise((resolve, reject) => {
      const request = indexedDB.deleteDatabase(name);
      request.onsuccess = resolve;
      request.onerror = () => reject(request.error);
    });
  }
}

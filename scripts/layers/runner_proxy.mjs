// What stands between a browser and the server of wasm-bindgen's test runner.

import { once } from "node:events";
import http from "node:http";

/**
 * The runner's server has four threads, one for each connection, and sometimes starts no fifth for the six connections
 * that a browser opens: two requests then wait, and no test begins. Through this proxy it never has more than three, and
 * each ends with its answer. To WebKitGTK the runner tells nothing of a proxy; but that closes connections that are idle
 * for a minute, and goes on by itself.
 *
 * @returns `{ address, close }`
 */
export async function startRunnerProxy() {
  const agent = new http.Agent({ keepAlive: false, maxSockets: 3 });
  const proxy = http.createServer((request, response) => {
    const { method, url, headers } = request;
    const forwarded = http.request(url, { method, headers, agent }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    // Tests of a network that fails see it fail here as well.
    forwarded.on("error", () => response.destroy());
    response.on("close", () => forwarded.destroy());
    request.pipe(forwarded);
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  return {
    address: `127.0.0.1:${proxy.address().port}`,
    close: () => {
      proxy.closeAllConnections();
      proxy.close();
    },
  };
}

// A configuration that is fetched: from where, and what is said when it cannot be had. The page is of a server of the
// test's own, which redirects.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import http from "node:http";
import path from "node:path";
import { after, before, test } from "node:test";
import { buildSite } from "./support/site.mjs";
import { setBrowser } from "./support/stage.mjs";

const CONFIGURATION = JSON.stringify({
  CognitoUserPool: { Default: { PoolId: "us-east-1_Pool", AppClientId: "client1" } },
});
const SCRIPTS = '<script src="/probe.js"></script><script type="module" src="/bare.js"></script>';
const TYPES = { ".js": "text/javascript", ".wasm": "application/wasm" };

const folder = buildSite();
const stage = {};
setBrowser(stage, () => folder);

let own;
let other;
before(async () => {
  other = await serve({});
  own = await serve({
    "/page": [200, "text/html", SCRIPTS],
    "/orders/17": [200, "text/html", SCRIPTS],
    "/orders/based": [200, "text/html", `<base href="/">${SCRIPTS}`],
    "/moved-away": [302, `${other.origin}/awsconfiguration.json`],
    "/moved-twice": [302, "/moved-away"],
  });
});
after(() => Promise.all([own?.close(), other?.close()]));

test("a configuration is taken from where redirects lead within its origin", async () => {
  assert.deepEqual(
    await initialize("/page", ["/moved", `${other.origin}/moved`, `${other.origin}/awsconfiguration.json`]),
    ["signedOut", "signedOut", "signedOut"],
  );
});

test("a configuration that redirects to another origin is refused", async () => {
  for (const told of await initialize("/page", ["/moved-away", "/moved-twice"])) {
    assert.match(
      told,
      /^invalidConfiguration: The configuration at \/moved-\w+ was not taken, because the URL redirects to another origin\./,
    );
  }
});

test("a relative URL is resolved against the page's URL or its base, and HTML in its place is named", async () => {
  const [lost] = await initialize("/orders/17", [undefined]);
  assert.match(
    lost,
    /^invalidConfiguration: The answer from \.\/awsconfiguration\.json is no configuration: it is an HTML page/,
  );
  assert.match(lost, /let it begin with a slash, or import the file/);
  assert.deepEqual(await initialize("/orders/17", ["/awsconfiguration.json"]), ["signedOut"]);
  assert.deepEqual(await initialize("/orders/based", [undefined]), ["signedOut"]);
});

test("no message and no cause has what a configuration's URL may keep secret", async () => {
  const { host } = new URL(other.origin);
  const told = await initialize("/page", [
    `http://user:SECRET@${host}/awsconfiguration.json`,
    `//SECRET@${host}/awsconfiguration.json`,
    "http://127.0.0.1:1/c.json?SECRET#SECRET",
    "http://[nowhere/c.json?SECRET",
    "/orders/nothing?SECRET#SECRET",
    `data:application/json,{"ClientId":"SECRET"}`,
    `data:text/html,<p>SECRET`,
    "nowhere:SECRET",
  ]);
  for (const each of told) {
    assert.match(each, /^(invalidConfiguration|network): /);
    assert.doesNotMatch(each, /SECRET/i);
  }
  assert.match(told[2], /^network: The configuration at http:\/\/127\.0\.0\.1:1\/c\.json could not be fetched\. /);
});

test("a configuration that is given as text is refused, and no part of it is sent as a path", async () => {
  for (const told of await initialize("/page", [`{"AppClientSecret":"CANARY"}`, ` ["CANARY"]`, `"CANARY"`])) {
    assert.match(
      told,
      /^invalidConfiguration: initialize\(\) takes the configuration as an object or as its URL, and not as JSON text\./,
    );
  }
  assert.deepEqual(
    own.asked.filter((url) => /CANARY/i.test(url)),
    [],
  );
});

/** What `initialize` comes to with each of these URLs: the state, or all that the error says. */
async function initialize(page, urls) {
  await stage.browser.url(own.origin + page);
  await stage.browser.waitUntil(() => stage.browser.execute(() => "cognito" in globalThis));
  return stage.browser.execute(async (urls) => {
    const told = [];
    for (const url of urls) {
      const client = new cognito.AWSMobileClient();
      const failure = ({ code, message, cause }) => `${code}: ${message} ${cause}`;
      told.push(await client.initialize(url ?? undefined, { storage: "memory" }).catch(failure));
      client.close();
    }
    return told;
  }, urls);
}

/** A server with the package, a configuration, and a page for every path that it does not know. */
async function serve(pages) {
  const known = {
    "/awsconfiguration.json": [200, "application/json", CONFIGURATION],
    "/moved": [302, "/awsconfiguration.json"],
    ...pages,
  };
  const asked = [];
  const server = http.createServer(({ url }, response) => {
    asked.push(url);
    const { pathname } = new URL(url, "http://localhost");
    const [status, type, body] = known[pathname] ??
      file(pathname) ?? [200, "text/html", "<!doctype html><p>Nothing is here.</p>"];
    const head = status === 302 ? { location: type } : { "content-type": type };
    response.writeHead(status, { ...head, "access-control-allow-origin": "*" }).end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { origin: `http://127.0.0.1:${server.address().port}`, asked, close };
}

function file(pathname) {
  const type = TYPES[path.extname(pathname)];
  return type && [200, type, readFileSync(path.join(folder, pathname))];
}

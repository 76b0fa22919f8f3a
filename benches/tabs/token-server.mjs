// The token endpoint of an OAuth provider, as auth0-spa-js, oidc-client-ts and Supabase's auth-js each ask it: signed
// tokens, and refresh tokens that work once. A used one is refused; the tokens that came of it stay good, although some
// providers revoke those as well.

import { generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { createServer } from "node:http";
import { setTimeout as pause } from "node:timers/promises";

const SUBJECT = randomUUID();

/** Listens on a free loopback port. */
export async function listen() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const usable = new Set();
  const spent = new Set();
  let refreshes = [];
  let conduct = {};

  const server = createServer(async (request, response) => {
    const { status, body } = await answer(request, new URL(request.url, url));
    response.writeHead(status, {
      "content-type": "application/json",
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "GET, POST",
      "access-control-allow-headers": request.headers["access-control-request-headers"] ?? "",
      "access-control-max-age": "600",
      "cache-control": "no-store",
    });
    response.end(JSON.stringify(body));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${server.address().port}`;

  async function answer(request, { pathname, searchParams }) {
    if (request.method === "OPTIONS") return { status: 200, body: {} };
    if (pathname === "/.well-known/openid-configuration") return { status: 200, body: discovery(url) };
    // Auth0's address, and that of the other two.
    if (pathname !== "/oauth/token" && pathname !== "/token") return { status: 404, body: {} };
    const { grant_type, refresh_token, client_id } = {
      ...Object.fromEntries(searchParams),
      ...(await parameters(request)),
    };
    return grant_type === "refresh_token" ? refresh(refresh_token, client_id) : { status: 200, body: issue(client_id) };
  }

  async function refresh(token, clientId) {
    refreshes.push({ reuse: spent.has(token) });
    // Decided when the question arrives: what takes time is the way.
    const result = usable.delete(token) ? { status: 200, body: issue(clientId) } : { status: 400, body: INVALID_GRANT };
    spent.add(token);
    await pause(conduct.latencyMs);
    return result;
  }

  function issue(clientId = "authenticated") {
    const iat = Math.floor(Date.now() / 1000);
    const claims = { iss: `${url}/`, sub: SUBJECT, aud: clientId, iat, jti: randomUUID() };
    const refreshToken = randomUUID();
    usable.add(refreshToken);
    return {
      token_type: "bearer",
      access_token: jwt(privateKey, { ...claims, exp: iat + conduct.lifetime }),
      expires_in: conduct.lifetime,
      id_token: jwt(privateKey, { ...claims, exp: iat + 36_000 }),
      refresh_token: refreshToken,
      // What Supabase's client wants to know.
      user: {
        id: SUBJECT,
        aud: "authenticated",
        role: "authenticated",
        email: "alice@example.com",
        app_metadata: {},
        user_metadata: {},
      },
    };
  }

  return {
    url,
    /** From now on tokens live so many seconds and a refresh takes so many milliseconds; the count begins anew. */
    reset(how) {
      conduct = how;
      refreshes = [];
    },
    /** One for each refresh call, and whether it brought a token that had been spent. */
    refreshes: () => [...refreshes],
    close() {
      server.close();
      // The browser keeps its connections open, and close() alone would wait for them.
      server.closeAllConnections();
    },
  };
}

/** In OAuth's words, and in Supabase's. */
const INVALID_GRANT = {
  error: "invalid_grant",
  error_description: "The refresh token has been used already.",
  error_code: "refresh_token_already_used",
  msg: "Invalid Refresh Token: Already Used",
};

function discovery(url) {
  return {
    issuer: `${url}/`,
    authorization_endpoint: `${url}/authorize`,
    token_endpoint: `${url}/token`,
    jwks_uri: `${url}/.well-known/jwks.json`,
  };
}

async function parameters(request) {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  const isJson = request.headers["content-type"]?.includes("json");
  return isJson ? JSON.parse(text) : Object.fromEntries(new URLSearchParams(text));
}

function jwt(key, claims) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${part({ alg: "RS256", typ: "JWT" })}.${part(claims)}`;
  return `${signed}.${sign("sha256", Buffer.from(signed), key).toString("base64url")}`;
}

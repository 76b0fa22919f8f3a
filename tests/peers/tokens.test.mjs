// The emulator's tokens in the hands of aws-jwt-verify, AWS's own verifier for servers.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { InitiateAuthCommand } from "@aws-sdk/client-cognito-identity-provider";
import { JwtVerifier } from "aws-jwt-verify";
import { JwtInvalidAudienceError, JwtInvalidSignatureError } from "aws-jwt-verify/error";
import { decomposeUnverifiedJwt } from "aws-jwt-verify/jwt";

import { DEFAULT_POOL, start } from "../support/emulator.mjs";
import { awsSdk, confirmedUser, PASSWORD } from "./people.mjs";

let emulator;
let sdk;
let discovery;
let jwks;

before(async () => {
  emulator = await start();
  sdk = awsSdk(emulator.url);
  discovery = await json(`${emulator.url}/${DEFAULT_POOL.userPoolId}/.well-known/openid-configuration`);
  jwks = await json(`${emulator.url}/${DEFAULT_POOL.userPoolId}/.well-known/jwks.json`);
});

after(async () => {
  sdk?.destroy();
  await emulator?.close();
});

test("the ID token and the access token verify against the published keys", async () => {
  const { username, email } = await confirmedUser(sdk);
  const tokens = await signIn(username);
  const id = await verifier({ audience: DEFAULT_POOL.clientId }).verify(tokens.IdToken);
  const access = await verifier({ audience: null }).verify(tokens.AccessToken);

  assert.equal(id.token_use, "id");
  assert.equal(id["cognito:username"], username);
  assert.equal(id.email, email);
  assert.equal(id.email_verified, true);
  assert.equal(access.token_use, "access");
  assert.equal(access.client_id, DEFAULT_POOL.clientId);
  assert.equal(access.username, username);
  assert.equal(access.scope, "aws.cognito.signin.user.admin");
  for (const claim of ["sub", "iss", "auth_time", "iat", "exp", "origin_jti", "event_id"]) {
    assert.equal(typeof id[claim], typeof access[claim], claim);
    assert.notEqual(id[claim], undefined, claim);
  }
  assert.equal(id.sub, access.sub);
  assert.equal(id.origin_jti, access.origin_jti);
  assert.notEqual(id.jti, access.jti);
  assert.equal(id.exp - id.iat, 3600);
});

test("the two tokens are signed with different keys of the pool", async () => {
  const { username } = await confirmedUser(sdk);
  const tokens = await signIn(username);
  const kids = [tokens.IdToken, tokens.AccessToken].map((token) => decomposeUnverifiedJwt(token).header.kid);
  assert.notEqual(kids[0], kids[1]);
  assert.deepEqual(jwks.keys.map((key) => key.kid).sort(), [...kids].sort());
  for (const key of jwks.keys) assert.deepEqual([key.kty, key.alg, key.use], ["RSA", "RS256", "sig"]);
});

test("discovery names the issuer that the tokens carry", async () => {
  const { username } = await confirmedUser(sdk);
  const { IdToken } = await signIn(username);
  assert.equal(decomposeUnverifiedJwt(IdToken).payload.iss, discovery.issuer);
  assert.deepEqual(await json(discovery.jwks_uri), jwks);
});

test("a changed token and a token for another client are refused", async () => {
  const { username } = await confirmedUser(sdk);
  const { IdToken } = await signIn(username);
  const [header, payload, signature] = IdToken.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url"));
  const promoted = Buffer.from(JSON.stringify({ ...claims, "cognito:groups": ["admin"] })).toString("base64url");
  await assert.rejects(
    verifier({ audience: DEFAULT_POOL.clientId }).verify(`${header}.${promoted}.${signature}`),
    JwtInvalidSignatureError,
  );
  await assert.rejects(verifier({ audience: "anotherclient" }).verify(IdToken), JwtInvalidAudienceError);
});

test("tokens and the Date header follow the emulator's clock", async () => {
  const clocked = await start();
  const clockedSdk = awsSdk(clocked.url);
  try {
    const now = await clocked.advance(2 * 3600);
    assert.ok(now > Date.now() + 3600_000);
    const { username } = await confirmedUser(clockedSdk);
    const { IdToken } = await signIn(username, clockedSdk);
    const { iat, auth_time, exp } = decomposeUnverifiedJwt(IdToken).payload;
    assert.ok(Math.abs(iat * 1000 - now) < 60_000);
    assert.ok(Math.abs(auth_time * 1000 - now) < 60_000);
    assert.equal(exp - iat, 3600);
    const { headers } = await fetch(`${clocked.url}/_emulator/health`);
    assert.ok(Math.abs(Date.parse(headers.get("date")) - now) < 60_000);
  } finally {
    clockedSdk.destroy();
    await clocked.close();
  }
});

test("each emulator has keys of its own", async () => {
  const other = await start();
  try {
    const keys = await json(`${other.url}/${DEFAULT_POOL.userPoolId}/.well-known/jwks.json`);
    const moduli = new Set([...jwks.keys, ...keys.keys].map((key) => key.n));
    assert.equal(moduli.size, 4);
  } finally {
    await other.close();
  }
});

function verifier({ audience }) {
  const made = JwtVerifier.create({ issuer: discovery.issuer, audience });
  made.cacheJwks(jwks);
  return made;
}

async function signIn(username, client = sdk) {
  const { AuthenticationResult } = await client.send(
    new InitiateAuthCommand({
      AuthFlow: "USER_PASSWORD_AUTH",
      ClientId: DEFAULT_POOL.clientId,
      AuthParameters: { USERNAME: username, PASSWORD },
    }),
  );
  return AuthenticationResult;
}

async function json(url) {
  const answer = await fetch(url);
  assert.equal(answer.status, 200, url);
  return answer.json();
}

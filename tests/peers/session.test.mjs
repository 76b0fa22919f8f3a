// What an engine that keeps sessions needs of the emulator, shown with clients that we did not write: expiry, rotation
// and its grace, revocation, devices, lost answers, held answers.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import {
  GetTokensFromRefreshTokenCommand,
  GetUserCommand,
  InitiateAuthCommand,
  RefreshTokenReuseException,
} from "@aws-sdk/client-cognito-identity-provider";
import { decomposeUnverifiedJwt } from "aws-jwt-verify/jwt";

import { DEFAULT_POOL } from "../support/emulator.mjs";
import { call, memoryStorage, signIn as signInWithIdentityJs, userAt } from "./identity-js.mjs";
import { PASSWORD, refused, setStage, someone } from "./people.mjs";

const { clientId, rotatingClientId } = DEFAULT_POOL;
const REVOKED = { name: "NotAuthorizedException", message: "Refresh Token has been revoked" };
const stage = setStage();
let username;

beforeEach(async () => {
  await stage.emulator.reset();
  ({ username } = someone());
  await stage.emulator.createUser({ username, password: PASSWORD });
  await stage.emulator.clearRequests();
});

test("tokens live as long as they are told to, while the emulator runs", async () => {
  await stage.emulator.setTokenLifetimes({ accessToken: 3, idToken: 150, refreshToken: 10 });
  const tokens = await signIn();
  assert.equal(tokens.ExpiresIn, 3);
  const lifetimes = [tokens.AccessToken, tokens.IdToken].map((token) => {
    const { iat, exp } = decomposeUnverifiedJwt(token).payload;
    return exp - iat;
  });
  assert.deepEqual(lifetimes, [3, 150]);

  await stage.emulator.advance(3);
  await refused(stage.sdk.send(new GetUserCommand({ AccessToken: tokens.AccessToken })), {
    name: "NotAuthorizedException",
    message: "Access Token has expired",
  });
  await refresh(tokens);
  await stage.emulator.advance(7);
  await refused(refresh(tokens), { name: "NotAuthorizedException", message: "Refresh Token has expired" });
});

test("a clock that was set shows in the tokens and in the Date header", async () => {
  const then = Date.UTC(2031, 4, 6);
  await stage.emulator.setClock(then);
  const { payload } = decomposeUnverifiedJwt((await signIn()).AccessToken);
  assert.ok(Math.abs(payload.iat * 1000 - then) < 60_000);
  const { headers } = await fetch(`${stage.emulator.url}/_emulator/health`);
  assert.ok(Math.abs(Date.parse(headers.get("date")) - then) < 60_000);
});

test("within the grace a spent refresh token gives tokens of the same sign-in, and after it RefreshTokenReuseException", async () => {
  await stage.emulator.setRotation({ graceSeconds: 30 });
  const first = await signIn();
  const second = await refresh(first);
  const retried = await refresh(first);
  assert.notEqual(second.RefreshToken, retried.RefreshToken);
  const origins = [first, second, retried].map(
    (tokens) => decomposeUnverifiedJwt(tokens.AccessToken).payload.origin_jti,
  );
  assert.equal(new Set(origins).size, 1);

  await stage.emulator.advance(31);
  await assert.rejects(refresh(first), RefreshTokenReuseException);
  await refresh(second);
  await refresh(retried);
  const seen = (await stage.emulator.refreshes({ clientId })).map(({ refresh, outcome }) => [
    refresh.generation,
    refresh.reuse,
    outcome,
  ]);
  assert.deepEqual(seen, [
    [1, false, "ok"],
    [1, true, "ok"],
    [1, true, "RefreshTokenReuseException"],
    [2, false, "ok"],
    [2, false, "ok"],
  ]);
});

test("rotation that is switched off gives no new refresh token and takes the older flow again", async () => {
  await stage.emulator.setRotation({ clientId: rotatingClientId, graceSeconds: null });
  const tokens = await signIn(rotatingClientId);
  assert.equal((await refresh(tokens, rotatingClientId)).RefreshToken, undefined);
  const { AuthenticationResult } = await stage.sdk.send(
    new InitiateAuthCommand({
      ClientId: rotatingClientId,
      AuthFlow: "REFRESH_TOKEN_AUTH",
      AuthParameters: { REFRESH_TOKEN: tokens.RefreshToken },
    }),
  );
  assert.ok(AuthenticationResult.AccessToken);
});

test("an administrator ends sign-ins by revoking, disabling and deleting", async () => {
  const deleted = {
    name: "NotAuthorizedException",
    message: "The user has been deleted for the associated refresh token",
  };
  for (const [end, answer] of [
    [stage.emulator.revokeTokensOf, REVOKED],
    [stage.emulator.disableUser, REVOKED],
    [stage.emulator.deleteUser, deleted],
  ]) {
    const tokens = await signIn();
    await end(username);
    await refused(refresh(tokens), answer);
    if (end === stage.emulator.disableUser) await stage.emulator.enableUser(username);
  }
});

test("where devices are tracked a refresh must bring the key of the sign-in's device, which must be confirmed", async () => {
  await stage.emulator.setPool({ deviceTracking: "always" });
  const tokens = await signIn();
  const { DeviceKey } = tokens.NewDeviceMetadata;
  assert.equal(decomposeUnverifiedJwt(tokens.AccessToken).payload.device_key, DeviceKey);
  const invalid = { name: "NotAuthorizedException", message: "Invalid Refresh Token." };
  await refused(refresh(tokens, clientId, { DeviceKey }), invalid);
  await stage.emulator.confirmDevice(tokens.AccessToken);
  await refused(refresh(tokens), invalid);
  assert.ok((await refresh(tokens, clientId, { DeviceKey })).AccessToken);
  await stage.emulator.setPool({ deviceTracking: "off" });
  assert.ok((await refresh(tokens)).AccessToken);
});

test("a lost answer has spent the refresh token, and the grace lets its client retry", async () => {
  await stage.emulator.setRotation({ graceSeconds: 60 });
  const tokens = await signIn();
  await stage.emulator.loseAnswer("GetTokensFromRefreshToken");
  // The AWS SDK retries a connection that was reset, with the same token.
  assert.ok((await refresh(tokens)).RefreshToken);
  const seen = (await stage.emulator.refreshes()).map(({ refresh, outcome, status }) => [
    refresh.reuse,
    outcome,
    status,
  ]);
  assert.deepEqual(seen, [
    [false, "ok", null],
    [true, "ok", 200],
  ]);
});

test("without grace the retry after a lost answer is a reuse", async () => {
  await stage.emulator.setRotation({ graceSeconds: 0 });
  const tokens = await signIn();
  await stage.emulator.loseAnswer("GetTokensFromRefreshToken");
  await assert.rejects(refresh(tokens), RefreshTokenReuseException);
});

test("of two refreshes that are held at once the one that is released first spends the token", async () => {
  const tokens = await signIn(rotatingClientId);
  await stage.emulator.hold("GetTokensFromRefreshToken", { count: 2 });
  const both = [refresh(tokens, rotatingClientId), refresh(tokens, rotatingClientId)];
  const settled = Promise.allSettled(both);
  const held = await stage.emulator.heldRequests("GetTokensFromRefreshToken", 2);
  assert.deepEqual(
    held.map(({ refresh, outcome }) => [refresh.generation, outcome]),
    [
      [1, null],
      [1, null],
    ],
  );

  assert.deepEqual(await stage.emulator.release({ request: held[1].id }), [held[1].id]);
  await Promise.race(both);
  assert.deepEqual(await stage.emulator.release(), [held[0].id]);
  const outcomes = (await settled).map(({ status, reason }) => reason?.name ?? status).sort();
  assert.deepEqual(outcomes, ["RefreshTokenReuseException", "fulfilled"]);
});

test("tokens can be revoked while the answer that brings them is held", async () => {
  const tokens = await signIn();
  await stage.emulator.hold("GetTokensFromRefreshToken", { when: "after" });
  const refreshing = refresh(tokens);
  await stage.emulator.heldRequests("GetTokensFromRefreshToken");
  await stage.emulator.revokeTokensOf(username);
  await stage.emulator.release({ operation: "GetTokensFromRefreshToken" });
  const { AccessToken } = await refreshing;
  await refused(stage.sdk.send(new GetUserCommand({ AccessToken })), {
    name: "NotAuthorizedException",
    message: "Access Token has been revoked",
  });
});

test("an engine without a lock refreshes once per caller, as the log shows", async () => {
  const storage = memoryStorage();
  const user = userAt(stage.emulator.url, username, { storage });
  await signInWithIdentityJs(user, username, PASSWORD);
  // The library looks at its own clock only, so its tokens are put a day back.
  for (const key of storage.keys())
    if (/\.(idToken|accessToken)$/.test(key)) storage.setItem(key, expired(storage.getItem(key)));
  const tabs = [1, 2, 3].map(() => userAt(stage.emulator.url, username, { storage }));
  await Promise.all(tabs.map((tab) => call(tab, "getSession")));
  assert.equal((await stage.emulator.refreshes({ clientId })).length, 3);
});

test("an answer with a wrong Date, and one that is throttled, say so in their headers", async () => {
  await stage.emulator.fault({ operation: "GetUser", fault: { dateOffsetSeconds: -86_400 } });
  const wrong = await getUser();
  assert.ok(Date.parse(wrong.headers.get("date")) < Date.now() - 86_000_000);

  await stage.emulator.fault({
    operation: "GetUser",
    fault: { exception: "TooManyRequestsException", retryAfterSeconds: 4 },
  });
  const throttled = await getUser();
  assert.equal(throttled.headers.get("retry-after"), "4");
  assert.deepEqual(await throttled.json(), { __type: "TooManyRequestsException", message: "Rate exceeded" });
  const exposed = throttled.headers.get("access-control-expose-headers").toLowerCase().split(",").sort();
  assert.deepEqual(
    exposed,
    ["date", "x-amzn-errormessage", "x-amzn-errortype", "x-amzn-requestid"],
    "as Cognito exposes them",
  );
});

async function signIn(ClientId = clientId) {
  const { AuthenticationResult } = await stage.sdk.send(
    new InitiateAuthCommand({
      ClientId,
      AuthFlow: "USER_PASSWORD_AUTH",
      AuthParameters: { USERNAME: username, PASSWORD },
    }),
  );
  return AuthenticationResult;
}

async function refresh({ RefreshToken }, ClientId = clientId, more = {}) {
  const { AuthenticationResult } = await stage.sdk.send(
    new GetTokensFromRefreshTokenCommand({ ClientId, RefreshToken, ...more }),
  );
  return AuthenticationResult;
}

function getUser() {
  return fetch(stage.emulator.url, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "AWSCognitoIdentityProviderService.GetUser",
    },
    body: JSON.stringify({ AccessToken: "x" }),
  });
}

/** The same token as if it had been issued yesterday; its signature no longer fits, which a client does not check. */
function expired(token) {
  const [header, payload, signature] = token.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url"));
  const older = { ...claims, iat: claims.iat - 86_400, exp: claims.exp - 86_400 };
  return [header, Buffer.from(JSON.stringify(older)).toString("base64url"), signature].join(".");
}

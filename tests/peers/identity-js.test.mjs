// amazon-cognito-identity-js against the emulator: SRP, errors, refresh and sign-out as the library behind
// Amplify v5 and earlier understands them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { AdminDisableUserCommand, InitiateAuthCommand } from "@aws-sdk/client-cognito-identity-provider";
import { CognitoRefreshToken } from "amazon-cognito-identity-js";

import { DEFAULT_POOL, start } from "../support/emulator.mjs";
import { call, callWithCallbacks, memoryStorage, poolAt, signIn, signUp, userAt } from "./identity-js.mjs";
import { awsSdk, confirmedUser, invitedUser, PASSWORD, refused, setStage, someone } from "./people.mjs";

const stage = setStage();

test("a new user signs up, confirms with the mailed code, and signs in by SRP", async () => {
  const { username, email } = someone();
  const result = await signUp(stage.emulator.url, username, PASSWORD, email);
  assert.equal(result.userConfirmed, false);
  assert.match(result.userSub, /^[0-9a-f-]{36}$/);
  assert.equal(result.codeDeliveryDetails.AttributeName, "email");
  assert.equal(result.codeDeliveryDetails.DeliveryMedium, "EMAIL");
  assert.match(result.codeDeliveryDetails.Destination, /^u\*+@e\*+/, "the destination is masked");

  const user = userAt(stage.emulator.url, username);
  assert.equal(await call(user, "confirmRegistration", await stage.emulator.code(username), false), "SUCCESS");

  const { session } = await signIn(user, username, PASSWORD);
  assert.ok(session.isValid());
  assert.equal(session.getAccessToken().payload.username, username);
  assert.equal(session.getAccessToken().payload.sub, result.userSub);
  assert.equal(session.getIdToken().payload.email, email);
  assert.equal(session.getIdToken().payload.email_verified, true);
});

test("SRP agrees for many users, salts and random exponents", async () => {
  for (let round = 0; round < 12; round += 1) {
    const { username } = await confirmedUser(stage.sdk);
    const { session } = await signIn(userAt(stage.emulator.url, username), username, PASSWORD);
    assert.equal(session.getAccessToken().payload.username, username);
  }
});

test("a non-ASCII password signs in by SRP", async () => {
  const { username, email } = someone();
  const password = "Pässwörd-日本-1 ";
  await signUp(stage.emulator.url, username, password.trim(), email);
  const user = userAt(stage.emulator.url, username);
  await call(user, "confirmRegistration", await stage.emulator.code(username), false);
  const { session } = await signIn(user, username, password.trim());
  assert.ok(session.isValid());
});

test("a wrong password is refused without saying what was wrong", async () => {
  const { username } = await confirmedUser(stage.sdk);
  await refused(signIn(userAt(stage.emulator.url, username), username, "Wrong-Horse-1"), {
    code: "NotAuthorizedException",
    message: "Incorrect username or password.",
  });
});

test("a password that differs only in case is refused", async () => {
  const { username } = await confirmedUser(stage.sdk);
  await refused(signIn(userAt(stage.emulator.url, username), username, PASSWORD.toLowerCase()), {
    code: "NotAuthorizedException",
  });
});

test("an unknown user gets a challenge and then the wrong-password answer", async () => {
  const { username } = someone();
  await stage.emulator.clearRequests();
  await refused(signIn(userAt(stage.emulator.url, username), username, PASSWORD), {
    code: "NotAuthorizedException",
    message: "Incorrect username or password.",
  });
  const calls = (await stage.emulator.requests()).map((request) => [request.operation, request.status]);
  assert.deepEqual(calls, [
    ["InitiateAuth", 200],
    ["RespondToAuthChallenge", 400],
  ]);
});

test("a client that reveals user existence says that the user does not exist", async () => {
  const { username } = someone();
  await refused(
    signIn(userAt(stage.emulator.url, username, { clientId: DEFAULT_POOL.legacyClientId }), username, PASSWORD),
    {
      code: "UserNotFoundException",
      message: "User does not exist.",
    },
  );
});

test("a user who has not confirmed is told so", async () => {
  const { username, email } = someone();
  await signUp(stage.emulator.url, username, PASSWORD, email);
  await refused(signIn(userAt(stage.emulator.url, username), username, PASSWORD), {
    code: "UserNotConfirmedException",
    message: "User is not confirmed.",
  });
});

test("a disabled user is told so", async () => {
  const { username } = await confirmedUser(stage.sdk);
  await stage.sdk.send(new AdminDisableUserCommand({ UserPoolId: DEFAULT_POOL.userPoolId, Username: username }));
  await refused(signIn(userAt(stage.emulator.url, username), username, PASSWORD), {
    code: "NotAuthorizedException",
    message: "User is disabled.",
  });
});

test("a wrong confirmation code is refused and the right one still works", async () => {
  const { username, email } = someone();
  await signUp(stage.emulator.url, username, PASSWORD, email);
  const user = userAt(stage.emulator.url, username);
  const code = await stage.emulator.code(username);
  const wrong = code === "000000" ? "000001" : "000000";
  await refused(call(user, "confirmRegistration", wrong, false), {
    code: "CodeMismatchException",
    message: "Invalid verification code provided, please try again.",
  });
  assert.equal(await call(user, "confirmRegistration", code, false), "SUCCESS");
});

test("a confirmation code is refused when it is a day old, and a resent one works", async () => {
  const clocked = await start();
  try {
    const { username, email } = someone();
    await signUp(clocked.url, username, PASSWORD, email);
    const user = userAt(clocked.url, username);
    const old = await clocked.code(username);
    await clocked.advance(25 * 3600);
    await refused(call(user, "confirmRegistration", old, false), { code: "ExpiredCodeException" });
    const { CodeDeliveryDetails } = await call(user, "resendConfirmationCode");
    assert.equal(CodeDeliveryDetails.AttributeName, "email");
    assert.equal(await call(user, "confirmRegistration", await clocked.code(username), false), "SUCCESS");
  } finally {
    await clocked.close();
  }
});

test("signing up twice under one name is refused", async () => {
  const { username } = await confirmedUser(stage.sdk);
  await refused(signUp(stage.emulator.url, username, PASSWORD, "other@example.com"), {
    code: "UsernameExistsException",
    message: "User already exists",
  });
});

test("a weak password is refused with the rule it breaks", async () => {
  const { username, email } = someone();
  await refused(signUp(stage.emulator.url, username, "short", email), {
    code: "InvalidPasswordException",
    message: "Password did not conform with policy: Password not long enough",
  });
  await refused(signUp(stage.emulator.url, username, "no-capital-letter-1", email), {
    code: "InvalidPasswordException",
    message: "Password did not conform with policy: Password must have uppercase characters",
  });
});

test("an invited user must choose a new password, and then signs in with it", async () => {
  const temporary = "Temporary-1!";
  const { username, email } = await invitedUser(stage.sdk, temporary);
  await refused(signIn(userAt(stage.emulator.url, username), username, "Temporary-2!"), {
    code: "NotAuthorizedException",
  });

  const user = userAt(stage.emulator.url, username);
  const { newPasswordRequired } = await signIn(user, username, temporary);
  assert.equal(newPasswordRequired.userAttributes.email, email);
  assert.deepEqual(newPasswordRequired.requiredAttributes, []);
  const session = await callWithCallbacks(user, "completeNewPasswordChallenge", PASSWORD, {});
  assert.ok(session.isValid());

  assert.ok((await signIn(userAt(stage.emulator.url, username), username, PASSWORD)).session.isValid());
  await refused(signIn(userAt(stage.emulator.url, username), username, temporary), { code: "NotAuthorizedException" });
});

test("a weak new password is refused and the invited user may try another", async () => {
  const temporary = "Temporary-1!";
  const { username } = await invitedUser(stage.sdk, temporary);
  const user = userAt(stage.emulator.url, username);
  await signIn(user, username, temporary);
  await refused(callWithCallbacks(user, "completeNewPasswordChallenge", "weak", {}), {
    code: "InvalidPasswordException",
  });
  const again = userAt(stage.emulator.url, username);
  assert.ok((await signIn(again, username, temporary)).newPasswordRequired);
});

test("USER_PASSWORD_AUTH signs in and refuses a wrong password", async () => {
  const { username } = await confirmedUser(stage.sdk);
  const user = userAt(stage.emulator.url, username);
  user.setAuthenticationFlowType("USER_PASSWORD_AUTH");
  assert.ok((await signIn(user, username, PASSWORD)).session.isValid());
  await refused(signIn(user, username, "Wrong-Horse-1"), {
    code: "NotAuthorizedException",
    message: "Incorrect username or password.",
  });
});

test("REFRESH_TOKEN_AUTH gives new tokens of the same sign-in and keeps the refresh token", async () => {
  const { username } = await confirmedUser(stage.sdk);
  const user = userAt(stage.emulator.url, username);
  const { session } = await signIn(user, username, PASSWORD);
  const refreshed = await call(user, "refreshSession", session.getRefreshToken());
  const [before, now] = [session.getAccessToken().payload, refreshed.getAccessToken().payload];
  assert.notEqual(now.jti, before.jti);
  assert.equal(now.origin_jti, before.origin_jti);
  assert.equal(now.auth_time, before.auth_time);
  assert.equal(refreshed.getRefreshToken().getToken(), session.getRefreshToken().getToken());
});

test("getUserAttributes gives sub, email and email_verified as strings", async () => {
  const { username, email } = await confirmedUser(stage.sdk);
  const user = userAt(stage.emulator.url, username);
  const { session } = await signIn(user, username, PASSWORD);
  const attributes = Object.fromEntries(
    (await call(user, "getUserAttributes")).map(({ Name, Value }) => [Name, Value]),
  );
  assert.deepEqual(attributes, { sub: session.getIdToken().payload.sub, email, email_verified: "true" });
});

test("a session in storage is found again by a new pool object", async () => {
  const { username } = await confirmedUser(stage.sdk);
  const storage = memoryStorage();
  await signIn(userAt(stage.emulator.url, username, { storage }), username, PASSWORD);
  const reloaded = poolAt(stage.emulator.url, { storage }).getCurrentUser();
  assert.equal(reloaded.getUsername(), username);
  assert.ok((await call(reloaded, "getSession")).isValid());
});

test("signing out revokes the refresh token and the access tokens it gave", async () => {
  const { username } = await confirmedUser(stage.sdk);
  const user = userAt(stage.emulator.url, username);
  const { session } = await signIn(user, username, PASSWORD);
  await call(user, "signOut");
  await refused(refresh(session), { name: "NotAuthorizedException", message: "Refresh Token has been revoked" });
  await refused(attributesWith(session), {
    code: "NotAuthorizedException",
    message: "Access Token has been revoked",
  });
});

test("signing out in one place leaves another sign-in of the user alone", async () => {
  const { username } = await confirmedUser(stage.sdk);
  const [here, there] = [userAt(stage.emulator.url, username), userAt(stage.emulator.url, username)];
  await signIn(here, username, PASSWORD);
  const { session } = await signIn(there, username, PASSWORD);
  await call(here, "signOut");
  assert.ok((await refresh(session)).AuthenticationResult.AccessToken);
});

test("a global sign-out ends every sign-in of the user", async () => {
  const { username } = await confirmedUser(stage.sdk);
  const [here, there] = [userAt(stage.emulator.url, username), userAt(stage.emulator.url, username)];
  await signIn(here, username, PASSWORD);
  const { session } = await signIn(there, username, PASSWORD);
  assert.equal(await callWithCallbacks(here, "globalSignOut"), "SUCCESS");
  await refused(refresh(session), { name: "NotAuthorizedException" });
  await refused(attributesWith(session), { code: "NotAuthorizedException" });
  assert.ok((await signIn(there, username, PASSWORD)).session.isValid());
});

test("tokens expire by the emulator's clock: access in an hour, refresh in thirty days", async () => {
  const clocked = await start();
  const clockedSdk = awsSdk(clocked.url);
  try {
    const { username } = await confirmedUser(clockedSdk);
    const user = userAt(clocked.url, username);
    const { session } = await signIn(user, username, PASSWORD);
    await clocked.advance(3601);
    await refused(attributesWith(session, clocked.url), {
      code: "NotAuthorizedException",
      message: "Access Token has expired",
    });
    assert.ok((await refresh(session, clockedSdk)).AuthenticationResult.AccessToken);
    await clocked.advance(30 * 24 * 3600);
    await refused(refresh(session, clockedSdk), {
      name: "NotAuthorizedException",
      message: "Refresh Token has expired",
    });
  } finally {
    clockedSdk.destroy();
    await clocked.close();
  }
});

test("a refresh token that was never given is refused", async () => {
  const { username } = await confirmedUser(stage.sdk);
  const { session } = await signIn(userAt(stage.emulator.url, username), username, PASSWORD);
  const forged = session.getRefreshToken().getToken().slice(0, -6) + "AAAAAA";
  await refused(refresh({ getRefreshToken: () => new CognitoRefreshToken({ RefreshToken: forged }) }), {
    name: "NotAuthorizedException",
    message: "Invalid Refresh Token.",
  });
});

test("an injected service error reaches the library as that error, and only as often as asked", async () => {
  const { username } = await confirmedUser(stage.sdk);
  await stage.emulator.fault({
    operation: "InitiateAuth",
    fault: { exception: "TooManyRequestsException", message: "Rate exceeded", status: 400 },
  });
  const user = userAt(stage.emulator.url, username);
  await refused(signIn(user, username, PASSWORD), { code: "TooManyRequestsException", message: "Rate exceeded" });
  assert.ok((await signIn(user, username, PASSWORD)).session.isValid());
});

/** A refresh without the library's own: that retries a refusal six times over as many seconds. */
function refresh(session, client = stage.sdk) {
  return client.send(
    new InitiateAuthCommand({
      AuthFlow: "REFRESH_TOKEN_AUTH",
      ClientId: DEFAULT_POOL.clientId,
      AuthParameters: { REFRESH_TOKEN: session.getRefreshToken().getToken() },
    }),
  );
}

/** GetUser with exactly this access token, whatever the library thinks of its age. */
function attributesWith(session, url = stage.emulator.url) {
  return poolAt(url).client.promisifyRequest("GetUser", {
    AccessToken: session.getAccessToken().getJwtToken(),
  });
}

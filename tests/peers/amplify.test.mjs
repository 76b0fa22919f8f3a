// aws-amplify v6 against the emulator: the current official browser library, which refreshes with
// GetTokensFromRefreshToken, understands rotation, and retries what the service says may be retried.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { GetTokensFromRefreshTokenCommand } from "@aws-sdk/client-cognito-identity-provider";
import { Amplify } from "aws-amplify";
import {
  confirmSignIn,
  confirmSignUp,
  fetchAuthSession,
  fetchUserAttributes,
  getCurrentUser,
  resendSignUpCode,
  signIn,
  signOut,
  signUp,
} from "aws-amplify/auth";
import { cognitoUserPoolsTokenProvider } from "aws-amplify/auth/cognito";
import { ConsoleLogger } from "aws-amplify/utils";

import { DEFAULT_POOL } from "../support/emulator.mjs";
import { confirmedUser, invitedUser, PASSWORD, refused, setStage, someone } from "./people.mjs";

// It warns of every endpoint that is not AWS's.
ConsoleLogger.LOG_LEVEL = "ERROR";

const stage = setStage();
let storage;

// One Amplify lives in the process; each test gets it as if the page had just been opened for the first time.
beforeEach(() => useClient(DEFAULT_POOL.clientId));

test("a new user signs up, confirms with the mailed code, and signs in by SRP", async () => {
  const { username, email } = someone();
  const started = await signUp({ username, password: PASSWORD, options: { userAttributes: { email } } });
  assert.equal(started.nextStep.signUpStep, "CONFIRM_SIGN_UP");
  assert.equal(started.nextStep.codeDeliveryDetails.deliveryMedium, "EMAIL");
  assert.equal(started.nextStep.codeDeliveryDetails.attributeName, "email");

  const confirmationCode = await stage.emulator.code(username);
  assert.equal((await confirmSignUp({ username, confirmationCode })).isSignUpComplete, true);

  await stage.emulator.clearRequests();
  assert.equal((await signIn({ username, password: PASSWORD })).nextStep.signInStep, "DONE");
  const calls = (await stage.emulator.requests()).map(
    ({ operation, authFlow, challengeName }) => authFlow ?? challengeName ?? operation,
  );
  assert.deepEqual(calls.slice(0, 2), ["USER_SRP_AUTH", "PASSWORD_VERIFIER"]);

  const { tokens, userSub } = await fetchAuthSession();
  assert.equal(userSub, started.userId);
  assert.equal(tokens.accessToken.payload.username, username);
  assert.equal(tokens.idToken.payload.email, email);
  assert.deepEqual(await getCurrentUser().then((user) => [user.username, user.userId]), [username, started.userId]);
});

test("a wrong password is refused without saying what was wrong", async () => {
  const { username } = await confirmedUser(stage.sdk);
  await refused(signIn({ username, password: "Wrong-Horse-1" }), {
    name: "NotAuthorizedException",
    message: "Incorrect username or password.",
  });
});

test("an unknown user is answered like a wrong password", async () => {
  const { username } = someone();
  await refused(signIn({ username, password: PASSWORD }), {
    name: "NotAuthorizedException",
    message: "Incorrect username or password.",
  });
});

test("a client that reveals user existence says that the user does not exist", async () => {
  useClient(DEFAULT_POOL.legacyClientId);
  const { username } = someone();
  await refused(signIn({ username, password: PASSWORD }), {
    name: "UserNotFoundException",
    message: "User does not exist.",
  });
});

test("a user who has not confirmed is sent back to confirm, and can then sign in", async () => {
  const { username, email } = someone();
  await signUp({ username, password: PASSWORD, options: { userAttributes: { email } } });
  const { isSignedIn, nextStep } = await signIn({ username, password: PASSWORD });
  assert.equal(isSignedIn, false);
  assert.equal(nextStep.signInStep, "CONFIRM_SIGN_UP");
  const sent = await resendSignUpCode({ username });
  assert.equal(sent.attributeName, "email");
  await confirmSignUp({ username, confirmationCode: await stage.emulator.code(username) });
  assert.equal((await signIn({ username, password: PASSWORD })).isSignedIn, true);
});

test("a wrong confirmation code is refused", async () => {
  const { username, email } = someone();
  await signUp({ username, password: PASSWORD, options: { userAttributes: { email } } });
  const right = await stage.emulator.code(username);
  const wrong = right === "000000" ? "000001" : "000000";
  await refused(confirmSignUp({ username, confirmationCode: wrong }), { name: "CodeMismatchException" });
});

test("a weak password is refused at sign-up", async () => {
  const { username, email } = someone();
  await refused(signUp({ username, password: "weak", options: { userAttributes: { email } } }), {
    name: "InvalidPasswordException",
  });
});

test("an invited user chooses a new password and is signed in", async () => {
  const temporary = "Temporary-1!";
  const { username } = await invitedUser(stage.sdk, temporary);
  const { nextStep } = await signIn({ username, password: temporary });
  assert.equal(nextStep.signInStep, "CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED");
  assert.deepEqual(nextStep.missingAttributes, []);
  assert.equal((await confirmSignIn({ challengeResponse: PASSWORD })).isSignedIn, true);
  assert.equal((await getCurrentUser()).username, username);
});

test("USER_PASSWORD_AUTH signs in", async () => {
  const { username } = await confirmedUser(stage.sdk);
  const options = { authFlowType: "USER_PASSWORD_AUTH" };
  assert.equal((await signIn({ username, password: PASSWORD, options })).isSignedIn, true);
});

test("a forced refresh gives new tokens of the same sign-in and keeps the refresh token", async () => {
  const { username } = await confirmedUser(stage.sdk);
  await signIn({ username, password: PASSWORD });
  const first = await fetchAuthSession();
  const refreshToken = stored("refreshToken");
  await stage.emulator.clearRequests();
  const second = await fetchAuthSession({ forceRefresh: true });
  assert.deepEqual(
    (await stage.emulator.requests()).map((request) => request.operation),
    ["GetTokensFromRefreshToken"],
  );
  assert.notEqual(second.tokens.accessToken.payload.jti, first.tokens.accessToken.payload.jti);
  assert.equal(second.tokens.accessToken.payload.origin_jti, first.tokens.accessToken.payload.origin_jti);
  assert.equal(second.tokens.accessToken.payload.auth_time, first.tokens.accessToken.payload.auth_time);
  assert.equal(stored("refreshToken"), refreshToken);
});

test("with rotation each refresh stores another refresh token and the old one is refused", async () => {
  useClient(DEFAULT_POOL.rotatingClientId);
  const { username } = await confirmedUser(stage.sdk);
  await signIn({ username, password: PASSWORD });
  const first = stored("refreshToken");
  assert.ok((await fetchAuthSession({ forceRefresh: true })).tokens);
  const second = stored("refreshToken");
  assert.notEqual(second, first);
  assert.ok((await fetchAuthSession({ forceRefresh: true })).tokens);
  await stage.emulator.advance(1);
  await refused(refreshWith(first, DEFAULT_POOL.rotatingClientId), { name: "RefreshTokenReuseException" });
});

test("after a reload the session in storage still works, without a call", async () => {
  const { username } = await confirmedUser(stage.sdk);
  await signIn({ username, password: PASSWORD });
  const kept = storage;
  useClient(DEFAULT_POOL.clientId, kept);
  await stage.emulator.clearRequests();
  assert.equal((await fetchAuthSession()).tokens.accessToken.payload.username, username);
  assert.deepEqual(await stage.emulator.requests(), []);
});

test("fetchUserAttributes gives what the pool knows", async () => {
  const { username, email } = await confirmedUser(stage.sdk);
  await signIn({ username, password: PASSWORD });
  const { userSub } = await fetchAuthSession();
  assert.deepEqual(await fetchUserAttributes(), { sub: userSub, email, email_verified: "true" });
});

test("signing out revokes the refresh token", async () => {
  const { username } = await confirmedUser(stage.sdk);
  await signIn({ username, password: PASSWORD });
  const refreshToken = stored("refreshToken");
  await stage.emulator.clearRequests();
  await signOut();
  assert.deepEqual(
    (await stage.emulator.requests()).map(({ operation, status }) => [operation, status]),
    [["RevokeToken", 200]],
  );
  await refused(refreshWith(refreshToken), { name: "NotAuthorizedException" });
  await refused(getCurrentUser(), { name: "UserUnAuthenticatedException" });
});

test("a global sign-out ends the user's other sign-ins", async () => {
  const { username } = await confirmedUser(stage.sdk);
  await signIn({ username, password: PASSWORD });
  const elsewhere = storage;
  useClient(DEFAULT_POOL.clientId);
  await signIn({ username, password: PASSWORD });
  await signOut({ global: true });

  useClient(DEFAULT_POOL.clientId, elsewhere);
  assert.equal(
    (await fetchAuthSession({ forceRefresh: true })).tokens,
    undefined,
    "a refused refresh ends the session",
  );
  assert.equal(stored("refreshToken"), undefined);
});

test("throttling and an internal error are retried, and then the sign-in succeeds", async () => {
  const { username } = await confirmedUser(stage.sdk);
  await stage.emulator.fault({
    operation: "InitiateAuth",
    fault: { exception: "TooManyRequestsException", message: "Rate exceeded", status: 400 },
  });
  await stage.emulator.fault({
    operation: "RespondToAuthChallenge",
    fault: { exception: "InternalErrorException", message: "Internal error", status: 500 },
  });
  await stage.emulator.clearRequests();
  assert.equal((await signIn({ username, password: PASSWORD })).isSignedIn, true);
  const calls = (await stage.emulator.requests())
    .filter(({ operation }) => operation === "InitiateAuth" || operation === "RespondToAuthChallenge")
    .map(({ operation, status }) => [operation, status]);
  assert.deepEqual(calls, [
    ["InitiateAuth", 400],
    ["InitiateAuth", 200],
    ["RespondToAuthChallenge", 500],
    ["RespondToAuthChallenge", 200],
  ]);
});

test("a refresh that cannot reach the service keeps the session", async () => {
  const { username } = await confirmedUser(stage.sdk);
  await signIn({ username, password: PASSWORD });
  const refreshToken = stored("refreshToken");
  await stage.emulator.fault({ operation: "GetTokensFromRefreshToken", count: null, fault: { reset: true } });
  await refused(fetchAuthSession({ forceRefresh: true }), { name: "NetworkError" });
  await stage.emulator.clearFaults();
  assert.equal(stored("refreshToken"), refreshToken);
  assert.ok((await fetchAuthSession({ forceRefresh: true })).tokens);
});

/** Points Amplify at the emulator with this client and, unless given one, an empty storage. */
function useClient(userPoolClientId, keptStorage = new Map()) {
  Amplify.configure({
    Auth: {
      Cognito: {
        userPoolId: DEFAULT_POOL.userPoolId,
        userPoolClientId,
        userPoolEndpoint: stage.emulator.url,
        signUpVerificationMethod: "code",
      },
    },
  });
  storage = keptStorage;
  cognitoUserPoolsTokenProvider.setKeyValueStorage({
    getItem: async (key) => keptStorage.get(key) ?? null,
    setItem: async (key, value) => void keptStorage.set(key, value),
    removeItem: async (key) => void keptStorage.delete(key),
    clear: async () => keptStorage.clear(),
  });
}

function stored(name) {
  for (const [key, value] of storage) if (key.endsWith(`.${name}`)) return value;
  return undefined;
}

function refreshWith(RefreshToken, ClientId = DEFAULT_POOL.clientId) {
  return stage.sdk.send(new GetTokensFromRefreshTokenCommand({ ClientId, RefreshToken }));
}

// Remembered devices, as amazon-cognito-identity-js and aws-amplify register, prove, forget and lose them.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import {
  AdminGetDeviceCommand,
  AdminListDevicesCommand,
  InitiateAuthCommand,
  ListUserSessionsCommand,
  RevokeUserSessionCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { AuthenticationDetails } from "amazon-cognito-identity-js";
import { Amplify } from "aws-amplify";
import { fetchAuthSession, fetchDevices, forgetDevice, rememberDevice, signIn, signOut } from "aws-amplify/auth";
import { cognitoUserPoolsTokenProvider } from "aws-amplify/auth/cognito";
import { ConsoleLogger } from "aws-amplify/utils";

import { DEFAULT_POOL } from "../support/emulator.mjs";
import { callWithCallbacks, call, memoryStorage, signIn as identitySignIn, userAt } from "./identity-js.mjs";
import { confirmedUser, PASSWORD, refused, setStage } from "./people.mjs";

// It warns of every endpoint that is not AWS's.
ConsoleLogger.LOG_LEVEL = "ERROR";
// Amplify names a device after its browser, and confirms none where it cannot name it. Node.js 20 is no browser.
if (!globalThis.navigator) globalThis.navigator = { userAgent: "Node.js" };

const { userPoolId: UserPoolId, clientId: ClientId } = DEFAULT_POOL;
const SRP = ["USER_SRP_AUTH", "PASSWORD_VERIFIER"];
const DEVICE_SRP = ["DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER"];

const stage = setStage();

beforeEach(async () => {
  await stage.emulator.setPool({ deviceTracking: "always" });
  useAmplify();
});

test("identity-js confirms its device at the first sign-in, and proves it at the next", async () => {
  const { username } = await confirmedUser(stage.sdk);
  const kept = memoryStorage();
  assert.deepEqual(await steps(() => identitySignIn(identityUser(username, kept), username, PASSWORD)), [
    ...SRP,
    "ConfirmDevice",
  ]);
  const [device] = await devicesOf(username);
  assert.deepEqual(attributes(device)["dev:device_remembered_status"], "remembered");

  const user = identityUser(username, kept);
  assert.deepEqual(await steps(() => identitySignIn(user, username, PASSWORD)), [...SRP, ...DEVICE_SRP]);
  const session = user.getSignInUserSession();
  assert.equal(session.getAccessToken().payload.device_key, device.DeviceKey);
  assert.equal((await devicesOf(username)).length, 1);
  assert.ok(await call(user, "refreshSession", session.getRefreshToken()));
});

test("identity-js lists, shows and forgets its device", async () => {
  const { username } = await confirmedUser(stage.sdk);
  const user = identityUser(username);
  await identitySignIn(user, username, PASSWORD);
  const { Devices } = await callWithCallbacks(user, "listDevices", 60, null);
  const { Device } = await callWithCallbacks(user, "getDevice");
  assert.deepEqual(Devices, [Device]);
  await callWithCallbacks(user, "forgetDevice");
  assert.deepEqual(await devicesOf(username), []);
  await refused(call(user, "refreshSession", user.getSignInUserSession().getRefreshToken()), {
    code: "NotAuthorizedException",
    message: "Invalid Refresh Token.",
  });
});

test("identity-js asks the user in an opt-in pool, and remembers the device when told to", async () => {
  await stage.emulator.setPool({ deviceTracking: "optIn" });
  const { username } = await confirmedUser(stage.sdk);
  const kept = memoryStorage();
  const user = identityUser(username, kept);
  const { isNecessary } = await new Promise((resolve, reject) =>
    user.authenticateUser(new AuthenticationDetails({ Username: username, Password: PASSWORD }), {
      onSuccess: (_, isNecessary) => resolve({ isNecessary }),
      onFailure: reject,
    }),
  );
  assert.equal(isNecessary, true);
  const remembered = async () => attributes((await devicesOf(username))[0])["dev:device_remembered_status"];
  assert.equal(await remembered(), "not_remembered");
  assert.equal(await callWithCallbacks(user, "setDeviceStatusRemembered"), "SUCCESS");
  assert.equal(await remembered(), "remembered");
  assert.deepEqual(await steps(() => identitySignIn(identityUser(username, kept), username, PASSWORD)), [
    ...SRP,
    ...DEVICE_SRP,
  ]);
  assert.equal(await callWithCallbacks(user, "setDeviceStatusNotRemembered"), "SUCCESS");
  assert.equal(await remembered(), "not_remembered");
});

test("identity-js recovers when an administrator has forgotten its device", async () => {
  const { username } = await confirmedUser(stage.sdk);
  const kept = memoryStorage();
  await identitySignIn(identityUser(username, kept), username, PASSWORD);
  const [{ DeviceKey: before }] = await devicesOf(username);
  await stage.emulator.forgetDevices(username);
  const taken = await steps(() => identitySignIn(identityUser(username, kept), username, PASSWORD));
  assert.deepEqual(taken, [...SRP, "PASSWORD_VERIFIER", "ConfirmDevice"]);
  const [{ DeviceKey: after }] = await devicesOf(username);
  assert.notEqual(after, before);
});

test("Amplify confirms its device at the first sign-in, and proves it at the next", async () => {
  const { username } = await confirmedUser(stage.sdk);
  assert.deepEqual(await steps(() => signIn({ username, password: PASSWORD })), [...SRP, "ConfirmDevice"]);
  const [{ DeviceKey }] = await devicesOf(username);
  const { tokens } = await fetchAuthSession({ forceRefresh: true });
  assert.equal(tokens.accessToken.payload.device_key, DeviceKey);
  await signOut();

  assert.deepEqual(await steps(() => signIn({ username, password: PASSWORD })), [...SRP, ...DEVICE_SRP]);
  assert.equal((await fetchAuthSession({ forceRefresh: true })).tokens.accessToken.payload.device_key, DeviceKey);
  assert.deepEqual(
    (await fetchDevices()).map(({ id, name }) => [id, name]),
    [[DeviceKey, navigator.userAgent]],
  );
});

test("Amplify remembers its device in an opt-in pool, and forgets it", async () => {
  await stage.emulator.setPool({ deviceTracking: "optIn" });
  const { username } = await confirmedUser(stage.sdk);
  await signIn({ username, password: PASSWORD });
  await rememberDevice();
  const [device] = await devicesOf(username);
  assert.equal(attributes(device)["dev:device_remembered_status"], "remembered");
  await forgetDevice();
  assert.deepEqual(await devicesOf(username), []);
  await refused(
    stage.sdk.send(new AdminGetDeviceCommand({ UserPoolId, Username: username, DeviceKey: device.DeviceKey })),
    {
      name: "ResourceNotFoundException",
      message: "Device does not exist.",
    },
  );
});

test("Amplify recovers when an administrator has forgotten its device", async () => {
  const { username } = await confirmedUser(stage.sdk);
  await signIn({ username, password: PASSWORD });
  await signOut();
  await stage.emulator.forgetDevices(username);
  assert.deepEqual(await steps(() => signIn({ username, password: PASSWORD })), [
    ...SRP,
    "PASSWORD_VERIFIER",
    "ConfirmDevice",
  ]);
  assert.ok((await fetchAuthSession({ forceRefresh: true })).tokens);
  assert.equal((await devicesOf(username)).length, 1);
});

test("the AWS SDK lists the sessions of a user, and ends one of them", async () => {
  await stage.emulator.setPool({ deviceTracking: "off" });
  const { username } = await confirmedUser(stage.sdk);
  const [phone, laptop] = [await passwordSignIn(username), await passwordSignIn(username)];
  const { Sessions } = await stage.sdk.send(new ListUserSessionsCommand({ AccessToken: laptop.AccessToken }));
  assert.deepEqual(
    Sessions.map(({ SessionType, ClientId }) => [SessionType, ClientId]),
    [
      ["TOKEN", ClientId],
      ["TOKEN", ClientId],
    ],
  );
  const other = Sessions.find(({ IsCurrentSession }) => !IsCurrentSession);
  assert.ok(other.CreateDate instanceof Date);
  await stage.sdk.send(new RevokeUserSessionCommand({ AccessToken: laptop.AccessToken, SessionId: other.SessionId }));
  await refused(stage.sdk.send(new ListUserSessionsCommand({ AccessToken: phone.AccessToken })), {
    name: "NotAuthorizedException",
    message: "Access Token has been revoked",
  });
});

/** What was asked of the service meanwhile, as far as signing in is concerned. */
async function steps(action) {
  await stage.emulator.clearRequests();
  await action();
  const seen = await stage.emulator.requests();
  return seen.map(({ operation, authFlow, challengeName }) => authFlow ?? challengeName ?? operation);
}

async function devicesOf(Username) {
  return (await stage.sdk.send(new AdminListDevicesCommand({ UserPoolId, Username }))).Devices;
}

function attributes(device) {
  return Object.fromEntries(device.DeviceAttributes.map(({ Name, Value }) => [Name, Value]));
}

async function passwordSignIn(username) {
  const AuthParameters = { USERNAME: username, PASSWORD };
  const request = new InitiateAuthCommand({ ClientId, AuthFlow: "USER_PASSWORD_AUTH", AuthParameters });
  return (await stage.sdk.send(request)).AuthenticationResult;
}

function identityUser(username, kept = memoryStorage()) {
  return userAt(stage.emulator.url, username, { storage: kept });
}

/** Points Amplify at the emulator, with an empty storage: a browser that was never here. */
function useAmplify() {
  const kept = new Map();
  const Cognito = {
    userPoolId: UserPoolId,
    userPoolClientId: ClientId,
    userPoolEndpoint: stage.emulator.url,
    signUpVerificationMethod: "code",
  };
  Amplify.configure({ Auth: { Cognito } });
  cognitoUserPoolsTokenProvider.setKeyValueStorage({
    getItem: async (key) => kept.get(key) ?? null,
    setItem: async (key, value) => void kept.set(key, value),
    removeItem: async (key) => void kept.delete(key),
    clear: async () => kept.clear(),
  });
}

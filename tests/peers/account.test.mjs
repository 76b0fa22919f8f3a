// What a person does with an account once it exists, by amazon-cognito-identity-js: passwords, attributes, leaving.

import assert from "node:assert/strict";
import { test } from "node:test";

import { AdminGetUserCommand } from "@aws-sdk/client-cognito-identity-provider";
import { CognitoUserAttribute } from "amazon-cognito-identity-js";

import { DEFAULT_POOL, start } from "../support/emulator.mjs";
import { call, callWithCallbacks, signIn, userAt } from "./identity-js.mjs";
import { awsSdk, confirmedUser, PASSWORD, refused, setStage, someone } from "./people.mjs";

const ANOTHER_PASSWORD = "Another-Horse-2";

const stage = setStage();

test("a forgotten password is replaced with the mailed code, and the old one is refused", async () => {
  const { username } = await confirmedUser(stage.sdk);
  const user = userAt(stage.emulator.url, username);
  const { CodeDeliveryDetails } = await callWithCallbacks(user, "forgotPassword");
  assert.equal(CodeDeliveryDetails.AttributeName, "email");
  const code = await stage.emulator.code(username);
  const wrong = code === "000000" ? "000001" : "000000";
  await refused(confirmPassword(user, wrong, ANOTHER_PASSWORD), { code: "CodeMismatchException" });
  await refused(confirmPassword(user, code, "weak"), { code: "InvalidPasswordException" });
  assert.equal(await confirmPassword(user, code, ANOTHER_PASSWORD), "SUCCESS");

  await refused(signIn(user, username, PASSWORD), { code: "NotAuthorizedException" });
  assert.ok((await signIn(user, username, ANOTHER_PASSWORD)).session.isValid());
  await refused(confirmPassword(user, code, PASSWORD), { code: "ExpiredCodeException" });
});

test("a forgotten password of an unknown user looks like one of a known user, unless the client reveals it", async () => {
  const { username } = someone();
  const { CodeDeliveryDetails } = await callWithCallbacks(userAt(stage.emulator.url, username), "forgotPassword");
  assert.equal(CodeDeliveryDetails.DeliveryMedium, "EMAIL");
  assert.deepEqual(await stage.emulator.outbox(username), []);
  await refused(
    callWithCallbacks(
      userAt(stage.emulator.url, username, { clientId: DEFAULT_POOL.legacyClientId }),
      "forgotPassword",
    ),
    { code: "UserNotFoundException", message: "Username/client id combination not found." },
  );
});

test("a signed-in user changes the password, who knows the old one", async () => {
  const { username } = await confirmedUser(stage.sdk);
  const user = await signedIn(username);
  await refused(call(user, "changePassword", "Wrong-Horse-1", ANOTHER_PASSWORD), {
    code: "NotAuthorizedException",
    message: "Incorrect username or password.",
  });
  await refused(call(user, "changePassword", PASSWORD, "weak"), { code: "InvalidPasswordException" });
  assert.equal(await call(user, "changePassword", PASSWORD, ANOTHER_PASSWORD), "SUCCESS");
  await refused(signIn(user, username, PASSWORD), { code: "NotAuthorizedException" });
  assert.ok((await signIn(user, username, ANOTHER_PASSWORD)).session.isValid());
});

test("a changed e-mail address is unverified until its code is entered", async () => {
  const { username } = await confirmedUser(stage.sdk);
  const user = await signedIn(username);
  const { email } = someone();
  await call(user, "updateAttributes", [new CognitoUserAttribute({ Name: "email", Value: email })]);
  assert.deepEqual(await attributes(user), { email, email_verified: "false" });
  const message = (await stage.emulator.outbox(username)).at(-1);
  assert.equal(message.destination, email);

  const wrong = message.code === "000000" ? "000001" : "000000";
  await refused(callWithCallbacks(user, "verifyAttribute", "email", wrong), { code: "CodeMismatchException" });
  assert.equal(await callWithCallbacks(user, "verifyAttribute", "email", message.code), "SUCCESS");
  assert.deepEqual(await attributes(user), { email, email_verified: "true" });
});

test("attributes are written, and deleted again", async () => {
  const { username, email } = await confirmedUser(stage.sdk);
  const user = await signedIn(username);
  await call(user, "updateAttributes", [new CognitoUserAttribute({ Name: "given_name", Value: "Zoë" })]);
  assert.deepEqual(await attributes(user), { email, email_verified: "true", given_name: "Zoë" });
  assert.equal(await call(user, "deleteAttributes", ["given_name"]), "SUCCESS");
  assert.deepEqual(await attributes(user), { email, email_verified: "true" });
});

test("an attribute that the pool does not have is refused", async () => {
  const { username } = await confirmedUser(stage.sdk);
  const user = await signedIn(username);
  const unknown = [new CognitoUserAttribute({ Name: "custom:nosuch", Value: "1" })];
  await refused(call(user, "updateAttributes", unknown), { code: "InvalidParameterException" });
});

test("a user who deletes the account is gone", async () => {
  const { username } = await confirmedUser(stage.sdk);
  const user = await signedIn(username);
  assert.equal(await call(user, "deleteUser"), "SUCCESS");
  await refused(signIn(userAt(stage.emulator.url, username), username, PASSWORD), { code: "NotAuthorizedException" });
  await refused(stage.sdk.send(new AdminGetUserCommand({ UserPoolId: DEFAULT_POOL.userPoolId, Username: username })), {
    name: "UserNotFoundException",
  });
});

test("wrong passwords lock the user for longer and longer, and the lock ends by itself", async () => {
  const clocked = await start();
  const clockedSdk = awsSdk(clocked.url);
  try {
    const { username } = await confirmedUser(clockedSdk);
    const user = userAt(clocked.url, username);
    // From the fifth failure on 1, 2, 4 ... seconds: the tenth locks for longer than a test may take.
    for (let failure = 1; failure <= 10; failure += 1) {
      await clocked.advance(60);
      await refused(signIn(user, username, "Wrong-Horse-1"), { message: "Incorrect username or password." });
    }
    await refused(signIn(user, username, PASSWORD), {
      code: "NotAuthorizedException",
      message: "Password attempts exceeded",
    });
    await clocked.advance(60);
    assert.ok((await signIn(user, username, PASSWORD)).session);
  } finally {
    clockedSdk.destroy();
    await clocked.close();
  }
});

async function signedIn(username) {
  const user = userAt(stage.emulator.url, username);
  await signIn(user, username, PASSWORD);
  return user;
}

function confirmPassword(user, code, password) {
  return callWithCallbacks(user, "confirmPassword", code, password);
}

/** The user's attributes as the service has them now, but for the sub. */
async function attributes(user) {
  const list = await call(user, "getUserAttributes");
  return Object.fromEntries(list.filter(({ Name }) => Name !== "sub").map(({ Name, Value }) => [Name, Value]));
}

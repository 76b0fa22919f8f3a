// What the service is sent beside names and passwords, read from the requests themselves.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { DEFAULT_POOL } from "../support/emulator.mjs";
import { alice, openAccount } from "./support/account.mjs";
import { setStage } from "./support/stage.mjs";

const { username, password } = alice;
const stage = setStage();
let account;

beforeEach(async () => {
  await stage.emulator.createUser(alice);
  account = await openAccount(stage);
});

test("a step-up tells the service how strong and how recent the sign-in must be", async () => {
  const sent = await account.listen();
  const targetAcrValues = ["urn:cognito:loa:4", "urn:cognito:loa:3"];
  const asked = await account.ok("signIn", { username, password, preferredChallenge: "PASSWORD_SRP", targetAcrValues, maxAge: 300 });
  assert.deepEqual(asked, { signInState: "signedIn" });
  const [{ operation, body }] = await sent();
  assert.deepEqual([operation, body.AuthFlow], ["InitiateAuth", "USER_AUTH"]);
  assert.equal(body.AuthParameters.TARGET_ACR_VALUES, "urn:cognito:loa:4 urn:cognito:loa:3");
  assert.equal(body.AuthParameters.MAX_AGE, "300");
});

/** Every call about a user by name, and those that follow from it. */
async function visit() {
  const carol = { username: "carol", password };
  await account.ok("signUp", { ...carol, userAttributes: { email: "carol@example.com" } });
  await account.ok("resendSignUpCode", { username: "carol" });
  await account.ok("confirmSignUp", { username: "carol", confirmationCode: await stage.emulator.code("carol") });
  await account.ok("forgotPassword", { username: "carol" });
  const confirmationCode = await stage.emulator.code("carol");
  await account.ok("confirmForgotPassword", { username: "carol", newPassword: "Better-horse-8", confirmationCode });
  await account.signIn(alice);
}

const ABOUT_USERS = [
  "SignUp",
  "ResendConfirmationCode",
  "ConfirmSignUp",
  "ForgotPassword",
  "ConfirmForgotPassword",
  "InitiateAuth",
  "RespondToAuthChallenge",
];

test("where the page has the script for threat protection its data go with every call about a user by name", async () => {
  await stage.browser.execute(() => {
    window.AmazonCognitoAdvancedSecurityData = { getData: (...about) => `data about ${about.join(", ")}` };
  });
  const sent = await account.listen();
  await visit();
  const { userPoolId, clientId } = DEFAULT_POOL;
  const data = (await sent()).map(({ operation, body }) => [operation, body.UserContextData?.EncodedData]);
  const about = (name) => `data about ${name}, ${userPoolId}, ${clientId}`;
  assert.deepEqual(data, ABOUT_USERS.map((operation) => [operation, about(/Auth/.test(operation) ? "alice" : "carol")]));
});

test("where it has not, no call says anything of the browser", async () => {
  const sent = await account.listen();
  await visit();
  const all = await sent();
  assert.deepEqual(all.map(({ operation }) => operation), ABOUT_USERS);
  for (const { operation, body } of all) assert.equal("UserContextData" in body, false, operation);
});

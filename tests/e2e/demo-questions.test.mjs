// What a sign-in can ask, each on its form of the demo page.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { DEFAULT_POOL } from "../support/emulator.mjs";
import { alice } from "./support/demo.mjs";
import { setStage } from "./support/stage.mjs";
import { createUser } from "./support/users.mjs";

const stage = setStage();
const UserPoolId = DEFAULT_POOL.userPoolId;

beforeEach(async () => {
  await createUser(stage.emulator, alice);
  await stage.demo.open();
});

test("a required second step is set up at the sign-in, and asked for at the next one", async () => {
  const { demo } = stage;
  await demo.setUpPool({ mfa: "ON", mfaFactors: ["SOFTWARE_TOKEN_MFA"] });
  await demo.signIn(alice);
  await demo.waitForQuestion("mfaSetup");
  await demo.screenshot("set up an authenticator");
  await demo.useAuthenticator();
  await demo.press("Continue");
  await demo.waitForState("signedIn");
  await demo.press("Sign out");
  await demo.waitForState("signedOut");

  await demo.signIn(alice);
  await demo.waitForQuestion("softwareTokenMFA");
  assert.equal(await demo.userState(), "signedOut");
  await demo.useAuthenticator();
  await demo.screenshot("authenticator code");
  await demo.press("Continue");
  await demo.waitForState("signedIn");
});

test("a wrong code leaves the question open, and the right one is then taken from the mailbox", async () => {
  const { demo, emulator } = stage;
  await demo.setUpPool({ mfa: "ON", mfaFactors: ["EMAIL_OTP"] });
  await demo.signIn(alice);
  await demo.waitForQuestion("emailOTP");
  assert.match(await stage.browser.$("#question").getText(), /by email to a\*\*\*@e\*\*\*/);
  const right = await emulator.code(alice.username);
  await demo.type("challenge-code", right === "000000" ? "111111" : "000000");
  await demo.press("Continue");
  assert.equal((await demo.waitForError()).code, "codeMismatch");
  await demo.screenshot("wrong second step");
  assert.equal(await demo.question(), "emailOTP");

  await demo.useNewestCode("Your second step at sign-in");
  await demo.press("Continue");
  await demo.waitForState("signedIn");
});

test("a half-done sign-in goes on after a reload", async () => {
  const { demo } = stage;
  await demo.setUpPool({ mfa: "ON", mfaFactors: ["EMAIL_OTP"] });
  await demo.signIn(alice);
  await demo.waitForQuestion("emailOTP");
  await demo.reload();
  await demo.waitForQuestion("emailOTP");
  assert.match(await demo.notice(), /goes on/);
  await demo.useNewestCode("Your second step at sign-in");
  await demo.press("Continue");
  await demo.waitForState("signedIn");
});

test("a question that has run out says so, and the sign-in starts again", async () => {
  const { demo, browser } = stage;
  await demo.setUpPool({ mfa: "ON", mfaFactors: ["EMAIL_OTP"] });
  await demo.signIn(alice);
  await demo.waitForQuestion("emailOTP");
  await demo.press("+5 minutes");
  await demo.type("challenge-code", "000000");
  await demo.press("Continue");
  assert.equal((await demo.waitForError()).code, "notAuthorized");
  await demo.see(
    "that it is over",
    async () => (await browser.$("#question-title").getText()) === "This sign-in is over",
  );
  await demo.screenshot("expired question");
  assert.equal(await browser.$("#challenge-code").isExisting(), false);
  await demo.press("Start over");
  await demo.waitForStep("sign-in");
});

test("who has no second step yet chooses one, and gives the address that its codes will go to", async () => {
  const { demo, emulator, browser } = stage;
  const bob = { UserPoolId, Username: "bob" };
  await emulator.admin("AdminCreateUser", { ...bob, MessageAction: "SUPPRESS" });
  await emulator.admin("AdminSetUserPassword", { ...bob, Password: alice.password, Permanent: true });
  await demo.setUpPool({ mfa: "ON", mfaFactors: ["SOFTWARE_TOKEN_MFA", "EMAIL_OTP"] });
  await demo.signIn({ username: "bob", password: alice.password });
  await demo.waitForQuestion("mfaSetup");
  await demo.screenshot("choose a second step to set up");
  await demo.press("Code by email");
  await demo.see("the address asked for", () => browser.$("#setup-email").isDisplayed());
  await demo.screenshot("set up codes by email");
  await demo.type("setup-email", "bob@example.com");
  await demo.press("Continue");
  await demo.waitForQuestion("emailOTP");
  await demo.useNewestCode("Set up codes as a second step");
  await demo.press("Continue");
  await demo.waitForState("signedIn");
});

test("a code by text message signs in without a password", async () => {
  const { demo } = stage;
  await givePhone();
  await demo.setUpPool({ firstFactors: ["PASSWORD", "SMS_OTP"] });
  await demo.signIn({ username: alice.username }, { flow: "USER_AUTH", preferred: "SMS_OTP" });
  await demo.waitForQuestion("smsOTP");
  assert.match(await stage.browser.$("#question").getText(), /by text message/);
  await demo.useNewestCode("Your code to sign in");
  await demo.press("Continue");
  await demo.waitForState("signedIn");
});

test("with two second steps switched on, the user chooses", async () => {
  const { demo } = stage;
  await givePhone();
  await demo.setUpPool({ mfa: "ON", mfaFactors: ["EMAIL_OTP", "SMS_MFA"] });
  await demo.signIn(alice);
  await demo.waitForQuestion("selectMFAType");
  await demo.screenshot("choose a second step");
  await demo.press("Code by text message");
  await demo.waitForQuestion("smsMFA");
  await demo.useNewestCode("Your second step at sign-in");
  await demo.press("Continue");
  await demo.waitForState("signedIn");
});

test("of the ways that the pool offers the user chooses one, and a password is asked for when its turn comes", async () => {
  const { demo } = stage;
  await demo.setUpPool({ firstFactors: ["PASSWORD", "EMAIL_OTP"] });
  await demo.signIn({ username: alice.username }, { flow: "USER_AUTH" });
  await demo.waitForQuestion("selectChallenge");
  await demo.screenshot("choose a way to sign in");
  await demo.press("Password, proven without being sent");
  await demo.waitForQuestion("password");
  await demo.screenshot("password asked for");
  await demo.type("challenge-password", alice.password);
  await demo.press("Continue");
  await demo.waitForState("signedIn");
});

test("the pool's own questions are asked one after the other, with and without a password first", async () => {
  const { demo, browser } = stage;
  await demo.setUpPool({ questions: 2 });
  for (const { password } of [{}, alice]) {
    await demo.signIn({ username: alice.username, password }, { flow: "CUSTOM_AUTH" });
    await demo.waitForQuestion("customChallenge");
    assert.match(await browser.$("#question").getText(), /capital of France/);
    await demo.screenshot("custom question");
    await demo.type("custom-answer", "Paris");
    await demo.press("Continue");
    await demo.see("the second question", async () => /seven times six/.test(await browser.$("#question").getText()));
    await demo.type("custom-answer", "42");
    await demo.press("Continue");
    await demo.waitForState("signedIn");
    await demo.press("Sign out");
    await demo.waitForState("signedOut");
  }
});

test("a sign-in can be started over, and what was asked is still there by its address", async () => {
  const { demo } = stage;
  await demo.setUpPool({ questions: 1 });
  await demo.signIn({ username: alice.username }, { flow: "CUSTOM_AUTH" });
  await demo.waitForQuestion("customChallenge");
  await demo.press("Start over");
  await demo.waitForStep("sign-in");
  await demo.reload();
  assert.equal(await demo.step(), "sign-in");
  await demo.waitForNotice(/half done/);
  await stage.browser.$("=Go on with it").click();
  await demo.waitForQuestion("customChallenge");
});

async function givePhone() {
  const UserAttributes = [
    { Name: "phone_number", Value: "+15550100200" },
    { Name: "phone_number_verified", Value: "true" },
  ];
  await stage.emulator.admin("AdminUpdateUserAttributes", { UserPoolId, Username: alice.username, UserAttributes });
}

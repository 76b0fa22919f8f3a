// The demo page's ways into an account that is new: straight from the confirmation, and without a password.

import assert from "node:assert/strict";
import { test } from "node:test";
import { alice } from "./support/demo.mjs";
import { setStage } from "./support/stage.mjs";

const stage = setStage();

test("who has just confirmed goes straight in, also after a reload", async () => {
  const { demo } = stage;
  await demo.open();
  await demo.signUp(alice);
  await demo.waitForStep("confirm");
  await demo.useNewestCode("Confirm your account");
  await demo.press("Confirm");
  await demo.waitForStep("sign-in");
  await demo.reload();
  await demo.screenshot("confirmed");
  await demo.press("Sign me in");
  await demo.waitForState("signedIn");
  await demo.waitForStep("account");
});

test("an account without a password is made, signs in by a code, and is given its first password", async () => {
  const { demo, browser } = stage;
  await demo.open();
  await demo.setUpPool({ firstFactors: ["PASSWORD", "EMAIL_OTP"] });
  await demo.type("sign-up-username", alice.username);
  await demo.type("sign-up-email", alice.email);
  await demo.unfold("Phone number, or no password");
  await demo.tick("No password");
  assert.equal(await browser.$("#sign-up-password").isDisplayed(), false);
  await demo.screenshot("sign up without a password");
  await demo.press("Sign up");
  await demo.waitForStep("confirm");
  await demo.useNewestCode("Confirm your account");
  await demo.press("Confirm");
  await demo.waitForStep("sign-in");

  await demo.signIn({ username: alice.username }, { flow: "USER_AUTH", preferred: "EMAIL_OTP" });
  await demo.waitForQuestion("emailOTP");
  await demo.useNewestCode("Your code to sign in");
  await demo.press("Continue");
  await demo.waitForState("signedIn");

  await demo.openPart("Password");
  await demo.type("proposed-password", alice.password);
  await demo.press("Change the password");
  await demo.waitForNotice(/password is changed/);
  await demo.openPart("Overview");
  await demo.press("Sign out");
  await demo.waitForState("signedOut");
  await demo.signIn(alice, { flow: "USER_SRP_AUTH" });
  await demo.waitForState("signedIn");
});

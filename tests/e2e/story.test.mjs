// The whole story, told on the demo page: from sign-up to sign-out, with the reloads in between.

import assert from "node:assert/strict";
import { test } from "node:test";
import { alice } from "./support/demo.mjs";
import { setStage } from "./support/stage.mjs";
import { createUser } from "./support/users.mjs";

const stage = setStage();

test("a newcomer signs up, reads the code, confirms, signs in, stays signed in over a reload, and signs out for good", async () => {
  const { demo, emulator, browser } = stage;
  await demo.open();
  assert.equal(await demo.userState(), "signedOut");
  assert.equal(await demo.step(), "sign-up");
  await demo.screenshot("sign up");

  await demo.signUp(alice);
  await demo.waitForStep("confirm");
  assert.match(await demo.notice(), /by email to a\*\*\*@e\*\*\*/);
  await demo.waitForMail("Confirm your account");
  assert.equal(await demo.newestSecret(), await emulator.code(alice.username));
  await demo.screenshot("confirm");

  await demo.press("Use this code");
  await demo.press("Confirm");
  await demo.waitForStep("sign-in");
  assert.equal(await browser.$("#sign-in-username").getValue(), alice.username);

  await demo.type("sign-in-password", alice.password);
  await demo.press("Sign in");
  await demo.waitForState("signedIn");
  await demo.waitForStep("account");
  assert.equal(await browser.$("#user-name").getText(), alice.username);
  assert.equal(await browser.$("#account-username").getText(), alice.username);

  await demo.press("Get tokens");
  const [id, access] = await demo.waitForClaims();
  assert.equal(id.email, alice.email);
  assert.equal(id["cognito:username"], alice.username);
  assert.equal(access.token_use, "access");
  assert.equal(id.sub, await browser.$("#account-sub").getText());
  assert.match(id.exp, /^\w+day, \d{1,2} \w+ \d{4} at \d\d:\d\d:\d\d/);
  await demo.screenshot("account with tokens");

  const flows = (await emulator.requests("InitiateAuth")).map(({ authFlow }) => authFlow);
  assert.deepEqual(flows, ["USER_SRP_AUTH"]);
  const answers = (await emulator.requests("RespondToAuthChallenge")).map(({ challengeName }) => challengeName);
  assert.deepEqual(answers, ["PASSWORD_VERIFIER"]);

  await demo.reload();
  assert.equal(await demo.userState(), "signedIn");
  assert.equal(await demo.step(), "account");
  assert.equal(await browser.$("#account-username").getText(), alice.username);

  await demo.press("Sign out");
  await demo.waitForState("signedOut");
  await demo.waitForStep("sign-in");
  await demo.see("the revocation", async () => (await emulator.requests("RevokeToken")).length === 1);
  await demo.screenshot("signed out");

  await demo.reload();
  assert.equal(await demo.userState(), "signedOut");
  assert.deepEqual(
    await browser.execute(() => Object.keys(localStorage)),
    ["demo/first-steps"],
    "the demo's own note, and nothing of the package",
  );
});

test("a code asked for again arrives in the mailbox, and is the one that confirms", async () => {
  const { demo, emulator, browser } = stage;
  await demo.open();
  await demo.signUp(alice);
  await demo.waitForStep("confirm");

  await demo.press("Send a new code");
  await demo.waitForMail("Your new confirmation code");
  assert.equal((await emulator.outbox(alice.username)).length, 2);
  await demo.press("Use this code");
  assert.equal(await browser.$("#confirm-code").getValue(), await emulator.code(alice.username));
  await demo.press("Confirm");
  await demo.waitForStep("sign-in");
});

test("an invited user signs in with the temporary password, must choose a new one, and uses it from then on", async () => {
  const { demo, browser } = stage;
  const bob = { username: "bob", email: "bob@example.com", password: "Correct-horse-8" };
  await demo.open();
  await demo.type("invite-username", bob.username);
  await demo.type("invite-email", bob.email);
  await demo.press("Invite");
  await demo.waitForMail("You have been invited");

  await demo.press("Use this password");
  await demo.press("Sign in");
  await demo.waitForQuestion("newPasswordRequired");
  assert.equal(await demo.userState(), "signedOut");
  assert.equal(await browser.$("#new-password-username").getValue(), bob.username);
  await demo.screenshot("new password");

  await demo.type("new-password-password", "short");
  await demo.press("Set password and sign in");
  assert.equal((await demo.waitForError()).code, "invalidPassword");

  await demo.type("new-password-password", bob.password);
  await demo.press("Set password and sign in");
  await demo.waitForState("signedIn");

  await demo.press("Sign out");
  await demo.waitForState("signedOut");
  await demo.signIn(bob);
  await demo.waitForState("signedIn");
});

test("signing in takes no more than a keyboard, and focus follows the step", async () => {
  const { demo, emulator, browser } = stage;
  await createUser(emulator, alice);
  await demo.open("#sign-in");
  await browser.$("#sign-in-username").click();
  await demo.typeOn(alice.username);
  await browser.keys("Tab");
  await demo.typeOn(alice.password);
  await browser.keys("Enter");
  await demo.waitForStep("account");
  const focused = await browser.execute(() => document.activeElement.textContent);
  assert.equal(focused, "You are signed in");
});

test("asking for new tokens brings new ones, and an hour later they come without asking", async () => {
  const { demo, emulator, browser } = stage;
  await createUser(emulator, alice);
  await demo.open();
  await demo.signIn(alice);
  await demo.waitForStep("account");
  await demo.press("Get tokens");
  const [first] = await demo.waitForClaims();
  await emulator.clearRequests();

  await demo.tick("Ask the service for new ones");
  await demo.press("Get tokens");
  await demo.see("another ID token", async () => (await demo.claims())[0].jti !== first.jti);
  assert.equal((await refreshes(emulator)).length, 1);

  await demo.tick("Ask the service for new ones");
  const [second] = await demo.claims();
  await demo.press("+1 hour");
  await demo.see("the later hour", async () => !(await browser.$("#clock").getText()).includes(timeOf(second.iat)));
  await demo.press("Get tokens");
  await demo.see("a third ID token", async () => (await demo.claims())[0].jti !== second.jti);
  assert.equal((await refreshes(emulator)).length, 2);
  assert.equal(await demo.userState(), "signedIn");
});

test("a session that the service no longer renews ends with the state that says so, and signing in again mends it", async () => {
  const { demo, emulator, browser } = stage;
  await createUser(emulator, alice);
  await demo.open();
  await demo.signIn(alice);
  await demo.waitForStep("account");
  await demo.press("+31 days");
  await demo.see("the new month", async () => (await emulator.clock()) > Date.now() + 30 * 86_400_000);
  await demo.press("Get tokens");
  await demo.waitForState("signedOutUserPoolsTokenInvalid");
  await demo.waitForStep("sign-in");
  assert.equal(await browser.$("#sign-in-username").getValue(), alice.username);
  await demo.screenshot("session ended");

  await demo.reload();
  assert.equal(await demo.userState(), "signedOutUserPoolsTokenInvalid");
  await demo.signIn(alice);
  await demo.waitForState("signedIn");
});

test("a global sign-out ends the session at the service too", async () => {
  const { demo, emulator } = stage;
  await createUser(emulator, alice);
  await demo.open();
  await demo.signIn(alice);
  await demo.waitForStep("account");
  await demo.tick("On every device");
  await demo.press("Sign out with these choices");
  await demo.waitForState("signedOut");
  const [request] = await emulator.requests("GlobalSignOut");
  assert.equal(request.status, 200);
});

const timeOf = (words) => /\d\d:\d\d/.exec(words)[0];

async function refreshes(emulator) {
  const all = await emulator.requests();
  return all.filter(
    ({ operation, authFlow }) => operation === "GetTokensFromRefreshToken" || authFlow === "REFRESH_TOKEN_AUTH",
  );
}

// What stands around the forms of the demo page: the head, the help, and the news beside the buttons.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { alice } from "./support/demo.mjs";
import { setStage } from "./support/stage.mjs";
import { createUser } from "./support/users.mjs";

const stage = setStage();

beforeEach(async () => {
  await createUser(stage.emulator, alice);
  await stage.demo.open();
});

test("the head signs out from every part of the account", async () => {
  const { demo, browser } = stage;
  assert.equal(await browser.$("#sign-out").isDisplayed(), false);
  await demo.signIn(alice);
  await demo.waitForStep("account");
  for (const part of ["Overview", "Attributes", "Password", "MFA", "Passkeys", "Devices", "Sessions"]) {
    await demo.openPart(part);
    assert.equal(await browser.$("#sign-out").isDisplayed(), true, part);
  }
  await demo.press("Sign out");
  await demo.waitForState("signedOut");
  assert.equal(await browser.$("#sign-out").isDisplayed(), false);
});

test("the first steps fold away once a user has signed in and out, also after a reload", async () => {
  const { demo, browser } = stage;
  const isOpen = () => browser.$("#first-steps").getProperty("open");
  assert.equal(await isOpen(), true);
  await demo.signIn(alice);
  await demo.waitForStep("account");
  assert.equal(await isOpen(), true);
  await demo.press("Sign out");
  await demo.see("the help folded", async () => !(await isOpen()));
  await demo.reload();
  assert.equal(await isOpen(), false);
});

test("the head shows when there is no connection", async () => {
  const { demo, browser } = stage;
  const isShown = () => browser.$("#offline").isDisplayed();
  assert.equal(await isShown(), false);
  await browser.execute(() => {
    Object.defineProperty(navigator, "onLine", { value: false, configurable: true });
    dispatchEvent(new Event("offline"));
  });
  await demo.see("offline", isShown);
  await browser.execute(() => {
    delete navigator.onLine;
    dispatchEvent(new Event("online"));
  });
  await demo.see("online", async () => !(await isShown()));
});

test("a token is copied whole, and its button says so", async () => {
  const { demo, browser } = stage;
  await demo.signIn(alice);
  await demo.waitForStep("account");
  await demo.press("Get tokens");
  await demo.waitForClaims();
  await browser.execute(() => {
    window.copied = [];
    Object.defineProperty(navigator, "clipboard", {
      value: { writeText: async (text) => void window.copied.push(text) },
      configurable: true,
    });
  });
  await demo.press("Copy");
  await demo.see("that it is copied", () => browser.$("button=Copied").isDisplayed());
  const [token] = await browser.execute(() => window.copied);
  const { sub } = JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
  assert.equal(sub, (await demo.claims())[0].sub);
});

test("what came of a button is said below it", async () => {
  const { demo, browser } = stage;
  await demo.signIn(alice);
  await demo.waitForStep("account");
  await demo.press("Get tokens");
  await demo.waitForNotice(/^The tokens are good until/);
  const gap = await browser.execute(() => {
    const [news, button] = ["#tokens-form .done", "#tokens-form .primary"].map((place) =>
      document.querySelector(place).getBoundingClientRect(),
    );
    return news.top - button.bottom;
  });
  assert.ok(gap >= 0 && gap < 60, `${gap} pixels between button and news`);
});

test("a right answer to a custom question looks different from a wrong one", async () => {
  const { demo } = stage;
  await demo.setUpPool({ questions: 2 });
  await demo.signIn({ username: alice.username }, { flow: "CUSTOM_AUTH" });
  await demo.waitForQuestion("customChallenge");
  await demo.type("custom-answer", "Rome");
  await demo.press("Continue");
  await demo.waitForNotice(/^That was not the answer/);
  await demo.type("custom-answer", "Paris");
  await demo.press("Continue");
  await demo.waitForNotice(/^Here is the next question/);
});

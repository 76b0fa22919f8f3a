// The demo page itself: usable in a narrow window, by name and by keyboard, and honest where there is no emulator.

import assert from "node:assert/strict";
import { test } from "node:test";
import { alice } from "./support/demo.mjs";
import { setStage } from "./support/stage.mjs";
import { createUser } from "./support/users.mjs";

const stage = setStage();

test("nothing runs out of a window 360 pixels wide, signed out or signed in", async () => {
  const { demo, emulator } = stage;
  await openNarrow();
  await demo.see("the first step", () =>
    inNarrow(() => page.querySelector("[data-step=sign-up]:not([hidden])") !== null),
  );
  assert.equal(await inNarrow(overhang), 0);

  await createUser(emulator, alice);
  await emulator.setPool({ mfa: "OPTIONAL", mfaFactors: ["SOFTWARE_TOKEN_MFA"] });
  await demo.open();
  await demo.signIn(alice);
  await demo.waitForStep("account");
  await openNarrow();
  await demo.see("the account", () => inNarrow(() => page.querySelector("[data-step=account]:not([hidden])") !== null));
  await inNarrow(() => page.querySelector("#tokens-form .primary").click());
  await demo.see("the tokens", () => inNarrow(() => page.querySelector("#tokens table") !== null));
  assert.equal(await inNarrow(overhang), 0);

  for (const part of ["attributes", "password", "mfa", "passkeys", "devices", "sessions"]) {
    await inNarrow(`() => page.querySelector("#section-links [href='#${part}']").click()`);
    await demo.see(part, () => inNarrow(`() => page.querySelector("[data-section=${part}]:not([hidden])") !== null`));
    assert.equal(await inNarrow(overhang), 0, part);
  }
  await inNarrow(`() => page.querySelector("#section-links [href='#mfa']").click()`);
  await inNarrow(() => page.querySelector("#totp-form .primary").click());
  await demo.see("the secret", () => inNarrow(() => page.querySelector("#totp-setup canvas") !== null));
  assert.equal(await inNarrow(overhang), 0, "a secret and its address");
});

for (const [width, height] of [
  [1280, 800],
  [390, 844],
]) {
  test(`the first form is above the fold of a window of ${width} by ${height}, with the help open`, async () => {
    const { demo } = stage;
    await openFramed(width, height);
    await demo.see("the first step", () =>
      inNarrow(() => page.querySelector("[data-step=sign-up]:not([hidden])") !== null),
    );
    const { isOpen, bottom } = await inNarrow(() => ({
      isOpen: page.querySelector("#first-steps").open,
      bottom: page.querySelector("#sign-up-form button.primary").getBoundingClientRect().bottom,
    }));
    assert.ok(isOpen && bottom <= height, `the button ends at ${bottom}`);
  });
}

test("every change of part moves focus to its heading, also by a link and by the back button", async () => {
  const { demo, browser } = stage;
  const focused = () => browser.execute(() => document.activeElement.textContent);
  await demo.open();
  await demo.go("Confirm");
  await demo.see("focus on the heading", async () => (await focused()) === "Confirm your account");
  await demo.go("Sign in");
  await demo.see("focus on the heading", async () => (await focused()) === "Sign in");
  await browser.back();
  await demo.see("focus on the heading", async () => (await focused()) === "Confirm your account");
});

test("every field and button has a name, and password managers are told what each field is", async () => {
  const { demo, browser } = stage;
  await demo.open();
  const { nameless, purposes } = await browser.execute(() => ({
    nameless: [...document.querySelectorAll("input, select, button")]
      .filter((control) => !(control.labels?.length || control.textContent.trim() || control.ariaLabel))
      .map((control) => control.outerHTML),
    purposes: Object.fromEntries(
      [...document.querySelectorAll("#steps input:is([type=password], [autocomplete]):not([autocomplete=off])")].map(
        (field) => [field.id, field.getAttribute("autocomplete")],
      ),
    ),
  }));
  assert.deepEqual(nameless, []);
  assert.deepEqual(purposes, {
    "sign-up-username": "username",
    "sign-up-email": "email",
    "sign-up-password": "new-password",
    "sign-up-phone": "tel",
    "confirm-username": "username",
    "confirm-code": "one-time-code",
    "sign-in-username": "username",
    "sign-in-password": "current-password",
    "forgot-username": "username",
    "reset-username": "username",
    "reset-code": "one-time-code",
    "reset-password": "new-password",
    "attribute-code": "one-time-code",
    "change-password-username": "username",
    "current-password": "current-password",
    "proposed-password": "new-password",
  });
});

test("the address names the step, so that a link and the back button work", async () => {
  const { demo, browser } = stage;
  await demo.open("#confirm");
  assert.equal(await demo.step(), "confirm");
  await demo.go("Sign in");
  await demo.waitForStep("sign-in");
  await browser.back();
  await demo.waitForStep("confirm");
  await demo.unfold("More to try");
  await browser.$("=Set up the pool").click();
  assert.equal(await demo.step(), "confirm", "a link to another place changed the step");
  await demo.open("#mfa");
  assert.equal(await demo.step(), "sign-in", "no user is signed in");
});

test("the page's policy allows no inline code or style, and breaking it is noticed by these tests", async () => {
  const { demo, browser } = stage;
  await demo.open();
  const policy = await browser.$("meta[http-equiv]").getAttribute("content");
  assert.match(policy, /default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self';/);
  assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval(?<!wasm-unsafe-eval)/);
  await browser.execute(() => document.body.setAttribute("style", "color: red"));
  await demo.see("the violation", () => browser.execute(() => probe.violations.length > 0));
  const [violation] = await browser.execute(() => probe.violations.splice(0));
  assert.match(violation, /^style-src/);
});

test("the pool's form shows how the pool is set up, also after a reload", async () => {
  const { demo, browser } = stage;
  await demo.open();
  await demo.setUpPool({
    mfa: "OPTIONAL",
    mfaFactors: ["EMAIL_OTP"],
    firstFactors: ["PASSWORD", "WEB_AUTHN"],
    devices: "optIn",
  });
  await demo.reload();
  const shown = () =>
    browser.execute(() => {
      const values = [...new FormData(document.querySelector("#pool-form"))];
      return values.map(([name, value]) => `${name} ${value}`);
    });
  const expected = [
    "mfa OPTIONAL",
    "mfaFactors EMAIL_OTP",
    "firstFactors PASSWORD",
    "firstFactors WEB_AUTHN",
    "deviceTracking optIn",
    "questions 0",
  ];
  await demo.see("the pool as it is", async () => (await shown()).join() === expected.join());
});

test("a broken call is listed until it is repaired", async () => {
  const { demo, browser, emulator } = stage;
  await demo.open();
  await demo.press("Break it");
  const faults = () => browser.$("#faults").getText();
  await demo.see("the fault", async () => /any call/i.test(await faults()));
  await demo.press("Repair everything");
  await demo.see("that all is repaired", async () => (await faults()) === "No call is broken.");
  assert.equal((await emulator.health()).status, "ok");
});

const openNarrow = () => openFramed(360, 740);

/** Puts the demo into a frame of a bare page: browsers make no window as narrow as a phone. */
async function openFramed(width, height) {
  const { browser, emulator } = stage;
  await browser.url(`${emulator.url}/bare.html`);
  await browser.execute(
    (width, height) =>
      document.body.append(Object.assign(document.createElement("iframe"), { src: "/", width, height, id: "narrow" })),
    width,
    height,
  );
}

/** Runs `script` in the bare page, with the framed demo as its `page`. */
function inNarrow(script) {
  return stage.browser.execute(`const page = document.querySelector("#narrow").contentDocument; return (${script})();`);
}

const overhang = "() => page.documentElement.scrollWidth - page.documentElement.clientWidth";

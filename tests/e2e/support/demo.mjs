// The demo page as its user has it: fields to type into, buttons to press, words to read.

import { mkdirSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { engine } from "./drivers.mjs";

const patience = 20_000;

export const alice = { username: "alice", email: "alice@example.com", password: "Correct-horse-7" };

export class Demo {
  constructor(browser, url) {
    this.browser = browser;
    this.url = url;
  }

  async open(hash = "") {
    await this.browser.url(`${this.url}/${hash}`);
    await this.started();
  }

  async reload() {
    await this.browser.refresh();
    await this.started();
  }

  /** The page shows a state once the client is initialized. */
  async started() {
    await this.see(
      "the client initialized",
      async () => (await this.userState()) !== "unknown" && (await this.step()) !== "starting",
    );
  }

  // What is typed and pressed

  async type(id, text) {
    const field = this.browser.$(`#${id}`);
    await this.see(`the field ${id}`, async () => {
      try {
        await bringIntoView(field);
        await field.setValue(text);
        return true;
      } catch (error) {
        // What the page shows above the field may have arrived in this moment, and pushed it away.
        if (String(error).includes("interactable")) return false;
        throw error;
      }
    });
  }

  /** Types into whatever has focus. */
  async typeOn(text) {
    await this.browser.$(await this.browser.getActiveElement()).addValue(text);
  }

  async press(text) {
    await click(await this.visible(`button=${text}`));
  }

  async go(link) {
    await click(this.browser.$("#step-links").$(`=${link}`));
  }

  async tick(text) {
    // The box itself: the middle of a label that takes two lines may lie beside its words.
    await click((await this.visible(`label*=${text}`)).$("input"));
  }

  async signUp({ username, email, password }) {
    await this.go("Sign up");
    await this.type("sign-up-username", username);
    await this.type("sign-up-email", email);
    await this.type("sign-up-password", password);
    await this.press("Sign up");
  }

  async confirm({ username }, code) {
    await this.go("Confirm");
    await this.type("confirm-username", username);
    await this.type("confirm-code", code);
    await this.press("Confirm");
  }

  /** Signs in the default way, or by an `authFlow` and a `preferredChallenge`; without a password none is typed. */
  async signIn({ username, password }, { flow, preferred } = {}) {
    await this.go("Sign in");
    await this.type("sign-in-username", username);
    if (flow) {
      await this.unfold("Another way to sign in");
      await this.choose("sign-in-flow", flow);
      if (preferred !== undefined) await this.choose("sign-in-preferred", preferred);
    }
    if (password !== undefined) await this.type("sign-in-password", password);
    await this.press("Sign in");
  }

  /** Picks an option by its value. */
  async choose(id, value) {
    const field = this.browser.$(`#${id}`);
    await bringIntoView(field);
    await field.selectByAttribute("value", value);
  }

  /** Opens a part of the page that is folded, unless it is open. */
  async unfold(text) {
    const summary = await this.visible(`summary=${text}`);
    if (!(await summary.parentElement().getProperty("open"))) await click(summary);
  }

  /** Goes to a part of the account. */
  async openPart(link) {
    await click(this.browser.$("#section-links").$(`=${link}`));
  }

  /** Sets up the emulator's pool by its form. What is not named stays as it is shown. */
  async setUpPool({ mfa, mfaFactors, firstFactors, devices, questions }) {
    if (mfa !== undefined) await this.choose("pool-mfa", mfa);
    if (mfaFactors) await this.tickOnly("mfaFactors", mfaFactors);
    if (firstFactors) await this.tickOnly("firstFactors", firstFactors);
    if (devices !== undefined) await this.choose("pool-devices", devices);
    if (questions !== undefined) await this.choose("pool-questions", String(questions));
    await this.press("Set up the pool");
    await this.see(
      "that the pool is set up",
      async () => (await this.browser.$("#pool").getText()) === "The pool is set up.",
    );
  }

  async tickOnly(name, values) {
    for await (const box of this.browser.$$(`[name=${name}]`)) {
      if ((await box.isSelected()) !== values.includes(await box.getValue())) await click(box);
    }
  }

  /** Takes the code of the authenticator's panel into the form that wants one; a used one is skipped. */
  async useAuthenticator() {
    const news = () => this.browser.$("#totp-news").getText();
    await this.see("the authenticator", async () => /^\d{6}$/.test(await this.browser.$("#totp code").getText()));
    if (/used/.test(await news())) {
      await this.press("Skip to the next");
      await this.see("a fresh code", async () => !/used/.test(await news()));
    }
    await click(this.browser.$("#totp").$("button=Use this code"));
  }

  /** Takes the code of the newest message into the form it is for. */
  async useNewestCode(subject) {
    await this.waitForMail(subject);
    await click(this.browser.$("#messages").$("button=Use this code"));
  }

  /** Presses a button of the row that says `text`. */
  async pressInRow(list, text, button) {
    await this.see(`a row "${text}"`, async () => (await this.rows(list)).some((row) => row.includes(text)));
    for await (const row of this.browser.$$(`#${list} > li`)) {
      if ((await row.getText()).includes(text)) return click(row.$(`button=${button}`));
    }
  }

  // What is read

  userState() {
    return this.browser.$("#user-state").getText();
  }

  /** The step on show: starting, sign-up, confirm, sign-in, challenge, forgot, reset or account. */
  step() {
    return this.browser.execute(() => document.querySelector("[data-step]:not([hidden])").dataset.step);
  }

  /** What a sign-in asks, as its `signInState`; `null` where it asks nothing. */
  question() {
    return this.browser.execute(
      () => document.querySelector("[data-step=challenge]:not([hidden]) form")?.dataset.question ?? null,
    );
  }

  /** The texts of a list's rows. */
  rows(list) {
    return this.browser.execute(
      (list) => [...document.querySelectorAll(`#${list} > li`)].map((row) => row.innerText),
      list,
    );
  }

  /** The good news on show: above the form, or below the button that was pressed. */
  notice() {
    return this.browser.execute(() =>
      [...document.querySelectorAll("#notice, .done")]
        .filter((place) => place.checkVisibility())
        .map((place) => place.innerText)
        .join("\n")
        .trim(),
    );
  }

  /** The error on show as the page words it, or `null`. What an error has not is `null`: WebDriver carries no `undefined`. */
  error() {
    return this.browser.execute(() => {
      const shown = [...document.querySelectorAll(".error:not(:empty)")].find((place) => place.checkVisibility());
      if (!shown) return null;
      const facts = Object.fromEntries(
        [...shown.querySelectorAll("dt")].map((name) => [name.textContent, name.nextSibling.textContent]),
      );
      return {
        code: shown.querySelector(".error-code").textContent,
        message: shown.querySelector(".error-message")?.textContent ?? null,
        serviceException: facts["Service exception"] ?? null,
        retryable: facts["Try again?"]?.startsWith("Yes") ?? null,
      };
    });
  }

  /** The listener log, one line a call: "Listener 1 signedIn". */
  log() {
    return this.browser.execute(() =>
      [...document.querySelectorAll("#log li")].map(
        (line) => `${line.querySelector("b").textContent} ${line.querySelector(".badge").textContent}`,
      ),
    );
  }

  /** The tables of claims on show: `[{ sub: "...", ... }, { ... }]`, ID token first. */
  claims() {
    return this.browser.execute(() =>
      [...document.querySelectorAll("#tokens table")].map((table) =>
        Object.fromEntries(
          [...table.querySelectorAll("tbody tr")].map((row) => [
            row.querySelector("th code").textContent,
            row.querySelector("td").textContent,
          ]),
        ),
      ),
    );
  }

  /** The code or temporary password of the newest message in the mailbox. */
  newestSecret() {
    return this.browser.$("#messages .secret").getText();
  }

  async waitForMail(subject) {
    await this.see(`a message "${subject}"`, () =>
      this.browser.execute((subject) => document.querySelector("#messages b")?.textContent === subject, subject),
    );
  }

  async waitForStep(step) {
    await this.see(`the step ${step}`, async () => (await this.step()) === step);
  }

  async waitForQuestion(state) {
    await this.see(`the question ${state}`, async () => (await this.question()) === state);
  }

  async waitForNotice(pattern) {
    await this.see(`the notice ${pattern}`, async () => pattern.test(await this.notice()));
  }

  async waitForRow(list, pattern) {
    await this.see(`a row ${pattern}`, async () => (await this.rows(list)).some((row) => pattern.test(row)));
  }

  async waitForState(state) {
    await this.see(`the user state ${state}`, async () => (await this.userState()) === state);
  }

  async waitForError() {
    await this.see("an error", async () => (await this.error()) !== null);
    return this.error();
  }

  async waitForClaims() {
    await this.see("the tokens' claims", async () => (await this.claims()).length === 2);
    return this.claims();
  }

  /** Waits until `check` holds; where it never does, the error says what the page showed instead. */
  async see(what, check) {
    const deadline = Date.now() + patience;
    while (!(await check())) {
      if (Date.now() > deadline) {
        // Those in its frames, too.
        const page = await this.browser.execute(() =>
          [window, ...Array.from(window)]
            .map(({ document }) => `${document.URL}\n${document.body?.innerText}`)
            .join("\n"),
        );
        await this.screenshot(`missing ${what}`);
        throw new Error(`${what} did not show within ${patience / 1000} s; the page says:\n${page}`);
      }
      await pause(50);
    }
  }

  /** Saves a picture of the page when E2E_SCREENSHOTS names a folder. */
  async screenshot(name) {
    const folder = process.env.E2E_SCREENSHOTS;
    if (!folder) return;
    mkdirSync(folder, { recursive: true });
    await this.browser.saveScreenshot(path.join(folder, `${engine} ${name.replaceAll("/", "")}.png`));
  }

  async visible(selector) {
    let found;
    await this.see(`something that matches ${selector}`, async () => {
      for await (const candidate of this.browser.$$(selector)) {
        if (await candidate.isDisplayed()) return (found = candidate);
      }
      return false;
    });
    return found;
  }
}

async function click(control) {
  await bringIntoView(control);
  await control.click().catch(async (error) => {
    if (!String(error).includes("intercepted")) throw error;
    // WebKitGTK's driver takes some controls for covered that are not.
    await (await control.getElement()).execute((element) => element.click());
  });
}

/** Clear of the page's sticky head, as a user would scroll. */
const bringIntoView = (control) => control.scrollIntoView({ block: "center" });

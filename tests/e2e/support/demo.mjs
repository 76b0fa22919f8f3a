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
    await this.see("the client initialized", async () => (await this.userState()) !== "unknown" && (await this.step()) !== "starting");
  }

  // What is typed and pressed

  async type(id, text) {
    const field = this.browser.$(`#${id}`);
    await bringIntoView(field);
    await field.setValue(text);
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
    await click(await this.visible(`label*=${text}`));
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

  async signIn({ username, password }) {
    await this.go("Sign in");
    await this.type("sign-in-username", username);
    await this.type("sign-in-password", password);
    await this.press("Sign in");
  }

  // What is read

  userState() {
    return this.browser.$("#user-state").getText();
  }

  /** The step on show: starting, sign-up, confirm, sign-in, new-password or account. */
  step() {
    return this.browser.execute(() => document.querySelector("[data-step]:not([hidden])").dataset.step);
  }

  notice() {
    return this.browser.$("#notice").getText();
  }

  /** The error on show as the page words it, or `null`. What an error has not is `null`: WebDriver carries no `undefined`. */
  error() {
    return this.browser.execute(() => {
      const shown = [...document.querySelectorAll(".error:not(:empty)")].find((place) => place.checkVisibility());
      if (!shown) return null;
      const facts = Object.fromEntries([...shown.querySelectorAll("dt")].map((name) => [name.textContent, name.nextSibling.textContent]));
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
      [...document.querySelectorAll("#log li")].map((line) => `${line.querySelector("b").textContent} ${line.querySelector(".badge").textContent}`),
    );
  }

  /** The tables of claims on show: `[{ sub: "...", ... }, { ... }]`, ID token first. */
  claims() {
    return this.browser.execute(() =>
      [...document.querySelectorAll("#tokens table")].map((table) =>
        Object.fromEntries(
          [...table.querySelectorAll("tbody tr")].map((row) => [row.querySelector("th code").textContent, row.querySelector("td").textContent]),
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
        const page = await this.browser.execute(() => document.body.innerText);
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
    await this.browser.saveScreenshot(path.join(folder, `${engine} ${name}.png`));
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
  await control.click();
}

/** Clear of the page's sticky head, as a user would scroll. */
const bringIntoView = (control) => control.scrollIntoView({ block: "center" });

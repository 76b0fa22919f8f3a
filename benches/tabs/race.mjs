// One race: a sign-in, its tokens' expiry, five tabs that ask at once, and what is left afterwards.

import { setTimeout as pause } from "node:timers/promises";
import { SIGN_IN_LIFETIME } from "./services.mjs";

export const TABS = 5;

/**
 * @typedef {object} Race
 * @property {number} refreshes refresh calls of all tabs together
 * @property {number} reuses how many of them brought a refresh token that had been spent
 * @property {number} tabsWithTokens how many tabs' question was answered with a token that is good
 * @property {number} tabsSignedOut how many tabs have no good token when they ask again afterwards
 * @property {boolean} sessionInStore whether a page opened at the end is signed in
 * @property {number} laterRefreshes refresh calls of those who asked afterwards
 * @property {number} spreadMs how long after the first tab the last one asked
 * @property {string[]} errors what the tabs without a token were told
 */

/**
 * @param {string} url of a page that the browser has never seen, so that nothing is stored for its origin
 * @param {string} file the contestant, as the files of clients/ are called
 * @param {object} service one of services.mjs
 * @returns {Promise<Race>}
 */
export async function race(browser, tabs, url, file, service) {
  const settings = await service.expectSignIn();
  await openPage(browser, tabs[0], url);
  await inPage(browser, "signIn", file, settings);
  // The browser's clock is the real one and cannot be moved: this is until those tokens have expired.
  await pause((SIGN_IN_LIFETIME + 1) * 1000);

  await service.expectRace();
  for (const tab of tabs) {
    await openPage(browser, tab, url);
    await inPage(browser, "getReady", file, settings);
  }
  if ((await service.refreshes()).length > 0) throw new Error(`${file} renewed before it was asked: this was no race`);
  await inPage(browser, "giveSignal");
  const answers = await eachTab(browser, tabs, "answer");
  const refreshes = await service.refreshes();

  const secondAnswers = await eachTab(browser, tabs, "ask");
  await openPage(browser, tabs[0], url);
  await inPage(browser, "getReady", file, settings);
  const afterwards = await inPage(browser, "ask");

  const askedAt = answers.map((answer) => answer.askedAt);
  return {
    refreshes: refreshes.length,
    reuses: refreshes.filter(({ reuse }) => reuse).length,
    tabsWithTokens: answers.filter(isGood).length,
    tabsSignedOut: secondAnswers.filter((answer) => !isGood(answer)).length,
    sessionInStore: isGood(afterwards),
    laterRefreshes: (await service.refreshes()).length - refreshes.length,
    spreadMs: Math.max(...askedAt) - Math.min(...askedAt),
    errors: answers.filter((answer) => !isGood(answer)).map(({ told }) => told ?? "no error, and no token"),
  };
}

async function openPage(browser, tab, url) {
  await browser.switchToWindow(tab);
  await browser.url(url);
}

async function eachTab(browser, tabs, functionName) {
  const answers = [];
  for (const tab of tabs) {
    await browser.switchToWindow(tab);
    answers.push(await inPage(browser, functionName));
  }
  return answers;
}

/** Calls a function of tab.mjs in the tab that is in front. */
function inPage(browser, functionName, ...args) {
  return browser.execute(async (name, given) => (await import("/tab.js"))[name](...given), functionName, args);
}

/** A token that the service would accept: those it has issued for the race live an hour. */
function isGood({ token }) {
  if (!token) return false;
  const claims = JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
  return claims.exp * 1000 > Date.now();
}

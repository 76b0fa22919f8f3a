// The ways into an account, one module for each, and what is on show when the user's state changes.
import { byId } from "./dom.js";
import { clearFormError } from "./errors.js";
import { attempt } from "./forms.js";
import { startAccount } from "./account/account.js";
import { startPage } from "./page.js";
import { startChallenge } from "./steps/challenge.js";
import { startForgotPassword } from "./steps/forgot-password.js";
import { startSignIn } from "./steps/sign-in.js";
import { startSignUp } from "./steps/sign-up.js";

/** Starts the forms for a client that is initialized. Returns the page, for those who fill in codes. */
export async function startSteps(client) {
  const page = startPage(client);
  const challenge = startChallenge(client, page);
  startSignUp(client, page, challenge);
  startSignIn(client, page, challenge);
  startForgotPassword(client, page);
  const account = startAccount(client, page);

  client.addUserStateListener((state) => {
    for (const form of document.forms) if (form.querySelector(".error")) clearFormError(form);
    account.clear();
    if (state === "signedOutUserPoolsTokenInvalid") return askToSignInAgain();
    challenge.close();
    if (state === "signedIn") page.go("overview", "You are signed in.");
    else page.go("sign-in", "You are signed out.");
  });

  /** The service no longer accepts the session; who it belonged to is still known. */
  function askToSignInAgain() {
    page.enterUsername(client.username ?? "");
    page.go("sign-in", "Your session has ended. Sign in again.");
  }

  if (client.currentUserState === "signedOutUserPoolsTokenInvalid") askToSignInAgain();
  else page.showFirst();
  if (!page.signedIn()) await attempt(byId("challenge-form"), challenge.resume);

  return page;
}

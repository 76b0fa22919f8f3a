// The account's steps, one form each: sign up, confirm, sign in, new password, and the account of who is signed in.
// The address names the step (#sign-up ...), so that links, reload and the back button work as everywhere.
import { byId, element } from "./dom.js";
import { attempt, onSubmit } from "./forms.js";
import { clearFormError } from "./errors.js";
import { showTokens } from "./claims.js";
import { dayAndTime, fromNow } from "./words.js";

/** What an address may ask for while nobody is signed in. */
const openSteps = ["sign-up", "confirm", "sign-in"];

/** Starts the steps for a client that is initialized. Returns what the mailbox needs of them. */
export function startSteps(client) {
  const forms = Object.fromEntries([...document.forms].map((form) => [form.id.replace(/-form$/, ""), form]));

  onSubmit(forms["sign-up"], async ({ username, password, email }) => {
    const { signUpConfirmationState, codeDeliveryDetails } = await client.signUp({
      username,
      password,
      userAttributes: { email },
    });
    enterUsername(username);
    forms["sign-up"].reset();
    if (signUpConfirmationState === "confirmed") return go("sign-in", "Your account is ready. Sign in.");
    go("confirm", `Your account is made. ${codeSent(codeDeliveryDetails)}`);
  });

  onSubmit(forms.confirm, async ({ username, code }) => {
    await client.confirmSignUp({ username, confirmationCode: code.trim() });
    forms.confirm.reset();
    enterUsername(username);
    go("sign-in", "Your account is confirmed. Sign in.");
  });

  byId("resend").addEventListener("click", () =>
    attempt(forms.confirm, async () => {
      const { username } = forms.confirm.elements;
      if (!username.reportValidity()) return;
      const { codeDeliveryDetails } = await client.resendSignUpCode({ username: username.value });
      notify(codeSent(codeDeliveryDetails));
    }),
  );

  onSubmit(forms["sign-in"], async ({ username, password }) => {
    enterUsername(username);
    try {
      const result = await client.signIn({ username, password });
      forms["sign-in"].elements.password.value = "";
      if (result.signInState === "newPasswordRequired") askForNewPassword(username, result.requiredAttributes);
    } catch (error) {
      // A password is typed again only where it may be what was wrong.
      if (!error.retryable) forms["sign-in"].elements.password.value = "";
      if (error.code === "userNotConfirmed") notify("This account still waits for its code.", { to: "confirm", text: "Confirm it now" });
      throw error;
    }
  });

  onSubmit(forms["new-password"], async ({ username, password, ...userAttributes }) => {
    await client.confirmSignIn({ challengeResponse: password, userAttributes });
    forms["new-password"].reset();
  });

  // Not onSubmit: several of these may be under way at once, and the client must cope.
  forms.tokens.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(forms.tokens, async () => {
      const forceRefresh = forms.tokens.elements.forceRefresh.checked;
      const tokens = await client.getTokens({ forceRefresh });
      if (!signedIn()) return; // signed out meanwhile
      showTokens(byId("tokens"), tokens);
      const until = tokens.expiration.getTime();
      notify(`Tokens below. They are good until ${dayAndTime(until)}, ${fromNow(until)}.`);
    });
  });

  onSubmit(forms["sign-out"], ({ signOutGlobally, invalidateTokens }) =>
    client.signOut({ signOutGlobally: signOutGlobally === "on", invalidateTokens: invalidateTokens === "on" }),
  );

  client.addUserStateListener((state) => {
    for (const form of Object.values(forms)) clearFormError(form);
    byId("tokens").replaceChildren();
    if (state === "signedIn") go("account", "You are signed in.");
    else if (state === "signedOut") go("sign-in", "You are signed out.");
    else askToSignInAgain();
  });

  addEventListener("hashchange", () => {
    show(stepNow());
    notify("");
  });

  const signedIn = () => client.currentUserState === "signedIn";

  const stepNow = () => {
    if (signedIn()) return "account";
    const asked = location.hash.slice(1);
    return openSteps.includes(asked) ? asked : "sign-in";
  };

  function show(step) {
    byId("step-links").hidden = step === "account";
    for (const link of byId("step-links").children) {
      if (link.hash === `#${step}`) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    for (const part of document.querySelectorAll("[data-step]")) part.hidden = part.dataset.step !== step;
    byId("account-username").textContent = client.username ?? "";
    byId("account-sub").textContent = client.userSub ?? "";
    return document.querySelector(`[data-step=${step}]`);
  }

  /** Shows a step, says why, and moves focus to its heading so that a screen reader and the keyboard follow. */
  function go(step, news = "") {
    if (openSteps.includes(step)) history.replaceState(null, "", `#${step}`);
    show(step).querySelector("h2").focus();
    notify(news);
  }

  function askForNewPassword(username, requiredAttributes) {
    enterUsername(username);
    byId("required-attributes").replaceChildren(
      ...requiredAttributes.flatMap((name) => {
        const id = `new-password-${name}`;
        return [element("label", { htmlFor: id }, name), element("input", { id, name, required: true })];
      }),
    );
    go("new-password");
  }

  /** The service no longer accepts the session; who it belonged to is still known. */
  function askToSignInAgain() {
    enterUsername(client.username ?? "");
    go("sign-in", "Your session has ended. Sign in again.");
  }

  function enterUsername(username) {
    for (const step of ["confirm", "sign-in", "new-password"]) forms[step].elements.username.value = username;
  }

  if (client.currentUserState === "signedOutUserPoolsTokenInvalid") askToSignInAgain();
  else show(signedIn() ? "account" : firstStep());

  return {
    useCode(username, code) {
      if (signedIn()) return notify("Sign out first, then use the code.");
      enterUsername(username);
      forms.confirm.elements.code.value = code;
      go("confirm", "The code is filled in.");
      forms.confirm.elements.code.focus();
    },
    usePassword(username, password) {
      if (signedIn()) return notify("Sign out first, then use the password.");
      enterUsername(username);
      forms["sign-in"].elements.password.value = password;
      go("sign-in", "The temporary password is filled in.");
      forms["sign-in"].elements.password.focus();
    },
  };
}

/** A newcomer has no account yet, so the page opens with signing up unless the address says otherwise. */
const firstStep = () => (openSteps.includes(location.hash.slice(1)) ? location.hash.slice(1) : "sign-up");

function notify(news, link) {
  const notice = byId("notice");
  notice.replaceChildren(news);
  if (link) notice.append(" ", element("a", { href: `#${link.to}` }, link.text));
}

function codeSent(details) {
  if (!details) return "A code is on its way.";
  const medium = { email: "by email", sms: "by text message" }[details.deliveryMedium] ?? "";
  return `A code is on its way ${medium} to ${details.destination ?? "you"}.`;
}

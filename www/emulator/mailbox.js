// The emulator's outbox as the user's mailbox: every message, newest first, its code one click from the form.
import { byId, element } from "../dom.js";
import { button } from "../fields.js";
import { timeOfDay } from "../words.js";

const pollEvery = 1000; // ms; the emulator is on this machine

const subjects = {
  SignUp: "Confirm your account",
  ResendConfirmationCode: "Your new confirmation code",
  AdminCreateUser: "You have been invited",
  ForgotPassword: "Set a new password",
  AdminResetUserPassword: "Your password must be set anew",
  UpdateUserAttributes: "Confirm what you changed",
  GetUserAttributeVerificationCode: "Confirm your address",
  SMS_MFA: "Your second step at sign-in",
  EMAIL_MFA: "Your second step at sign-in",
  MFA_SETUP: "Set up codes as a second step",
  SMS_OTP: "Your code to sign in",
  EMAIL_OTP: "Your code to sign in",
};

export function startMailbox(emulator, codes) {
  byId("mailbox").hidden = false;
  let shown = [];

  const refresh = async () => {
    const messages = await emulator.outbox();
    const keys = messages.map(keyOf);
    const fresh = messages.filter((message) => !shown.includes(keyOf(message)));
    if (shown.some((key) => !keys.includes(key))) {
      byId("messages").replaceChildren(...messages.map((message) => item(message, codes)).reverse());
    } else {
      // Only what is new is added: a message the user is reading keeps its place in the document and its focus.
      byId("messages").prepend(...fresh.map((message) => item(message, codes)).reverse());
    }
    byId("mailbox-empty").hidden = messages.length > 0;
    const latest = fresh.at(-1);
    if (latest) byId("mailbox-news").textContent = `New message for ${latest.username}: ${subject(latest)}`;
    shown = keys;
  };

  const poll = async () => {
    // The emulator may be stopped and started under the page; the next round will tell.
    if (!document.hidden) await refresh().catch(() => {});
    setTimeout(poll, pollEvery);
  };
  poll();
}

/** An emulator that was reset counts its messages from 1 again. */
const keyOf = ({ id, sentAt }) => `${id}@${sentAt}`;

const subject = ({ trigger }) => subjects[trigger] ?? trigger;

function item(message, codes) {
  const { username, destination, medium, code, temporaryPassword, sentAt } = message;
  const use = code
    ? button("Use this code", { onclick: () => codes.useCode(message) })
    : button("Use this password", { onclick: () => codes.usePassword(message) });
  use.setAttribute("aria-label", `${use.textContent}, sent to ${username}`);
  return element(
    "li",
    {},
    element(
      "p",
      { className: "message-head" },
      element("b", {}, subject(message)),
      " ",
      element("time", {}, timeOfDay(sentAt)),
    ),
    element(
      "p",
      { className: "hint" },
      `${medium === "SMS" ? "Text message" : "Email"} to ${username}, ${destination}`,
    ),
    element(
      "p",
      { className: "message-body" },
      element("code", { className: "secret" }, code ?? temporaryPassword),
      " ",
      use,
    ),
  );
}

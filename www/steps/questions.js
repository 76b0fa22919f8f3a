// What each `signInState` asks the user. A question is a function of the result and of what the form lends it; it gives a
// title, the content of the form, and how the form's values become the options of `confirmSignIn`.
import { element } from "../dom.js";
import { code, facts, field, newPassword, owner } from "../fields.js";
import { authenticatorSecret } from "../authenticator.js";
import { codeSent, wayName } from "../words.js";
import { passkeyQuestion } from "./passkey-question.js";

export const questions = {
  smsMFA: (result) => sentCode("Enter the code from the text message", result, "SMS_MFA"),
  emailOTP: (result) => sentCode("Enter the code from the email", result, "EMAIL_OTP EMAIL_MFA MFA_SETUP"),
  smsOTP: (result) => sentCode("Enter the code from the text message", result, "SMS_OTP"),

  softwareTokenMFA: ({ friendlyDeviceName }) => ({
    title: "Enter the code of your authenticator app",
    content: [
      paragraph(friendlyDeviceName ? `It shows on ${friendlyDeviceName}.` : "Open the app: it shows six digits."),
      ...code("totp-code", "totp"),
    ],
    options: codeAnswer,
  }),

  selectMFAType: ({ mfaTypes }) => choice("How do you want to be checked?", mfaTypes),
  selectChallenge: ({ availableChallenges }) => choice("How do you want to sign in?", availableChallenges),
  mfaSetup: (result) => setups[result.setup](result),

  password: (_, { username }) => ({
    title: "Enter your password",
    content: [
      ...named("challenge-username", username),
      ...field("Password", {
        id: "challenge-password",
        name: "password",
        type: "password",
        autocomplete: "current-password",
        required: true,
      }),
    ],
    options: ({ password }) => ({ challengeResponse: password }),
  }),

  newPasswordRequired: ({ requiredAttributes, userAttributes }, { username }) => ({
    title: "Choose a new password",
    content: [
      paragraph("Your account was made for you. Its temporary password was right; now set one of your own."),
      ...named("new-password-username", username),
      ...newPassword("new-password-password"),
      ...requiredAttributes.flatMap((name) =>
        field(name, {
          id: `new-password-${name}`,
          name: `attribute ${name}`,
          value: userAttributes?.[name] ?? "",
          required: true,
        }),
      ),
    ],
    button: "Set password and sign in",
    options: ({ password, ...rest }) => ({ challengeResponse: password, userAttributes: attributesOf(rest) }),
  }),

  customChallenge: ({ parameters }) => ({
    title: "Answer the pool's question",
    content: [
      facts(Object.entries(parameters)),
      ...field("Your answer", {
        id: "custom-answer",
        name: "answer",
        autocapitalize: "none",
        spellcheck: false,
        required: true,
      }),
    ],
    options: ({ answer }) => ({ challengeResponse: answer }),
  }),

  webAuthn: (_, page) => passkeyQuestion(page),

  /** A later version of the service or of the package may ask what this page does not know. */
  unknown: ({ signInState }) => ({
    title: "A question this page does not know",
    content: [paragraph(`The sign-in came to "${signInState}".`)],
    button: null,
  }),
};

const setups = {
  select: ({ mfaTypes }) => choice("Set up a second step", mfaTypes, "This pool requires one. Which one?"),

  softwareToken: (result) => ({
    title: "Set up an authenticator app",
    content: [
      authenticatorSecret(result),
      ...code("totp-code", "totp"),
      ...field("Name of the app or phone (optional)", { id: "totp-name", name: "friendlyDeviceName" }),
    ],
    options: ({ code, friendlyDeviceName }) => ({
      challengeResponse: code.trim(),
      ...(friendlyDeviceName ? { friendlyDeviceName } : {}),
    }),
  }),

  email: () => ({
    title: "Set up codes by email",
    content: [
      paragraph("From now on a code goes to this address whenever you sign in."),
      ...field("Email", { id: "setup-email", name: "email", type: "email", autocomplete: "email", required: true }),
    ],
    options: ({ email }) => ({ challengeResponse: email }),
  }),
};

function sentCode(title, { codeDeliveryDetails }, takes) {
  return {
    title,
    content: [paragraph(codeSent(codeDeliveryDetails)), ...code("challenge-code", takes)],
    options: codeAnswer,
  };
}

/** Each way is a button that sends the form. */
function choice(title, ways, why) {
  return {
    title,
    content: [
      ...(why ? [paragraph(why)] : []),
      element(
        "div",
        { className: "choices" },
        ...ways.map((value) => element("button", { name: "answer", value }, wayName(value))),
      ),
    ],
    button: null,
    options: ({ answer }) => ({ challengeResponse: answer }),
  };
}

/** A tab that has begun no sign-in of its own goes on with another's, and does not know whose it is. */
const named = (id, username) => (username ? owner(id, username) : []);

const codeAnswer = ({ code }) => ({ challengeResponse: code.trim() });

const paragraph = (text) => element("p", {}, text);

/** The fields named "attribute given_name" and so on. */
function attributesOf(values) {
  const named = Object.entries(values).filter(([name]) => name.startsWith("attribute "));
  return Object.fromEntries(named.map(([name, value]) => [name.replace("attribute ", ""), value]));
}

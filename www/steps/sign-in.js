// Signing in: with a password, with a code or passkey, or by questions that the app makes up.
import { byId } from "../dom.js";
import { onSubmit } from "../forms.js";

/** What each way does, and whether it takes a password: "needed", "possible" or "none". */
const flows = {
  USER_SRP_AUTH: {
    password: "needed",
    hint: "USER_SRP_AUTH: the client proves that it knows the password, and never sends it.",
  },
  USER_PASSWORD_AUTH: {
    password: "needed",
    hint: "USER_PASSWORD_AUTH: for pools that take over users from an older system.",
  },
  USER_AUTH: { password: "none", hint: "USER_AUTH: the pool says what a sign-in may start with." },
  CUSTOM_AUTH: {
    password: "possible",
    hint: "CUSTOM_AUTH: the pool asks its own questions. With a password, that is proven first.",
  },
};

export function startSignIn(client, page, challenge) {
  const form = byId("sign-in-form");
  const { authFlow, preferredChallenge, password } = form.elements;

  const showFields = () => {
    const { hint } = flows[authFlow.value];
    const takes = takesPassword(authFlow.value, preferredChallenge.value);
    byId("sign-in-flow-hint").textContent = hint;
    byId("sign-in-first").hidden = authFlow.value !== "USER_AUTH";
    byId("sign-in-secret").hidden = takes === "none";
    password.required = takes === "needed";
    document.querySelector("label[for=sign-in-password]").textContent =
      takes === "possible" ? "Password (optional)" : "Password";
  };
  authFlow.addEventListener("change", showFields);
  preferredChallenge.addEventListener("change", showFields);
  showFields();

  onSubmit(form, async (values) => {
    page.enterUsername(values.username);
    try {
      challenge.take(await client.signIn(optionsOf(values)), values.username);
      password.value = "";
    } catch (error) {
      // A password is typed again only where it may be what was wrong.
      if (!error.retryable) password.value = "";
      throw error;
    }
  });
}

function takesPassword(flow, challenge) {
  // Without a password the client asks for it when its turn comes.
  if (flow === "USER_AUTH" && challenge.startsWith("PASSWORD")) return "possible";
  return flows[flow].password;
}

function optionsOf({ username, password, authFlow, preferredChallenge, targetAcrValues, maxAge }) {
  const options = { username, authFlow };
  if (password && takesPassword(authFlow, preferredChallenge) !== "none") options.password = password;
  if (authFlow !== "USER_AUTH") return options;
  if (preferredChallenge) options.preferredChallenge = preferredChallenge;
  if (targetAcrValues.trim()) options.targetAcrValues = targetAcrValues.trim().split(/\s+/);
  if (maxAge) options.maxAge = Number(maxAge);
  return options;
}

// The second step at sign-in: an authenticator app is set up and shown to work, and each step is switched on or off.
import { byId, element } from "../dom.js";
import { authenticatorSecret } from "../authenticator.js";
import { attempt, onSubmit } from "../forms.js";
import { code, errorPlace, facts, field, form, primary, select } from "../fields.js";
import { wayName } from "../words.js";
import { addSection } from "./section.js";

/** The members of `updateMFAPreference`. */
const steps = {
  softwareToken: "Authenticator app",
  email: "Code by email",
  sms: "Code by text message",
  webAuthn: "Passkey",
};

const changes = [
  ["", "No change"],
  ["enabled", "On"],
  ["preferred", "On, and asked first"],
  ["notPreferred", "On, but not asked first"],
  ["disabled", "Off"],
];

/** A passkey is asked for or not; it is never one of several. */
const changesOf = (step) => (step === "webAuthn" ? changes.filter(([value]) => !/preferred/i.test(value)) : changes);

export function startMfa(client, page) {
  const next = primary("Set up an app");
  const setUp = form(
    "totp-form",
    [
      element("h3", {}, "Authenticator app"),
      element("p", {}, "An app on your phone that shows a new code every 30 seconds."),
      element("div", { className: "fields", id: "totp-setup" }),
    ],
    next,
  );
  const preference = form(
    "mfa-form",
    [
      element("h3", {}, "Switch steps on and off"),
      element(
        "div",
        { className: "pairs" },
        ...Object.entries(steps).map(([name, text]) =>
          element("div", { className: "fields" }, ...select(text, { id: `mfa-${name}`, name }, changesOf(name))),
        ),
      ),
    ],
    primary("Save"),
  );
  const section = addSection(
    "mfa",
    "A second step at sign-in",
    element(
      "p",
      { className: "hint" },
      "MFA, multi-factor authentication. It is asked for only where the pool offers it.",
    ),
    errorPlace(),
    element("div", { id: "mfa-now" }),
    setUp,
    preference,
  );

  const load = () =>
    attempt(section, async () => {
      const { enabled, preferred } = await client.getMFAPreference();
      const { configuredUserAuthFactors } = await client.getUserAuthFactors();
      if (!page.signedIn()) return;
      byId("mfa-now").replaceChildren(
        facts([
          ["Switched on", named(enabled)],
          ["Asked first", preferred && wayName(preferred)],
          [
            "You can start with",
            named(configuredUserAuthFactors.map((name) => (name === "PASSWORD" ? "Password" : name))),
          ],
        ]),
      );
    });
  page.whenShown("mfa", load);

  // One button: it first asks for a secret, then shows that the app has it.
  let secret;
  onSubmit(setUp, async ({ code: shown, friendlyDeviceName }) => {
    if (!secret) {
      secret = await client.setUpTOTP();
      if (!page.signedIn()) return clear();
      byId("totp-setup").replaceChildren(
        authenticatorSecret(secret),
        ...code("totp-setup-code", "totp"),
        ...field("Name of the app or phone (optional)", { id: "totp-setup-name", name: "friendlyDeviceName" }),
      );
      next.textContent = "Check the code";
      byId("totp-setup-code").focus();
      return undefined;
    }
    await client.verifyTOTPSetup({ code: shown.trim(), ...(friendlyDeviceName ? { friendlyDeviceName } : {}) });
    clear();
    preference.elements.softwareToken.value = "preferred";
    preference.elements.softwareToken.focus();
    return "Your app works. Now switch it on below, and save.";
  });

  onSubmit(preference, async (values) => {
    const wanted = Object.entries(values).filter(([, value]) => value !== "");
    await client.updateMFAPreference(Object.fromEntries(wanted));
    preference.reset();
    await load();
    return "Saved.";
  });

  /** A secret that is not proven is worth nothing, and must not stay on show. */
  function clear() {
    secret = undefined;
    byId("totp-setup").replaceChildren();
    next.textContent = "Set up an app";
  }

  return {
    clear() {
      clear();
      preference.reset();
      byId("mfa-now").replaceChildren();
    },
  };
}

const named = (names) => (names.length === 0 ? "Nothing" : names.map(wayName).join(", "));

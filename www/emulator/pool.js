// The emulator's pool: what it asks at a sign-in, what it may start with, and whether it remembers devices.
import { byId, element } from "../dom.js";
import { errorPlace, select } from "../fields.js";
import { attempt, onSubmit } from "../forms.js";

const factors = {
  SOFTWARE_TOKEN_MFA: "Authenticator app",
  EMAIL_OTP: "Code by email",
  SMS_MFA: "Code by text message",
};
const starts = {
  PASSWORD: "Password",
  EMAIL_OTP: "Code by email",
  SMS_OTP: "Code by text message",
  WEB_AUTHN: "Passkey",
};

const questions = [
  { parameters: { question: "What is the capital of France?", hint: "It begins with a P." }, answer: "Paris" },
  { parameters: { question: "What is seven times six?", hint: "It is forty-two, in digits." }, answer: "42" },
];

export function startPool(emulator) {
  const form = poolForm();
  const { mfa, deviceTracking, questions: howMany } = form.elements;
  const boxes = (name) => [...form.querySelectorAll(`[name=${name}]`)];
  const ticked = (name) =>
    boxes(name)
      .filter((box) => box.checked)
      .map((box) => box.value);
  const tick = (name, values) => {
    for (const box of boxes(name)) box.checked = values.includes(box.value);
  };

  // Without MFA there is nothing on offer.
  const showOffer = () => {
    for (const box of boxes("mfaFactors")) box.disabled = mfa.value === "OFF";
  };
  mfa.addEventListener("change", () => {
    if (ticked("mfaFactors").length === 0) tick("mfaFactors", ["SOFTWARE_TOKEN_MFA"]);
    showOffer();
  });

  onSubmit(form, async () => {
    byId("pool").textContent = "";
    await emulator.setPool({
      mfa: mfa.value,
      ...(mfa.value === "OFF" ? {} : { mfaFactors: ticked("mfaFactors") }),
      firstFactors: ticked("firstFactors"),
      deviceTracking: deviceTracking.value,
      customAuth: questions.slice(0, Number(howMany.value)),
    });
    byId("pool").textContent = "The pool is set up.";
  });

  attempt(form, async () => {
    const pool = await emulator.pool();
    mfa.value = pool.MfaConfiguration ?? "OFF";
    tick("mfaFactors", [
      ...(pool.SoftwareTokenMfaConfiguration?.Enabled ? ["SOFTWARE_TOKEN_MFA"] : []),
      ...(pool.EmailMfaConfiguration ? ["EMAIL_OTP"] : []),
      ...(pool.SmsMfaConfiguration ? ["SMS_MFA"] : []),
    ]);
    tick("firstFactors", pool.Policies?.SignInPolicy?.AllowedFirstAuthFactors ?? ["PASSWORD"]);
    const devices = pool.DeviceConfiguration;
    deviceTracking.value = !devices ? "off" : devices.DeviceOnlyRememberedOnUserPrompt ? "optIn" : "always";
    showOffer();
    // Only now: a choice made before the pool was read would be overwritten.
  }).finally(() => document.querySelector(".playground").before(form));
}

function poolForm() {
  const news = element("p", { className: "hint", id: "pool" });
  news.setAttribute("role", "status");
  return element(
    "form",
    { id: "pool-form" },
    element("h3", {}, "Set up the pool"),
    element(
      "div",
      { className: "pool" },
      element(
        "div",
        {},
        ...select("Second factor (MFA)", { id: "pool-mfa", name: "mfa" }, [
          ["OFF", "Off"],
          ["OPTIONAL", "Optional: for users who switch it on"],
          ["ON", "Required of every user"],
        ]),
        checks("By", "mfaFactors", factors),
      ),
      checks("A sign-in may start with", "firstFactors", starts),
      element(
        "div",
        {},
        ...select("Remember devices", { id: "pool-devices", name: "deviceTracking" }, [
          ["off", "No"],
          ["optIn", "If the user says so"],
          ["always", "Always"],
        ]),
        ...select("Custom questions", { id: "pool-questions", name: "questions" }, [
          ["0", "None"],
          ["1", "One"],
          ["2", "Two, one after the other"],
        ]),
      ),
    ),
    errorPlace(),
    element("div", { className: "actions small" }, element("button", {}, "Set up the pool")),
    news,
  );
}

function checks(legend, name, values) {
  return element(
    "fieldset",
    {},
    element("legend", {}, legend),
    ...Object.entries(values).map(([value, text]) =>
      element("label", { className: "check" }, element("input", { type: "checkbox", name, value }), ` ${text}`),
    ),
  );
}

// The emulator's pool: what it asks at a sign-in, what it may start with, and whether it remembers devices.
import { byId } from "./dom.js";
import { attempt, onSubmit } from "./forms.js";

const questions = [
  { parameters: { question: "What is the capital of France?", hint: "It begins with a P." }, answer: "Paris" },
  { parameters: { question: "What is seven times six?", hint: "It is forty-two, in digits." }, answer: "42" },
];

export function startPool(emulator) {
  const form = byId("pool-form");
  const { mfa, deviceTracking, questions: howMany } = form.elements;
  const boxes = (name) => [...form.querySelectorAll(`[name=${name}]`)];
  const ticked = (name) => boxes(name).filter((box) => box.checked).map((box) => box.value);
  const tick = (name, values) => boxes(name).forEach((box) => (box.checked = values.includes(box.value)));

  // Without MFA there is nothing on offer.
  const showOffer = () => boxes("mfaFactors").forEach((box) => (box.disabled = mfa.value === "OFF"));
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
  });
}

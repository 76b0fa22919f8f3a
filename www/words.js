// Times in words.

const day = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "medium" });
const time = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** "Sunday 22 November 2026 at 20:15:00" */
export const dayAndTime = (ms) => day.format(ms);

/** "20:15:00" */
export const timeOfDay = (ms) => time.format(ms);

/** "in 59 minutes", "2 days ago" */
export function fromNow(ms) {
  const seconds = Math.round((ms - Date.now()) / 1000);
  for (const [unit, length] of [
    ["day", 86400],
    ["hour", 3600],
    ["minute", 60],
  ]) {
    // A second short of an hour is an hour to a reader.
    if (Math.abs(seconds) >= 0.99 * length) return relative.format(Math.round(seconds / length), unit);
  }
  return relative.format(seconds, "second");
}

/** Where a code has gone. */
export function codeSent(details) {
  if (!details) return "A code is on its way.";
  const medium = { email: "by email", sms: "by text message" }[details.deliveryMedium] ?? "";
  return `A code is on its way ${medium} to ${details.destination ?? "you"}.`;
}

/** What the service calls MFA types and challenges, for people. A name that is new here is shown as it is. */
const wayNames = {
  SMS_MFA: "Code by text message",
  SMS_OTP: "Code by text message",
  EMAIL_OTP: "Code by email",
  SOFTWARE_TOKEN_MFA: "Code of an authenticator app",
  SOFTWARE_TOKEN: "Code of an authenticator app",
  PASSWORD: "Password, sent to the service",
  PASSWORD_SRP: "Password, proven without being sent",
  WEB_AUTHN: "Passkey",
};

export const wayName = (name) => wayNames[name] ?? name;

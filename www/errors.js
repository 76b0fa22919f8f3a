// Errors as they come: an AuthError's code, message, service exception and whether a second try can help.
import { element } from "./dom.js";

/** Which field of a form an error is about, so that focus can go there: the first of these that the form has. */
const fieldOf = {
  aliasExists: "value",
  codeMismatch: "code",
  expiredCode: "code",
  invalidPassword: "password",
  notAuthorized: "currentPassword password",
  passwordHistoryPolicyViolation: "password",
  userNotFound: "username",
  usernameExists: "username",
};

/** Fills `place`, which is a live region (`role="alert"`), so the error is also spoken. */
export function showError(place, error) {
  const facts = element("dl", { className: "facts" });
  const fact = (name, value) => facts.append(element("div", {}, element("dt", {}, name), element("dd", {}, value)));
  if (error?.code === undefined) {
    // Not an AuthError: a defect of the page or of the package, and worth seeing as one.
    place.replaceChildren(
      element(
        "p",
        {},
        element("b", { className: "error-code" }, error?.name ?? "error"),
        ` ${error?.message ?? error}`,
      ),
    );
    return;
  }
  if (error.serviceException) fact("Service exception", element("code", {}, error.serviceException));
  fact("Try again?", error.retryable ? "Yes, the same call may work later." : "No, not with the same input.");
  place.replaceChildren(
    element(
      "p",
      {},
      element("b", { className: "error-code" }, error.code),
      " ",
      element("span", { className: "error-message" }, error.message),
    ),
    facts,
  );
}

/** Shows the error in the form, marks the field it is about and moves focus there. */
export function showFormError(form, error) {
  showError(form.querySelector(".error"), error);
  const names = fieldOf[error?.code]?.split(" ") ?? [];
  const field = names.map((name) => form.elements?.namedItem(name)).find(Boolean);
  if (!field || field.readOnly) return;
  field.setAttribute("aria-invalid", "true");
  field.focus();
}

export function clearFormError(form) {
  form.querySelector(".error").replaceChildren();
  form.querySelector(".done")?.replaceChildren();
  for (const field of form.elements ?? []) field.removeAttribute("aria-invalid");
}

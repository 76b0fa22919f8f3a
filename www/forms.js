// What all forms of the page share: one call at a time, the error shown, the values as an object.
import { clearFormError, showFormError } from "./errors.js";

/** Runs `action(values)` when `form` is sent. A second send while one is under way is ignored. */
export function onSubmit(form, action) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.getAttribute("aria-busy") === "true") return;
    form.setAttribute("aria-busy", "true");
    await attempt(form, () => action(Object.fromEntries(new FormData(form))));
    form.removeAttribute("aria-busy");
  });
}

/** Runs `action`; what it throws is shown in `form`. */
export async function attempt(form, action) {
  clearFormError(form);
  try {
    await action();
  } catch (error) {
    showFormError(form, error);
  }
}

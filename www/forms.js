// What all forms and buttons of the page share: one call at a time, the error shown, the values as an object.
import { clearFormError, showFormError } from "./errors.js";

/** Runs `action(values)` when `form` is sent. A second send while one is under way is ignored. */
export function onSubmit(form, action) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const values = Object.fromEntries(new FormData(form));
    // The button that was pressed counts as a field.
    if (event.submitter?.name) values[event.submitter.name] = event.submitter.value;
    oneAtATime(form, () => action(values));
  });
}

/** Runs `action` when `button` is pressed; what it throws is shown in `place`. */
export function onPress(button, place, action) {
  button.addEventListener("click", () => oneAtATime(place, action));
}

/** Runs `action`; what it throws is shown in `place`, a form or whatever holds an `.error`. */
export async function attempt(place, action) {
  clearFormError(place);
  try {
    await action();
  } catch (error) {
    showFormError(place, error);
  }
}

async function oneAtATime(place, action) {
  if (place.getAttribute("aria-busy") === "true") return;
  place.setAttribute("aria-busy", "true");
  await attempt(place, action);
  place.removeAttribute("aria-busy");
}

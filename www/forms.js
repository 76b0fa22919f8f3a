// What all forms and buttons of the page share: one call at a time, the error shown, the values as an object.
import { byId, element } from "./dom.js";
import { clearFormError, showFormError } from "./errors.js";

/**
 * Runs `action(values)` when `form` is sent; a text that it returns is shown below the button. A second send while one is
 * under way is ignored.
 */
export function onSubmit(form, action) {
  addDonePlace(form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const values = Object.fromEntries(new FormData(form));
    // The button that was pressed counts as a field.
    if (event.submitter?.name) values[event.submitter.name] = event.submitter.value;
    oneAtATime(form, () => action(values));
  });
}

/** Runs `action` when `button` is pressed; what it throws or returns is shown in `place`. */
export function onPress(button, place, action) {
  addDonePlace(place);
  button.addEventListener("click", () => oneAtATime(place, action));
}

/** Runs `action`; what it throws, or a text that it returns, is shown in `place`, a form or section with an `.error`. */
export async function attempt(place, action) {
  clearFormError(place);
  try {
    const news = await action();
    if (typeof news !== "string") return;
    byId("notice").replaceChildren(); // older news
    place.querySelector(".done").textContent = news;
  } catch (error) {
    showFormError(place, error);
  }
}

/** The place for good news. It is there before it is filled, so that a screen reader speaks what comes into it. */
export function addDonePlace(place) {
  if (place.querySelector(".done")) return;
  const done = element("p", { className: "done" });
  done.setAttribute("role", "status");
  (place.querySelector(".actions:last-of-type") ?? place.querySelector(".error")).after(done);
}

async function oneAtATime(place, action) {
  if (place.getAttribute("aria-busy") === "true") return;
  place.setAttribute("aria-busy", "true");
  await attempt(place, action);
  place.removeAttribute("aria-busy");
}

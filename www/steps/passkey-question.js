// A sign-in that waits for a passkey: by a button, or offered in a field's autofill (conditional mediation).
import { element } from "../dom.js";
import { attempt } from "../forms.js";
import { button, owner } from "../fields.js";
import { passkeysNeedName } from "../passkey-place.js";

export function passkeyQuestion({ username, answer, form }) {
  let waiting;

  const wait = button("Offer it in the field above", {
    onclick: () =>
      attempt(form, async () => {
        stop();
        waiting = new AbortController();
        const { signal } = waiting;
        showWaiting();
        try {
          await answer({ mediation: "conditional", signal });
        } catch (error) {
          if (!signal.aborted) throw error; // stopped by the user
        } finally {
          if (waiting?.signal === signal) stop();
        }
      }),
  });
  const halt = button("Stop waiting", { onclick: stop, hidden: true });
  const news = element("p", { className: "hint" });
  news.setAttribute("role", "status");

  function stop() {
    waiting?.abort();
    waiting = undefined;
    showWaiting();
  }

  function showWaiting() {
    wait.hidden = Boolean(waiting);
    halt.hidden = !waiting;
    news.textContent = waiting ? "Click into the field: your browser offers your passkey there." : "";
  }

  const [label, field] = owner("passkey-username", username);
  field.autocomplete = "username webauthn";

  return {
    title: "Use your passkey",
    content: [
      element("p", {}, "Your browser asks for your finger, face or PIN."),
      passkeysNeedName(),
      element(
        "details",
        { className: "more" },
        element("summary", {}, "Let the browser offer it while I type"),
        label,
        field,
        element("div", { className: "actions small" }, wait, halt),
        news,
      ),
    ],
    button: "Use a passkey",
    // One ceremony at a time: the browser refuses a second one.
    options: () => {
      stop();
      return {};
    },
    close: stop,
  };
}

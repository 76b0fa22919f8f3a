// Which part of the page is on show. The address names it (#sign-up, #mfa ...), so that links, reload and the back button
// work as everywhere.
import { byId, element } from "./dom.js";

/** What an address may ask for while no user is signed in. */
const steps = ["sign-up", "confirm", "sign-in", "challenge", "forgot", "reset"];

/** What it may ask for while a user is: the parts of the step "account". */
const sections = ["overview", "attributes", "password", "mfa", "passkeys", "devices", "sessions"];

export function startPage(client) {
  const loaders = {};
  let hasQuestion = false;

  const signedIn = () => client.currentUserState === "signedIn";
  const asked = () => location.hash.slice(1);

  /** What the address asks for, as far as it can be had. */
  function partNow() {
    if (signedIn()) return sections.includes(asked()) ? asked() : "overview";
    if (!steps.includes(asked()) || (asked() === "challenge" && !hasQuestion)) return "sign-in";
    return asked();
  }

  function show(part) {
    const isSection = sections.includes(part);
    byId("step-links").hidden = isSection;
    byId("section-links").hidden = !isSection;
    // These steps belong to a sign-in.
    const link = ["challenge", "forgot", "reset"].includes(part) ? "sign-in" : part;
    for (const each of document.querySelectorAll(".tabs a")) {
      if (each.hash === `#${link}`) each.setAttribute("aria-current", "page");
      else each.removeAttribute("aria-current");
    }
    for (const each of document.querySelectorAll("[data-step]"))
      each.hidden = each.dataset.step !== (isSection ? "account" : part);
    for (const each of document.querySelectorAll("[data-section]")) each.hidden = each.dataset.section !== part;
    loaders[part]?.();
  }

  addEventListener("hashchange", () => {
    // An address may also point at something else on the page, such as the pool's form.
    if (asked() !== "" && ![...steps, ...sections].includes(asked())) return;
    const part = partNow();
    show(part);
    notify("");
    // The keyboard and a screen reader follow, as after a button.
    headingOf(part).focus();
  });

  return {
    signedIn,
    notify,

    /** Runs `load` whenever this part comes on show. */
    whenShown: (part, load) => (loaders[part] = load),

    /** A sign-in waits for an answer, or no longer does. */
    setQuestion: (waits) => (hasQuestion = waits),

    /** Whether the address asks for the question of a half-done sign-in, or for nothing. */
    mayShowQuestion: () => !signedIn() && ["", "challenge"].includes(asked()),

    /** What the page opens with. A newcomer has no account yet, so it is signing up unless the address says otherwise. */
    showFirst: () => show(!signedIn() && asked() === "" ? "sign-up" : partNow()),

    /**
     * Shows a part, says why, and moves focus to its heading so that a screen reader and the keyboard follow. What is
     * `kept` is in `history.state` for as long as the part is on show, also over a reload.
     */
    go(part, news = "", kept = undefined) {
      const shown = signedIn() && !sections.includes(part) ? "overview" : part;
      const before = asked() === shown ? history.state : null;
      history.replaceState(kept === undefined ? before : kept, "", `#${shown}`);
      show(shown);
      headingOf(shown).focus();
      notify(news);
    },

    /** Fills in a user's name wherever a form will ask for it next. */
    enterUsername(username) {
      for (const step of ["confirm", "sign-in", "forgot", "reset"]) byId(`${step}-username`).value = username;
    },
  };
}

const headingOf = (part) => document.querySelector(`[data-section="${part}"] h2, [data-step="${part}"] h2`);

/** Says what has happened; `link` is `{ to, text }`. */
function notify(news, link) {
  const notice = byId("notice");
  notice.replaceChildren(news);
  if (link) notice.append(" ", element("a", { href: `#${link.to}` }, link.text));
}

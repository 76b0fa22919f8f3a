// What the parts of the account have in common: a heading, a place for errors, rows, and lists that are reloaded.
import { byId, element } from "../dom.js";
import { attempt } from "../forms.js";
import { errorPlace, facts } from "../fields.js";

/** Adds a part to the account's step. */
export function addSection(name, title, ...content) {
  const heading = element("h2", { id: `${name}-title`, tabIndex: -1 }, title);
  const section = element("section", { hidden: true }, heading, ...content);
  section.dataset.section = name;
  section.setAttribute("aria-labelledby", heading.id);
  document.querySelector("[data-step=account]").append(section);
  return section;
}

/** A list of rows with the place for its errors and what it says while it is empty. */
export function rowsOf(id, empty) {
  return [
    errorPlace(),
    element("ul", { id, className: "rows" }),
    element("p", { id: `${id}-empty`, className: "empty", hidden: true }, empty),
  ];
}

/**
 * Loads a list and shows it, unless the user has left meanwhile.
 *
 * @param {object} page
 * @param {HTMLElement} section where an error is shown
 * @param {string} id the list's
 * @param {() => Promise<HTMLLIElement[]>} load
 */
export function loadRows(page, section, id, load) {
  return attempt(section, async () => {
    const rows = await load();
    if (!page.signedIn()) return;
    byId(id).replaceChildren(...rows);
    byId(`${id}-empty`).hidden = rows.length > 0;
  });
}

export function clearRows(id) {
  byId(id).replaceChildren();
  byId(`${id}-empty`).hidden = true;
}

/** One row: what it is, a mark such as "this device", its facts, and its buttons. */
export function row(title, mark, known, ...buttons) {
  const head = element("p", { className: "row-head" }, element("b", {}, title));
  if (mark) head.append(" ", element("span", { className: "mark" }, mark));
  const body = Array.isArray(known) ? facts(known) : element("p", { className: "row-value" }, known);
  return element("li", {}, element("div", {}, head, body), element("div", { className: "actions small" }, ...buttons));
}

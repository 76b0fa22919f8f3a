// Forms that are made as they are needed: labelled fields, the place for errors, the buttons.
import { element } from "./dom.js";

export const passwordPolicy = "8 characters or more, with an upper and a lower case letter, a number and a symbol.";

/**
 * A form. Its last children are the place for errors and the row of buttons.
 *
 * @param {string} id
 * @param {(Node | string)[]} children
 * @param {HTMLButtonElement[]} buttons
 */
export function form(id, children, ...buttons) {
  return element("form", { id }, ...children, errorPlace(), element("div", { className: "actions" }, ...buttons));
}

/** `primary("Save")`: the button that sends its form. */
export const primary = (text, properties = {}) => element("button", { className: "primary", ...properties }, text);

export const button = (text, properties = {}) => element("button", { type: "button", ...properties }, text);

/** Where errors are shown, and spoken. */
export function errorPlace() {
  const place = element("div", { className: "error" });
  place.setAttribute("role", "alert");
  return place;
}

/** A labelled input: `...field("Code", { id: "confirm-code", name: "code" }, "Six digits.")`. `takes` says which codes fit. */
export function field(label, { takes, ...properties }, hint) {
  const input = element("input", { autocomplete: "off", ...properties });
  if (takes) input.dataset.takes = takes;
  return labelled(label, input, hint);
}

export const code = (id, takes, properties = {}) =>
  field("Code", {
    id,
    name: "code",
    className: "code",
    autocomplete: "one-time-code",
    inputMode: "numeric",
    required: true,
    takes,
    ...properties,
  });

export const newPassword = (id) =>
  field(
    "New password",
    { id, name: "password", type: "password", autocomplete: "new-password", required: true },
    passwordPolicy,
  );

/** Whose password or passkey it is, for the user to see and for password managers to keep. */
export const owner = (id, username) =>
  field("Username", { id, name: "username", autocomplete: "username", readOnly: true, value: username });

/** A labelled select; options are `[value, text]`. */
export function select(label, properties, options) {
  return labelled(
    label,
    element("select", properties, ...options.map(([value, text]) => element("option", { value }, text))),
  );
}

function labelled(label, control, hint) {
  const nodes = [element("label", { htmlFor: control.id }, label), control];
  if (hint) {
    const id = `${control.id}-hint`;
    control.setAttribute("aria-describedby", id);
    nodes.push(element("p", { className: "hint", id }, hint));
  }
  return nodes;
}

/** Names and values, one line each: `facts([["Issuer", "Amazon"]])`. What has no value is left out. */
export function facts(pairs, properties = {}) {
  const lines = pairs.filter(([, value]) => value !== undefined && value !== null && value !== "");
  return element(
    "dl",
    { className: "facts", ...properties },
    ...lines.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, ...[value].flat()))),
  );
}

// The few things every part of the page does with the document.

export const byId = (id) => document.getElementById(id);

/** `element("button", { type: "button" }, "Go")`: properties as the DOM names them, children as nodes or strings. */
export function element(name, properties = {}, ...children) {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
}

// The secret of an authenticator app, as a QR code and as text.
import { element } from "./dom.js";
import { facts } from "./fields.js";

/** What an app needs: scanned from another device, or opened or typed in on this one. */
export function authenticatorSecret({ secretCode, setupUri }) {
  const canvas = element("canvas", { className: "qr" });
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", "QR code of the secret key; the key is also given as text");
  // Few ever see it, so it is loaded when it is wanted; and without it the key as text is enough.
  draw(canvas, setupUri).catch(() => canvas.remove());
  return element(
    "div",
    { className: "secret-key" },
    canvas,
    element(
      "div",
      {},
      element("p", {}, "Scan the code with your authenticator app, or type in its key."),
      facts([
        ["Key", element("code", {}, secretCode)],
        ["Address", element("a", { href: setupUri }, element("code", {}, setupUri))],
      ]),
    ),
  );
}

async function draw(canvas, text) {
  const { correction, generate } = await import("./lean-qr.mjs");
  // Black on white with its margin, whatever the page's colours: that is what cameras look for.
  generate(text, { minCorrectionLevel: correction.M }).toCanvas(canvas, {
    pad: 4,
    on: [0, 0, 0],
    off: [255, 255, 255],
  });
}

// The secret of an authenticator app, as a QR code and as text.
import { element } from "./dom.js";
import { facts } from "./fields.js";
import { correction, generate } from "./lean-qr.mjs";

/** What an app needs: scanned by another device, or opened or typed in on this one. */
export function authenticatorSecret({ secretCode, setupUri }) {
  const canvas = element("canvas", { className: "qr" });
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", "QR code of the secret key; the key is also given as text");
  generate(setupUri, { minCorrectionLevel: correction.M }).toCanvas(canvas, { pad: 4, on: [0, 0, 0], off: [255, 255, 255] });
  return element("div", { className: "secret-key" },
    canvas,
    element("div", {},
      element("p", {}, "Scan the code with your authenticator app, or type in its key."),
      facts([
        ["Key", element("code", {}, secretCode)],
        ["Address", element("code", {}, setupUri)],
      ]),
    ),
  );
}

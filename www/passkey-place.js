// Passkeys belong to a name, and browsers take no address for one. The emulator is reached by both.
import { element } from "./dom.js";

/** Says where passkeys work, where they do not work here; else nothing. */
export function passkeysNeedName() {
  const isAddress = /^[\d.]+$|^\[/.test(location.hostname);
  const note = element("p", { className: "note", hidden: !isAddress });
  if (isAddress) {
    const { protocol, port } = location;
    const there = `${protocol}//localhost${port ? `:${port}` : ""}/`;
    note.append(
      "Passkeys need a host with a name. Open ",
      element("a", { href: there }, there),
      " and sign in there; this is another origin, which knows nothing of your session here.",
    );
  }
  return note;
}

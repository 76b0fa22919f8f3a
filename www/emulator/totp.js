// The authenticator app of who signs in, while a form wants its code: the emulator knows every secret.
import { byId, element } from "../dom.js";
import { advanceClock } from "./clock.js";
import { button } from "../fields.js";

const lookEvery = 500; // ms; a code is good for 30 seconds

export function startAuthenticator(emulator, client, codes) {
  const code = element("code", { className: "secret" });
  const rest = element("progress", { max: 30 });
  rest.setAttribute("aria-label", "Seconds that the code lasts");
  const use = button("Use this code", {
    onclick: () => {
      const field = codes.totpField();
      if (field) codes.fill(field, code.textContent);
    },
  });
  use.setAttribute("aria-label", "Use this code of the authenticator app");
  const skip = button("Skip to the next", { onclick: () => advanceClock(emulator, 30).then(look) });
  byId("totp").replaceChildren(
    element("p", { className: "message-body" }, code, " ", use),
    rest,
    element("div", { className: "actions small" }, skip),
  );

  async function look() {
    const field = codes.totpField();
    byId("authenticator").hidden = !field;
    if (!field) return;
    const username = client.username ?? byId("sign-in-username").value;
    const shown = username ? await emulator.totp(username) : undefined;
    code.textContent = shown?.code ?? "······";
    rest.value = shown?.expiresInSeconds ?? 0;
    use.disabled = !shown || shown.used;
    skip.hidden = !shown?.used;
    const news = !shown ? noApp(username) : shown.used ? "This code has been used, and each works once." : "";
    if (byId("totp-news").textContent !== news) byId("totp-news").textContent = news;
  }

  const poll = async () => {
    // The emulator may be stopped and started under the page; the next round will tell.
    if (!document.hidden) await look().catch(() => {});
    setTimeout(poll, lookEvery);
  };
  poll();
}

const noApp = (username) =>
  username ? `No app is set up for ${username}.` : "This tab does not know whose sign-in it is.";

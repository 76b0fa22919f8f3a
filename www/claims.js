// Tokens made readable: a table of claims, with what each one says.
import { element } from "./dom.js";
import { dayAndTime, fromNow } from "./words.js";

const meanings = {
  sub: "The user's id. It never changes, so store this one.",
  iss: "The user pool that issued the token",
  aud: "The app client the token is for",
  client_id: "The app client the token is for",
  token_use: "What the token is",
  scope: "What the token allows",
  "cognito:username": "The user's name in the pool",
  username: "The user's name in the pool",
  "cognito:groups": "The groups the user is in",
  email: "Email address",
  email_verified: "Whether the email address was confirmed",
  phone_number: "Phone number",
  phone_number_verified: "Whether the phone number was confirmed",
  auth_time: "When the user signed in",
  iat: "When the token was issued",
  exp: "When the token stops being good",
  jti: "The token's own id",
  origin_jti: "The id of the sign-in that the token comes from",
  event_id: "The id of the sign-in event",
};

const times = new Set(["auth_time", "iat", "exp"]);

/** Replaces what is in `place` with one table per token. */
export function showTokens(place, { idToken, accessToken }) {
  place.replaceChildren(
    claimTable("ID token: who the user is, for your page", idToken),
    claimTable("Access token: what your API is given", accessToken),
  );
}

/** Enough of a token to tell two apart, and too little to use. */
export const shortened = (token) => (token.length > 24 ? `${token.slice(0, 6)}…${token.slice(-6)}` : "…");

function claimTable(title, token) {
  const table = element(
    "table",
    {},
    element("caption", {}, title, " ", element("code", {}, shortened(token.tokenString)), " ", copyButton(token)),
  );
  const body = element("tbody");
  for (const [claim, value] of Object.entries(token.claims ?? {})) {
    const name = element("th", { scope: "row" }, element("code", {}, claim));
    if (meanings[claim]) name.append(element("span", { className: "hint" }, meanings[claim]));
    body.append(element("tr", {}, name, element("td", {}, ...readable(claim, value))));
  }
  table.append(
    element(
      "thead",
      {},
      element("tr", {}, element("th", { scope: "col" }, "Claim"), element("th", { scope: "col" }, "Value")),
    ),
    body,
  );
  return table;
}

/** The button itself says that it is done. Where the page may not write to the clipboard, it says that. */
function copyButton(token) {
  const copy = element("button", { type: "button", className: "copy" }, "Copy");
  copy.addEventListener("click", async () => {
    const copied = await navigator.clipboard.writeText(`${token}`).then(
      () => true,
      () => false,
    );
    copy.textContent = copied ? "Copied" : "The browser refused";
    setTimeout(() => (copy.textContent = "Copy"), 2000);
  });
  return copy;
}

function readable(claim, value) {
  if (times.has(claim) && typeof value === "number") {
    const ms = value * 1000;
    return [
      element("time", { dateTime: new Date(ms).toISOString() }, dayAndTime(ms)),
      element("span", { className: "hint" }, `${fromNow(ms)} (${value})`),
    ];
  }
  return [typeof value === "string" ? value : JSON.stringify(value)];
}

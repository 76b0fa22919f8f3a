/**
 * Sends one request. Resolves with a line of `status date retryAfter errorType`, where a number that is not known is NaN,
 * and the body below it: one text crosses to WebAssembly more cheaply than an object.
 *
 * @param {string} url
 * @param {string} contentType
 * @param {string | undefined} target `undefined` makes a GET request
 * @param {string | undefined} body
 * @param {boolean} keepalive whether it goes on when the page is left
 * @param {AbortController} controller
 */
export async function send(url, contentType, target, body, keepalive, { signal }) {
  /** @type {RequestInit} */
  const init = { cache: "no-store", credentials: "same-origin", signal };
  if (target !== undefined) {
    init.method = "POST";
    init.headers = { "content-type": contentType, "x-amz-target": target };
    init.body = body ?? null;
    init.keepalive = keepalive;
    // A body with a password or a token goes where it was meant to go, or nowhere.
    init.redirect = "error";
  }
  const response = await fetch(url, init);
  const { headers, status } = response;
  const date = seconds(headers.get("date"));
  const facts = [status, date, retryAfter(headers.get("retry-after"), date), headers.get("x-amzn-errortype") ?? ""];
  return `${facts.join(" ")}\n${await response.text()}`;
}

/**
 * Seconds since 1970. Every HTTP date ends in GMT; `Date.parse` makes a date of almost anything.
 *
 * @param {string | null} date
 */
function seconds(date) {
  return date?.endsWith("GMT") ? Date.parse(date) / 1000 : NaN;
}

/**
 * @param {string | null} text a number of seconds, or a date
 * @param {number} now by the service's clock, if known: this device's may be wrong
 */
function retryAfter(text, now) {
  if (text !== null && /^\d+$/.test(text)) return Number(text);
  return Math.max(0, seconds(text) - (now || Math.floor(Date.now() / 1000)));
}

import { bare, describe } from "./boundary.js";

/** @typedef {{ url: string, answer: Promise<Response>, controller: AbortController }} Early */

/**
 * Requests that are under way already, by their URL. See `askEarly` in ts/load.ts.
 *
 * @type {Map<string, Early>}
 */
const early = new Map();

/**
 * Takes a request over for the next GET of its URL, unless it is aborted before.
 *
 * @param {Early} request
 */
export function expect(request) {
  early.set(request.url, request);
}

/**
 * Sends one request. Rejects with why there is no answer, in words, or with nothing where the environment has no `fetch`.
 *
 * @param {Parameters<typeof exchange>} request
 */
export async function send(...request) {
  if (typeof fetch !== "function") return Promise.reject();
  return exchange(...request).catch((error) => Promise.reject(describe(error)));
}

/**
 * Resolves with a line of `status date retryAfter isOfAnotherOrigin hasRequestId`, where a number that is not known is NaN,
 * a line for each of `content-type` and `x-amzn-errortype`, which may be empty, and the body below them: one text crosses
 * to WebAssembly more cheaply than an object. Resolves with `undefined` for a body that is too long: it is not read to its
 * end, and nothing of it crosses.
 *
 * @param {string} url
 * @param {string} contentType
 * @param {string | undefined} target `undefined` makes a GET request
 * @param {string | undefined} body
 * @param {boolean} keepalive whether it goes on when the page is left
 * @param {number} longestAnswer in bytes
 * @param {AbortController} controller
 */
async function exchange(url, contentType, target, body, keepalive, longestAnswer, { signal }) {
  /** @type {RequestInit} */
  const init = bare({ cache: "no-store", credentials: "same-origin", signal });
  if (target !== undefined) {
    init.method = "POST";
    init.headers = bare({ "content-type": contentType, "x-amz-target": target });
    init.body = body ?? null;
    init.keepalive = keepalive;
    // A body with a password or a token goes where it was meant to go, or nowhere.
    init.redirect = "error";
  }
  const response = await ((target === undefined && takeEarly(url, signal)) || fetch(url, init));
  const answer = await text(response, longestAnswer);
  if (answer === undefined) return undefined;
  const { headers, status, redirected } = response;
  const date = seconds(headers.get("date"));
  const isOfAnotherOrigin = Number(redirected && origin(response.url) !== origin(new Request(url).url));
  const hasRequestId = headers.has("x-amzn-requestid");
  const facts = [status, date, retryAfter(headers.get("retry-after"), date), isOfAnotherOrigin, hasRequestId];
  const lines = [facts.join(" "), headers.get("content-type"), headers.get("x-amzn-errortype"), answer];
  return lines.join("\n");
}

/** @param {string} url an absolute one */
function origin(url) {
  return new URL(url).origin;
}

/**
 * @param {string} url
 * @param {AbortSignal} signal
 */
function takeEarly(url, signal) {
  const request = early.get(url);
  early.delete(url);
  if (!request || request.controller.signal.aborted) return undefined;
  signal.addEventListener("abort", () => request.controller.abort());
  return request.answer;
}

/**
 * The body as text; `undefined` once it is longer than that.
 *
 * @param {Response} response
 * @param {number} longest in bytes
 */
async function text(response, longest) {
  const reader = response.body?.getReader();
  if (reader === undefined) {
    // Of a `fetch` that has no streams.
    const whole = await response.text();
    return whole.length > longest ? undefined : whole;
  }
  const decoder = new TextDecoder();
  let read = "";
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return read + decoder.decode();
    length += value.length;
    if (length > longest) {
      reader.cancel().catch(() => undefined);
      return undefined;
    }
    read += decoder.decode(value, { stream: true });
  }
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

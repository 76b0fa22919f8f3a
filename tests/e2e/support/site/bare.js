// A page with nothing but the package on it, for scenarios that are written in script.
import * as cognito from "./cognito-wasm/index.js";

/** What a promise came to, in a form that WebDriver can carry: `{ value }` or `{ failure }` (WebDriver keeps `error` for its own). */
async function outcome(promise) {
  try {
    return { value: await promise };
  } catch (error) {
    const { name, code, message, serviceException, retryable } = error;
    return {
      failure: { name, code, message, serviceException, retryable, isAuthError: error instanceof cognito.AuthError },
    };
  }
}

/** Calls a client's method by its path, such as `deviceOperations.list`. */
function invoke(client, path, options) {
  const names = path.split(".");
  const method = names.pop();
  return names.reduce((owner, name) => owner[name], client)[method](options);
}

Object.assign(globalThis, { cognito, outcome, invoke });

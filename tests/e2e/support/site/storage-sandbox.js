// For the page's scripts, the same names as bare.js gives.
globalThis.cognito = CognitoWasm;
globalThis.outcome = (promise) =>
  promise.then(
    (value) => ({ value }),
    ({ code }) => ({ failure: { code } }),
  );

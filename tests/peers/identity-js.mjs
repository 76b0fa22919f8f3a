// amazon-cognito-identity-js with promises, pointed at an emulator.

import { AuthenticationDetails, CognitoUser, CognitoUserAttribute, CognitoUserPool } from "amazon-cognito-identity-js";

import { DEFAULT_POOL } from "../support/emulator.mjs";

/** A pool object with a storage of its own, as in a browser that was never here. */
export function poolAt(url, { clientId = DEFAULT_POOL.clientId, storage = memoryStorage() } = {}) {
  return new CognitoUserPool({
    UserPoolId: DEFAULT_POOL.userPoolId,
    ClientId: clientId,
    endpoint: url,
    Storage: storage,
  });
}

/** A user object over such a pool. */
export function userAt(url, username, { clientId, storage = memoryStorage() } = {}) {
  return new CognitoUser({ Username: username, Pool: poolAt(url, { clientId, storage }), Storage: storage });
}

/** localStorage for Node, which also lists its keys. */
export function memoryStorage() {
  const items = new Map();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, String(value)),
    removeItem: (key) => void items.delete(key),
    clear: () => items.clear(),
    keys: () => [...items.keys()],
  };
}

/** A method that ends in a node-style callback. */
export function call(target, method, ...args) {
  return new Promise((resolve, reject) =>
    target[method](...args, (error, result) => (error ? reject(error) : resolve(result))),
  );
}

/** A method that ends in an object of callbacks. */
export function callWithCallbacks(target, method, ...args) {
  return new Promise((resolve, reject) => target[method](...args, { onSuccess: resolve, onFailure: reject }));
}

export function signUp(url, username, password, email) {
  const attributes = [new CognitoUserAttribute({ Name: "email", Value: email })];
  return call(poolAt(url), "signUp", username, password, attributes, []);
}

/** Resolves with `{ session }` or, for an invited user, `{ newPasswordRequired }`. */
export function signIn(user, username, password) {
  return new Promise((resolve, reject) =>
    user.authenticateUser(new AuthenticationDetails({ Username: username, Password: password }), {
      onSuccess: (session) => resolve({ session }),
      onFailure: reject,
      newPasswordRequired: (userAttributes, requiredAttributes) =>
        resolve({ newPasswordRequired: { userAttributes, requiredAttributes } }),
    }),
  );
}

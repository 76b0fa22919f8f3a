// aws-amplify, pointed at an emulator.

import { Amplify } from "aws-amplify";
import { cognitoUserPoolsTokenProvider } from "aws-amplify/auth/cognito";
import { ConsoleLogger } from "aws-amplify/utils";

import { DEFAULT_POOL } from "../support/emulator.mjs";

// It warns of every endpoint that is not AWS's.
ConsoleLogger.LOG_LEVEL = "ERROR";

/** One Amplify lives in the process; this gives it as if the page had just been opened for the first time. */
export function useAmplify(userPoolEndpoint, userPoolClientId = DEFAULT_POOL.clientId) {
  const { userPoolId } = DEFAULT_POOL;
  Amplify.configure({
    Auth: { Cognito: { userPoolId, userPoolClientId, userPoolEndpoint, signUpVerificationMethod: "code" } },
  });
  const kept = new Map();
  cognitoUserPoolsTokenProvider.setKeyValueStorage({
    getItem: async (key) => kept.get(key) ?? null,
    setItem: async (key, value) => void kept.set(key, value),
    removeItem: async (key) => void kept.delete(key),
    clear: async () => kept.clear(),
  });
}

/**
 * Makes a call whose timers do not keep the process alive. A sign-up that is to sign in by itself leaves one of three minutes,
 * which Amplify never clears.
 */
export async function withUnheldTimers(call) {
  const { setTimeout } = globalThis;
  globalThis.setTimeout = (...args) => setTimeout(...args).unref();
  try {
    return await call();
  } finally {
    globalThis.setTimeout = setTimeout;
  }
}

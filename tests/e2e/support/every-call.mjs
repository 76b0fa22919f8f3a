// Every public method that gives a promise, for tests that say "every". package.test.mjs sees that none is missing.

const password = "Correct-horse-7";
const username = "carol";
const deviceKey = "us-east-1_00000000-0000-0000-0000-000000000001";

/** By path from a client, each with options that are valid. `initialize` comes before all of them. */
export const EVERY_CALL = Object.freeze({
  signUp: { username, password, userAttributes: { email: "carol@example.com" } },
  confirmSignUp: { username, confirmationCode: "000000" },
  resendSignUpCode: { username },
  autoSignIn: {},
  signIn: { username, password },
  confirmSignIn: { challengeResponse: password },
  resumeSignIn: {},
  getTokens: {},
  forgotPassword: { username },
  confirmForgotPassword: { username, newPassword: password, confirmationCode: "000000" },
  changePassword: { currentPassword: "Wrong-horse-7", proposedPassword: password },
  getUserAttributes: {},
  updateUserAttributes: { userAttributes: { name: "Carol" } },
  deleteUserAttributes: { userAttributeNames: ["nickname"] },
  verifyUserAttribute: { attributeName: "email" },
  confirmVerifyUserAttribute: { attributeName: "email", confirmationCode: "000000" },
  setUpTOTP: {},
  verifyTOTPSetup: { code: "000000" },
  updateMFAPreference: { sms: "disabled" },
  getMFAPreference: {},
  getUserAuthFactors: {},
  listUserSessions: {},
  revokeUserSession: { sessionId: "00000000-0000-0000-0000-000000000001" },
  "deviceOperations.list": {},
  "deviceOperations.get": { deviceKey },
  "deviceOperations.updateStatus": { deviceKey, remembered: true },
  "deviceOperations.forget": { deviceKey },
  "passkeyOperations.register": {},
  "passkeyOperations.list": {},
  "passkeyOperations.delete": { credentialId: "AAAA" },
  signOut: {},
  clearStorage: {},
  deleteUser: {},
});

/** Those that end the session, where there is one. */
export const ENDS_SESSION = Object.freeze(["signOut", "clearStorage", "deleteUser"]);

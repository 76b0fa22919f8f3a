// Passkeys, as Chromium makes and uses them: what its authenticator answers is registered, listed, and signs in.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";

import { openBrowser } from "../e2e/support/drivers.mjs";
import { DEFAULT_POOL } from "../support/emulator.mjs";
import { confirmedUser, PASSWORD, setStage } from "./people.mjs";

const { clientId: ClientId } = DEFAULT_POOL;
const stage = setStage();
let browser;
let closeBrowser;
let authenticatorId;

before(async () => {
  ({ browser, close: closeBrowser } = await openBrowser());
  // Any page will do, if its address is a name: an IP address is no relying party.
  await browser.url(`${stage.emulator.url.replace("127.0.0.1", "localhost")}/_emulator/health`);
});
after(() => closeBrowser?.());

beforeEach(async () => {
  authenticatorId = await browser.addVirtualAuthenticator("ctap2", "internal", true, true, true, true);
});
afterEach(() => browser.removeVirtualAuthenticator(authenticatorId));

test("a passkey is registered, listed, signs in and is deleted", async () => {
  const { username } = await confirmedUser(stage.sdk);
  const { AccessToken } = await signInWithPassword(username);
  await register(AccessToken);
  const { Credentials } = await stage.emulator.admin("ListWebAuthnCredentials", { AccessToken });
  assert.deepEqual(
    Credentials.map(({ RelyingPartyId }) => RelyingPartyId),
    ["localhost"],
  );
  for (let round = 0; round < 2; round += 1) {
    const { AuthenticationResult } = await signInWithPasskey(username);
    assert.ok(AuthenticationResult.AccessToken, "the counter has grown, and the challenge is another");
  }
  const [{ CredentialId }] = Credentials;
  await stage.emulator.admin("DeleteWebAuthnCredential", { AccessToken, CredentialId });
  assert.deepEqual((await stage.emulator.admin("ListWebAuthnCredentials", { AccessToken })).Credentials, []);
});

test("a second passkey in the same authenticator is refused by the browser, for the first is excluded", async () => {
  const { username } = await confirmedUser(stage.sdk);
  const { AccessToken } = await signInWithPassword(username);
  await register(AccessToken);
  assert.deepEqual(await create(AccessToken), { refused: "InvalidStateError" });
});

async function signInWithPassword(username) {
  const AuthParameters = { USERNAME: username, PASSWORD };
  const request = { ClientId, AuthFlow: "USER_PASSWORD_AUTH", AuthParameters };
  return (await stage.emulator.admin("InitiateAuth", request)).AuthenticationResult;
}

/** Asks the service for options and the browser for a passkey. */
async function create(AccessToken) {
  const { CredentialCreationOptions } = await stage.emulator.admin("StartWebAuthnRegistration", { AccessToken });
  return browser.execute(async (options) => {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
    return navigator.credentials.create({ publicKey }).then(
      (credential) => ({ credential: credential.toJSON() }),
      ({ name }) => ({ refused: name }),
    );
  }, CredentialCreationOptions);
}

async function register(AccessToken) {
  const { credential: Credential } = await create(AccessToken);
  await stage.emulator.admin("CompleteWebAuthnRegistration", { AccessToken, Credential });
}

async function signInWithPasskey(username) {
  const { Session, ChallengeName, ChallengeParameters } = await stage.emulator.admin("InitiateAuth", {
    ClientId,
    AuthFlow: "USER_AUTH",
    AuthParameters: { USERNAME: username, PREFERRED_CHALLENGE: "WEB_AUTHN" },
  });
  assert.equal(ChallengeName, "WEB_AUTHN");
  const CREDENTIAL = await browser.execute(async (options) => {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(options));
    return JSON.stringify(await navigator.credentials.get({ publicKey }));
  }, ChallengeParameters.CREDENTIAL_REQUEST_OPTIONS);
  return stage.emulator.admin("RespondToAuthChallenge", {
    ClientId,
    ChallengeName,
    Session,
    ChallengeResponses: { USERNAME: username, CREDENTIAL },
  });
}

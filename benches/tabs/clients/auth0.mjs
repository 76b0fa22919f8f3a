import { Auth0Client } from "@auth0/auth0-spa-js";

// The one way in that needs no page of the provider's; it stores what every other does.
export async function signIn(settings) {
  await made(settings).loginWithCustomTokenExchange({
    subject_token: settings.username,
    subject_token_type: "urn:bench:name",
  });
}

export async function open(settings) {
  const client = made(settings);
  return { token: () => client.getTokenSilently() };
}

function made({ url, clientId }) {
  return new Auth0Client({ domain: url, clientId, cacheLocation: "localstorage", useRefreshTokens: true });
}

import { AWSMobileClient } from "cognito-wasm";

export async function signIn(settings) {
  const client = await initialized(settings);
  await client.signIn({ username: settings.username, password: settings.password });
}

export async function open(settings) {
  const client = await initialized(settings);
  return { token: async () => (await client.getTokens()).accessToken.tokenString };
}

async function initialized({ url, region, userPoolId, clientId }) {
  const client = new AWSMobileClient();
  await client.initialize({
    CognitoUserPool: { Default: { PoolId: userPoolId, AppClientId: clientId, Region: region, Endpoint: url } },
  });
  return client;
}

import { AWSMobileClient } from "cognito-wasm";

export async function open({ url, userPoolId, clientId, region }) {
  const client = new AWSMobileClient();
  await client.initialize({
    CognitoUserPool: { Default: { PoolId: userPoolId, AppClientId: clientId, Region: region, Endpoint: url } },
  });
  return {
    signIn: (username, password) => client.signIn({ username, password }),
    tokens: async () => (await client.getTokens()).idToken.tokenString,
    currentTokens: () => client.currentTokens,
    snapshot: () => client.getSnapshot(),
  };
}

import { AWSMobileClient } from "cognito-wasm";

export async function open({ url, userPoolId, clientId, region, configUrl }) {
  const client = new AWSMobileClient();
  const config = {
    CognitoUserPool: { Default: { PoolId: userPoolId, AppClientId: clientId, Region: region, Endpoint: url } },
  };
  await client.initialize(configUrl ?? config);
  return {
    state: () => client.currentUserState,
    signIn: (username, password) => client.signIn({ username, password }),
    tokens: async () => (await client.getTokens()).idToken.tokenString,
    currentTokens: () => client.currentTokens,
    snapshot: () => client.getSnapshot(),
  };
}

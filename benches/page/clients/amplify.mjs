import { Amplify } from "aws-amplify";
import { fetchAuthSession, getCurrentUser, signIn, signOut } from "aws-amplify/auth";

export async function open({ url, userPoolId, clientId }) {
  Amplify.configure({ Auth: { Cognito: { userPoolId, userPoolClientId: clientId, userPoolEndpoint: url } } });
  return {
    state: () => getCurrentUser().catch(() => "signed out"),
    signIn: (username, password) => signIn({ username, password }),
    tokens: async () => (await fetchAuthSession()).tokens.idToken.toString(),
    // Not called: a page that signs people in lets them out, so it loads this too.
    signOut,
  };
}

import { Amplify } from "aws-amplify";
import * as auth from "aws-amplify/auth";

export async function signIn(settings) {
  configure(settings);
  await auth.signIn({ username: settings.username, password: settings.password });
}

export async function open(settings) {
  configure(settings);
  return { token: async () => (await auth.fetchAuthSession()).tokens?.accessToken.toString() };
}

function configure({ url, userPoolId, clientId }) {
  Amplify.configure({ Auth: { Cognito: { userPoolId, userPoolClientId: clientId, userPoolEndpoint: url } } });
}

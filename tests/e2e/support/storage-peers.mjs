// The clients whose sessions this package takes over, as a page of their own users has them: each signs in, says who is
// signed in, and reads its session anew.

import { AuthenticationDetails, CognitoUser, CognitoUserPool } from "amazon-cognito-identity-js";
import { Amplify } from "aws-amplify";
import { fetchAuthSession, getCurrentUser, signIn } from "aws-amplify/auth";
import { ConsoleLogger } from "aws-amplify/utils";

// It warns of every endpoint that is not AWS's.
ConsoleLogger.LOG_LEVEL = "ERROR";

globalThis.peers = {
  "amazon-cognito-identity-js": (pool) => {
    const userPool = () =>
      new CognitoUserPool({ UserPoolId: pool.userPoolId, ClientId: pool.clientId, endpoint: pool.url });
    return {
      signIn: ({ username, password }) =>
        new Promise((resolve, reject) =>
          new CognitoUser({ Username: username, Pool: userPool() }).authenticateUser(
            new AuthenticationDetails({ Username: username, Password: password }),
            { onSuccess: () => resolve(), onFailure: reject },
          ),
        ),
      user: async () => userPool().getCurrentUser()?.getUsername() ?? null,
    };
  },

  "aws-amplify": (pool) => {
    Amplify.configure({
      Auth: { Cognito: { userPoolId: pool.userPoolId, userPoolClientId: pool.clientId, userPoolEndpoint: pool.url } },
    });
    return {
      async signIn({ username, password }) {
        await signIn({ username, password });
        await fetchAuthSession();
      },
      user: () =>
        getCurrentUser().then(
          ({ username }) => username,
          () => null,
        ),
    };
  },
};

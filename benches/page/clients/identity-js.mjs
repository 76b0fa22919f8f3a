import { AuthenticationDetails, CognitoUser, CognitoUserPool } from "amazon-cognito-identity-js";

export async function open({ url, userPoolId, clientId }) {
  const pool = new CognitoUserPool({ UserPoolId: userPoolId, ClientId: clientId, endpoint: url });
  let user;
  return {
    signIn(username, password) {
      user = new CognitoUser({ Username: username, Pool: pool });
      const details = new AuthenticationDetails({ Username: username, Password: password });
      return new Promise((onSuccess, onFailure) => user.authenticateUser(details, { onSuccess, onFailure }));
    },
    tokens: () =>
      new Promise((resolve, reject) =>
        user.getSession((error, session) => (error ? reject(error) : resolve(session.getIdToken().getJwtToken()))),
      ),
  };
}

// Users made by an administrator, for scenarios that begin after sign-up.

import { DEFAULT_POOL } from "../../support/emulator.mjs";

/** A user who can sign in at once. */
export async function createUser({ url }, { username, email, password }) {
  const user = { UserPoolId: DEFAULT_POOL.userPoolId, Username: username };
  await call(url, "AdminCreateUser", {
    ...user,
    MessageAction: "SUPPRESS",
    UserAttributes: [
      { Name: "email", Value: email },
      { Name: "email_verified", Value: "true" },
    ],
  });
  await call(url, "AdminSetUserPassword", { ...user, Password: password, Permanent: true });
}

async function call(url, operation, body) {
  const answer = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `AWSCognitoIdentityProviderService.${operation}`,
    },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${operation} answered ${answer.status}: ${await answer.text()}`);
}

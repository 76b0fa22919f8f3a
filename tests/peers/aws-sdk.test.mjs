// The AWS SDK for JavaScript against the emulator: administration, and pools and clients made by code.

import assert from "node:assert/strict";
import { getDiffieHellman } from "node:crypto";
import { test } from "node:test";

import {
  AdminConfirmSignUpCommand,
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminEnableUserCommand,
  AdminGetUserCommand,
  AdminSetUserPasswordCommand,
  AdminUpdateUserAttributesCommand,
  AdminUserGlobalSignOutCommand,
  CodeMismatchException,
  ConfirmSignUpCommand,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
  DescribeUserPoolClientCommand,
  DescribeUserPoolCommand,
  GetTokensFromRefreshTokenCommand,
  GetUserCommand,
  InitiateAuthCommand,
  InvalidParameterException,
  InvalidPasswordException,
  ListUsersCommand,
  NotAuthorizedException,
  ResourceNotFoundException,
  RespondToAuthChallengeCommand,
  SignUpCommand,
  UpdateUserPoolClientCommand,
  UpdateUserPoolCommand,
  UserNotFoundException,
} from "@aws-sdk/client-cognito-identity-provider";

import { DEFAULT_POOL } from "../support/emulator.mjs";
import { confirmedUser, invitedUser, PASSWORD, refused, secretHash, setStage, someone } from "./people.mjs";

const { userPoolId: UserPoolId, clientId: ClientId } = DEFAULT_POOL;

const stage = setStage();

test("AdminGetUser shows an invited user with status, attributes and dates", async () => {
  const { username, email } = await invitedUser(stage.sdk, "Temporary-1!");
  const user = await stage.sdk.send(new AdminGetUserCommand({ UserPoolId, Username: username }));
  assert.equal(user.Username, username);
  assert.equal(user.UserStatus, "FORCE_CHANGE_PASSWORD");
  assert.equal(user.Enabled, true);
  assert.ok(user.UserCreateDate instanceof Date);
  assert.ok(Math.abs(user.UserCreateDate.getTime() - (await stage.emulator.clock())) < 60_000);
  const attributes = attributeMap(user.UserAttributes);
  assert.equal(attributes.email, email);
  assert.match(attributes.sub, /^[0-9a-f-]{36}$/);
});

test("AdminCreateUser mails the temporary password", async () => {
  const { username, email } = await invitedUser(stage.sdk, "Temporary-1!");
  const [message] = await stage.emulator.outbox(username);
  assert.equal(message.trigger, "AdminCreateUser");
  assert.equal(message.destination, email);
  assert.equal(message.temporaryPassword, "Temporary-1!");
});

test("AdminConfirmSignUp confirms without a code", async () => {
  const { username, email } = someone();
  await signUp(username, email);
  await stage.sdk.send(new AdminConfirmSignUpCommand({ UserPoolId, Username: username }));
  const user = await stage.sdk.send(new AdminGetUserCommand({ UserPoolId, Username: username }));
  assert.equal(user.UserStatus, "CONFIRMED");
  assert.ok((await passwordSignIn(username)).AccessToken);
});

test("a temporary password set by AdminSetUserPassword must be changed at the next sign-in", async () => {
  const { username } = await confirmedUser(stage.sdk);
  const Password = "Temporary-2!";
  await stage.sdk.send(new AdminSetUserPasswordCommand({ UserPoolId, Username: username, Password, Permanent: false }));
  const challenge = await stage.sdk.send(
    new InitiateAuthCommand({
      AuthFlow: "USER_PASSWORD_AUTH",
      ClientId,
      AuthParameters: { USERNAME: username, PASSWORD: Password },
    }),
  );
  assert.equal(challenge.ChallengeName, "NEW_PASSWORD_REQUIRED");
  assert.ok(challenge.Session.length >= 20);
  const { AuthenticationResult } = await stage.sdk.send(
    new RespondToAuthChallengeCommand({
      ChallengeName: "NEW_PASSWORD_REQUIRED",
      ClientId,
      Session: challenge.Session,
      ChallengeResponses: { USERNAME: username, NEW_PASSWORD: "Another-Horse-1" },
    }),
  );
  assert.ok(AuthenticationResult.AccessToken);
});

test("a Session of a challenge works once, and one that was never given does not", async () => {
  const { username } = await invitedUser(stage.sdk, "Temporary-1!");
  const { Session } = await stage.sdk.send(
    new InitiateAuthCommand({
      AuthFlow: "USER_PASSWORD_AUTH",
      ClientId,
      AuthParameters: { USERNAME: username, PASSWORD: "Temporary-1!" },
    }),
  );
  const answer = (session) =>
    stage.sdk.send(
      new RespondToAuthChallengeCommand({
        ChallengeName: "NEW_PASSWORD_REQUIRED",
        ClientId,
        Session: session,
        ChallengeResponses: { USERNAME: username, NEW_PASSWORD: PASSWORD },
      }),
    );
  await assert.rejects(answer("a-session-that-was-never-given-to-anyone"), NotAuthorizedException);
  assert.ok((await answer(Session)).AuthenticationResult.AccessToken);
  await assert.rejects(answer(Session), NotAuthorizedException);
});

test("AdminDisableUser ends access and AdminEnableUser gives it back", async () => {
  const { username } = await confirmedUser(stage.sdk);
  const { RefreshToken } = await passwordSignIn(username);
  await stage.sdk.send(new AdminDisableUserCommand({ UserPoolId, Username: username }));
  await refused(passwordSignIn(username), { name: "NotAuthorizedException", message: "User is disabled." });
  await assert.rejects(
    stage.sdk.send(new GetTokensFromRefreshTokenCommand({ ClientId, RefreshToken })),
    NotAuthorizedException,
  );
  await stage.sdk.send(new AdminEnableUserCommand({ UserPoolId, Username: username }));
  assert.ok((await passwordSignIn(username)).AccessToken);
});

test("AdminDeleteUser removes the user", async () => {
  const { username } = await confirmedUser(stage.sdk);
  await stage.sdk.send(new AdminDeleteUserCommand({ UserPoolId, Username: username }));
  await assert.rejects(
    stage.sdk.send(new AdminGetUserCommand({ UserPoolId, Username: username })),
    UserNotFoundException,
  );
});

test("AdminUpdateUserAttributes shows in GetUser", async () => {
  const { username } = await confirmedUser(stage.sdk);
  const { AccessToken } = await passwordSignIn(username);
  await stage.sdk.send(
    new AdminUpdateUserAttributesCommand({
      UserPoolId,
      Username: username,
      UserAttributes: [{ Name: "given_name", Value: "Zoë" }],
    }),
  );
  const user = await stage.sdk.send(new GetUserCommand({ AccessToken }));
  assert.equal(attributeMap(user.UserAttributes).given_name, "Zoë");
});

test("AdminUserGlobalSignOut ends the user's sign-ins", async () => {
  const { username } = await confirmedUser(stage.sdk);
  const { RefreshToken } = await passwordSignIn(username);
  await stage.sdk.send(new AdminUserGlobalSignOutCommand({ UserPoolId, Username: username }));
  await assert.rejects(
    stage.sdk.send(new GetTokensFromRefreshTokenCommand({ ClientId, RefreshToken })),
    NotAuthorizedException,
  );
});

test("ListUsers finds a user by e-mail", async () => {
  const { username, email } = await confirmedUser(stage.sdk);
  const { Users } = await stage.sdk.send(new ListUsersCommand({ UserPoolId, Filter: `email = "${email}"` }));
  assert.deepEqual(
    Users.map((user) => user.Username),
    [username],
  );
});

test("a refresh token of one client is refused by another", async () => {
  const { username } = await confirmedUser(stage.sdk);
  const { RefreshToken } = await passwordSignIn(username);
  await assert.rejects(
    stage.sdk.send(new GetTokensFromRefreshTokenCommand({ ClientId: DEFAULT_POOL.legacyClientId, RefreshToken })),
    NotAuthorizedException,
  );
});

test("a client with rotation refuses REFRESH_TOKEN_AUTH", async () => {
  const { username } = await confirmedUser(stage.sdk);
  const { RefreshToken } = await passwordSignIn(username, DEFAULT_POOL.rotatingClientId);
  await assert.rejects(
    stage.sdk.send(
      new InitiateAuthCommand({
        AuthFlow: "REFRESH_TOKEN_AUTH",
        ClientId: DEFAULT_POOL.rotatingClientId,
        AuthParameters: { REFRESH_TOKEN: RefreshToken },
      }),
    ),
  );
});

test("ConfirmSignUp errors arrive as the SDK's own classes", async () => {
  const { username, email } = someone();
  await signUp(username, email);
  const right = await stage.emulator.code(username);
  const wrong = right === "000000" ? "000001" : "000000";
  await assert.rejects(
    stage.sdk.send(new ConfirmSignUpCommand({ ClientId, Username: username, ConfirmationCode: wrong })),
    (error) => {
      assert.ok(error instanceof CodeMismatchException);
      assert.equal(error.$metadata.httpStatusCode, 400);
      assert.match(error.$metadata.requestId, /^[0-9a-f-]{36}$/);
      return true;
    },
  );
});

test("an unknown client and an unknown pool are ResourceNotFoundException", async () => {
  await refused(
    stage.sdk.send(
      new InitiateAuthCommand({
        AuthFlow: "USER_PASSWORD_AUTH",
        ClientId: "nosuchclient",
        AuthParameters: { USERNAME: "anyone", PASSWORD },
      }),
    ),
    { name: "ResourceNotFoundException", message: "User pool client nosuchclient does not exist." },
  );
  await assert.rejects(
    stage.sdk.send(new AdminGetUserCommand({ UserPoolId: "us-east-1_Nowhere00", Username: "anyone" })),
    ResourceNotFoundException,
  );
});

test("a pool made by code has its own password policy, which UpdateUserPool changes", async () => {
  const lowercase = { RequireUppercase: false, RequireLowercase: true, RequireNumbers: false, RequireSymbols: false };
  const pool = await createPool({ PasswordPolicy: { ...lowercase, MinimumLength: 6 } });
  const { UserPoolClient } = await stage.sdk.send(
    new CreateUserPoolClientCommand({ UserPoolId: pool, ClientName: "web" }),
  );
  const attempt = (Password) =>
    stage.sdk.send(new SignUpCommand({ ClientId: UserPoolClient.ClientId, Username: someone().username, Password }));
  assert.equal((await attempt("simple")).UserConfirmed, false);
  await assert.rejects(attempt("short"), InvalidPasswordException);

  await stage.sdk.send(
    new UpdateUserPoolCommand({
      UserPoolId: pool,
      Policies: { PasswordPolicy: { ...lowercase, MinimumLength: 10, RequireNumbers: true } },
    }),
  );
  await assert.rejects(attempt("simple"), InvalidPasswordException);
  assert.equal((await attempt("longer-and-1")).UserConfirmed, false);
  const { UserPool } = await stage.sdk.send(new DescribeUserPoolCommand({ UserPoolId: pool }));
  assert.equal(UserPool.Id, pool);
  assert.equal(UserPool.Policies.PasswordPolicy.MinimumLength, 10);
});

test("a client made by code enforces its flows, its secret and its token validity", async () => {
  const pool = await createPool();
  const { UserPoolClient: created } = await stage.sdk.send(
    new CreateUserPoolClientCommand({
      UserPoolId: pool,
      ClientName: "server",
      GenerateSecret: true,
      ExplicitAuthFlows: ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
      AccessTokenValidity: 10,
      TokenValidityUnits: { AccessToken: "minutes" },
    }),
  );
  assert.ok(created.ClientSecret.length > 20);
  const { username } = await confirmedUser(stage.sdk, pool);
  const SECRET_HASH = secretHash(username, created.ClientId, created.ClientSecret);
  const { AuthenticationResult } = await stage.sdk.send(
    new InitiateAuthCommand({
      AuthFlow: "USER_PASSWORD_AUTH",
      ClientId: created.ClientId,
      AuthParameters: { USERNAME: username, PASSWORD, SECRET_HASH },
    }),
  );
  assert.equal(AuthenticationResult.ExpiresIn, 600);
  assert.equal(AuthenticationResult.TokenType, "Bearer");
  await assert.rejects(
    stage.sdk.send(
      new InitiateAuthCommand({
        AuthFlow: "USER_SRP_AUTH",
        ClientId: created.ClientId,
        AuthParameters: { USERNAME: username, SRP_A: "2", SECRET_HASH },
      }),
    ),
    InvalidParameterException,
  );

  await stage.sdk.send(
    new UpdateUserPoolClientCommand({
      UserPoolId: pool,
      ClientId: created.ClientId,
      ExplicitAuthFlows: ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    }),
  );
  const { UserPoolClient: updated } = await stage.sdk.send(
    new DescribeUserPoolClientCommand({ UserPoolId: pool, ClientId: created.ClientId }),
  );
  assert.deepEqual([...updated.ExplicitAuthFlows].sort(), ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"]);
});

test("an SRP_A that is zero modulo N is refused before any challenge, for it would prove every password", async () => {
  const { username } = await confirmedUser(stage.sdk);
  const N = getDiffieHellman("modp15").getPrime("hex");
  for (const SRP_A of ["0", N]) {
    await assert.rejects(
      stage.sdk.send(
        new InitiateAuthCommand({ AuthFlow: "USER_SRP_AUTH", ClientId, AuthParameters: { USERNAME: username, SRP_A } }),
      ),
      (error) => error.$metadata.httpStatusCode === 400,
    );
  }
});

function signUp(Username, email, Password = PASSWORD) {
  return stage.sdk.send(
    new SignUpCommand({ ClientId, Username, Password, UserAttributes: [{ Name: "email", Value: email }] }),
  );
}

async function passwordSignIn(username, client = ClientId) {
  const { AuthenticationResult } = await stage.sdk.send(
    new InitiateAuthCommand({
      AuthFlow: "USER_PASSWORD_AUTH",
      ClientId: client,
      AuthParameters: { USERNAME: username, PASSWORD },
    }),
  );
  return AuthenticationResult;
}

async function createPool(policies) {
  const { UserPool } = await stage.sdk.send(
    new CreateUserPoolCommand({ PoolName: "made-by-code", ...(policies && { Policies: policies }) }),
  );
  return UserPool.Id;
}

function attributeMap(attributes) {
  return Object.fromEntries(attributes.map(({ Name, Value }) => [Name, Value]));
}

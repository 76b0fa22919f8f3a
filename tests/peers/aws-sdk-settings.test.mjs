// The AWS SDK for JavaScript against the emulator: groups, an administrator's sign-ins, what the settings of a pool come
// to, and the service's words for a request that does not fit its model.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  AdminAddUserToGroupCommand,
  AdminGetUserCommand,
  AdminInitiateAuthCommand,
  AdminListGroupsForUserCommand,
  AdminRemoveUserFromGroupCommand,
  AdminRespondToAuthChallengeCommand,
  AdminSetUserPasswordCommand,
  ConfirmForgotPasswordCommand,
  ConfirmSignUpCommand,
  CreateGroupCommand,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
  DeleteGroupCommand,
  DeleteUserPoolCommand,
  DescribeUserPoolClientCommand,
  DescribeUserPoolCommand,
  ForgotPasswordCommand,
  GetGroupCommand,
  GroupExistsException,
  InitiateAuthCommand,
  InvalidParameterException,
  ListGroupsCommand,
  ListUsersInGroupCommand,
  NotAuthorizedException,
  ResourceNotFoundException,
  SignUpCommand,
  UpdateGroupCommand,
  UpdateUserAttributesCommand,
  UpdateUserPoolCommand,
  VerifyUserAttributeCommand,
} from "@aws-sdk/client-cognito-identity-provider";

import { DEFAULT_POOL } from "../support/emulator.mjs";
import { confirmedUser, PASSWORD, setStage, someone } from "./people.mjs";

const { clientId: ClientId } = DEFAULT_POOL;

const stage = setStage();

test("a user's groups are in both tokens, and the role of the first one in the ID token", async () => {
  const { UserPoolId, ClientId } = await poolAndClient();
  const { username: Username } = await confirmedUser(stage.sdk, UserPoolId);
  const role = (name) => `arn:aws:iam::000000000000:role/${name}`;
  const create = (GroupName, Precedence) =>
    stage.sdk.send(new CreateGroupCommand({ UserPoolId, GroupName, Precedence, RoleArn: role(GroupName) }));
  const { Group } = await create("staff", 2);
  assert.ok(Group.CreationDate instanceof Date);
  await create("admins", 1);
  await assert.rejects(create("staff", 3), GroupExistsException);
  for (const GroupName of ["staff", "admins"]) {
    await stage.sdk.send(new AdminAddUserToGroupCommand({ UserPoolId, Username, GroupName }));
  }
  const { id, access } = claimsOf(await adminSignIn(UserPoolId, ClientId, Username));
  assert.deepEqual(access["cognito:groups"], ["admins", "staff"]);
  assert.deepEqual(id["cognito:groups"], ["admins", "staff"]);
  assert.deepEqual(id["cognito:roles"], [role("admins"), role("staff")]);
  assert.equal(id["cognito:preferred_role"], role("admins"));

  await stage.sdk.send(new AdminRemoveUserFromGroupCommand({ UserPoolId, Username, GroupName: "admins" }));
  const { Groups } = await stage.sdk.send(new AdminListGroupsForUserCommand({ UserPoolId, Username }));
  assert.deepEqual(
    Groups.map(({ GroupName }) => GroupName),
    ["staff"],
  );
});

test("groups are changed, listed page by page with their users, and deleted", async () => {
  const { UserPoolId } = await poolAndClient();
  const { username: Username } = await confirmedUser(stage.sdk, UserPoolId);
  for (const GroupName of ["a", "b", "c"]) await stage.sdk.send(new CreateGroupCommand({ UserPoolId, GroupName }));
  await stage.sdk.send(new UpdateGroupCommand({ UserPoolId, GroupName: "b", Description: "the second" }));
  const { Group } = await stage.sdk.send(new GetGroupCommand({ UserPoolId, GroupName: "b" }));
  assert.equal(Group.Description, "the second");
  const first = await stage.sdk.send(new ListGroupsCommand({ UserPoolId, Limit: 2 }));
  const rest = await stage.sdk.send(new ListGroupsCommand({ UserPoolId, Limit: 2, NextToken: first.NextToken }));
  assert.deepEqual(
    [...first.Groups, ...rest.Groups].map(({ GroupName }) => GroupName),
    ["a", "b", "c"],
  );
  await stage.sdk.send(new AdminAddUserToGroupCommand({ UserPoolId, Username, GroupName: "b" }));
  const { Users } = await stage.sdk.send(new ListUsersInGroupCommand({ UserPoolId, GroupName: "b" }));
  assert.deepEqual(
    Users.map((user) => user.Username),
    [Username],
  );
  await stage.sdk.send(new DeleteGroupCommand({ UserPoolId, GroupName: "b" }));
  await assert.rejects(stage.sdk.send(new GetGroupCommand({ UserPoolId, GroupName: "b" })), ResourceNotFoundException);
});

test("an administrator signs a user in, answers the challenge, and may not use a client's flow", async () => {
  const { UserPoolId, ClientId } = await poolAndClient();
  const { username } = await confirmedUser(stage.sdk, UserPoolId);
  await stage.sdk.send(
    new AdminSetUserPasswordCommand({ UserPoolId, Username: username, Password: "Temporary-1!", Permanent: false }),
  );
  const AuthParameters = { USERNAME: username, PASSWORD: "Temporary-1!" };
  const begin = (AuthFlow) =>
    stage.sdk.send(new AdminInitiateAuthCommand({ UserPoolId, ClientId, AuthFlow, AuthParameters }));
  const challenge = await begin("ADMIN_USER_PASSWORD_AUTH");
  assert.equal(challenge.ChallengeName, "NEW_PASSWORD_REQUIRED");
  const { AuthenticationResult } = await stage.sdk.send(
    new AdminRespondToAuthChallengeCommand({
      UserPoolId,
      ClientId,
      ChallengeName: "NEW_PASSWORD_REQUIRED",
      Session: challenge.Session,
      ChallengeResponses: { USERNAME: username, NEW_PASSWORD: PASSWORD },
    }),
  );
  assert.ok(AuthenticationResult.AccessToken);
  await assert.rejects(begin("USER_PASSWORD_AUTH"), InvalidParameterException);
  await assert.rejects(
    stage.sdk.send(new InitiateAuthCommand({ ClientId, AuthFlow: "ADMIN_USER_PASSWORD_AUTH", AuthParameters })),
    InvalidParameterException,
  );
});

test("where a pool says so, a verified address stays until the new one is verified", async () => {
  const { UserPoolId, ClientId } = await poolAndClient({
    AutoVerifiedAttributes: ["email"],
    UserAttributeUpdateSettings: { AttributesRequireVerificationBeforeUpdate: ["email"] },
  });
  const { username, email } = await confirmedUser(stage.sdk, UserPoolId);
  const { AccessToken } = await adminSignIn(UserPoolId, ClientId, username);
  const changed = `new-${email}`;
  await stage.sdk.send(
    new UpdateUserAttributesCommand({ AccessToken, UserAttributes: [{ Name: "email", Value: changed }] }),
  );
  assert.equal(await emailOf(UserPoolId, username), email);
  const Code = await stage.emulator.code(changed);
  await stage.sdk.send(new VerifyUserAttributeCommand({ AccessToken, AttributeName: "email", Code }));
  assert.equal(await emailOf(UserPoolId, username), changed);
});

test("a lost password is recovered as the pool says, or by an administrator only", async () => {
  const { UserPoolId, ClientId } = await poolAndClient({
    AccountRecoverySetting: { RecoveryMechanisms: [{ Name: "verified_email", Priority: 1 }] },
  });
  const { username: Username } = await confirmedUser(stage.sdk, UserPoolId);
  const forgot = () => stage.sdk.send(new ForgotPasswordCommand({ ClientId, Username }));
  assert.equal((await forgot()).CodeDeliveryDetails.AttributeName, "email");
  const ConfirmationCode = await stage.emulator.code(Username);
  await stage.sdk.send(
    new ConfirmForgotPasswordCommand({ ClientId, Username, ConfirmationCode, Password: "Another-Horse-1" }),
  );

  const RecoveryMechanisms = [{ Name: "admin_only", Priority: 1 }];
  await stage.sdk.send(new UpdateUserPoolCommand({ UserPoolId, AccountRecoverySetting: { RecoveryMechanisms } }));
  await assert.rejects(forgot(), NotAuthorizedException);
});

test("attributes have the types and bounds of their schema, and the standard ones theirs", async () => {
  const { UserPoolId, ClientId } = await poolAndClient({
    Schema: [
      { Name: "badge", AttributeDataType: "Number", NumberAttributeConstraints: { MinValue: "1", MaxValue: "99" } },
      { Name: "since", AttributeDataType: "DateTime" },
    ],
  });
  const { UserPool } = await stage.sdk.send(new DescribeUserPoolCommand({ UserPoolId }));
  const birthdate = UserPool.SchemaAttributes.find(({ Name }) => Name === "birthdate");
  assert.deepEqual(birthdate.StringAttributeConstraints, { MinLength: "10", MaxLength: "10" });
  const signUp = (attributes) =>
    stage.sdk.send(
      new SignUpCommand({
        ClientId,
        Username: someone().username,
        Password: PASSWORD,
        UserAttributes: Object.entries(attributes).map(([Name, Value]) => ({ Name, Value })),
      }),
    );
  for (const wrong of [
    { "custom:badge": "100" },
    { "custom:badge": "ten" },
    { "custom:since": "yesterday" },
    { birthdate: "1.1.1990" },
  ]) {
    await assert.rejects(signUp(wrong), InvalidParameterException, JSON.stringify(wrong));
  }
  await signUp({ "custom:badge": "99", "custom:since": "2026-12-01T08:00:00Z", birthdate: "1990-01-01" });
});

test("a pool with deletion protection is not deleted", async () => {
  const { UserPoolId } = await poolAndClient({ DeletionProtection: "ACTIVE" });
  const remove = () => stage.sdk.send(new DeleteUserPoolCommand({ UserPoolId }));
  await assert.rejects(remove(), InvalidParameterException);
  await stage.sdk.send(new UpdateUserPoolCommand({ UserPoolId, DeletionProtection: "INACTIVE" }));
  await remove();
});

test("a client that says nothing of its refresh tokens is shown with thirty days", async () => {
  const { UserPoolId, ClientId } = await poolAndClient();
  const { UserPoolClient } = await stage.sdk.send(new DescribeUserPoolClientCommand({ UserPoolId, ClientId }));
  assert.equal(UserPoolClient.RefreshTokenValidity, 30);
});

test("a value that does not fit is quoted, unless the service's model calls it sensitive, and all are counted", async () => {
  const said = (command) =>
    stage.sdk.send(command).then(
      () => assert.fail("it was accepted"),
      ({ message }) => message,
    );
  assert.equal(
    await said(new ConfirmSignUpCommand({ ClientId, Username: "alice", ConfirmationCode: "1 12 123" })),
    "1 validation error detected: Value '1 12 123' at 'confirmationCode' failed to satisfy constraint: " +
      "Member must satisfy regular expression pattern: [\\S]+",
  );
  const both = await said(new SignUpCommand({ ClientId, Username: "two names", Password: " blank" }));
  assert.match(both, /^2 validation errors detected: Value at 'password' failed .*; Value at 'username' failed /);
  const AuthParameters = { USERNAME: "two names", PASSWORD };
  assert.match(
    await said(new InitiateAuthCommand({ ClientId, AuthFlow: "USER_PASSWORD_AUTH", AuthParameters })),
    /^1 validation error detected: Value at 'username' failed /,
  );
});

/** A pool of its own, and a client for an administrator's sign-ins and a user's passwords. */
async function poolAndClient(settings = {}) {
  const { UserPool } = await stage.sdk.send(new CreateUserPoolCommand({ PoolName: "made-by-code", ...settings }));
  const { UserPoolClient } = await stage.sdk.send(
    new CreateUserPoolClientCommand({
      UserPoolId: UserPool.Id,
      ClientName: "server",
      ExplicitAuthFlows: ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    }),
  );
  return { UserPoolId: UserPool.Id, ClientId: UserPoolClient.ClientId };
}

async function adminSignIn(UserPoolId, ClientId, username) {
  const AuthParameters = { USERNAME: username, PASSWORD };
  const { AuthenticationResult } = await stage.sdk.send(
    new AdminInitiateAuthCommand({ UserPoolId, ClientId, AuthFlow: "ADMIN_USER_PASSWORD_AUTH", AuthParameters }),
  );
  return AuthenticationResult;
}

function claimsOf({ IdToken, AccessToken }) {
  const claims = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
  return { id: claims(IdToken), access: claims(AccessToken) };
}

async function emailOf(UserPoolId, Username) {
  const { UserAttributes } = await stage.sdk.send(new AdminGetUserCommand({ UserPoolId, Username }));
  return UserAttributes.find(({ Name }) => Name === "email").Value;
}

//! What ends a sign-in, and what its tokens are answered with then.

use serde_json::{Value, json};

use crate::testing::{CLIENT, PASSWORD, POOL, ROTATING, Tokens, World};

const ACCESS_REVOKED: &str = "NotAuthorizedException: Access Token has been revoked";
const REFRESH_REVOKED: &str = "NotAuthorizedException: Refresh Token has been revoked";

fn refresh(client: &str, token: &str) -> Value {
    json!({"ClientId": client, "RefreshToken": token})
}

fn refreshed(world: &mut World, client: &str, tokens: &Tokens) -> Tokens {
    let answer = world.ok("GetTokensFromRefreshToken", refresh(client, &tokens.refresh()));
    Tokens(answer["AuthenticationResult"].clone())
}

fn alice() -> Value {
    json!({"UserPoolId": POOL, "Username": "alice"})
}

#[test]
fn every_operation_that_takes_an_access_token_refuses_a_revoked_one() {
    let mut world = World::with_user("alice");
    let tokens = world.tokens(CLIENT, "alice");
    world.ok("RevokeToken", json!({"ClientId": CLIENT, "Token": tokens.refresh()}));
    let email = json!("email");
    for (operation, members) in [
        ("GetUser", json!({})),
        ("GlobalSignOut", json!({})),
        ("DeleteUser", json!({})),
        (
            "ChangePassword",
            json!({"PreviousPassword": PASSWORD, "ProposedPassword": "N3w-Passw0rd!"}),
        ),
        (
            "UpdateUserAttributes",
            json!({"UserAttributes": [{"Name": "name", "Value": "A"}]}),
        ),
        ("DeleteUserAttributes", json!({"UserAttributeNames": ["name"]})),
        ("GetUserAttributeVerificationCode", json!({"AttributeName": email})),
        ("VerifyUserAttribute", json!({"AttributeName": email, "Code": "123456"})),
        (
            "ConfirmDevice",
            json!({"DeviceKey": "a_0", "DeviceSecretVerifierConfig": {"Salt": "AQ==", "PasswordVerifier": "Ag=="}}),
        ),
        ("GetDevice", json!({"DeviceKey": "a_0"})),
        ("ListDevices", json!({})),
        ("UpdateDeviceStatus", json!({"DeviceKey": "a_0"})),
        ("ForgetDevice", json!({"DeviceKey": "a_0"})),
        ("ListUserSessions", json!({})),
        (
            "RevokeUserSession",
            json!({"SessionId": format!("tkn{}", "a".repeat(25))}),
        ),
        ("StartWebAuthnRegistration", json!({})),
        ("CompleteWebAuthnRegistration", json!({"Credential": {}})),
        ("ListWebAuthnCredentials", json!({})),
        ("DeleteWebAuthnCredential", json!({"CredentialId": "AAAA"})),
    ] {
        let mut request = members;
        request["AccessToken"] = json!(tokens.access());
        assert_eq!(world.refused(operation, request), ACCESS_REVOKED, "{operation}");
    }
}

#[test]
fn revoking_any_refresh_token_of_a_sign_in_ends_all_tokens_of_its_origin_and_no_others() {
    let mut world = World::with_user("alice");
    let first = world.tokens(ROTATING, "alice");
    let second = refreshed(&mut world, ROTATING, &first);
    let third = refreshed(&mut world, ROTATING, &second);
    let elsewhere = world.tokens(ROTATING, "alice");
    // The oldest, which is long spent.
    world.ok("RevokeToken", json!({"ClientId": ROTATING, "Token": first.refresh()}));
    for tokens in [&first, &second, &third] {
        assert_eq!(
            world.refused("GetUser", json!({"AccessToken": tokens.access()})),
            ACCESS_REVOKED
        );
        assert_eq!(
            world.refused("GetTokensFromRefreshToken", refresh(ROTATING, &tokens.refresh())),
            REFRESH_REVOKED
        );
    }
    world.ok("GetUser", json!({"AccessToken": elsewhere.access()}));
    refreshed(&mut world, ROTATING, &elsewhere);
}

#[test]
fn a_late_reuse_is_refused_and_the_sign_in_goes_on() {
    let mut world = World::with_user("alice");
    let first = world.tokens(ROTATING, "alice");
    let second = refreshed(&mut world, ROTATING, &first);
    for _ in 0..2 {
        let refused = world.refused("GetTokensFromRefreshToken", refresh(ROTATING, &first.refresh()));
        assert_eq!(refused, "RefreshTokenReuseException: Refresh token has been reused.");
    }
    world.ok("GetUser", json!({"AccessToken": second.access()}));
    refreshed(&mut world, ROTATING, &second);
}

#[test]
fn sign_out_everywhere_ends_every_sign_in_of_the_user_and_of_no_other() {
    for by_admin in [false, true] {
        let mut world = World::with_user("alice");
        world.add_user("bob");
        let (one, other) = (world.tokens(CLIENT, "alice"), world.tokens(ROTATING, "alice"));
        let bobs = world.tokens(CLIENT, "bob");
        if by_admin {
            world.ok("AdminUserGlobalSignOut", alice());
        } else {
            world.ok("GlobalSignOut", json!({"AccessToken": one.access()}));
        }
        for (client, tokens) in [(CLIENT, &one), (ROTATING, &other)] {
            assert_eq!(
                world.refused("GetUser", json!({"AccessToken": tokens.access()})),
                ACCESS_REVOKED
            );
            assert_eq!(
                world.refused("GetTokensFromRefreshToken", refresh(client, &tokens.refresh())),
                REFRESH_REVOKED
            );
        }
        refreshed(&mut world, CLIENT, &bobs);
        let again = world.tokens(CLIENT, "alice");
        refreshed(&mut world, CLIENT, &again);
    }
}

#[test]
fn a_disabled_users_sign_ins_end_for_good() {
    let mut world = World::with_user("alice");
    let tokens = world.tokens(CLIENT, "alice");
    world.ok("AdminDisableUser", alice());
    assert_eq!(
        world.refused("GetUser", json!({"AccessToken": tokens.access()})),
        "NotAuthorizedException: User is disabled."
    );
    let request = refresh(CLIENT, &tokens.refresh());
    assert_eq!(
        world.refused("GetTokensFromRefreshToken", request.clone()),
        REFRESH_REVOKED
    );
    world.ok("AdminEnableUser", alice());
    assert_eq!(world.refused("GetTokensFromRefreshToken", request), REFRESH_REVOKED);
    assert_eq!(
        world.refused("GetUser", json!({"AccessToken": tokens.access()})),
        ACCESS_REVOKED
    );
}

#[test]
fn deleted_users_tokens_are_refused_even_if_the_name_comes_back() {
    for by_admin in [false, true] {
        let mut world = World::with_user("alice");
        let tokens = world.tokens(CLIENT, "alice");
        if by_admin {
            world.ok("AdminDeleteUser", alice());
        } else {
            world.ok("DeleteUser", json!({"AccessToken": tokens.access()}));
        }
        world.add_user("alice");
        assert_eq!(
            world.refused("GetUser", json!({"AccessToken": tokens.access()})),
            "UserNotFoundException: User does not exist."
        );
        let refused = world.refused("GetTokensFromRefreshToken", refresh(CLIENT, &tokens.refresh()));
        assert!(
            refused.starts_with("NotAuthorizedException: The user has been deleted"),
            "{refused}"
        );
    }
}

#[test]
fn a_refresh_token_expires_when_the_client_said_at_sign_in() {
    let mut world = World::with_user("alice");
    let request = json!({
        "UserPoolId": POOL,
        "ClientId": CLIENT,
        "RefreshTokenValidity": 9,
        "TokenValidityUnits": {"RefreshToken": "seconds"},
    });
    world.ok("UpdateUserPoolClient", request);
    let tokens = world.tokens(CLIENT, "alice");
    world.now += 8_999;
    refreshed(&mut world, CLIENT, &tokens);
    world.now += 1;
    assert_eq!(
        world.refused("GetTokensFromRefreshToken", refresh(CLIENT, &tokens.refresh())),
        "NotAuthorizedException: Refresh Token has expired"
    );
}

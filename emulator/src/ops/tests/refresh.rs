//! Refreshing, rotation, revocation.

use serde_json::{Value, json};

use crate::clock::SECOND;
use crate::testing::{CLIENT, LEGACY, POOL, ROTATING, Tokens, World};

fn refresh(client: &str, token: &str) -> Value {
    json!({"ClientId": client, "RefreshToken": token})
}

fn old_refresh(client: &str, token: &str) -> Value {
    json!({"ClientId": client, "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": {"REFRESH_TOKEN": token}})
}

#[test]
fn both_ways_to_refresh_give_new_tokens_of_the_same_sign_in() {
    let mut world = World::with_user("alice");
    let first = world.tokens(CLIENT, "alice");
    world.now += 10 * SECOND;
    for (operation, request) in [
        ("GetTokensFromRefreshToken", refresh(CLIENT, &first.refresh())),
        ("InitiateAuth", old_refresh(CLIENT, &first.refresh())),
    ] {
        let next = Tokens(world.ok(operation, request)["AuthenticationResult"].clone());
        assert!(next.0.get("RefreshToken").is_none());
        for name in ["AccessToken", "IdToken"] {
            let (before, after) = (first.claims(name), next.claims(name));
            for kept in ["auth_time", "origin_jti", "sub"] {
                assert_eq!(before[kept], after[kept], "{kept}");
            }
            assert_eq!(after["iat"].as_i64().unwrap(), before["iat"].as_i64().unwrap() + 10);
            for fresh in ["jti", "event_id"] {
                assert_ne!(before[fresh], after[fresh], "{fresh}");
            }
        }
    }
}

#[test]
fn with_rotation_each_refresh_spends_the_token_and_gives_another() {
    let mut world = World::with_user("alice");
    let first = world.tokens(ROTATING, "alice");
    let second = Tokens(
        world.ok("GetTokensFromRefreshToken", refresh(ROTATING, &first.refresh()))["AuthenticationResult"].clone(),
    );
    assert_ne!(first.refresh(), second.refresh());
    let refused = world.refused("GetTokensFromRefreshToken", refresh(ROTATING, &first.refresh()));
    assert!(refused.starts_with("RefreshTokenReuseException: "), "{refused}");
    world.ok("GetTokensFromRefreshToken", refresh(ROTATING, &second.refresh()));
}

#[test]
fn with_rotation_a_spent_token_works_again_within_the_grace() {
    let mut world = World::with_user("alice");
    let request = json!({
        "UserPoolId": POOL,
        "ClientName": "c",
        "RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 30},
    });
    let client = world.ok("CreateUserPoolClient", request)["UserPoolClient"]["ClientId"]
        .as_str()
        .unwrap()
        .to_owned();
    let first = world.tokens(&client, "alice").refresh();
    world.ok("GetTokensFromRefreshToken", refresh(&client, &first));
    world.now += 30 * SECOND - 1;
    world.ok("GetTokensFromRefreshToken", refresh(&client, &first));
    world.now += 1;
    let refused = world.refused("GetTokensFromRefreshToken", refresh(&client, &first));
    assert!(refused.starts_with("RefreshTokenReuseException: "), "{refused}");
}

#[test]
fn with_rotation_the_older_flow_is_refused() {
    let mut world = World::with_user("alice");
    let token = world.tokens(ROTATING, "alice").refresh();
    assert_eq!(
        world.refused("InitiateAuth", old_refresh(ROTATING, &token)),
        "InvalidParameterException: REFRESH_TOKEN_AUTH flow not enabled for this client"
    );
}

#[test]
fn with_rotation_the_older_flow_is_refused_to_a_client_that_lists_no_flows_too() {
    let mut world = World::with_user("alice");
    let rotation = json!({"Feature": "ENABLED", "RetryGracePeriodSeconds": 0});
    let request = json!({"UserPoolId": POOL, "ClientName": "c", "RefreshTokenRotation": rotation});
    let client = world.ok("CreateUserPoolClient", request)["UserPoolClient"]["ClientId"]
        .as_str()
        .unwrap()
        .to_owned();
    let token = world.tokens(&client, "alice").refresh();
    let refused = world.refused("InitiateAuth", old_refresh(&client, &token));
    assert!(refused.ends_with("flow not enabled for this client"), "{refused}");
}

#[test]
fn token_that_was_never_issued_is_invalid() {
    let mut world = World::new();
    assert_eq!(
        world.refused("GetTokensFromRefreshToken", refresh(CLIENT, "a.b.c.d.e")),
        "NotAuthorizedException: Invalid Refresh Token."
    );
}

#[test]
fn another_clients_token_is_invalid() {
    let mut world = World::with_user("alice");
    let token = world.tokens(CLIENT, "alice").refresh();
    assert_eq!(
        world.refused("GetTokensFromRefreshToken", refresh(LEGACY, &token)),
        "NotAuthorizedException: Invalid Refresh Token."
    );
}

#[test]
fn a_revoked_sign_in_cannot_be_refreshed_and_its_access_token_is_refused() {
    let mut world = World::with_user("alice");
    let (revoked, other) = (world.tokens(CLIENT, "alice"), world.tokens(CLIENT, "alice"));
    world.ok("RevokeToken", json!({"ClientId": CLIENT, "Token": revoked.refresh()}));
    assert_eq!(
        world.refused("GetTokensFromRefreshToken", refresh(CLIENT, &revoked.refresh())),
        "NotAuthorizedException: Refresh Token has been revoked"
    );
    assert_eq!(
        world.refused("GetUser", json!({"AccessToken": revoked.access()})),
        "NotAuthorizedException: Access Token has been revoked"
    );
    world.ok("GetTokensFromRefreshToken", refresh(CLIENT, &other.refresh()));
}

#[test]
fn token_can_be_revoked_twice_and_so_can_one_that_was_never_issued() {
    let mut world = World::with_user("alice");
    let token = world.tokens(CLIENT, "alice").refresh();
    for token in [token.as_str(), token.as_str(), "a.b.c.d.e"] {
        world.ok("RevokeToken", json!({"ClientId": CLIENT, "Token": token}));
    }
}

#[test]
fn only_refresh_tokens_of_the_same_client_can_be_revoked() {
    let mut world = World::with_user("alice");
    let tokens = world.tokens(CLIENT, "alice");
    let refused = world.refused("RevokeToken", json!({"ClientId": CLIENT, "Token": tokens.access()}));
    assert!(refused.starts_with("UnsupportedTokenTypeException: "), "{refused}");
    let refused = world.refused("RevokeToken", json!({"ClientId": LEGACY, "Token": tokens.refresh()}));
    assert!(refused.starts_with("UnauthorizedException: "), "{refused}");
}

#[test]
fn a_client_can_switch_revocation_off() {
    let mut world = World::with_user("alice");
    let request = json!({"UserPoolId": POOL, "ClientName": "c", "EnableTokenRevocation": false});
    let client = world.ok("CreateUserPoolClient", request)["UserPoolClient"]["ClientId"]
        .as_str()
        .unwrap()
        .to_owned();
    let token = world.tokens(&client, "alice").refresh();
    let refused = world.refused("RevokeToken", json!({"ClientId": client, "Token": token}));
    assert!(refused.starts_with("UnsupportedOperationException: "), "{refused}");
}

#[test]
fn a_client_with_a_secret_refreshes_and_revokes_with_the_secret_itself() {
    let mut world = World::with_user("alice");
    let request = json!({"UserPoolId": POOL, "ClientName": "c", "GenerateSecret": true});
    let client = world.ok("CreateUserPoolClient", request)["UserPoolClient"].clone();
    let mut request = json!({"ClientId": client["ClientId"], "RefreshToken": "a.b.c.d.e", "Token": "a.b.c.d.e"});
    for operation in ["GetTokensFromRefreshToken", "RevokeToken"] {
        let refused = world.refused(operation, request.clone());
        assert!(
            refused.starts_with("NotAuthorizedException: Unable to verify secret"),
            "{refused}"
        );
    }
    request["ClientSecret"] = client["ClientSecret"].clone();
    world.ok("RevokeToken", request);
}

#[test]
fn a_deleted_user_cannot_refresh() {
    let mut world = World::with_user("alice");
    let token = world.tokens(CLIENT, "alice").refresh();
    let alice = json!({"UserPoolId": POOL, "Username": "alice"});
    world.ok("AdminDeleteUser", alice);
    assert_eq!(
        world.refused("GetTokensFromRefreshToken", refresh(CLIENT, &token)),
        "NotAuthorizedException: The user has been deleted for the associated refresh token"
    );
}

//! The list of a user's sessions, and ending one of them.

use serde_json::{Value, json};

use super::device_srp::Laptop;
use super::devices::tracking;
use crate::testing::{CLIENT, LEGACY, POOL, ROTATING, Tokens, World};

const GONE: &str = "ResourceNotFoundException: Session does not exist.";

fn sessions(world: &mut World, tokens: &Tokens) -> Vec<Value> {
    let answer = world.ok("ListUserSessions", json!({"AccessToken": tokens.access()}));
    answer["Sessions"].as_array().unwrap().clone()
}

fn id(session: &Value) -> String {
    session["SessionId"].as_str().unwrap().to_owned()
}

fn alice(members: Value) -> Value {
    let mut request = json!({"UserPoolId": POOL, "Username": "alice"});
    if let (Some(to), Some(from)) = (request.as_object_mut(), members.as_object()) {
        to.extend(from.clone());
    }
    request
}

#[test]
fn a_user_sees_every_session_of_theirs_and_which_one_this_is() {
    let mut world = World::with_user("alice");
    world.add_user("bob");
    world.tokens(CLIENT, "bob");
    let phone = world.tokens(CLIENT, "alice");
    world.now += 1_000;
    let laptop = world.tokens(LEGACY, "alice");
    let listed = sessions(&mut world, &laptop);
    let shown: Vec<_> = listed
        .iter()
        .map(|one| {
            (
                one["ClientId"].clone(),
                one["IsCurrentSession"].clone(),
                one["SessionType"].clone(),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            (json!(CLIENT), json!(false), json!("TOKEN")),
            (json!(LEGACY), json!(true), json!("TOKEN"))
        ]
    );
    for session in &listed {
        let id = id(session);
        assert!(id.starts_with("tkn") && id.len() == 28, "{id}");
    }
    let of_admin = world.ok("AdminListUserSessions", alice(json!({})))["Sessions"].clone();
    for (one, other) in of_admin.as_array().unwrap().iter().zip(&listed) {
        assert_eq!(one["SessionId"], other["SessionId"]);
        assert_eq!(one["IsCurrentSession"], false);
    }
    assert_eq!(sessions(&mut world, &phone)[0]["IsCurrentSession"], true);
}

#[test]
fn a_session_was_last_active_when_it_was_last_refreshed() {
    let mut world = World::with_user("alice");
    for (client, request) in [
        (CLIENT, ["REFRESH_TOKEN_AUTH", "InitiateAuth"]),
        (ROTATING, ["", "GetTokensFromRefreshToken"]),
    ] {
        let tokens = world.tokens(client, "alice");
        let created = world.now as f64 / 1000.0;
        world.now += 60_000;
        let [flow, operation] = request;
        let parameters = json!({"REFRESH_TOKEN": tokens.refresh()});
        let request = json!({
            "ClientId": client, "RefreshToken": tokens.refresh(), "AuthFlow": flow, "AuthParameters": parameters,
        });
        world.ok(operation, request);
        let session = sessions(&mut world, &tokens).pop().unwrap();
        assert_eq!(session["ClientId"], client);
        assert_eq!(session["CreateDate"], created);
        assert_eq!(session["LastActiveDate"], created + 60.0);
    }
}

#[test]
fn a_session_names_the_device_that_was_confirmed_in_it() {
    let mut world = World::with_user("alice");
    let before = world.tokens(CLIENT, "alice");
    assert_eq!(sessions(&mut world, &before)[0]["DeviceType"], "unknown");
    world.ok("UpdateUserPool", tracking(Some(json!({}))));
    let tokens = world.tokens(CLIENT, "alice");
    Laptop::offered(&tokens).confirm(&mut world, &tokens);
    let named: Vec<_> = sessions(&mut world, &tokens)
        .iter()
        .filter(|session| session["IsCurrentSession"] == true)
        .map(|session| session["DeviceType"].clone())
        .collect();
    assert_eq!(named, ["Laptop"]);
}

#[test]
fn a_revoked_session_ends_its_tokens_and_leaves_the_list() {
    let mut world = World::with_user("alice");
    let phone = world.tokens(CLIENT, "alice");
    world.now += 1_000;
    let laptop = world.tokens(CLIENT, "alice");
    let listed = sessions(&mut world, &laptop);
    let revoke = json!({"AccessToken": laptop.access(), "SessionId": id(&listed[0])});
    assert_eq!(world.ok("RevokeUserSession", revoke.clone()), json!({}));
    assert_eq!(
        world.refused("GetUser", json!({"AccessToken": phone.access()})),
        "NotAuthorizedException: Access Token has been revoked"
    );
    assert_eq!(
        world.refused(
            "GetTokensFromRefreshToken",
            json!({"ClientId": CLIENT, "RefreshToken": phone.refresh()})
        ),
        "NotAuthorizedException: Refresh Token has been revoked"
    );
    assert_eq!(sessions(&mut world, &laptop).len(), 1);
    assert_eq!(world.refused("RevokeUserSession", revoke), GONE);
}

#[test]
fn the_current_session_and_those_of_others_are_left_alone() {
    let mut world = World::with_user("alice");
    world.add_user("bob");
    let (alices, bobs) = (world.tokens(CLIENT, "alice"), world.tokens(CLIENT, "bob"));
    let own = id(&sessions(&mut world, &alices)[0]);
    let revoke = |id: &str| json!({"AccessToken": alices.access(), "SessionId": id});
    assert_eq!(
        world.refused("RevokeUserSession", revoke(&own)),
        "InvalidParameterException: The current session can't be revoked."
    );
    let other = id(&sessions(&mut world, &bobs)[0]);
    assert_eq!(world.refused("RevokeUserSession", revoke(&other)), GONE);
    let refused = world.refused("RevokeUserSession", revoke("tkn1"));
    assert!(refused.contains("Value 'tkn1' at 'sessionId'"), "{refused}");
    let mut wrong = revoke(&own);
    wrong["RevokeAssociatedSessions"] = json!("ALL");
    let refused = world.refused("RevokeUserSession", wrong);
    assert!(
        refused.contains("Value 'ALL' at 'revokeAssociatedSessions'"),
        "{refused}"
    );
}

#[test]
fn an_administrator_ends_any_session_of_the_named_user() {
    let mut world = World::with_user("alice");
    world.add_user("bob");
    let (alices, bobs) = (world.tokens(CLIENT, "alice"), world.tokens(CLIENT, "bob"));
    let others = id(&sessions(&mut world, &bobs)[0]);
    let own = id(&sessions(&mut world, &alices)[0]);
    let revoke = |id: &str| alice(json!({"SessionId": id, "RevokeAssociatedSessions": "LINKED"}));
    assert_eq!(world.refused("AdminRevokeUserSession", revoke(&others)), GONE);
    world.ok("AdminRevokeUserSession", revoke(&own));
    let listed = world.ok("AdminListUserSessions", alice(json!({})));
    assert_eq!(listed, json!({"Sessions": []}));
}

#[test]
fn a_session_ends_with_its_refresh_token() {
    let mut world = World::with_user("alice");
    world.tokens(CLIENT, "alice");
    let listed = |world: &mut World| world.ok("AdminListUserSessions", alice(json!({})))["Sessions"].clone();
    world.now += 30 * 24 * 3_600_000 - 1;
    assert_eq!(listed(&mut world).as_array().unwrap().len(), 1);
    world.now += 1;
    assert_eq!(listed(&mut world), json!([]));
}

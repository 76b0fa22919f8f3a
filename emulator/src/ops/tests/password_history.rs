//! `PasswordHistorySize`: passwords that cannot be taken again.

use serde_json::{Value, json};

use super::sign_in_world::adjust;
use crate::testing::{CLIENT, PASSWORD, POOL, World};

const USED: &str = "PasswordHistoryPolicyViolationException: Password has previously been used";

/// Alice, in a pool that remembers so many passwords.
fn world(size: i64) -> World {
    let mut world = World::with_user("alice");
    adjust(&mut world, json!({"passwordHistorySize": size}));
    world
}

fn numbered(number: usize) -> String {
    format!("Passw0rd!{number}")
}

fn set(password: &str, permanent: bool) -> Value {
    json!({"UserPoolId": POOL, "Username": "alice", "Password": password, "Permanent": permanent})
}

#[test]
fn as_many_passwords_as_the_policy_says_are_refused_the_current_one_among_them() {
    let mut world = world(3);
    for number in 1..=3 {
        world.ok("AdminSetUserPassword", set(&numbered(number), true));
    }
    for number in 1..=3 {
        assert_eq!(
            world.refused("AdminSetUserPassword", set(&numbered(number), true)),
            USED
        );
    }
    world.ok("AdminSetUserPassword", set(PASSWORD, true));
    // Now the oldest of them is free.
    world.ok("AdminSetUserPassword", set(&numbered(1), true));
}

#[test]
fn a_changed_password_is_another_and_the_old_one_goes_on() {
    let mut world = world(1);
    let token = world.tokens(CLIENT, "alice").access();
    let change =
        |proposed: &str| json!({"AccessToken": token, "PreviousPassword": PASSWORD, "ProposedPassword": proposed});
    assert_eq!(world.refused("ChangePassword", change(PASSWORD)), USED);
    assert!(world.srp(CLIENT, "alice", PASSWORD).is_ok());
    world.ok("ChangePassword", change(&numbered(1)));
}

#[test]
fn a_recovered_password_is_another_and_the_code_stays_good_for_it() {
    let mut world = world(1);
    world.ok("ForgotPassword", json!({"ClientId": CLIENT, "Username": "alice"}));
    let code = world.last_code();
    let confirm = |code: &str, password: &str| json!({"ClientId": CLIENT, "Username": "alice", "ConfirmationCode": code, "Password": password});
    // A caller without the code learns nothing of the passwords.
    let refused = world.refused("ConfirmForgotPassword", confirm("nocode", PASSWORD));
    assert!(refused.starts_with("CodeMismatchException"), "{refused}");
    assert_eq!(world.refused("ConfirmForgotPassword", confirm(&code, PASSWORD)), USED);
    world.ok("ConfirmForgotPassword", confirm(&code, &numbered(1)));
}

#[test]
fn a_temporary_password_is_not_taken_for_good_and_the_session_stays_open() {
    let mut world = world(2);
    world.ok("AdminSetUserPassword", set(&numbered(1), false));
    let challenge = world.srp(CLIENT, "alice", &numbered(1)).unwrap();
    let answer = |password: &str| {
        json!({
            "ClientId": CLIENT,
            "ChallengeName": "NEW_PASSWORD_REQUIRED",
            "Session": challenge["Session"],
            "ChallengeResponses": {"USERNAME": "alice", "NEW_PASSWORD": password},
        })
    };
    for used in [&numbered(1), PASSWORD] {
        assert_eq!(world.refused("RespondToAuthChallenge", answer(used)), USED);
    }
    world.ok("RespondToAuthChallenge", answer(&numbered(2)));
}

#[test]
fn an_invitation_that_is_sent_again_takes_another_password() {
    let mut world = world(1);
    let mut request = json!({"UserPoolId": POOL, "Username": "bob", "TemporaryPassword": numbered(1)});
    world.ok("AdminCreateUser", request.clone());
    request["MessageAction"] = json!("RESEND");
    assert_eq!(world.refused("AdminCreateUser", request.clone()), USED);
    request["TemporaryPassword"] = json!(numbered(2));
    world.ok("AdminCreateUser", request);
}

#[test]
fn without_a_history_a_password_may_be_taken_again() {
    let mut world = World::with_user("alice");
    world.ok("AdminSetUserPassword", set(PASSWORD, true));
}

#[test]
fn a_pool_remembers_up_to_24_passwords() {
    let mut world = world(24);
    for number in 0..23 {
        world.ok("AdminSetUserPassword", set(&numbered(number), true));
    }
    assert_eq!(world.refused("AdminSetUserPassword", set(PASSWORD, true)), USED);
    world.ok("AdminSetUserPassword", set(&numbered(23), true));
    world.ok("AdminSetUserPassword", set(PASSWORD, true));

    let policies = |size: i64| json!({"PoolName": "p", "Policies": {"PasswordPolicy": {"PasswordHistorySize": size}}});
    let refused = world.refused("CreateUserPool", policies(25));
    assert!(
        refused.contains("'policies.passwordPolicy.passwordHistorySize'"),
        "{refused}"
    );
    let made = world.ok("CreateUserPool", policies(24));
    assert_eq!(
        made["UserPool"]["Policies"]["PasswordPolicy"]["PasswordHistorySize"],
        24
    );
}

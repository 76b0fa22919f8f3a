//! Recovering and changing a password.

use serde_json::{Value, json};

use crate::clock::{HOUR, MINUTE};
use crate::testing::{CLIENT, LEGACY, PASSWORD, World};

const NEW: &str = "An0ther-one";
const LIMIT: &str = "LimitExceededException: Attempt limit exceeded, please try after some time.";

fn forgot(client: &str, name: &str) -> Value {
    json!({"ClientId": client, "Username": name})
}

fn confirm(name: &str, code: &str, password: &str) -> Value {
    json!({"ClientId": CLIENT, "Username": name, "ConfirmationCode": code, "Password": password})
}

#[test]
fn a_code_recovers_the_password() {
    let mut world = World::with_user("alice");
    let answer = world.ok("ForgotPassword", forgot(CLIENT, "alice"));
    assert_eq!(answer["CodeDeliveryDetails"]["Destination"], "a***@e***");
    let code = world.last_code();
    world.ok("ConfirmForgotPassword", confirm("alice", &code, NEW));
    assert!(world.srp(CLIENT, "alice", PASSWORD).is_err());
    assert!(world.srp(CLIENT, "alice", NEW).is_ok());
    assert!(
        world
            .refused("ConfirmForgotPassword", confirm("alice", &code, NEW))
            .starts_with("ExpiredCodeException")
    );
}

#[test]
fn a_recovery_code_works_for_an_hour_and_for_a_password_that_conforms() {
    let mut world = World::with_user("alice");
    world.ok("ForgotPassword", forgot(CLIENT, "alice"));
    let code = world.last_code();
    let refused = world.refused("ConfirmForgotPassword", confirm("alice", &code, "weak"));
    assert!(refused.starts_with("InvalidPasswordException"), "{refused}");
    world.now += HOUR;
    let refused = world.refused("ConfirmForgotPassword", confirm("alice", &code, NEW));
    assert!(refused.starts_with("ExpiredCodeException"), "{refused}");
}

#[test]
fn wrong_recovery_codes_are_limited() {
    let mut world = World::with_user("alice");
    world.ok("ForgotPassword", forgot(CLIENT, "alice"));
    let wrong = if world.last_code() == "000000" {
        "000001"
    } else {
        "000000"
    };
    for _ in 0..10 {
        let refused = world.refused("ConfirmForgotPassword", confirm("alice", wrong, NEW));
        assert!(refused.starts_with("CodeMismatchException"), "{refused}");
    }
    let refused = world.refused("ConfirmForgotPassword", confirm("alice", wrong, NEW));
    assert_eq!(refused, LIMIT);
}

#[test]
fn five_recovery_codes_an_hour_are_sent() {
    let mut world = World::with_user("alice");
    for _ in 0..5 {
        world.ok("ForgotPassword", forgot(CLIENT, "alice"));
    }
    assert_eq!(world.refused("ForgotPassword", forgot(CLIENT, "alice")), LIMIT);
    world.now += HOUR;
    world.ok("ForgotPassword", forgot(CLIENT, "alice"));
}

#[test]
fn a_user_without_a_verified_address_cannot_recover() {
    let mut world = World::new();
    world.sign_up("alice");
    assert_eq!(
        world.refused("ForgotPassword", forgot(CLIENT, "alice")),
        "InvalidParameterException: Cannot reset password for the user as there is no registered/verified email or \
         phone_number"
    );
}

#[test]
fn an_unknown_user_is_hidden_or_not_as_the_client_says() {
    let mut world = World::new();
    let answer = world.ok("ForgotPassword", forgot(CLIENT, "nobody"));
    assert_eq!(answer["CodeDeliveryDetails"]["DeliveryMedium"], "EMAIL");
    assert!(world.state.outbox.messages().is_empty());
    assert!(
        world
            .refused("ConfirmForgotPassword", confirm("nobody", "123456", NEW))
            .starts_with("CodeMismatch")
    );
    assert_eq!(
        world.refused("ForgotPassword", forgot(LEGACY, "nobody")),
        "UserNotFoundException: Username/client id combination not found."
    );
}

#[test]
fn a_password_is_changed_with_the_old_one() {
    let mut world = World::with_user("alice");
    let access = world.tokens(CLIENT, "alice").access();
    let change = |previous: Value, proposed: &str| json!({"AccessToken": access, "PreviousPassword": previous, "ProposedPassword": proposed});
    assert_eq!(
        world.refused("ChangePassword", change(Value::Null, NEW)),
        "InvalidParameterException: Missing required parameter OldPassword"
    );
    assert_eq!(
        world.refused("ChangePassword", change(json!("wrong"), NEW)),
        "NotAuthorizedException: Incorrect username or password."
    );
    assert!(
        world
            .refused("ChangePassword", change(json!(PASSWORD), "weak"))
            .starts_with("InvalidPassword")
    );
    world.ok("ChangePassword", change(json!(PASSWORD), NEW));
    assert!(world.srp(CLIENT, "alice", NEW).is_ok());
}

#[test]
fn five_wrong_old_passwords_an_hour_are_looked_at() {
    let mut world = World::with_user("alice");
    let access = world.tokens(CLIENT, "alice").access();
    let change = |previous: &str| json!({"AccessToken": access, "PreviousPassword": previous, "ProposedPassword": NEW});
    for _ in 0..5 {
        assert_eq!(
            world.refused("ChangePassword", change("wrong")),
            "NotAuthorizedException: Incorrect username or password."
        );
    }
    // Longer than the lock-out, which five wrong passwords bring too.
    world.now += MINUTE;
    assert_eq!(world.refused("ChangePassword", change(PASSWORD)), LIMIT);
}

//! What AWS's model says of the members of a request: lengths, patterns, ranges and names.

use serde_json::{Value, json};

use crate::testing::{CLIENT, POOL, World};

fn invalid(member: &str, broken: &str) -> String {
    format!(
        "InvalidParameterException: 1 validation error detected: Value {member} failed to satisfy constraint: \
         Member must {broken}"
    )
}

fn long(length: usize) -> String {
    "a".repeat(length)
}

fn at_least(length: usize) -> String {
    format!("have length greater than or equal to {length}")
}

fn at_most(length: usize) -> String {
    format!("have length less than or equal to {length}")
}

fn pattern(regex: &str) -> String {
    format!("satisfy regular expression pattern: {regex}")
}

#[test]
fn a_member_that_is_too_short_too_long_or_of_other_letters_is_named_with_its_bound() {
    let mut world = World::new();
    let answer = |session: String| json!({"ClientId": CLIENT, "ChallengeName": "SMS_MFA", "Session": session, "ChallengeResponses": {}});
    let confirm = |name: String, code: String| json!({"ClientId": CLIENT, "Username": name, "ConfirmationCode": code});
    let cases: [(&str, Value, &str, String); 16] = [
        ("RespondToAuthChallenge", answer(long(19)), "at 'session'", at_least(20)),
        (
            "RespondToAuthChallenge",
            answer(long(4097)),
            "at 'session'",
            at_most(4096),
        ),
        (
            "VerifySoftwareToken",
            json!({"UserCode": "12345"}),
            "at 'userCode'",
            at_least(6),
        ),
        (
            "VerifySoftwareToken",
            json!({"UserCode": "1234567"}),
            "at 'userCode'",
            at_most(6),
        ),
        (
            "VerifySoftwareToken",
            json!({"UserCode": "12345a"}),
            "at 'userCode'",
            pattern("[0-9]+"),
        ),
        (
            "ConfirmSignUp",
            confirm("alice".into(), "12 34".into()),
            "at 'confirmationCode'",
            pattern(r"[\S]+"),
        ),
        (
            "ConfirmSignUp",
            confirm("alice".into(), long(2049)),
            "at 'confirmationCode'",
            at_most(2048),
        ),
        (
            "ConfirmSignUp",
            confirm(String::new(), "1".into()),
            "'' at 'username'",
            at_least(1),
        ),
        (
            "ConfirmSignUp",
            confirm("two names".into(), "1".into()),
            "'two names' at 'username'",
            pattern(r"[\p{L}\p{M}\p{S}\p{N}\p{P}]+"),
        ),
        (
            "SignUp",
            json!({"ClientId": CLIENT, "Username": "alice", "Password": long(257)}),
            "at 'password'",
            at_most(256),
        ),
        (
            "SignUp",
            json!({"ClientId": "two-clients", "Username": "alice", "Password": "p"}),
            "'two-clients' at 'clientId'",
            pattern(r"[\w+]+"),
        ),
        (
            "GetDevice",
            json!({"DeviceKey": "us-east-1_XYZ"}),
            "'us-east-1_XYZ' at 'deviceKey'",
            pattern(r"[\w-]+_[0-9a-f-]+"),
        ),
        (
            "GetUser",
            json!({"AccessToken": "a token"}),
            "at 'accessToken'",
            pattern("[A-Za-z0-9-_=.]+"),
        ),
        (
            "RevokeUserSession",
            json!({"SessionId": long(27)}),
            &format!("'{}' at 'sessionId'", long(27)),
            at_least(28),
        ),
        (
            "DescribeUserPool",
            json!({"UserPoolId": "nowhere"}),
            "'nowhere' at 'userPoolId'",
            pattern(r"[\w-]+_[0-9a-zA-Z]+"),
        ),
        (
            "VerifyUserAttribute",
            json!({"AttributeName": long(33), "Code": "1"}),
            &format!("'{}' at 'attributeName'", long(33)),
            at_most(32),
        ),
    ];
    for (operation, request, member, broken) in cases {
        assert_eq!(
            world.refused(operation, request),
            invalid(member, &broken),
            "{operation}"
        );
    }
}

#[test]
fn a_page_has_sixty_entries_at_most() {
    let mut world = World::with_user("alice");
    let token = world.tokens(CLIENT, "alice").access();
    assert_eq!(
        world.refused("ListDevices", json!({"AccessToken": token, "Limit": 61})),
        invalid("'61' at 'limit'", "have value less than or equal to 60")
    );
    world.ok("ListDevices", json!({"AccessToken": token, "Limit": 0}));
}

#[test]
fn what_a_client_can_be_set_to_has_bounds() {
    let mut world = World::new();
    let client = |settings: Value| {
        let mut request = settings;
        request["UserPoolId"] = json!(POOL);
        request["ClientName"] = json!("c");
        request
    };
    let rotation =
        |grace: i64| json!({"RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": grace}});
    for (settings, member) in [
        (json!({"AuthSessionValidity": 2}), "'AuthSessionValidity'"),
        (json!({"AuthSessionValidity": 16}), "'AuthSessionValidity'"),
        (rotation(61), "'RefreshTokenRotation.RetryGracePeriodSeconds'"),
        (rotation(-1), "'RefreshTokenRotation.RetryGracePeriodSeconds'"),
    ] {
        let refused = world.refused("CreateUserPoolClient", client(settings));
        assert!(refused.contains(member), "{refused}");
    }
    for settings in [
        json!({"AuthSessionValidity": 3}),
        json!({"AuthSessionValidity": 15}),
        rotation(0),
        rotation(60),
    ] {
        world.ok("CreateUserPoolClient", client(settings));
    }
}

#[test]
fn a_flow_or_a_challenge_that_the_service_does_not_have_is_told_from_one_that_is_missing_here() {
    let mut world = World::new();
    let begin = |flow: &str| json!({"ClientId": CLIENT, "AuthFlow": flow});
    let answer = |name: &str| json!({"ClientId": CLIENT, "ChallengeName": name});
    assert_eq!(
        world.refused("InitiateAuth", begin("PIGEON_POST")),
        invalid(
            "'PIGEON_POST' at 'authFlow'",
            "satisfy enum value set: [USER_SRP_AUTH, REFRESH_TOKEN_AUTH, REFRESH_TOKEN, CUSTOM_AUTH, ADMIN_NO_SRP_AUTH, \
             USER_PASSWORD_AUTH, ADMIN_USER_PASSWORD_AUTH, USER_AUTH]"
        )
    );
    assert_eq!(
        world.refused("RespondToAuthChallenge", answer("RIDDLE")),
        invalid(
            "'RIDDLE' at 'challengeName'",
            "satisfy enum value set: [SMS_MFA, EMAIL_OTP, SOFTWARE_TOKEN_MFA, SELECT_MFA_TYPE, MFA_SETUP, \
             PASSWORD_VERIFIER, CUSTOM_CHALLENGE, SELECT_CHALLENGE, DEVICE_SRP_AUTH, DEVICE_PASSWORD_VERIFIER, \
             ADMIN_NO_SRP_AUTH, NEW_PASSWORD_REQUIRED, SMS_OTP, PASSWORD, WEB_AUTHN, PASSWORD_SRP]"
        )
    );
    for refused in [
        world.refused("InitiateAuth", begin("ADMIN_USER_PASSWORD_AUTH")),
        world.refused("RespondToAuthChallenge", answer("ADMIN_NO_SRP_AUTH")),
    ] {
        assert!(refused.starts_with("UnsupportedOperationException: "), "{refused}");
    }
}

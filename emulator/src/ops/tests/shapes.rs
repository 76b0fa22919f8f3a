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
    let cases: [(&str, Value, &str, String); 15] = [
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
            "'12 34' at 'confirmationCode'",
            pattern(r"[\S]+"),
        ),
        (
            "ConfirmSignUp",
            confirm("alice".into(), long(2049)),
            &format!("'{}' at 'confirmationCode'", long(2049)),
            at_most(2048),
        ),
        (
            "ConfirmSignUp",
            confirm("two names".into(), "1".into()),
            "at 'username'",
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
            json!({"ClientId": "two-clients", "Username": "alice", "Password": "pw"}),
            "at 'clientId'",
            pattern(r"[\w+]+"),
        ),
        (
            "GetDevice",
            json!({"AccessToken": "x", "DeviceKey": "us-east-1_XYZ"}),
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
            json!({"AccessToken": "x", "SessionId": long(28)}),
            &format!("'{}' at 'sessionId'", long(28)),
            pattern("^(tkn|sso)[a-z0-9]{25}$"),
        ),
        (
            "DescribeUserPool",
            json!({"UserPoolId": "nowhere"}),
            "'nowhere' at 'userPoolId'",
            pattern(r"[\w-]+_[0-9a-zA-Z]+"),
        ),
        (
            "VerifyUserAttribute",
            json!({"AccessToken": "x", "AttributeName": long(33), "Code": "1"}),
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
        (json!({"AuthSessionValidity": 2}), "'authSessionValidity'"),
        (json!({"AuthSessionValidity": 16}), "'authSessionValidity'"),
        (rotation(61), "'refreshTokenRotation.retryGracePeriodSeconds'"),
        (rotation(-1), "'refreshTokenRotation.retryGracePeriodSeconds'"),
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
fn a_flow_that_is_an_administrators_is_told_from_one_that_does_not_exist() {
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
    assert_eq!(
        world.refused("InitiateAuth", begin("ADMIN_USER_PASSWORD_AUTH")),
        "InvalidParameterException: Initiate Auth method not supported."
    );
}

#[test]
fn all_that_is_wrong_with_a_request_is_counted_and_told_at_once() {
    let mut world = World::new();
    let name = r"[\p{L}\p{M}\p{S}\p{N}\p{P}]+";
    assert_eq!(
        world.refused(
            "SignUp",
            json!({"Username": "", "Password": " ", "UserAttributes": [{"Value": "x"}]})
        ),
        format!(
            "InvalidParameterException: 5 validation errors detected: \
             Value null at 'clientId' failed to satisfy constraint: Member must not be null; \
             Value at 'password' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[\\S]+.*[\\S]+$; \
             Value null at 'userAttributes.1.member.name' failed to satisfy constraint: Member must not be null; \
             Value at 'username' failed to satisfy constraint: Member must have length greater than or equal to 1; \
             Value at 'username' failed to satisfy constraint: Member must satisfy regular expression pattern: {name}"
        )
    );
}

#[test]
fn a_list_is_shown_whole_with_all_that_its_entries_have_to_satisfy() {
    let mut world = World::new();
    let request = json!({"UserPoolId": POOL, "ClientName": "c", "SupportedIdentityProviders": ["", "x"]});
    assert_eq!(
        world.refused("CreateUserPoolClient", request),
        "InvalidParameterException: 1 validation error detected: Value '[, x]' at 'supportedIdentityProviders' failed to \
         satisfy constraint: Member must satisfy constraint: [Member must have length greater than or equal to 1, Member \
         must have length less than or equal to 32, Member must satisfy regular expression pattern: \
         [\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}\\p{Z}]+]"
    );
}

#[test]
fn a_name_among_the_parameters_of_a_sign_in_has_to_look_like_one() {
    let mut world = World::new();
    for flow in ["USER_SRP_AUTH", "USER_PASSWORD_AUTH", "USER_AUTH"] {
        let parameters = json!({"USERNAME": "two names", "PASSWORD": "pw-of-alice", "SRP_A": "ab"});
        let request = json!({"ClientId": CLIENT, "AuthFlow": flow, "AuthParameters": parameters});
        assert_eq!(
            world.refused("InitiateAuth", request),
            invalid("at 'username'", &pattern(r"[\p{L}\p{M}\p{S}\p{N}\p{P}]+")),
            "{flow}"
        );
    }
}

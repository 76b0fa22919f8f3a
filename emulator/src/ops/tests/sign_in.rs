//! USER_PASSWORD_AUTH, lockout, tokens.

use serde_json::{Value, json};

use crate::clock::{HOUR, SECOND, seconds};
use crate::testing::{CLIENT, LEGACY, PASSWORD, POOL, SECRET, Tokens, World};

const WRONG_PASSWORD: &str = "NotAuthorizedException: Incorrect username or password.";

fn sign_in(client: &str, name: &str, password: &str) -> Value {
    json!({
        "ClientId": client,
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": name, "PASSWORD": password},
    })
}

#[test]
fn the_right_password_signs_in_and_a_wrong_one_does_not() {
    let mut world = World::with_user("alice");
    assert!(world.ok("InitiateAuth", sign_in(CLIENT, "ALICE", PASSWORD))["AuthenticationResult"].is_object());
    assert_eq!(
        world.refused("InitiateAuth", sign_in(CLIENT, "alice", "wrong")),
        WRONG_PASSWORD
    );
}

#[test]
fn an_unknown_user_is_a_wrong_password_or_is_not_found_as_the_client_says() {
    let mut world = World::new();
    assert_eq!(
        world.refused("InitiateAuth", sign_in(CLIENT, "nobody", "x")),
        WRONG_PASSWORD
    );
    assert_eq!(
        world.refused("InitiateAuth", sign_in(LEGACY, "nobody", "x")),
        "UserNotFoundException: User does not exist."
    );
}

#[test]
fn an_alias_signs_in_once_its_owner_has_verified_it() {
    let mut world = World::new();
    let request = json!({"PoolName": "p", "AliasAttributes": ["email", "preferred_username"]});
    let pool = world.ok("CreateUserPool", request)["UserPool"]["Id"].clone();
    let request = json!({"UserPoolId": pool, "ClientName": "c", "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]});
    let client = world.ok("CreateUserPoolClient", request)["UserPoolClient"]["ClientId"]
        .as_str()
        .unwrap()
        .to_owned();
    let alice = json!({"UserPoolId": pool, "Username": "alice"});
    let with = |name: &str, value: Value| {
        let mut request = alice.clone();
        request[name] = value;
        request
    };
    let attributes =
        json!([{"Name": "email", "Value": "a@example.com"}, {"Name": "preferred_username", "Value": "ally"}]);
    world.ok("AdminCreateUser", with("UserAttributes", attributes));
    let mut request = with("Password", json!(PASSWORD));
    request["Permanent"] = json!(true);
    world.ok("AdminSetUserPassword", request);

    let answer = world.ok("InitiateAuth", sign_in(&client, "ally", PASSWORD));
    assert_eq!(
        Tokens(answer["AuthenticationResult"].clone()).claims("IdToken")["cognito:username"],
        "alice"
    );
    let refused = world.refused("InitiateAuth", sign_in(&client, "a@example.com", PASSWORD));
    assert_eq!(refused, "UserNotFoundException: User does not exist.");
    let verified = json!([{"Name": "email_verified", "Value": "true"}]);
    world.ok("AdminUpdateUserAttributes", with("UserAttributes", verified));
    world.ok("InitiateAuth", sign_in(&client, "a@example.com", PASSWORD));
    // An administrator names a user by the sub as well; a sign-in does not.
    let sub = world.ok("AdminGetUser", alice.clone())["UserAttributes"][0]["Value"]
        .as_str()
        .unwrap()
        .to_owned();
    let refused = world.refused("InitiateAuth", sign_in(&client, &sub, PASSWORD));
    assert_eq!(refused, "UserNotFoundException: User does not exist.");
}

#[test]
fn after_five_wrong_passwords_the_right_one_waits_too() {
    let mut world = World::with_user("alice");
    for _ in 0..5 {
        assert_eq!(
            world.refused("InitiateAuth", sign_in(CLIENT, "alice", "wrong")),
            WRONG_PASSWORD
        );
    }
    assert_eq!(
        world.refused("InitiateAuth", sign_in(CLIENT, "alice", PASSWORD)),
        "NotAuthorizedException: Password attempts exceeded"
    );
    world.now += SECOND;
    world.ok("InitiateAuth", sign_in(CLIENT, "alice", PASSWORD));
}

#[test]
fn wrong_srp_proofs_count_as_wrong_passwords() {
    let mut world = World::with_user("alice");
    for _ in 0..5 {
        world.srp(CLIENT, "alice", "wrong").unwrap_err();
    }
    assert_eq!(
        world.srp(CLIENT, "alice", PASSWORD).unwrap_err().message,
        "Password attempts exceeded"
    );
}

#[test]
fn a_flow_that_the_client_does_not_list_is_refused() {
    let mut world = World::new();
    let request = json!({"UserPoolId": POOL, "ClientName": "c", "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"]});
    let client = world.ok("CreateUserPoolClient", request)["UserPoolClient"]["ClientId"].clone();
    for (flow, refusal) in [
        (
            "USER_PASSWORD_AUTH",
            "USER_PASSWORD_AUTH flow not enabled for this client",
        ),
        ("USER_SRP_AUTH", "USER_SRP_AUTH is not enabled for the client."),
    ] {
        let request = json!({"ClientId": client, "AuthFlow": flow, "AuthParameters": {"USERNAME": "alice"}});
        assert_eq!(
            world.refused("InitiateAuth", request),
            format!("InvalidParameterException: {refusal}")
        );
    }
}

#[test]
fn a_flow_that_is_none_is_refused_in_aws_words() {
    let mut world = World::new();
    let refused = world.refused("InitiateAuth", json!({"ClientId": CLIENT, "AuthFlow": "MAGIC"}));
    assert!(
        refused.starts_with(
            "InvalidParameterException: 1 validation error detected: Value 'MAGIC' at 'authFlow' failed to satisfy \
             constraint: Member must satisfy enum value set: [USER_SRP_AUTH, "
        ),
        "{refused}"
    );
}

#[test]
fn a_missing_parameter_is_named() {
    let mut world = World::new();
    let request = json!({"ClientId": CLIENT, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": {"USERNAME": "a"}});
    assert_eq!(
        world.refused("InitiateAuth", request),
        "InvalidParameterException: Missing required parameter PASSWORD"
    );
}

#[test]
fn a_client_with_a_secret_wants_its_hash() {
    let mut world = World::with_user("alice");
    let mut request = sign_in(SECRET, "alice", PASSWORD);
    assert!(
        world
            .refused("InitiateAuth", request.clone())
            .ends_with("SECRET_HASH was not received")
    );
    request["AuthParameters"]["SECRET_HASH"] = json!("X0SeHGr7vDSwBDdU7uhgcJq6yy8Y7RWBGUpcx9UDKQ8=");
    world.ok("InitiateAuth", request);
}

#[test]
fn the_id_token_says_who_the_user_is() {
    let mut world = World::with_user("alice");
    let claims = world.tokens(CLIENT, "alice").claims("IdToken");
    assert_eq!(
        claims["iss"],
        "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Emulator1"
    );
    assert_eq!(claims["aud"], CLIENT);
    assert_eq!(claims["token_use"], "id");
    assert_eq!(claims["cognito:username"], "alice");
    assert_eq!(claims["email"], "alice@example.com");
    assert_eq!(claims["email_verified"], true);
    assert_eq!(claims["iat"], seconds(world.now));
    assert_eq!(claims["auth_time"], seconds(world.now));
    assert_eq!(claims["exp"], seconds(world.now + HOUR));
    for id in ["sub", "jti", "origin_jti", "event_id"] {
        assert!(uuid::Uuid::parse_str(claims[id].as_str().unwrap()).is_ok(), "{id}");
    }
}

#[test]
fn the_access_token_says_what_the_client_may_do() {
    let mut world = World::with_user("alice");
    let tokens = world.tokens(CLIENT, "alice");
    let (access, id) = (tokens.claims("AccessToken"), tokens.claims("IdToken"));
    assert_eq!(access["client_id"], CLIENT);
    assert_eq!(access["token_use"], "access");
    assert_eq!(access["scope"], "aws.cognito.signin.user.admin");
    assert_eq!(access["username"], "alice");
    assert!(access.get("email").is_none() && access.get("aud").is_none());
    for same in ["sub", "origin_jti", "event_id"] {
        assert_eq!(access[same], id[same], "{same}");
    }
    assert_ne!(access["jti"], id["jti"]);
}

#[test]
fn id_and_access_tokens_are_signed_with_keys_of_their_own_that_the_pool_publishes() {
    let mut world = World::with_user("alice");
    let tokens = world.tokens(CLIENT, "alice");
    let keys = &world.state.pools[POOL].keys;
    assert!(keys.id.signed(&tokens.text("IdToken")) && keys.access.signed(&tokens.access()));
    assert!(!keys.access.signed(&tokens.text("IdToken")));
    let jwks = keys.jwks();
    assert_eq!(jwks["keys"].as_array().unwrap().len(), 2);
    assert_ne!(jwks["keys"][0]["kid"], jwks["keys"][1]["kid"]);
    for key in jwks["keys"].as_array().unwrap() {
        assert_eq!(
            (&key["alg"], &key["kty"], &key["use"], &key["e"]),
            (&json!("RS256"), &json!("RSA"), &json!("sig"), &json!("AQAB"))
        );
    }
}

#[test]
fn a_client_sees_only_the_attributes_it_may_read() {
    let mut world = World::with_user("alice");
    let request = json!({"UserPoolId": POOL, "ClientName": "c", "ReadAttributes": ["email_verified"]});
    let client = world.ok("CreateUserPoolClient", request)["UserPoolClient"]["ClientId"]
        .as_str()
        .unwrap()
        .to_owned();
    let tokens = world.tokens(&client, "alice");
    let claims = tokens.claims("IdToken");
    assert_eq!(claims["email_verified"], true);
    assert!(claims.get("email").is_none());
    let user = world.ok("GetUser", json!({"AccessToken": tokens.access()}));
    assert!(!user["UserAttributes"].to_string().contains("alice@example.com"));
}

#[test]
fn claims_with_a_type_of_their_own_have_it() {
    let mut world = World::with_user("alice");
    let attributes = json!([{"Name": "address", "Value": "1 Main St"}, {"Name": "updated_at", "Value": "17"}]);
    world.ok(
        "AdminUpdateUserAttributes",
        json!({"UserPoolId": POOL, "Username": "alice", "UserAttributes": attributes}),
    );
    let claims = world.tokens(CLIENT, "alice").claims("IdToken");
    assert_eq!(claims["address"], json!({"formatted": "1 Main St"}));
    assert_eq!(claims["updated_at"], 17);
}

#[test]
fn tokens_live_as_long_as_the_client_says_down_to_a_second() {
    let mut world = World::with_user("alice");
    let request = json!({
        "UserPoolId": POOL,
        "ClientName": "c",
        "AccessTokenValidity": 1,
        "IdTokenValidity": 2,
        "RefreshTokenValidity": 3,
        "TokenValidityUnits": {"AccessToken": "seconds", "IdToken": "minutes", "RefreshToken": "seconds"},
    });
    let client = world.ok("CreateUserPoolClient", request)["UserPoolClient"]["ClientId"]
        .as_str()
        .unwrap()
        .to_owned();
    let tokens = world.tokens(&client, "alice");
    assert_eq!(tokens.0["ExpiresIn"], 1);
    assert_eq!(tokens.claims("IdToken")["exp"], seconds(world.now) + 120);
    world.now += SECOND;
    assert_eq!(
        world.refused("GetUser", json!({"AccessToken": tokens.access()})),
        "NotAuthorizedException: Access Token has expired"
    );
    let refresh = json!({"ClientId": client, "RefreshToken": tokens.refresh()});
    let again = Tokens(world.ok("GetTokensFromRefreshToken", refresh.clone())["AuthenticationResult"].clone());
    world.ok("GetUser", json!({"AccessToken": again.access()}));
    world.now += 2 * SECOND;
    assert_eq!(
        world.refused("GetTokensFromRefreshToken", refresh),
        "NotAuthorizedException: Refresh Token has expired"
    );
}

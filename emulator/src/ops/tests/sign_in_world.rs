//! What the tests of challenges share.

use serde_json::{Value, json};

use crate::adjust;
use crate::testing::{CLIENT, PASSWORD, POOL, Tokens, World};

/// Changes the built-in pool as the control interface does.
pub(super) fn adjust(world: &mut World, asked: Value) {
    let pool = world.state.pool(POOL).unwrap();
    pool.settings = adjust::pool(&pool.settings, &asked).unwrap();
}

/// Signs in with the password every test user has, as far as what comes next.
pub(super) fn begin(world: &mut World, name: &str) -> Value {
    initiate(
        world,
        "USER_PASSWORD_AUTH",
        json!({"USERNAME": name, "PASSWORD": PASSWORD}),
    )
}

/// Begins a flow that must begin.
pub(super) fn initiate(world: &mut World, flow: &str, parameters: Value) -> Value {
    world.ok("InitiateAuth", initiation(flow, parameters))
}

/// A request that begins a flow.
pub(super) fn initiation(flow: &str, parameters: Value) -> Value {
    json!({"ClientId": CLIENT, "AuthFlow": flow, "AuthParameters": parameters})
}

/// The answer to a challenge.
pub(super) fn answer(challenge: &Value, name: &str, responses: Value) -> Value {
    let mut responses = responses;
    responses["USERNAME"] = json!(name);
    json!({
        "ClientId": CLIENT,
        "ChallengeName": challenge["ChallengeName"],
        "Session": challenge["Session"],
        "ChallengeResponses": responses,
    })
}

pub(super) fn name_of(challenge: &Value) -> &str {
    challenge["ChallengeName"]
        .as_str()
        .unwrap_or_else(|| panic!("{challenge}"))
}

/// An access token of a user who is asked for nothing but the password.
pub(super) fn access(world: &mut World, name: &str) -> String {
    Tokens(begin(world, name)["AuthenticationResult"].clone()).access()
}

/// Gives a user an address that is verified.
pub(super) fn set_attribute(world: &mut World, name: &str, attribute: &str, value: &str) {
    let attributes = json!([
        {"Name": attribute, "Value": value},
        {"Name": format!("{attribute}_verified"), "Value": "true"},
    ]);
    world.ok(
        "AdminUpdateUserAttributes",
        json!({"UserPoolId": POOL, "Username": name, "UserAttributes": attributes}),
    );
}

/// What the user's authenticator app shows.
pub(super) fn totp(world: &World, name: &str) -> String {
    let user = world.state.pools[POOL]
        .users
        .iter()
        .find(|user| user.username == name)
        .unwrap();
    let token = user.associated_token.as_ref().or(user.software_token.as_ref()).unwrap();
    token.shown(world.now).code
}

/// Sets up an authenticator app for a user who is asked for nothing but the password, and switches it on.
pub(super) fn enable_totp(world: &mut World, name: &str) {
    let token = access(world, name);
    world.ok("AssociateSoftwareToken", json!({"AccessToken": token}));
    let code = totp(world, name);
    let request = json!({"AccessToken": token, "UserCode": code, "FriendlyDeviceName": "my phone"});
    world.ok("VerifySoftwareToken", request);
    let settings = json!({"Enabled": true, "PreferredMfa": true});
    world.ok(
        "SetUserMFAPreference",
        json!({"AccessToken": token, "SoftwareTokenMfaSettings": settings}),
    );
}

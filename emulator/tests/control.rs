//! The control interface.

// The lints see only test functions as tests, not what these call.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use support::{CLIENT, POOL, Server};

fn sign_up(server: &Server, name: &str) -> Value {
    let attributes = json!([{"Name": "email", "Value": format!("{name}@example.com")}]);
    let request = json!({"ClientId": CLIENT, "Username": name, "Password": "Passw0rd!", "UserAttributes": attributes});
    let answer = server.call("SignUp", request);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

#[test]
fn it_says_that_it_is_well() {
    let health = Server::start(&[]).get("/_emulator/health").json();
    assert_eq!(health, json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")}));
}

#[test]
fn messages_are_found_by_username_sub_and_address() {
    let server = Server::start(&[]);
    let sub = sign_up(&server, "alice")["UserSub"].as_str().unwrap().to_owned();
    sign_up(&server, "bob");
    let all = server.get("/_emulator/outbox").json();
    assert_eq!(all["messages"].as_array().unwrap().len(), 2);
    for name in [
        "alice",
        "ALICE",
        sub.as_str(),
        "alice%40example.com",
        "alice@example.com",
    ] {
        let found = server.get(&format!("/_emulator/outbox?username={name}")).json();
        assert_eq!(found["messages"], json!([all["messages"][0]]), "{name}");
    }
    let message = &all["messages"][0];
    let members: BTreeSet<_> = message.as_object().unwrap().keys().map(String::as_str).collect();
    let promised = "id userPoolId clientId username trigger medium destination code temporaryPassword sentAt";
    assert_eq!(members, promised.split(' ').collect());
    assert_eq!(
        (&message["medium"], &message["userPoolId"]),
        (&json!("EMAIL"), &json!(POOL))
    );
    server.delete("/_emulator/outbox");
    assert_eq!(server.get("/_emulator/outbox").json(), json!({"messages": []}));
}

#[test]
fn the_clock_moves_everything_the_date_header_too() {
    let server = Server::start(&[]);
    let before = server.get("/_emulator/clock").json()["now"].as_i64().unwrap();
    let year = 366.0 * 86_400.0;
    let after = server.post("/_emulator/clock", json!({"advanceSeconds": year})).json()["now"]
        .as_i64()
        .unwrap();
    assert!((after - before) >= 366 * 86_400_000);
    let date = |answer: &support::Answer| httpdate::parse_http_date(answer.header("date").unwrap()).unwrap();
    let answer = server.get("/_emulator/clock");
    let now = date(&answer).duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as i64;
    assert!((now - answer.json()["now"].as_i64().unwrap()).abs() < 2000);
    sign_up(&server, "alice");
    assert!(
        server.get("/_emulator/outbox").json()["messages"][0]["sentAt"]
            .as_i64()
            .unwrap()
            >= after
    );
    server.post("/_emulator/clock", json!({"advanceSeconds": -year}));
    assert!(server.get("/_emulator/clock").json()["now"].as_i64().unwrap() < after);
}

#[test]
fn the_clock_can_be_set_and_goes_on_from_there() {
    let server = Server::start(&[]);
    let year_2000 = 946_684_800_000_i64;
    let set = server.post("/_emulator/clock", json!({"now": year_2000}));
    assert_eq!(set.status, 200);
    assert!(set.header("date").unwrap().contains(" Jan 2000 "), "{set:?}");
    let now = |answer: &support::Answer| answer.json()["now"].as_i64().unwrap();
    let soon = year_2000..year_2000 + 60_000;
    assert!(soon.contains(&now(&set)));
    assert!(soon.contains(&now(&server.get("/_emulator/clock"))));
    assert!(now(&server.get("/_emulator/clock")) >= now(&set));
    for wrong in [
        json!({"now": -1}),
        json!({"now": 1e300}),
        json!({"now": i64::MAX}),
        json!({"now": year_2000, "advanceSeconds": 1}),
    ] {
        let answer = server.post("/_emulator/clock", wrong);
        assert_eq!(answer.status, 400, "{answer:?}");
        assert!(answer.json()["error"].as_str().unwrap().contains("now"), "{answer:?}");
    }
}

#[test]
fn a_clients_token_lifetimes_and_rotation_change_while_it_runs() {
    let server = Server::start(&[]);
    let path = format!("/_emulator/clients/{CLIENT}");
    let shown = server
        .post(&path, json!({"accessTokenSeconds": 3, "idTokenSeconds": 150}))
        .json();
    assert_eq!(
        (&shown["AccessTokenValidity"], &shown["IdTokenValidity"]),
        (&json!(3), &json!(150))
    );
    assert_eq!(
        shown["TokenValidityUnits"],
        json!({"AccessToken": "seconds", "IdToken": "seconds"})
    );
    let shown = server.post(&path, json!({"rotationGraceSeconds": 30})).json();
    assert_eq!(
        shown["RefreshTokenRotation"],
        json!({"Feature": "ENABLED", "RetryGracePeriodSeconds": 30})
    );
    assert_eq!(shown["AccessTokenValidity"], 3);
    let described = server.call(
        "DescribeUserPoolClient",
        json!({"UserPoolId": POOL, "ClientId": CLIENT}),
    );
    assert_eq!(
        described.json()["UserPoolClient"]["RefreshTokenRotation"],
        shown["RefreshTokenRotation"]
    );

    let secret = server.post(
        "/_emulator/clients/emulatorsecretclient000001",
        json!({"accessTokenSeconds": 3}),
    );
    assert!(!secret.body.contains("emulatorclientsecret000001"), "{secret:?}");
    let wrong = server.post(&path, json!({"accessTokenSeconds": 0}));
    assert_eq!(wrong.status, 400);
    assert!(
        wrong.json()["error"]
            .as_str()
            .unwrap()
            .starts_with("accessTokenSeconds: "),
        "{wrong:?}"
    );
    let unknown = server.post("/_emulator/clients/nobody", json!({"accessTokenSeconds": 3}));
    assert_eq!(
        (unknown.status, unknown.json()),
        (404, json!({"error": "User pool client nobody does not exist."}))
    );
}

#[test]
fn a_pool_tracks_devices_when_it_is_told_to() {
    let server = Server::start(&[]);
    let path = format!("/_emulator/pools/{POOL}");
    let shown = server.post(&path, json!({"deviceTracking": "always"})).json();
    assert_eq!(
        shown["DeviceConfiguration"],
        json!({"ChallengeRequiredOnNewDevice": true, "DeviceOnlyRememberedOnUserPrompt": false})
    );
    assert_eq!(
        shown["AutoVerifiedAttributes"],
        json!(["email"]),
        "the rest stays as it is"
    );
    let shown = server.post(&path, json!({"deviceTracking": "optIn"})).json();
    assert_eq!(shown["DeviceConfiguration"]["DeviceOnlyRememberedOnUserPrompt"], true);
    let shown = server.post(&path, json!({"deviceTracking": "off"})).json();
    assert_eq!(shown.get("DeviceConfiguration"), None);
    assert_eq!(server.post(&path, json!({"deviceTracking": "maybe"})).status, 400);
    let nowhere = server.post("/_emulator/pools/us-east-1_Nobody", json!({"deviceTracking": "off"}));
    assert_eq!(nowhere.status, 404);
}

#[test]
fn the_factors_and_questions_of_a_pool_are_what_it_is_told() {
    let server = Server::start(&[]);
    let path = format!("/_emulator/pools/{POOL}");
    let shown = server.post(&path, json!({"mfa": "OPTIONAL"})).json();
    assert_eq!(shown["MfaConfiguration"], "OPTIONAL");
    assert_eq!(shown["SoftwareTokenMfaConfiguration"], json!({"Enabled": true}));
    let shown = server.post(&path, json!({"mfaFactors": ["EMAIL_OTP"]})).json();
    assert_eq!(shown["SoftwareTokenMfaConfiguration"], json!({"Enabled": false}));
    assert_eq!(shown.get("SmsMfaConfiguration"), None);
    let shown = server
        .post(&path, json!({"firstFactors": ["PASSWORD", "EMAIL_OTP"]}))
        .json();
    assert_eq!(
        shown["Policies"]["SignInPolicy"]["AllowedFirstAuthFactors"],
        json!(["PASSWORD", "EMAIL_OTP"])
    );
    let question = json!([{"parameters": {"question": "2+2"}, "answer": "the secret answer"}]);
    let shown = server.post(&path, json!({"customAuth": question}));
    assert!(!shown.body.contains("the secret answer"), "{}", shown.body);
    assert_eq!(server.post(&path, json!({"mfa": "SOMETIMES"})).status, 400);
}

#[test]
fn an_authenticator_app_shows_its_code() {
    let server = Server::start(&[]);
    let app = "/_emulator/totp?username=alice";
    assert_eq!(server.get(app).status, 404);
    assert_eq!(server.get("/_emulator/totp").status, 400);
    server.post(&format!("/_emulator/pools/{POOL}"), json!({"mfa": "OPTIONAL"}));
    let token = alice(&server)["AccessToken"].clone();
    server.call("AssociateSoftwareToken", json!({"AccessToken": token}));
    let shown = server.get(app).json();
    assert_eq!(
        (&shown["username"], &shown["verified"], &shown["used"]),
        (&json!("alice"), &json!(false), &json!(false))
    );
    assert!((1..=30).contains(&shown["expiresInSeconds"].as_i64().unwrap()));
    let verified = server.call(
        "VerifySoftwareToken",
        json!({"AccessToken": token, "UserCode": shown["code"]}),
    );
    assert_eq!(verified.json()["Status"], "SUCCESS", "{verified:?}");
    let shown = server.get(app).json();
    assert_eq!(shown["verified"], true);
    server.post("/_emulator/clock", json!({"advanceSeconds": 30}));
    assert_eq!(server.get(app).json()["used"], false);
}

/// Signs alice up and in.
fn alice(server: &Server) -> serde_json::Value {
    let attributes = json!([{"Name": "email", "Value": "alice@example.com"}]);
    let mut request = json!({"ClientId": CLIENT, "Username": "alice", "Password": "Passw0rd!"});
    request["UserAttributes"] = attributes;
    server.call("SignUp", request);
    server.call("AdminConfirmSignUp", json!({"UserPoolId": POOL, "Username": "alice"}));
    let parameters = json!({"USERNAME": "alice", "PASSWORD": "Passw0rd!"});
    let request = json!({"ClientId": CLIENT, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters});
    server.call("InitiateAuth", request).json()["AuthenticationResult"].clone()
}

#[test]
fn the_clock_stays_within_the_years_that_a_date_can_name() {
    let server = Server::start(&[]);
    let century = 3.15e9;
    for wrong in [
        json!({}),
        json!({"advanceSeconds": "1"}),
        json!({"advanceSeconds": 1e300}),
        json!({"advanceSeconds": -1e300}),
        json!({"advanceSeconds": -century}),
        json!({"advanceSeconds": 80.0 * century}),
    ] {
        let answer = server.post("/_emulator/clock", wrong);
        assert_eq!(answer.status, 400, "{answer:?}");
        assert!(
            answer.json()["error"].as_str().unwrap().contains("advanceSeconds"),
            "{answer:?}"
        );
    }
    assert_eq!(
        server
            .post("/_emulator/clock", json!({"advanceSeconds": 79.0 * century}))
            .status,
        200
    );
    let again = server.post("/_emulator/clock", json!({"advanceSeconds": century}));
    assert_eq!(again.status, 400, "each step is short enough, their sum is not");
    assert!(again.header("date").unwrap().ends_with(" GMT"), "{again:?}");
}

#[test]
fn a_query_that_says_two_things_is_refused_with_its_reason() {
    let server = Server::start(&[]);
    for query in ["outbox?username=alice&username=bob", "requests?operation=A&operation=B"] {
        let answer = server.get(&format!("/_emulator/{query}"));
        assert_eq!(answer.status, 400, "{answer:?}");
        assert!(
            answer.json()["error"].as_str().unwrap().contains("duplicate field"),
            "{answer:?}"
        );
    }
}

#[test]
fn requests_are_logged_without_their_secrets() {
    let server = Server::start(&[]);
    let headers = [
        ("x-amz-target", "AWSCognitoIdentityProviderService.InitiateAuth"),
        ("authorization", "secret-authorization"),
        ("cookie", "secret-cookie"),
        ("x-test", "seen"),
    ];
    let parameters = json!({"USERNAME": "secret-name", "PASSWORD": "secret-password"});
    let request = json!({"ClientId": CLIENT, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters});
    server.request("POST", "/", &headers, &request.to_string()).unwrap();
    let responses = json!({"NEW_PASSWORD": "secret-new-password", "USERNAME": "secret-name"});
    server.call(
        "RespondToAuthChallenge",
        json!({
            "ClientId": CLIENT,
            "ChallengeName": "NEW_PASSWORD_REQUIRED",
            "Session": "secret-session-of-some-length",
            "ChallengeResponses": responses,
        }),
    );
    server.call("GetUser", json!({"AccessToken": "secret-token"}));
    let log = server.get("/_emulator/requests");
    assert!(!log.body.contains("secret"), "{}", log.body);
    let entries = log.json()["requests"].clone();
    let first = &entries[0];
    assert_eq!(
        (
            &first["id"],
            &first["operation"],
            &first["clientId"],
            &first["authFlow"],
            &first["status"],
            &first["exception"]
        ),
        (
            &json!(1),
            &json!("InitiateAuth"),
            &json!(CLIENT),
            &json!("USER_PASSWORD_AUTH"),
            &json!(400),
            &json!("NotAuthorizedException")
        )
    );
    assert_eq!(first["headers"]["x-test"], "seen");
    assert_eq!(entries[1]["challengeName"], "NEW_PASSWORD_REQUIRED");

    let only = server.get("/_emulator/requests?operation=GetUser").json();
    assert_eq!(only["requests"].as_array().unwrap().len(), 1);
    server.delete("/_emulator/requests");
    assert_eq!(server.get("/_emulator/requests").json(), json!({"requests": []}));
}

#[test]
fn a_request_is_logged_when_it_arrives_for_the_client_may_give_up() {
    let server = Server::start(&[]);
    let waiting = server.hang("GetUser");
    let requests = server.get("/_emulator/requests?operation=GetUser").json();
    assert_eq!(requests["requests"][0]["status"], Value::Null);
    drop(waiting);
}

#[test]
fn a_reset_brings_everything_back_to_the_start() {
    let server = Server::start(&[]);
    sign_up(&server, "alice");
    server.call("DeleteUserPoolClient", json!({"UserPoolId": POOL, "ClientId": CLIENT}));
    server.post("/_emulator/clock", json!({"advanceSeconds": 86_400}));
    server.post("/_emulator/faults", json!({"operation": "*", "fault": {"status": 500}}));
    let advanced = server.get("/_emulator/clock").json()["now"].as_i64().unwrap();
    assert_eq!(server.post("/_emulator/reset", json!({})).status, 200);
    assert!(server.get("/_emulator/clock").json()["now"].as_i64().unwrap() < advanced - 86_000_000);
    for (path, empty) in [
        ("/_emulator/outbox", json!({"messages": []})),
        ("/_emulator/faults", json!({"rules": []})),
        ("/_emulator/requests", json!({"requests": []})),
    ] {
        assert_eq!(server.get(path).json(), empty);
    }
    sign_up(&server, "alice");
}

#[test]
fn the_keys_of_a_pool_stay_the_same_over_a_reset() {
    let server = Server::start(&[]);
    let path = format!("/{POOL}/.well-known/jwks.json");
    let before = server.get(&path).json();
    server.post("/_emulator/reset", json!({}));
    assert_eq!(server.get(&path).json(), before);
}

#[test]
fn pools_are_listed_with_their_clients_and_without_secrets() {
    let pools = Server::start(&[]).get("/_emulator/pools");
    assert!(!pools.body.contains("emulatorclientsecret000001"));
    let pool = &pools.json()["pools"][0];
    assert_eq!(pool["Id"], POOL);
    assert_eq!(pool["AutoVerifiedAttributes"], json!(["email"]));
    let clients = pool["Clients"].as_array().unwrap();
    let secret = clients
        .iter()
        .find(|client| client["ClientId"] == "emulatorsecretclient000001")
        .unwrap();
    assert_eq!(secret["HasClientSecret"], true);
    let web = clients.iter().find(|client| client["ClientId"] == CLIENT).unwrap();
    assert_eq!(
        (&web["HasClientSecret"], &web["PreventUserExistenceErrors"]),
        (&json!(false), &json!("ENABLED"))
    );
}

//! Passkeys, with an authenticator in software.

use serde_json::{Value, json};

use crate::ops::passkeys::{self, Factors};
use crate::state::User;
use crate::testing::{CLIENT, LEGACY, POOL, World, shown};
use crate::webauthn::software::{Authenticator, PRESENT, VERIFIED};

const WRONG: &str = "NotAuthorizedException: Incorrect username or password.";

/// Alice, signed in.
struct Stage {
    world: World,
    access: String,
}

impl Stage {
    fn new() -> Self {
        let mut world = World::with_user("alice");
        let access = world.tokens(CLIENT, "alice").access();
        Self { world, access }
    }

    fn ok(&mut self, operation: &str, members: Value) -> Value {
        let request = self.with_token(members);
        self.world.ok(operation, request)
    }

    fn refused(&mut self, operation: &str, members: Value) -> String {
        let request = self.with_token(members);
        self.world.refused(operation, request)
    }

    fn with_token(&self, mut members: Value) -> Value {
        members["AccessToken"] = json!(self.access);
        members
    }

    fn creation_options(&mut self) -> Value {
        self.ok("StartWebAuthnRegistration", json!({}))["CredentialCreationOptions"].clone()
    }

    fn register(&mut self, authenticator: &Authenticator) {
        let credential = authenticator.create(&self.creation_options());
        self.ok("CompleteWebAuthnRegistration", json!({"Credential": credential}));
    }

    fn refused_registration(&mut self, authenticator: &Authenticator) -> String {
        let credential = authenticator.create(&self.creation_options());
        let refused = self.refused("CompleteWebAuthnRegistration", json!({"Credential": credential}));
        let (name, _) = refused.split_once(": ").unwrap();
        name.to_owned()
    }

    fn names(&mut self) -> Vec<String> {
        let credentials = self.ok("ListWebAuthnCredentials", json!({}))["Credentials"].clone();
        let name = |credential: &Value| credential["FriendlyCredentialName"].as_str().unwrap().to_owned();
        credentials.as_array().unwrap().iter().map(name).collect()
    }

    fn alice(&mut self) -> &mut User {
        let pool = self.world.state.pools.get_mut(POOL).unwrap();
        pool.users.sign_in_name(&pool.settings, "alice").unwrap()
    }

    /// What a WEB_AUTHN challenge gives the browser.
    fn request_options(&mut self) -> Value {
        let now = self.world.now;
        let pool = self.world.state.pools.get_mut(POOL).unwrap();
        let settings = pool.settings.clone();
        let user = pool.users.sign_in_name(&settings, "alice").unwrap();
        serde_json::from_str(&passkeys::request_options(&settings, user, now).unwrap()).unwrap()
    }

    /// The answer to it.
    fn verify(&mut self, credential: &Value) -> Result<Factors, String> {
        let (sub, now) = (self.alice().sub.clone(), self.world.now);
        let pool = self.world.state.pools.get_mut(POOL).unwrap();
        passkeys::verify(pool, &sub, &credential.to_string(), now).map_err(|refused| shown(&refused))
    }

    fn sign_in(&mut self, authenticator: &mut Authenticator) -> Result<Factors, String> {
        let options = self.request_options();
        self.verify(&authenticator.get(&options))
    }

    fn configure(&mut self, configuration: Value) {
        let pool = self.world.state.pools.get_mut(POOL).unwrap();
        pool.settings.web_authn_configuration = serde_json::from_value(configuration).unwrap();
    }
}

#[test]
fn a_passkey_of_either_kind_is_made_listed_and_signs_in() {
    for mut authenticator in [Authenticator::es256(), Authenticator::rs256()] {
        let mut stage = Stage::new();
        stage.register(&authenticator);
        let listed = stage.ok("ListWebAuthnCredentials", json!({}));
        assert_eq!(
            listed,
            json!({"Credentials": [{
                "CredentialId": authenticator.credential_id(),
                "FriendlyCredentialName": "Passkey 1",
                "RelyingPartyId": "localhost",
                "AuthenticatorAttachment": "platform",
                "AuthenticatorTransports": ["internal"],
                "CreatedAt": stage.world.now as f64 / 1000.0,
            }]})
        );
        for _ in 0..2 {
            assert_eq!(stage.sign_in(&mut authenticator), Ok(Factors::One));
        }
    }
}

#[test]
fn the_options_name_the_relying_party_the_user_and_what_is_there_already() {
    let mut stage = Stage::new();
    let authenticator = Authenticator::es256();
    let first = stage.creation_options();
    assert_eq!(first["rp"], json!({"id": "localhost", "name": "localhost"}));
    assert_eq!(first["user"]["name"], "alice");
    assert_eq!(first["excludeCredentials"], json!([]));
    assert_eq!(
        first["pubKeyCredParams"],
        json!([{"type": "public-key", "alg": -7}, {"type": "public-key", "alg": -257}])
    );
    assert_eq!(first["authenticatorSelection"]["userVerification"], "preferred");
    stage.register(&authenticator);
    let own = json!([{"type": "public-key", "id": authenticator.credential_id(), "transports": ["internal"]}]);
    let second = stage.creation_options();
    assert_eq!(second["excludeCredentials"], own);
    assert_ne!(second["challenge"], first["challenge"]);
    let request = stage.request_options();
    assert_eq!(request["rpId"], "localhost");
    assert_eq!(request["allowCredentials"], own);
}

#[test]
fn a_key_that_vouches_for_itself_must_do_so_truly() {
    let mut stage = Stage::new();
    let mut authenticator = Authenticator::es256();
    authenticator.attests_itself = true;
    stage.register(&authenticator);

    let mut other = Authenticator::es256();
    other.attests_itself = true;
    let options = stage.creation_options();
    let mut credential = other.create(&options);
    // The attestation of what another page was told.
    let client_data = json!({
        "type": "webauthn.create", "challenge": options["challenge"], "origin": "https://localhost:7665"
    });
    credential["response"]["clientDataJSON"] = json!(base64url(client_data.to_string().as_bytes()));
    let refused = stage.refused("CompleteWebAuthnRegistration", json!({"Credential": credential}));
    assert!(
        refused.starts_with("WebAuthnCredentialNotSupportedException: "),
        "{refused}"
    );
}

#[test]
fn a_registration_from_elsewhere_or_for_someone_else_is_refused_by_name() {
    let mut stage = Stage::new();
    for (spoil, exception) in [
        (
            (|one| one.origin = "http://127.0.0.1:7665") as fn(&mut Authenticator),
            "WebAuthnOriginNotAllowedException",
        ),
        (
            |one| one.origin = "https://example.com",
            "WebAuthnOriginNotAllowedException",
        ),
        (|one| one.rp_id = "example.com", "WebAuthnRelyingPartyMismatchException"),
        (|one| one.flags = VERIFIED, "WebAuthnCredentialNotSupportedException"),
        (|one| one.flags |= 1 << 4, "InvalidParameterException"),
    ] {
        let mut authenticator = Authenticator::es256();
        spoil(&mut authenticator);
        assert_eq!(stage.refused_registration(&authenticator), exception);
    }
    assert!(stage.names().is_empty());
}

#[test]
fn a_challenge_registers_one_passkey_within_its_time() {
    let mut stage = Stage::new();
    let gone = "WebAuthnChallengeNotFoundException: The challenge does not exist, has been answered or has expired.";
    let (first, second) = (Authenticator::es256(), Authenticator::es256());
    let options = stage.creation_options();
    stage.ok(
        "CompleteWebAuthnRegistration",
        json!({"Credential": first.create(&options)}),
    );
    for options in [options, json!({"challenge": "AAAA"}), stage.request_options()] {
        let refused = stage.refused(
            "CompleteWebAuthnRegistration",
            json!({"Credential": second.create(&options)}),
        );
        assert_eq!(refused, gone);
    }
    let late = second.create(&stage.creation_options());
    stage.world.now += 3 * 60_000;
    let refused = stage.refused("CompleteWebAuthnRegistration", json!({"Credential": late}));
    assert_eq!(refused, gone);
}

#[test]
fn a_registration_ends_with_the_client_that_began_it() {
    let mut stage = Stage::new();
    let credential = Authenticator::es256().create(&stage.creation_options());
    stage.access = stage.world.tokens(LEGACY, "alice").access();
    let refused = stage.refused("CompleteWebAuthnRegistration", json!({"Credential": credential}));
    assert!(refused.starts_with("WebAuthnClientMismatchException: "), "{refused}");
}

#[test]
fn what_is_no_credential_is_refused_as_a_parameter() {
    let mut stage = Stage::new();
    let whole = Authenticator::es256().create(&stage.creation_options());
    for path in [
        "/id",
        "/type",
        "/response",
        "/response/clientDataJSON",
        "/response/attestationObject",
    ] {
        for broken in [Value::Null, json!("AAAA"), json!("?"), json!(7)] {
            let mut credential = whole.clone();
            *credential.pointer_mut(path).unwrap() = broken.clone();
            let refused = stage.refused("CompleteWebAuthnRegistration", json!({"Credential": credential}));
            assert!(
                refused.starts_with("InvalidParameterException: "),
                "{path} {broken}: {refused}"
            );
        }
    }
    let refused = stage.refused("CompleteWebAuthnRegistration", json!({}));
    assert!(refused.contains("Value null at 'credential'"), "{refused}");
}

#[test]
fn an_attestation_that_is_cut_short_anywhere_is_refused() {
    let mut stage = Stage::new();
    let whole = Authenticator::es256().create(&stage.creation_options());
    let object = unbase64url(whole["response"]["attestationObject"].as_str().unwrap());
    for length in 1..object.len() {
        let mut credential = whole.clone();
        credential["response"]["attestationObject"] = json!(base64url(&object[..length]));
        let refused = stage.refused("CompleteWebAuthnRegistration", json!({"Credential": credential}));
        assert!(
            refused.starts_with("InvalidParameterException: "),
            "{length}: {refused}"
        );
    }
    stage.ok("CompleteWebAuthnRegistration", json!({"Credential": whole}));
}

#[test]
fn a_credential_is_registered_once() {
    let mut stage = Stage::new();
    let authenticator = Authenticator::es256();
    stage.register(&authenticator);
    assert_eq!(stage.refused_registration(&authenticator), "InvalidParameterException");
}

#[test]
fn an_assertion_holds_for_its_own_challenge_page_party_user_and_key_only() {
    let mut stage = Stage::new();
    let mut authenticator = Authenticator::es256();
    stage.register(&authenticator);
    let sub = stage.alice().sub.clone();

    // A challenge that was never given out, and one that was given out for something else.
    let invented = authenticator.get(&json!({"challenge": "AAAA"}));
    assert_eq!(stage.verify(&invented), Err(WRONG.to_owned()));
    let for_registration = stage.creation_options();
    let misused = authenticator.get(&for_registration);
    assert_eq!(stage.verify(&misused), Err(WRONG.to_owned()));

    for spoil in [
        (|one| one.origin = "https://example.com") as fn(&mut Authenticator),
        |one| one.rp_id = "example.com",
        |one| one.flags = VERIFIED,
        |one| one.user_handle = Some("another user".to_owned()),
    ] {
        let kept = (authenticator.origin, authenticator.rp_id, authenticator.flags);
        spoil(&mut authenticator);
        assert_eq!(stage.sign_in(&mut authenticator), Err(WRONG.to_owned()));
        (authenticator.origin, authenticator.rp_id, authenticator.flags) = kept;
        authenticator.user_handle = None;
    }

    let mut stranger = Authenticator::es256();
    assert_eq!(stage.sign_in(&mut stranger), Err(WRONG.to_owned()));
    let options = stage.request_options();
    let mut forged = stranger.get(&options);
    forged["id"] = json!(authenticator.credential_id());
    forged["rawId"] = forged["id"].clone();
    assert_eq!(stage.verify(&forged), Err(WRONG.to_owned()));

    authenticator.user_handle = Some(sub);
    assert_eq!(stage.sign_in(&mut authenticator), Ok(Factors::One));
}

#[test]
fn an_assertion_cannot_be_replayed_and_is_late_after_three_minutes() {
    let mut stage = Stage::new();
    // One that does not count, so that only the challenge keeps a replay out.
    let mut authenticator = Authenticator::es256();
    authenticator.counter = 0;
    stage.register(&authenticator);
    let options = stage.request_options();
    let credential = authenticator.get(&options);
    assert_eq!(stage.verify(&credential), Ok(Factors::One));
    assert_eq!(stage.verify(&credential), Err(WRONG.to_owned()));

    let options = stage.request_options();
    let credential = authenticator.get(&options);
    stage.world.now += 3 * 60_000;
    assert_eq!(stage.verify(&credential), Err(WRONG.to_owned()));
}

#[test]
fn a_counter_that_does_not_grow_betrays_a_copy() {
    let mut stage = Stage::new();
    let mut authenticator = Authenticator::es256();
    authenticator.counter = 7;
    stage.register(&authenticator);
    assert_eq!(stage.sign_in(&mut authenticator), Ok(Factors::One));
    authenticator.counter -= 1;
    assert_eq!(stage.sign_in(&mut authenticator), Err(WRONG.to_owned()));
    assert_eq!(stage.sign_in(&mut authenticator), Ok(Factors::One));
}

#[test]
fn where_user_verification_is_required_a_touch_is_not_enough() {
    let mut stage = Stage::new();
    stage.configure(json!({"UserVerification": "required"}));
    let options = stage.creation_options();
    assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
    let mut authenticator = Authenticator::es256();
    authenticator.flags = PRESENT;
    assert_eq!(
        stage.refused_registration(&authenticator),
        "WebAuthnCredentialNotSupportedException"
    );
    authenticator.flags = PRESENT | VERIFIED;
    stage.register(&authenticator);
    authenticator.flags = PRESENT;
    assert_eq!(stage.sign_in(&mut authenticator), Err(WRONG.to_owned()));
}

#[test]
fn a_passkey_with_user_verification_is_two_factors_where_the_pool_says_so() {
    let mut stage = Stage::new();
    stage.configure(json!({"FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"}));
    let mut authenticator = Authenticator::es256();
    stage.register(&authenticator);
    assert_eq!(stage.sign_in(&mut authenticator), Ok(Factors::Two));
    authenticator.flags = PRESENT;
    assert_eq!(stage.sign_in(&mut authenticator), Ok(Factors::One));
}

#[test]
fn a_passkey_is_of_use_at_the_relying_party_it_was_made_for() {
    let mut stage = Stage::new();
    let mut authenticator = Authenticator::es256();
    stage.register(&authenticator);
    stage.configure(json!({"RelyingPartyId": "example.com"}));
    assert_eq!(stage.request_options()["allowCredentials"], json!([]));
    authenticator.origin = "https://login.example.com";
    authenticator.rp_id = "example.com";
    assert_eq!(stage.sign_in(&mut authenticator), Err(WRONG.to_owned()));
    let mut other = Authenticator::es256();
    (other.origin, other.rp_id) = (authenticator.origin, authenticator.rp_id);
    stage.register(&other);
    assert_eq!(stage.sign_in(&mut other), Ok(Factors::One));
}

#[test]
fn a_list_comes_in_pages_and_a_passkey_can_be_taken_out_of_it() {
    let mut stage = Stage::new();
    let authenticators = [(); 3].map(|()| Authenticator::es256());
    for authenticator in &authenticators {
        stage.register(authenticator);
    }
    let page = stage.ok("ListWebAuthnCredentials", json!({"MaxResults": 2}));
    assert_eq!(page["Credentials"].as_array().unwrap().len(), 2);
    let rest = stage.ok("ListWebAuthnCredentials", json!({"NextToken": page["NextToken"]}));
    assert_eq!(rest["Credentials"][0]["FriendlyCredentialName"], "Passkey 3");
    assert_eq!(rest.get("NextToken"), None);
    let refused = stage.refused("ListWebAuthnCredentials", json!({"MaxResults": 21}));
    assert!(refused.contains("Value '21' at 'maxResults'"), "{refused}");

    let second = json!({"CredentialId": authenticators[1].credential_id()});
    assert_eq!(stage.ok("DeleteWebAuthnCredential", second.clone()), json!({}));
    assert_eq!(stage.names(), ["Passkey 1", "Passkey 3"]);
    assert_eq!(
        stage.refused("DeleteWebAuthnCredential", second),
        "ResourceNotFoundException: The credential does not exist."
    );
}

#[test]
fn a_user_can_have_twenty() {
    let mut stage = Stage::new();
    for _ in 0..20 {
        stage.register(&Authenticator::es256());
    }
    assert_eq!(
        stage.refused("StartWebAuthnRegistration", json!({})),
        "LimitExceededException: A user can have 20 passkeys."
    );
}

#[test]
fn a_pool_without_passkeys_and_one_without_a_relying_party_say_so() {
    let mut stage = Stage::new();
    stage.configure(Value::Null);
    let refused = stage.refused("StartWebAuthnRegistration", json!({}));
    assert!(
        refused.starts_with("WebAuthnConfigurationMissingException: "),
        "{refused}"
    );
    // An update without a SignInPolicy leaves the password only.
    let update = json!({"UserPoolId": POOL, "UsernameConfiguration": {"CaseSensitive": false}});
    stage.world.ok("UpdateUserPool", update);
    for (operation, members) in [
        ("StartWebAuthnRegistration", json!({})),
        ("CompleteWebAuthnRegistration", json!({"Credential": {}})),
    ] {
        let refused = stage.refused(operation, members);
        assert!(refused.starts_with("WebAuthnNotEnabledException: "), "{refused}");
    }
}

#[test]
fn an_update_of_the_pool_leaves_the_relying_party_alone() {
    let mut stage = Stage::new();
    stage.configure(json!({"RelyingPartyId": "example.com"}));
    let policies = json!({"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}});
    let update = json!({
        "UserPoolId": POOL, "UsernameConfiguration": {"CaseSensitive": false}, "Policies": policies,
    });
    stage.world.ok("UpdateUserPool", update);
    assert_eq!(stage.creation_options()["rp"]["id"], "example.com");
}

fn base64url(bytes: &[u8]) -> String {
    use base64::Engine;
    crate::webauthn::BASE64URL.encode(bytes)
}

fn unbase64url(text: &str) -> Vec<u8> {
    use base64::Engine;
    crate::webauthn::BASE64URL.decode(text).unwrap()
}

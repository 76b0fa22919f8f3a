//! Passkeys: making, listing and deleting them, and signing in with one.

use base64::Engine;
use serde_json::{Value, json};

use super::answer::Answer;
use super::bearer::signed_in;
use crate::clock::Millis;
use crate::error::Exception;
use crate::input::Input;
use crate::state::passkeys::{CHALLENGE_LIFETIME, MOST_PASSKEYS, Purpose, WebAuthnConfiguration};
use crate::state::{FirstFactor, Pool, PoolSettings, State, User};
use crate::webauthn::{ALGORITHMS, Assertion, BASE64URL, Refusal, Registration};

/// StartWebAuthnRegistration.
pub fn start_web_authn_registration(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let (scope, bearer) = signed_in(state, input, now)?;
    let configuration = configuration(&scope.pool.settings)?.clone();
    let party = configuration.relying_party();
    let user = (scope.pool.users.get_mut(&bearer.sub)).ok_or_else(Exception::user_not_found)?;
    if user.passkeys.iter().count() >= MOST_PASSKEYS {
        return Err(Exception::new(
            "LimitExceededException",
            format!("A user can have {MOST_PASSKEYS} passkeys."),
        ));
    }
    let client_id = bearer.client_id;
    let challenge = user.passkeys.challenge(Purpose::Registration { client_id }, now);
    let name = shown_name(user);
    let kinds = ALGORITHMS.map(|algorithm| json!({ "type": "public-key", "alg": algorithm }));
    Ok(json!({
        "CredentialCreationOptions": {
            "rp": { "id": party.id, "name": party.id },
            "user": { "id": BASE64URL.encode(&user.sub), "name": name, "displayName": name },
            "challenge": BASE64URL.encode(challenge),
            "pubKeyCredParams": kinds,
            "timeout": CHALLENGE_LIFETIME,
            "excludeCredentials": user.passkeys.descriptors(party),
            "authenticatorSelection": {
                "requireResidentKey": true,
                "residentKey": "required",
                "userVerification": configuration.user_verification(),
            },
            "attestation": "none",
        },
    }))
}

/// CompleteWebAuthnRegistration.
pub fn complete_web_authn_registration(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let credential = input.document("Credential")?;
    let (scope, bearer) = signed_in(state, input, now)?;
    let configuration = configuration(&scope.pool.settings)?.clone();
    let party = configuration.relying_party();
    let registration = Registration::read(credential).map_err(refused_registration)?;
    let users = &mut scope.pool.users;
    let user = users.get_mut(&bearer.sub).ok_or_else(Exception::user_not_found)?;
    let challenge = registration.challenge().to_vec();
    match user.passkeys.purpose_of(&challenge, now) {
        Some(Purpose::Registration { client_id }) if *client_id == bearer.client_id => {}
        Some(Purpose::Registration { .. }) => {
            return Err(Exception::new(
                "WebAuthnClientMismatchException",
                "The registration was started with an access token of another client.",
            ));
        }
        Some(Purpose::SignIn) | None => {
            return Err(Exception::new(
                "WebAuthnChallengeNotFoundException",
                "The challenge does not exist, has been answered or has expired.",
            ));
        }
    }
    let new = registration.verify(party).map_err(refused_registration)?;
    if users
        .iter()
        .any(|user| user.passkeys.iter().any(|passkey| passkey.id == new.id))
    {
        return Err(Exception::invalid_parameter("The credential is already registered."));
    }
    let user = users.get_mut(&bearer.sub).ok_or_else(Exception::user_not_found)?;
    user.passkeys.answered(&challenge);
    user.passkeys.add(new, party, now);
    Ok(json!({}))
}

/// ListWebAuthnCredentials.
pub fn list_web_authn_credentials(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let limit = input.page_size("MaxResults", MOST_PASSKEYS)?;
    let token = input.optional_text("NextToken")?;
    let (scope, bearer) = signed_in(state, input, now)?;
    let user = (scope.pool.users.get(&bearer.sub)).ok_or_else(Exception::user_not_found)?;
    let credentials = user.passkeys.iter().map(|passkey| passkey.describe()).collect();
    super::page(credentials, "Credentials", "NextToken", limit, token)
}

/// DeleteWebAuthnCredential.
pub fn delete_web_authn_credential(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let id = input.text("CredentialId")?;
    let (scope, bearer) = signed_in(state, input, now)?;
    let user = (scope.pool.users.get_mut(&bearer.sub)).ok_or_else(Exception::user_not_found)?;
    let is_gone = BASE64URL.decode(id).is_ok_and(|id| user.passkeys.remove(&id));
    if is_gone {
        return Ok(json!({}));
    }
    Err(Exception::resource_not_found("The credential does not exist."))
}

/// `CREDENTIAL_REQUEST_OPTIONS` of a WEB_AUTHN challenge: JSON inside of text. Its challenge is remembered at the user.
pub(super) fn request_options(settings: &PoolSettings, user: &mut User, now: Millis) -> Result<String, Exception> {
    let configuration = configuration(settings)?;
    let party = configuration.relying_party();
    let challenge = user.passkeys.challenge(Purpose::SignIn, now);
    let options = json!({
        "challenge": BASE64URL.encode(challenge),
        "timeout": CHALLENGE_LIFETIME,
        "rpId": party.id,
        "allowCredentials": user.passkeys.descriptors(party),
        "userVerification": configuration.user_verification(),
    });
    Ok(options.to_string())
}

/// How much a passkey proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Factors {
    /// As much as a password.
    One,
    /// As much as a password and a second factor.
    Two,
}

/// Checks `CREDENTIAL`, the answer to a WEB_AUTHN challenge. One that holds spends its challenge; after any other the
/// user may try again.
pub(super) fn verify(pool: &mut Pool, sub: &str, credential: &str, now: Millis) -> Result<Factors, Exception> {
    let configuration = configuration(&pool.settings)?;
    let party = configuration.relying_party();
    let user = pool.users.get_mut(sub).ok_or_else(Exception::wrong_password)?;
    let json: Value = serde_json::from_str(credential).map_err(|_| unreadable("it is not JSON"))?;
    let assertion = Assertion::read(&json).map_err(refused_assertion)?;
    if user.passkeys.purpose_of(assertion.challenge(), now) != Some(&Purpose::SignIn) {
        return Err(Exception::wrong_password());
    }
    if assertion
        .user_handle()
        .is_some_and(|handle| handle != user.sub.as_bytes())
    {
        return Err(Exception::wrong_password());
    }
    let passkey = user
        .passkeys
        .get_mut(assertion.credential_id(), party)
        .ok_or_else(Exception::wrong_password)?;
    let asserted = assertion
        .verify(party, &passkey.public_key, passkey.counter)
        .map_err(refused_assertion)?;
    passkey.counter = asserted.counter;
    user.passkeys.answered(assertion.challenge());
    Ok(if asserted.user_verified && configuration.counts_as_two_factors() {
        Factors::Two
    } else {
        Factors::One
    })
}

fn configuration(settings: &PoolSettings) -> Result<&WebAuthnConfiguration, Exception> {
    if !settings.begins_with(FirstFactor::WebAuthn) {
        return Err(Exception::new(
            "WebAuthnNotEnabledException",
            "Passkeys are not enabled for this user pool.",
        ));
    }
    settings.web_authn_configuration.as_ref().ok_or_else(|| {
        Exception::new(
            "WebAuthnConfigurationMissingException",
            "The user pool has neither a relying party id nor a domain.",
        )
    })
}

/// A user who signs in with an address has no better name.
fn shown_name(user: &User) -> &str {
    if user.username != user.sub {
        return &user.username;
    }
    ["email", "phone_number"]
        .into_iter()
        .find_map(|name| user.attribute(name))
        .unwrap_or(&user.username)
}

fn refused_registration(refusal: Refusal) -> Exception {
    match refusal {
        Refusal::Malformed(reason) => unreadable(reason),
        Refusal::Origin => Exception::new(
            "WebAuthnOriginNotAllowedException",
            "The origin of the credential is not one of the relying party.",
        ),
        Refusal::RelyingParty => Exception::new(
            "WebAuthnRelyingPartyMismatchException",
            "The credential was made for another relying party.",
        ),
        Refusal::Unsupported(reason) => Exception::new(
            "WebAuthnCredentialNotSupportedException",
            format!("The credential is not supported: {reason}."),
        ),
        Refusal::Unproven => Exception::new(
            "WebAuthnCredentialNotSupportedException",
            "The credential is not supported: its attestation proves nothing.",
        ),
    }
}

/// A sign-in has none of the exceptions above: what proves nothing is refused like a wrong password.
fn refused_assertion(refusal: Refusal) -> Exception {
    match refusal {
        Refusal::Malformed(reason) => unreadable(reason),
        Refusal::Origin | Refusal::RelyingParty | Refusal::Unsupported(_) | Refusal::Unproven => {
            Exception::wrong_password()
        }
    }
}

fn unreadable(reason: &str) -> Exception {
    Exception::invalid_parameter(format!("Invalid credential: {reason}."))
}

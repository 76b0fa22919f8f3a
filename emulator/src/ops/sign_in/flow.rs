//! InitiateAuth and RespondToAuthChallenge: signing in.
//!
//! One invariant: a challenge session is used up by the answer that is accepted in it, and by no other. A request goes
//! through these steps:
//!
//! 1. `begin` or `answer` finds what is answered, and lets its file check it. That gives a [`Step`], or a refusal.
//! 2. The session of an accepted answer is spent.
//! 3. `go_on` decides from the step what comes next, until there is a challenge or there are tokens: after the first
//!    factor a new password, then the questions of a custom flow or the second factor, then the device, then tokens.

use serde_json::{Value, json};

use super::candidate::{candidate, open_session, prove_password};
use super::step::{Step, Taken};
use super::{custom_auth, device_srp, mfa, mfa_setup, new_password, sign_in_code, user_auth, user_srp};
use crate::clock::Millis;
use crate::error::Exception;
use crate::input::{Input, TextMap};
use crate::ops::answer::Answer;
use crate::ops::refresh;
use crate::state::{AuthFlow, Candidate, Challenge, Choice, ClientScope, Flow, NewDevice, Session, State, UserStatus};
use crate::tokens;

/// Who sends a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Caller {
    /// A user's client.
    Client,
    /// An administrator, who may send a password in flows that a client may not use.
    Admin,
}

/// InitiateAuth.
pub fn initiate_auth(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    begin(state, input, Caller::Client, now)
}

/// AdminInitiateAuth.
pub fn admin_initiate_auth(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    refuse_client_of_another_pool(state, input)?;
    begin(state, input, Caller::Admin, now)
}

/// RespondToAuthChallenge. A sign-in that an administrator began goes on here as well.
pub fn respond_to_auth_challenge(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    answer(state, input, now)
}

/// AdminRespondToAuthChallenge.
pub fn admin_respond_to_auth_challenge(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    refuse_client_of_another_pool(state, input)?;
    answer(state, input, now)
}

fn refuse_client_of_another_pool(state: &mut State, input: Input<'_>) -> Result<(), Exception> {
    let client_id = input.text("ClientId")?;
    let pool = state.pool(input.text("UserPoolId")?)?;
    match pool.clients.contains_key(client_id) {
        true => Ok(()),
        false => Err(Exception::no_client(client_id)),
    }
}

fn begin(state: &mut State, input: Input<'_>, caller: Caller, now: Millis) -> Answer {
    let flow = input.text("AuthFlow")?;
    let parameters = input.text_map("AuthParameters")?;
    let session = input.optional_text("Session")?;
    let stepping_up = parameters
        .get("ACCESS_TOKEN")
        .filter(|_| flow == "USER_AUTH")
        .map(|token| tokens::authorize(state, token, now))
        .transpose()?;
    let mut scope = state.client(input.text("ClientId")?)?;
    let step = match flow {
        "ADMIN_USER_PASSWORD_AUTH" | "ADMIN_NO_SRP_AUTH" if caller == Caller::Admin => {
            scope.client.settings.allow(AuthFlow::AdminUserPassword)?;
            sign_in_with_password(&mut scope, &parameters, now)?
        }
        "USER_SRP_AUTH" => {
            scope.client.settings.allow(AuthFlow::UserSrp)?;
            user_srp::begin(&mut scope, &parameters, Flow::Standard, now)?
        }
        "USER_PASSWORD_AUTH" if caller == Caller::Client => {
            scope.client.settings.allow(AuthFlow::UserPassword)?;
            sign_in_with_password(&mut scope, &parameters, now)?
        }
        "CUSTOM_AUTH" => {
            scope.client.settings.allow(AuthFlow::Custom)?;
            custom_auth::begin(&mut scope, &parameters, now)?
        }
        "USER_AUTH" => {
            scope.client.settings.allow(AuthFlow::User)?;
            scope.pool.settings.refuse_choice_beyond_tier()?;
            let step = user_auth::begin(&mut scope, session, &parameters, stepping_up.as_ref(), now)?;
            scope.spend(session);
            step
        }
        "REFRESH_TOKEN_AUTH" | "REFRESH_TOKEN" => {
            let (pool, client) = (scope.pool, scope.client);
            client.settings.allow(AuthFlow::RefreshToken)?;
            let token = parameters.required("REFRESH_TOKEN")?;
            let (sign_in, user) = refresh::owner(pool, &client, token, parameters.get("DEVICE_KEY"), now)?;
            client.check_later_secret_hash(&user.username, parameters.get("SECRET_HASH"))?;
            let result = tokens::issue(pool, &client, user, &sign_in, now)?;
            pool.sign_ins.touch(&sign_in.origin_jti, now);
            return Ok(json!({ "ChallengeParameters": {}, "AuthenticationResult": result }));
        }
        _ => return Err(Exception::invalid_parameter("Initiate Auth method not supported.")),
    };
    go_on(&mut scope, step, now)
}

fn answer(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let name = input.text("ChallengeName")?;
    let session = input.optional_text("Session")?;
    let responses = input.text_map("ChallengeResponses")?;
    let mut scope = state.client(input.text("ClientId")?)?;
    let scope = &mut scope;
    let step = match name {
        "PASSWORD_VERIFIER" => user_srp::answer(scope, &responses, now)?,
        "DEVICE_PASSWORD_VERIFIER" => device_srp::answer(scope, &responses, now)?,
        _ => {
            let step = answer_in_session(scope, name, session, &responses, now)?;
            // An accepted answer uses its session up. After a refused one it stays open.
            scope.spend(session);
            step
        }
    };
    go_on(scope, step, now)
}

fn answer_in_session(
    scope: &mut ClientScope<'_>,
    name: &str,
    session: Option<&str>,
    responses: &TextMap<'_>,
    now: Millis,
) -> Taken {
    let Session {
        mut candidate,
        challenge,
        ..
    } = open_session(scope, session, responses, now)?;
    // Any answer may name the device; to DEVICE_SRP_AUTH it is the device that was asked.
    let device_key = responses.get("DEVICE_KEY").filter(|_| name != "DEVICE_SRP_AUTH");
    if let (Some(key), Some(_)) = (device_key, &candidate.sub) {
        candidate.device_key = Some(key.to_owned());
        device_srp::refuse_unknown(scope, &candidate)?;
    }
    match challenge {
        // A user who was asked for a passkey may still choose something else.
        Challenge::Select(offered) | Challenge::WebAuthn(offered) if name == "SELECT_CHALLENGE" => {
            user_auth::answer_selection(scope, candidate, &offered, responses, now)
        }
        asked if asked.name() != Some(name) => Err(Exception::invalid_session()),
        Challenge::NewPasswordRequired => new_password::answer(scope, candidate, responses, now),
        Challenge::SelectMfaType(offered) => mfa::answer_choice(scope, &candidate, &offered, responses, now),
        Challenge::SoftwareTokenMfa => mfa::answer_software_token(scope, candidate, responses, now),
        Challenge::MfaSetup { verified } => mfa_setup::answer(scope, candidate, verified, responses, now),
        Challenge::SentCode(kind, code) => sign_in_code::answer(scope, candidate, (kind, &code), responses, now),
        Challenge::Custom { question, wrong } => custom_auth::answer(scope, candidate, (question, wrong), responses),
        Challenge::Password => user_auth::answer(scope, candidate, Choice::Password, responses, now),
        Challenge::PasswordSrp => user_auth::answer(scope, candidate, Choice::PasswordSrp, responses, now),
        Challenge::WebAuthn(_) => user_auth::answer(scope, candidate, Choice::WebAuthn, responses, now),
        Challenge::DeviceSrp => device_srp::begin(scope, candidate, responses, now),
        Challenge::Select(_) | Challenge::SignUp | Challenge::ConfirmedSignUp => Err(Exception::invalid_session()),
    }
}

fn sign_in_with_password(scope: &mut ClientScope<'_>, parameters: &TextMap<'_>, now: Millis) -> Taken {
    parameters.username()?;
    let password = parameters.required("PASSWORD")?;
    let candidate = candidate(scope, parameters, Flow::Standard)?;
    prove_password(scope, &candidate, password, now)?;
    Ok(Step::FirstFactorProven(candidate))
}

/// What comes after a step: the next challenge, or tokens.
fn go_on(scope: &mut ClientScope<'_>, mut step: Step, now: Millis) -> Answer {
    loop {
        step = match step {
            Step::FirstFactorProven(candidate) => after_first_factor(scope, candidate, now)?,
            Step::PasswordProven(candidate) => after_password(scope, candidate, now)?,
            Step::AllFactorsProven(candidate) => match device_srp::due(scope, &candidate) {
                Some(challenge) => challenge,
                None => return authenticated(scope, &candidate, None, now),
            },
            Step::DeviceProven(candidate, key) => return authenticated(scope, &candidate, Some(&key), now),
            Step::Ask(candidate, challenge, parameters) => {
                return Ok(ask(scope, candidate, challenge, &parameters, now));
            }
            Step::Exchange(response) => return Ok(response),
            Step::Refuse(exception) => return Err(exception),
        };
    }
}

/// After the first factor: a challenge if the password is temporary, else what follows a lasting one.
fn after_first_factor(scope: &mut ClientScope<'_>, candidate: Candidate, now: Millis) -> Taken {
    device_srp::refuse_unknown(scope, &candidate)?;
    let user = scope.user(&candidate)?;
    if user.status != UserStatus::ForceChangePassword {
        return Ok(Step::PasswordProven(candidate));
    }
    let temporary_until = user.password.as_ref().and_then(|password| password.temporary_until);
    if temporary_until.is_some_and(|until| now >= until) {
        return Err(Exception::not_authorized(
            "Temporary password has expired and must be reset by an administrator.",
        ));
    }
    let parameters = new_password::parameters(scope.pool, &scope.client, user);
    Ok(Step::Ask(candidate, Challenge::NewPasswordRequired, parameters))
}

/// After a password that lasts: the questions of a custom flow, or the second factor if one is due and no remembered
/// device stands for it.
fn after_password(scope: &mut ClientScope<'_>, candidate: Candidate, now: Millis) -> Taken {
    if candidate.flow == Flow::Custom {
        return Ok(custom_auth::ask(scope, candidate, 0, 0));
    }
    if device_srp::replaces_second_factor(scope, &candidate) {
        return Ok(Step::AllFactorsProven(candidate));
    }
    let due = mfa::due(scope, &candidate, now)?;
    Ok(due.unwrap_or(Step::AllFactorsProven(candidate)))
}

/// A challenge with a `Session` of its own.
fn ask(scope: &mut ClientScope<'_>, candidate: Candidate, asked: Challenge, parameters: &Value, now: Millis) -> Value {
    let lifetime = scope.client.settings.challenge_lifetime();
    let available = match &asked {
        Challenge::Select(choices) => Some(choices.iter().map(|choice| choice.as_str()).collect::<Vec<_>>()),
        _ => None,
    };
    let mut response = json!({
        "ChallengeName": asked.name(),
        "Session": scope.pool.challenges.open(candidate, asked, lifetime, now),
        "ChallengeParameters": parameters,
    });
    if let (Some(available), Some(members)) = (available, response.as_object_mut()) {
        members.insert("AvailableChallenges".to_owned(), json!(available));
    }
    response
}

/// A completed sign-in, on a device that has proven itself or on one to be seen for the first time:
/// `AuthenticationResult` with all three tokens.
fn authenticated(
    scope: &mut ClientScope<'_>,
    candidate: &Candidate,
    proven_device: Option<&str>,
    now: Millis,
) -> Answer {
    let (pool, client) = (&mut *scope.pool, &scope.client);
    let sub = candidate.sub.as_deref().ok_or_else(Exception::wrong_password)?;
    let is_new = pool.settings.tracks_devices() && proven_device.is_none();
    let new_device = is_new.then(|| NewDevice::of(pool.region()));
    let user = pool.users.get_mut(sub).ok_or_else(Exception::user_not_found)?;
    if let Some(device) = &new_device {
        user.devices.offer(device);
    }
    if let Some(device) = proven_device.and_then(|key| user.devices.get_mut(key)) {
        device.last_authenticated = now;
    }
    let device_key = proven_device.or(new_device.as_ref().map(|device| device.key.as_str()));
    let sign_in = pool.sign_ins.begin(&client.id, sub, device_key.map(str::to_owned), now);
    let user = pool.users.get(sub).ok_or_else(Exception::user_not_found)?;
    let mut result = tokens::issue(pool, client, user, &sign_in, now)?;
    let refresh_token = pool
        .sign_ins
        .issue(&sign_in.origin_jti, now + client.settings.refresh_token_lifetime());
    if let Some(members) = result.as_object_mut() {
        members.insert("RefreshToken".to_owned(), Value::String(refresh_token));
        if let Some(device) = new_device {
            members.insert("NewDeviceMetadata".to_owned(), device.metadata());
        }
    }
    Ok(json!({ "ChallengeParameters": {}, "AuthenticationResult": result }))
}

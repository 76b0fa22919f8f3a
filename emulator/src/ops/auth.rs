//! InitiateAuth and RespondToAuthChallenge: signing in.

use serde_json::json;

use super::{
    Answer, custom_auth, device_srp, mfa, mfa_setup, new_password, next, refresh, sign_in_code, user_auth, user_srp,
};
use crate::clock::Millis;
use crate::error::Exception;
use crate::input::{Input, TextMap};
use crate::state::{AuthFlow, Candidate, Challenge, ClientScope, Flow, Session, State, User, UserStatus};
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
    match flow {
        "ADMIN_USER_PASSWORD_AUTH" | "ADMIN_NO_SRP_AUTH" if caller == Caller::Admin => {
            scope.client.settings.allow(AuthFlow::AdminUserPassword)?;
            sign_in_with_password(&mut scope, &parameters, now)
        }
        "USER_SRP_AUTH" => {
            scope.client.settings.allow(AuthFlow::UserSrp)?;
            user_srp::begin(&mut scope, &parameters, Flow::Standard, now)
        }
        "USER_PASSWORD_AUTH" if caller == Caller::Client => {
            scope.client.settings.allow(AuthFlow::UserPassword)?;
            sign_in_with_password(&mut scope, &parameters, now)
        }
        "CUSTOM_AUTH" => {
            scope.client.settings.allow(AuthFlow::Custom)?;
            custom_auth::begin(&mut scope, &parameters, now)
        }
        "USER_AUTH" => {
            scope.client.settings.allow(AuthFlow::User)?;
            scope.pool.settings.refuse_choice_beyond_tier()?;
            user_auth::begin(&mut scope, session, &parameters, stepping_up.as_ref(), now)
        }
        "REFRESH_TOKEN_AUTH" | "REFRESH_TOKEN" => {
            let (pool, client) = (scope.pool, scope.client);
            client.settings.allow(AuthFlow::RefreshToken)?;
            let token = parameters.required("REFRESH_TOKEN")?;
            let (sign_in, user) = refresh::owner(pool, &client, token, parameters.get("DEVICE_KEY"), now)?;
            client.check_later_secret_hash(&user.username, parameters.get("SECRET_HASH"))?;
            let result = tokens::issue(pool, &client, user, &sign_in, now)?;
            pool.sign_ins.touch(&sign_in.origin_jti, now);
            Ok(json!({ "ChallengeParameters": {}, "AuthenticationResult": result }))
        }
        _ => Err(Exception::invalid_parameter("Initiate Auth method not supported.")),
    }
}

fn answer(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let name = input.text("ChallengeName")?;
    let session = input.optional_text("Session")?;
    let responses = input.text_map("ChallengeResponses")?;
    let mut scope = state.client(input.text("ClientId")?)?;
    let scope = &mut scope;
    match name {
        "PASSWORD_VERIFIER" => return user_srp::answer(scope, &responses, now),
        "DEVICE_PASSWORD_VERIFIER" => return device_srp::answer(scope, &responses, now),
        _ => {}
    }
    let Session {
        mut candidate,
        challenge,
        ..
    } = open_session(scope, session, &responses, now)?;
    // Any answer may name the device; to DEVICE_SRP_AUTH it is the device that was asked.
    let device_key = responses.get("DEVICE_KEY").filter(|_| name != "DEVICE_SRP_AUTH");
    if let (Some(key), Some(_)) = (device_key, &candidate.sub) {
        candidate.device_key = Some(key.to_owned());
        device_srp::refuse_unknown(scope, &candidate)?;
    }
    match (name, challenge) {
        ("NEW_PASSWORD_REQUIRED", Challenge::NewPasswordRequired) => {
            new_password::answer(scope, candidate, session, &responses, now)
        }
        ("SELECT_MFA_TYPE", Challenge::SelectMfaType(offered)) => {
            mfa::answer_choice(scope, &candidate, &offered, session, &responses, now)
        }
        ("SOFTWARE_TOKEN_MFA", Challenge::SoftwareTokenMfa) => {
            mfa::answer_software_token(scope, &candidate, session, &responses, now)
        }
        ("MFA_SETUP", Challenge::MfaSetup { verified }) => {
            mfa_setup::answer(scope, &candidate, verified, session, &responses, now)
        }
        (_, Challenge::SentCode(kind, code)) if kind.challenge_name() == name => {
            sign_in_code::answer(scope, candidate, (kind, &code), session, &responses, now)
        }
        ("CUSTOM_CHALLENGE", Challenge::Custom { question, wrong }) => {
            custom_auth::answer(scope, candidate, (question, wrong), session, &responses, now)
        }
        // Whoever was asked for a passkey may still choose something else.
        ("SELECT_CHALLENGE", Challenge::Select(offered) | Challenge::WebAuthn(offered)) => {
            user_auth::answer_selection(scope, candidate, &offered, session, &responses, now)
        }
        ("PASSWORD", Challenge::Password)
        | ("PASSWORD_SRP", Challenge::PasswordSrp)
        | ("WEB_AUTHN", Challenge::WebAuthn(_)) => user_auth::answer(scope, candidate, name, session, &responses, now),
        ("DEVICE_SRP_AUTH", Challenge::DeviceSrp) => device_srp::begin(scope, candidate, session, &responses, now),
        _ => Err(Exception::invalid_session()),
    }
}

fn sign_in_with_password(scope: &mut ClientScope<'_>, parameters: &TextMap<'_>, now: Millis) -> Answer {
    parameters.username()?;
    let password = parameters.required("PASSWORD")?;
    let candidate = candidate(scope, parameters, Flow::Standard)?;
    prove_password(scope, &candidate, password, now)?;
    next::after_first_factor(scope, candidate, now)
}

/// Who begins to sign in: a user, or nobody where the client hides whether there is one.
pub(super) fn candidate(
    scope: &mut ClientScope<'_>,
    parameters: &TextMap<'_>,
    flow: Flow,
) -> Result<Candidate, Exception> {
    let name = parameters.username()?;
    let (pool, client) = (&mut *scope.pool, &scope.client);
    client.check_secret_hash(name, parameters.get("SECRET_HASH"))?;
    let (sub, user_id_for_srp) = match pool.users.sign_in_name(&pool.settings, name) {
        Some(user) => {
            refuse_by_status(user)?;
            (Some(user.sub.clone()), user.username.clone())
        }
        None if client.settings.hides_user_existence() => (None, pool.settings.fold(name)),
        None => return Err(Exception::user_not_found()),
    };
    Ok(Candidate {
        client_id: client.id.clone(),
        sub,
        user_id_for_srp,
        device_key: parameters.get("DEVICE_KEY").map(str::to_owned),
        flow,
    })
}

/// Checks a password that was sent.
pub(super) fn prove_password(
    scope: &mut ClientScope<'_>,
    candidate: &Candidate,
    password: &str,
    now: Millis,
) -> Result<(), Exception> {
    let pool_name = scope.pool.name().to_owned();
    let user = scope.user_mut(candidate).ok_or_else(Exception::wrong_password)?;
    let right = user
        .password
        .as_ref()
        .is_some_and(|known| known.verifier.accepts(&pool_name, &user.username, password));
    check_password(user, right, now)
}

/// What AWS looks at before the password.
pub(super) fn refuse_by_status(user: &User) -> Result<(), Exception> {
    if !user.enabled {
        return Err(Exception::disabled_user());
    }
    match user.status {
        UserStatus::Unconfirmed => Err(Exception::new("UserNotConfirmedException", "User is not confirmed.")),
        UserStatus::ResetRequired => Err(Exception::new(
            "PasswordResetRequiredException",
            "Password reset required for the user",
        )),
        UserStatus::Confirmed | UserStatus::ForceChangePassword => Ok(()),
    }
}

/// Counts wrong passwords; refuses even the right one while the user is locked out.
pub(super) fn check_password(user: &mut User, right: bool, now: Millis) -> Result<(), Exception> {
    if user.lockout.is_locked(now) {
        return Err(Exception::not_authorized("Password attempts exceeded"));
    }
    if !right {
        user.lockout.failed(now);
        return Err(Exception::wrong_password());
    }
    user.lockout.succeeded();
    Ok(())
}

/// What an answer to a challenge with a `Session` has in common with every other: the session is open and the client's,
/// and the user who answers is the one who was asked.
pub(super) fn open_session(
    scope: &mut ClientScope<'_>,
    session: Option<&str>,
    responses: &TextMap<'_>,
    now: Millis,
) -> Result<Session, Exception> {
    let text = session.ok_or_else(|| Exception::missing_parameter("Session"))?;
    let name = responses.required("USERNAME")?;
    scope
        .client
        .check_later_secret_hash(name, responses.get("SECRET_HASH"))?;
    let session = scope.pool.challenges.session(text, now)?;
    let pool = &mut *scope.pool;
    let user = pool.users.sign_in_name(&pool.settings, name);
    let is_asked = match (&user, &session.candidate.sub) {
        (Some(user), Some(sub)) => user.sub == *sub,
        (None, None) => pool.settings.fold(name) == session.candidate.user_id_for_srp,
        _ => false,
    };
    if !is_asked || session.candidate.client_id != scope.client.id {
        return Err(Exception::invalid_session());
    }
    if user.is_some_and(|user| !user.enabled) {
        return Err(Exception::disabled_user());
    }
    Ok(session)
}

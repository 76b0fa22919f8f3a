//! AssociateSoftwareToken and VerifySoftwareToken: a user's authenticator app, of a signed-in user by access token, or
//! within MFA_SETUP by its session.

use serde_json::{Value, json};

use super::answer::Answer;
use super::bearer::signed_in;
use crate::clock::Millis;
use crate::error::Exception;
use crate::input::Input;
use crate::state::{Challenge, MfaFactor, Pool, Session, SoftwareToken, State};

/// AssociateSoftwareToken. An app that is in use goes on working until the new one is verified.
pub fn associate_software_token(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let owner = Owner::of(state, input, now)?;
    let pool = owner.pool(state)?;
    if !pool.settings.mfa_factors().contains(&MfaFactor::SoftwareTokenMfa) {
        return Err(Exception::new(
            "SoftwareTokenMFANotFoundException",
            "Software Token MFA has not been enabled by the userPool",
        ));
    }
    let token = SoftwareToken::random()?;
    let secret = token.secret_code();
    let user = pool.users.get_mut(&owner.sub).ok_or_else(Exception::user_not_found)?;
    user.associated_token = Some(token);
    Ok(owner.answer(pool, json!({ "SecretCode": secret }), false, now))
}

/// VerifySoftwareToken. The code is spent by it.
pub fn verify_software_token(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let entered = input.text("UserCode")?;
    let device = input.optional_text("FriendlyDeviceName")?;
    let owner = Owner::of(state, input, now)?;
    let pool = owner.pool(state)?;
    let user = pool.users.get_mut(&owner.sub).ok_or_else(Exception::user_not_found)?;
    let token = user
        .associated_token
        .as_mut()
        .ok_or_else(|| Exception::invalid_parameter("AssociateSoftwareToken has not been called"))?;
    token.accept(entered, now).map_err(|_| {
        Exception::new(
            "EnableSoftwareTokenMFAException",
            "Code mismatch and fail enable Software Token MFA",
        )
    })?;
    token.friendly_device_name = device.filter(|name| !name.is_empty()).map(str::to_owned);
    user.software_token = user.associated_token.take();
    Ok(owner.answer(pool, json!({ "Status": "SUCCESS" }), true, now))
}

/// Whose app it is.
struct Owner {
    pool_id: String,
    sub: String,
    /// The MFA_SETUP that goes on, if this is part of one.
    setup: Option<(String, Session)>,
}

impl Owner {
    fn of(state: &mut State, input: Input<'_>, now: Millis) -> Result<Self, Exception> {
        if input.members().get("AccessToken").is_some_and(|token| !token.is_null()) {
            let (scope, bearer) = signed_in(state, input, now)?;
            return Ok(Self {
                pool_id: scope.pool.id.clone(),
                sub: bearer.sub,
                setup: None,
            });
        }
        let text = input
            .optional_text("Session")?
            .ok_or_else(|| Exception::invalid_parameter("Either AccessToken or Session is required"))?;
        let (pool, session) = state.session(text, now)?;
        let Challenge::MfaSetup { .. } = session.challenge else {
            return Err(Exception::invalid_session());
        };
        Ok(Self {
            pool_id: pool.id.clone(),
            sub: session.candidate.sub.clone().unwrap_or_default(),
            setup: Some((text.to_owned(), session)),
        })
    }

    fn pool<'a>(&self, state: &'a mut State) -> Result<&'a mut Pool, Exception> {
        state.pool(&self.pool_id)
    }

    /// Within MFA_SETUP, each step has a session of its own.
    fn answer(self, pool: &mut Pool, mut answer: Value, verified: bool, now: Millis) -> Value {
        if let Some((text, session)) = self.setup {
            let lifetime = pool
                .clients
                .get(&session.candidate.client_id)
                .map_or(0, |client| client.settings.challenge_lifetime());
            pool.challenges.spend(&text);
            let challenge = Challenge::MfaSetup { verified };
            let next = pool.challenges.open(session.candidate, challenge, lifetime, now);
            if let Some(members) = answer.as_object_mut() {
                members.insert("Session".to_owned(), json!(next));
            }
        }
        answer
    }
}

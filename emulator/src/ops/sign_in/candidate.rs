//! Who signs in, and what is checked of them whatever they are asked.

use crate::clock::Millis;
use crate::error::Exception;
use crate::input::TextMap;
use crate::ops::known_password::check_password;
use crate::state::{Candidate, ClientScope, Flow, Session, User, UserStatus};

/// Who begins to sign in: a user, or none where the client hides whether there is one.
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

/// The session that an answer names: it is open, it is the client's, and the user who answers is the one who was asked.
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

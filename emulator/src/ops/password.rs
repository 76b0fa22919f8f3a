//! ForgotPassword, ConfirmForgotPassword, ChangePassword.

use serde_json::json;

use super::answer::Answer;
use super::bearer::signed_in;
use super::known_password::{check_password, set_password};
use crate::clock::Millis;
use crate::codes::{self, Attempt, Code, RESET_CODE_LIFETIME};
use crate::delivery::{self, Letter};
use crate::error::Exception;
use crate::input::Input;
use crate::outbox::{Outbox, Trigger};
use crate::state::{PoolSettings, State, User, UserStatus};

/// ForgotPassword.
pub fn forgot_password(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let name = input.text("Username")?;
    let scope = state.client(input.text("ClientId")?)?;
    let (pool, client) = (scope.pool, scope.client);
    client.check_secret_hash(name, input.optional_text("SecretHash")?)?;
    let Some(user) = pool.users.sign_in_name(&pool.settings, name) else {
        return if client.settings.hides_user_existence() {
            Ok(json!({ "CodeDeliveryDetails": delivery::simulated(name) }))
        } else {
            Err(Exception::client_user_not_found())
        };
    };
    if !user.enabled {
        return Err(Exception::not_authorized("User is disabled."));
    }
    if user.status == UserStatus::ForceChangePassword {
        return Err(Exception::not_authorized(
            "User password cannot be reset in the current state.",
        ));
    }
    user.attempts.allow(Attempt::ForgotPassword, now)?;
    user.attempts.count(Attempt::ForgotPassword, now);
    let letter = Letter::new(&pool.id, Some(&client.id), Trigger::ForgotPassword);
    Ok(json!({ "CodeDeliveryDetails": send_reset_code(user, &pool.settings, scope.outbox, letter, now)? }))
}

/// ConfirmForgotPassword.
pub fn confirm_forgot_password(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let name = input.text("Username")?;
    let entered = input.text("ConfirmationCode")?;
    let password = input.text("Password")?;
    let scope = state.client(input.text("ClientId")?)?;
    let (pool, client) = (scope.pool, scope.client);
    client.check_secret_hash(name, input.optional_text("SecretHash")?)?;
    let pool_name = pool.name().to_owned();
    let Some(user) = pool.users.sign_in_name(&pool.settings, name) else {
        return Err(if client.settings.hides_user_existence() {
            codes::mismatch()
        } else {
            Exception::client_user_not_found()
        });
    };
    user.attempts.allow(Attempt::ConfirmForgotPassword, now)?;
    pool.settings.policies.password_policy.check(password)?;
    let attribute = codes::check(user.reset_code.as_ref(), entered, now).inspect_err(|_| {
        user.attempts.count(Attempt::ConfirmForgotPassword, now);
    })?;
    user.refuse_used_password(&pool.settings.policies.password_policy, &pool_name, password)?;
    user.reset_code = None;
    user.set_verified(attribute, true);
    user.status = UserStatus::Confirmed;
    user.lockout.succeeded();
    set_password(user, &pool_name, password, now);
    Ok(json!({}))
}

/// ChangePassword.
pub fn change_password(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let previous = input.optional_text("PreviousPassword")?;
    let proposed = input.text("ProposedPassword")?;
    let (scope, bearer) = signed_in(state, input, now)?;
    let pool = scope.pool;
    let pool_name = pool.name().to_owned();
    let user = pool.users.get_mut(&bearer.sub).ok_or_else(Exception::user_not_found)?;
    user.attempts.allow(Attempt::ChangePassword, now)?;
    if let Some(known) = user.password.clone() {
        let previous = previous.ok_or_else(|| Exception::missing_parameter("OldPassword"))?;
        let right = known.verifier.accepts(&pool_name, &user.username, previous);
        if !right {
            user.attempts.count(Attempt::ChangePassword, now);
        }
        check_password(user, right, now)?;
    }
    let policy = &pool.settings.policies.password_policy;
    policy.check(proposed)?;
    user.refuse_used_password(policy, &pool_name, proposed)?;
    set_password(user, &pool_name, proposed, now);
    Ok(json!({}))
}

/// Sends a recovery code to an address that is known to be the user's.
pub(super) fn send_reset_code(
    user: &mut User,
    settings: &PoolSettings,
    outbox: &mut Outbox,
    letter: Letter<'_>,
    now: Millis,
) -> Answer {
    let attribute = settings.recovery_address(user)?;
    let code = Code::new(attribute, now, RESET_CODE_LIFETIME);
    let letter = Letter {
        code: Some(code.digits().to_owned()),
        ..letter
    };
    user.reset_code = Some(code);
    Ok(delivery::send(outbox, user, attribute, letter, now))
}

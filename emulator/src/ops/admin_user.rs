//! Administration of users.

use serde_json::{Value, json};

use super::answer::Answer;
use super::known_password::set_password;
use super::password;
use super::{account, mfa_preference};
use crate::attributes::{self, Writer};
use crate::clock::{DAY, Millis};
use crate::delivery::Letter;
use crate::error::Exception;
use crate::filter::Filter;
use crate::input::Input;
use crate::outbox::{Outbox, Trigger};
use crate::state::{PoolSettings, SignIns, State, User, UserStatus};

/// AdminGetUser.
pub fn admin_get_user(state: &mut State, input: Input<'_>, _now: Millis) -> Answer {
    with_user(state, input, |user, _| {
        let mut described = user.describe("UserAttributes");
        mfa_preference::show(&user.mfa, described.as_object_mut());
        Ok(described)
    })
}

/// AdminSetUserPassword.
pub fn admin_set_user_password(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let password = input.text("Password")?;
    let permanent = input.flag("Permanent")?;
    with_user(state, input, |user, scope| {
        let policy = &scope.settings.policies.password_policy;
        policy.check(password)?;
        user.refuse_used_password(policy, scope.pool_name, password)?;
        set_password(user, scope.pool_name, password, now);
        user.lockout.succeeded();
        user.status = if permanent {
            UserStatus::Confirmed
        } else {
            UserStatus::ForceChangePassword
        };
        if let (false, Some(kept)) = (permanent, user.password.as_mut()) {
            kept.temporary_until = Some(now + policy.temporary_password_validity_days * DAY);
        }
        Ok(json!({}))
    })
}

/// AdminConfirmSignUp.
pub fn admin_confirm_sign_up(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    with_user(state, input, |user, _| {
        if user.status != UserStatus::Unconfirmed {
            return Err(Exception::not_authorized(format!(
                "User cannot be confirmed. Current status is {}",
                user.status.as_str()
            )));
        }
        user.status = UserStatus::Confirmed;
        user.modified = now;
        Ok(json!({}))
    })
}

/// AdminDeleteUser.
pub fn admin_delete_user(state: &mut State, input: Input<'_>, _now: Millis) -> Answer {
    let sub = with_user(state, input, |user, _| Ok(json!(user.sub)))?;
    let pool = state.pool(input.text("UserPoolId")?)?;
    pool.users.remove(sub.as_str().unwrap_or_default());
    Ok(Value::Null)
}

/// AdminDisableUser.
pub fn admin_disable_user(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    with_user(state, input, |user, scope| {
        user.enabled = false;
        user.modified = now;
        scope.sign_ins.revoke_all_of(&user.sub);
        Ok(json!({}))
    })
}

/// AdminEnableUser.
pub fn admin_enable_user(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    with_user(state, input, |user, _| {
        user.enabled = true;
        user.modified = now;
        Ok(json!({}))
    })
}

/// AdminUpdateUserAttributes. An address that the pool verifies before the update waits for its code, unless it is marked as
/// verified in the same request.
pub fn admin_update_user_attributes(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let given = input.attributes("UserAttributes")?;
    with_user(state, input, |user, scope| {
        let given = attributes::for_change(scope.settings, Writer::Admin, &given)?;
        let is_marked = |name: &str| {
            given
                .get(&format!("{name}_verified"))
                .is_some_and(|mark| mark == "true")
        };
        let (waiting, given): (Vec<_>, Vec<_>) = given.clone().into_iter().partition(|(name, value)| {
            let changed = user.attribute(name) != Some(value.as_str());
            changed && !value.is_empty() && scope.settings.verifies_before_update(name) && !is_marked(name)
        });
        for (name, value) in waiting {
            let letter = Letter::new(scope.pool_id, None, Trigger::UpdateUserAttributes);
            account::change_once_verified(user, &name, value, scope.outbox, letter, now);
        }
        // The addresses first: a changed one loses its mark, which the same request may give back.
        let (marks, others): (Vec<_>, Vec<_>) = given.into_iter().partition(|(name, _)| name.ends_with("_verified"));
        for (name, value) in others.into_iter().chain(marks) {
            user.set_attribute(&name, value);
        }
        user.modified = now;
        Ok(json!({}))
    })
}

/// AdminResetUserPassword: the password no longer works; a code to recover it goes out.
pub fn admin_reset_user_password(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    with_user(state, input, |user, scope| {
        if !user.enabled {
            return Err(Exception::not_authorized("User is disabled."));
        }
        if user.status == UserStatus::ForceChangePassword || user.status == UserStatus::Unconfirmed {
            return Err(Exception::not_authorized(
                "User password cannot be reset in the current state.",
            ));
        }
        let letter = Letter::new(scope.pool_id, None, Trigger::AdminResetUserPassword);
        password::send_reset_code(user, scope.settings, scope.outbox, letter, now)?;
        user.status = UserStatus::ResetRequired;
        user.modified = now;
        Ok(json!({}))
    })
}

/// AdminUserGlobalSignOut.
pub fn admin_user_global_sign_out(state: &mut State, input: Input<'_>, _now: Millis) -> Answer {
    with_user(state, input, |user, scope| {
        scope.sign_ins.revoke_all_of(&user.sub);
        Ok(json!({}))
    })
}

/// ListUsers.
pub fn list_users(state: &mut State, input: Input<'_>, _now: Millis) -> Answer {
    let filter = input
        .optional_text("Filter")?
        .filter(|text| !text.is_empty())
        .map(Filter::parse)
        .transpose()?;
    let limit = input.number("Limit")?.unwrap_or(60);
    let token = input.optional_text("PaginationToken")?;
    let shown = input.texts("AttributesToGet")?;
    let pool = state.pool(input.text("UserPoolId")?)?;
    let mut users: Vec<&User> = pool
        .users
        .iter()
        .filter(|user| filter.as_ref().is_none_or(|filter| filter.matches(user)))
        .collect();
    users.sort_by(|one, other| (one.created, &one.username).cmp(&(other.created, &other.username)));
    let users = users
        .into_iter()
        .map(|user| with_only(user.describe("Attributes"), &shown))
        .collect();
    super::page(users, "Users", "PaginationToken", limit, token)
}

/// `AttributesToGet`: nothing asked for is everything.
fn with_only(mut described: Value, names: &[&str]) -> Value {
    if let (false, Some(Value::Array(attributes))) = (names.is_empty(), described.get_mut("Attributes")) {
        attributes.retain(|attribute| {
            attribute
                .get("Name")
                .and_then(Value::as_str)
                .is_some_and(|name| names.contains(&name))
        });
    }
    described
}

/// The rest of the pool, while one of its users is being changed.
pub(super) struct Scope<'a> {
    pool_id: &'a str,
    pool_name: &'a str,
    settings: &'a PoolSettings,
    pub(super) sign_ins: &'a mut SignIns,
    outbox: &'a mut Outbox,
}

/// Does something with the user that an administrator names.
pub(super) fn with_user(
    state: &mut State,
    input: Input<'_>,
    change: impl FnOnce(&mut User, Scope<'_>) -> Answer,
) -> Answer {
    let name = input.text("Username")?;
    let pool_id = input.text("UserPoolId")?;
    let State { pools, outbox, .. } = state;
    let pool = pools.get_mut(pool_id).ok_or_else(|| Exception::no_pool(pool_id))?;
    let pool_name = pool.name().to_owned();
    let user = pool
        .users
        .any_name(&pool.settings, name)
        .ok_or_else(Exception::user_not_found)?;
    let scope = Scope {
        pool_id,
        pool_name: &pool_name,
        settings: &pool.settings,
        sign_ins: &mut pool.sign_ins,
        outbox,
    };
    change(user, scope)
}

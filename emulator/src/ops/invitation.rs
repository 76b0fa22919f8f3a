//! AdminCreateUser: a user with a temporary password, invited by email or SMS.

use rand::distributions::{Alphanumeric, DistString};
use serde_json::json;

use super::answer::Answer;
use super::sign_up;
use crate::attributes::{self, Given};
use crate::clock::{DAY, Millis};
use crate::delivery::{self, Letter};
use crate::error::Exception;
use crate::input::Input;
use crate::outbox::{Outbox, Trigger};
use crate::password_policy::PasswordPolicy;
use crate::srp::Verifier;
use crate::state::{Password, Pool, State, User, UserStatus};

/// AdminCreateUser.
pub fn admin_create_user(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let name = input.text("Username")?;
    let given = input.attributes("UserAttributes")?;
    let action = input.optional_text("MessageAction")?;
    let media = input.texts("DesiredDeliveryMediums")?;
    let force_alias = input.flag("ForceAliasCreation")?;
    let pool_id = input.text("UserPoolId")?;
    let State { pools, outbox, .. } = state;
    let pool = pools.get_mut(pool_id).ok_or_else(|| Exception::no_pool(pool_id))?;
    let policy = &pool.settings.policies.password_policy;
    let password = match input.optional_text("TemporaryPassword")? {
        Some(password) => password.to_owned(),
        None => temporary_password(policy),
    };
    policy.check(&password)?;
    let temporary_until = Some(now + policy.temporary_password_validity_days * DAY);

    let mut user = match action {
        Some("RESEND") => invited_before(pool, name)?,
        _ => new_user(pool, name, given, force_alias, now)?,
    };
    user.refuse_used_password(&pool.settings.policies.password_policy, pool.name(), &password)?;
    let verifier = Verifier::new(pool.name(), &user.username, &password);
    user.set_password(Password {
        verifier,
        temporary_until,
    });
    if action != Some("SUPPRESS") {
        invite(outbox, &user, pool_id, &media, &password, now);
    }
    let described = user.describe("Attributes");
    pool.users.insert(user);
    Ok(json!({ "User": described }))
}

/// Required attributes may be missing: the user is asked for them with the new password.
fn new_user(pool: &mut Pool, name: &str, given: Given<'_>, force_alias: bool, now: Millis) -> Result<User, Exception> {
    let (naming_attribute, given) = sign_up::naming_attribute(&pool.settings, name, given)?;
    let attributes = attributes::for_invitation(&pool.settings, &given)?;
    sign_up::refuse_taken_name(pool, name, naming_attribute)?;
    let mut user = User::register(
        &pool.settings,
        name,
        naming_attribute,
        UserStatus::ForceChangePassword,
        now,
    );
    user.attributes = attributes;
    for attribute in ["email", "phone_number"] {
        if let Some(address) = user.attribute(attribute).filter(|_| user.is_verified(attribute)) {
            sign_up::take_alias(pool, attribute, address, &user.sub, force_alias)?;
        }
    }
    Ok(user)
}

fn invited_before(pool: &mut Pool, name: &str) -> Result<User, Exception> {
    let user = pool
        .users
        .any_name(&pool.settings, name)
        .ok_or_else(Exception::user_not_found)?;
    if user.status != UserStatus::ForceChangePassword {
        return Err(Exception::new(
            "UnsupportedUserStateException",
            "Resend not possible. User status is not FORCE_CHANGE_PASSWORD",
        ));
    }
    Ok(user.clone())
}

fn invite(outbox: &mut Outbox, user: &User, pool_id: &str, media: &[&str], password: &str, now: Millis) {
    // Without a choice AWS invites by SMS.
    let media = if media.is_empty() { &["SMS"] } else { media };
    for attribute in media
        .iter()
        .map(|medium| if *medium == "EMAIL" { "email" } else { "phone_number" })
    {
        if user.attribute(attribute).is_some() {
            let letter = Letter {
                temporary_password: Some(password.to_owned()),
                ..Letter::new(pool_id, None, Trigger::AdminCreateUser)
            };
            delivery::send(outbox, user, attribute, letter, now);
        }
    }
}

/// A password that any policy accepts.
fn temporary_password(policy: &PasswordPolicy) -> String {
    let length = usize::try_from(policy.minimum_length).unwrap_or_default().max(12);
    format!("{}aA1!", Alphanumeric.sample_string(&mut rand::thread_rng(), length))
}

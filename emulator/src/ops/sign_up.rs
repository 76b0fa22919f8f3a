//! SignUp, ConfirmSignUp, ResendConfirmationCode.

use serde_json::{Value, json};

use super::answer::Answer;
use crate::attributes::{self, Given, Writer, is_email, is_phone_number};
use crate::clock::Millis;
use crate::codes::{self, Attempt, Code, SIGN_UP_CODE_LIFETIME};
use crate::delivery::{self, Letter};
use crate::error::Exception;
use crate::input::Input;
use crate::outbox::{Outbox, Trigger};
use crate::srp::Verifier;
use crate::state::{
    AuthFlow, Candidate, Challenge, Client, Flow, Password, Pool, PoolSettings, Session, State, User, UserStatus,
};

/// SignUp.
pub fn sign_up(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let name = input.text("Username")?;
    let given = input.attributes("UserAttributes")?;
    let scope = state.client(input.text("ClientId")?)?;
    let (pool, client) = (scope.pool, scope.client);
    let password = if pool.settings.allows_no_password() {
        input.optional_text("Password")?.filter(|text| !text.is_empty())
    } else {
        Some(input.text("Password")?)
    };
    client.check_secret_hash(name, input.optional_text("SecretHash")?)?;
    if pool.settings.admin_create_user_config.allow_admin_create_user_only {
        return Err(Exception::not_authorized("SignUp is not permitted for this user pool"));
    }
    let (naming_attribute, given) = naming_attribute(&pool.settings, name, given)?;
    if let Some(password) = password {
        pool.settings.policies.password_policy.check(password)?;
    }
    let attributes = attributes::for_new_user(&pool.settings, Writer::Client(&client), &given)?;
    refuse_taken_name(pool, name, naming_attribute)?;

    let mut user = User::register(&pool.settings, name, naming_attribute, UserStatus::Unconfirmed, now);
    user.attributes = attributes;
    user.password = password.map(|password| Password {
        verifier: Verifier::new(pool.name(), &user.username, password),
        temporary_until: None,
    });
    let letter = Letter::new(&pool.id, Some(&client.id), Trigger::SignUp);
    let delivery = send_code(&mut user, &pool.settings, scope.outbox, letter, now);
    let session = open_session(pool, &client, &user, Challenge::SignUp, now);
    let mut answer = json!({ "UserConfirmed": false, "UserSub": user.sub });
    if let Some(members) = answer.as_object_mut() {
        members.extend(delivery.map(|details| ("CodeDeliveryDetails".to_owned(), details)));
        members.extend(session.map(|session| ("Session".to_owned(), json!(session))));
    }
    pool.users.insert(user);
    Ok(answer)
}

/// ConfirmSignUp.
pub fn confirm_sign_up(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let name = input.text("Username")?;
    let entered = input.text("ConfirmationCode")?;
    let force_alias = input.flag("ForceAliasCreation")?;
    let signed_up = input.optional_text("Session")?;
    let scope = state.client(input.text("ClientId")?)?;
    let (pool, client) = (scope.pool, scope.client);
    client.check_secret_hash(name, input.optional_text("SecretHash")?)?;
    let Some(user) = pool.users.sign_in_name(&pool.settings, name) else {
        return Err(if client.settings.hides_user_existence() {
            codes::expired()
        } else {
            Exception::client_user_not_found()
        });
    };
    if user.status != UserStatus::Unconfirmed {
        return Err(Exception::not_authorized(format!(
            "User cannot be confirmed. Current status is {}",
            user.status.as_str()
        )));
    }
    if let Some(text) = signed_up {
        check_session(&pool.challenges.session(text, now)?, &client, user)?;
    }
    user.attempts.allow(Attempt::ConfirmSignUp, now)?;
    let attribute = codes::check(user.confirmation_code.as_ref(), entered, now).inspect_err(|_| {
        user.attempts.count(Attempt::ConfirmSignUp, now);
    })?;
    let (sub, address) = (
        user.sub.clone(),
        user.attribute(attribute).unwrap_or_default().to_owned(),
    );
    take_alias(pool, attribute, &address, &sub, force_alias)?;
    let user = pool.users.get_mut(&sub).ok_or_else(Exception::user_not_found)?;
    user.status = UserStatus::Confirmed;
    user.confirmation_code = None;
    user.set_verified(attribute, true);
    user.modified = now;
    let user = user.clone();
    if let Some(text) = signed_up {
        pool.challenges.spend(text);
    }
    Ok(
        match open_session(pool, &client, &user, Challenge::ConfirmedSignUp, now) {
            Some(session) => json!({ "Session": session }),
            None => json!({}),
        },
    )
}

/// ResendConfirmationCode.
pub fn resend_confirmation_code(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
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
    if user.status != UserStatus::Unconfirmed {
        return Err(Exception::invalid_parameter("User is already confirmed."));
    }
    user.attempts.allow(Attempt::ResendCode, now)?;
    user.attempts.count(Attempt::ResendCode, now);
    let letter = Letter::new(&pool.id, Some(&client.id), Trigger::ResendConfirmationCode);
    match send_code(user, &pool.settings, scope.outbox, letter, now) {
        Some(details) => Ok(json!({ "CodeDeliveryDetails": details })),
        None => Err(Exception::invalid_parameter("Auto verification not turned on.")),
    }
}

/// Where the client may start USER_AUTH, a session leads from the sign-up through its confirmation into the sign-in.
fn open_session(pool: &mut Pool, client: &Client, user: &User, step: Challenge, now: Millis) -> Option<String> {
    client.settings.allow(AuthFlow::User).ok()?;
    pool.settings.refuse_choice_beyond_tier().ok()?;
    let candidate = Candidate {
        client_id: client.id.clone(),
        sub: Some(user.sub.clone()),
        user_id_for_srp: user.username.clone(),
        device_key: None,
        flow: Flow::Standard,
    };
    let lifetime = client.settings.challenge_lifetime();
    Some(pool.challenges.open(candidate, step, lifetime, now))
}

fn check_session(session: &Session, client: &Client, user: &User) -> Result<(), Exception> {
    let candidate = &session.candidate;
    let is_theirs = candidate.client_id == client.id && candidate.sub.as_ref() == Some(&user.sub);
    match session.challenge {
        Challenge::SignUp if is_theirs => Ok(()),
        _ => Err(Exception::invalid_session()),
    }
}

/// In a pool whose users sign in with an attribute, the name they give is that attribute's value.
pub fn naming_attribute<'a>(
    settings: &PoolSettings,
    name: &'a str,
    mut given: Given<'a>,
) -> Result<(Option<&'static str>, Given<'a>), Exception> {
    let (by_email, by_phone) = (settings.signs_in_with("email"), settings.signs_in_with("phone_number"));
    let attribute = match (by_email, by_phone) {
        (false, false) => {
            if settings.has_alias("email") && is_email(name) {
                return Err(Exception::invalid_parameter(
                    "Username cannot be of email format, since user pool is configured for email alias.",
                ));
            }
            if settings.has_alias("phone_number") && is_phone_number(name) {
                return Err(Exception::invalid_parameter(
                    "Username cannot be of phone number format, since user pool is configured for phone number alias.",
                ));
            }
            return Ok((None, given));
        }
        (true, _) if is_email(name) => "email",
        (_, true) if is_phone_number(name) => "phone_number",
        (true, false) => return Err(Exception::invalid_parameter("Username should be an email.")),
        (false, true) => return Err(Exception::invalid_parameter("Username should be a phone number.")),
        (true, true) => {
            return Err(Exception::invalid_parameter(
                "Username should be either an email or a phone number.",
            ));
        }
    };
    match given.iter().find(|(name, _)| *name == attribute) {
        None => given.push((attribute, name)),
        Some((_, value)) if settings.fold(value) == settings.fold(name) => {}
        Some(_) => {
            let label = attribute.replace('_', " ");
            return Err(Exception::invalid_parameter(format!(
                "User {label} should be empty or same as username, since username attribute is {attribute}."
            )));
        }
    }
    Ok((Some(attribute), given))
}

/// Refuses a name that someone signs in with.
pub(super) fn refuse_taken_name(pool: &mut Pool, name: &str, naming_attribute: Option<&str>) -> Result<(), Exception> {
    if pool.users.sign_in_name(&pool.settings, name).is_none() {
        return Ok(());
    }
    Err(Exception::new(
        "UsernameExistsException",
        match naming_attribute {
            Some(attribute) => format!("An account with the given {attribute} already exists."),
            None => "User already exists".to_owned(),
        },
    ))
}

/// Makes an address this user's alias: no other user may have it, or that user loses it if that is asked for.
pub(super) fn take_alias(
    pool: &mut Pool,
    attribute: &str,
    address: &str,
    sub: &str,
    force: bool,
) -> Result<(), Exception> {
    if !pool.settings.has_alias(attribute) {
        return Ok(());
    }
    let Some(holder) = pool.users.holder_of(&pool.settings, attribute, address, sub) else {
        return Ok(());
    };
    if !force {
        return Err(Exception::new(
            "AliasExistsException",
            format!("An account with the given {attribute} already exists."),
        ));
    }
    let holder = holder.sub.clone();
    if let Some(holder) = pool.users.get_mut(&holder) {
        holder.set_verified(attribute, false);
    }
    Ok(())
}

/// Sends the code that confirms a sign-up, if the pool verifies an address that the user has.
fn send_code(
    user: &mut User,
    settings: &PoolSettings,
    outbox: &mut Outbox,
    letter: Letter<'_>,
    now: Millis,
) -> Option<Value> {
    let attribute = delivery::verified_at_sign_up(settings, user)?;
    let code = Code::new(attribute, now, SIGN_UP_CODE_LIFETIME);
    let letter = Letter {
        code: Some(code.digits().to_owned()),
        ..letter
    };
    user.confirmation_code = Some(code);
    Some(delivery::send(outbox, user, attribute, letter, now))
}

//! What a signed-in user does with an access token.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::answer::Answer;
use super::bearer::signed_in;
use super::{mfa_preference, sign_up};
use crate::attributes::{self, Writer};
use crate::clock::Millis;
use crate::codes::{self, Attempt, Code, SIGN_UP_CODE_LIFETIME};
use crate::delivery::{self, Letter};
use crate::error::Exception;
use crate::input::Input;
use crate::outbox::{Outbox, Trigger};
use crate::state::{ClientScope, Pool, PoolSettings, State, User};

/// GetUser.
pub fn get_user(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let (scope, bearer) = signed_in(state, input, now)?;
    let user = scope
        .pool
        .users
        .get(&bearer.sub)
        .ok_or_else(Exception::user_not_found)?;
    let mut answer = json!({
        "Username": user.username,
        "UserAttributes": user.attribute_list(|name| scope.client.settings.can_read(name)),
    });
    mfa_preference::show(&user.mfa, answer.as_object_mut());
    if let (Some(options), Some(members)) = (mfa_preference::options(&user.mfa), answer.as_object_mut()) {
        members.insert("MFAOptions".to_owned(), options);
    }
    Ok(answer)
}

/// GlobalSignOut: every sign-in of the user ends, everywhere.
pub fn global_sign_out(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let (scope, bearer) = signed_in(state, input, now)?;
    scope.pool.sign_ins.revoke_all_of(&bearer.sub);
    Ok(json!({}))
}

/// DeleteUser. AWS answers with no body at all.
pub fn delete_user(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let (scope, bearer) = signed_in(state, input, now)?;
    scope.pool.users.remove(&bearer.sub);
    Ok(Value::Null)
}

/// UpdateUserAttributes. A changed address is no longer verified, and gets a code where the pool verifies such addresses;
/// where the pool verifies them before the update, the one before stays until that code is shown.
pub fn update_user_attributes(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let given = input.attributes("UserAttributes")?;
    let (scope, bearer) = signed_in(state, input, now)?;
    let ClientScope { pool, client, outbox } = scope;
    let given = attributes::for_change(&pool.settings, Writer::Client(&client), &given)?;
    refuse_taken(pool, &given, &bearer.sub)?;
    let user = pool.users.get_mut(&bearer.sub).ok_or_else(Exception::user_not_found)?;
    let mut deliveries = Vec::new();
    for (name, value) in given {
        let letter = Letter::new(&pool.id, Some(&client.id), Trigger::UpdateUserAttributes);
        let changed = user.attribute(&name) != Some(value.as_str());
        if changed && !value.is_empty() && pool.settings.verifies_before_update(&name) {
            deliveries.extend(change_once_verified(user, &name, value, outbox, letter, now));
            continue;
        }
        user.set_attribute(&name, value);
        if changed && pool.settings.auto_verified_attributes.contains(&name) {
            deliveries.extend(send_attribute_code(user, &name, outbox, letter, now));
        }
    }
    user.modified = now;
    Ok(json!({ "CodeDeliveryDetailsList": deliveries }))
}

/// DeleteUserAttributes.
pub fn delete_user_attributes(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let names = input.texts("UserAttributeNames")?;
    let (scope, bearer) = signed_in(state, input, now)?;
    let ClientScope { pool, client, .. } = scope;
    let given: Vec<_> = names.iter().map(|name| (*name, "")).collect();
    attributes::for_change(&pool.settings, Writer::Client(&client), &given)?;
    refuse_required(&pool.settings, &names)?;
    let user = pool.users.get_mut(&bearer.sub).ok_or_else(Exception::user_not_found)?;
    for name in names {
        user.set_attribute(name, String::new());
    }
    user.modified = now;
    Ok(json!({}))
}

/// GetUserAttributeVerificationCode.
pub fn get_user_attribute_verification_code(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let name = input.text("AttributeName")?;
    let (scope, bearer) = signed_in(state, input, now)?;
    let ClientScope { pool, client, outbox } = scope;
    let user = pool.users.get_mut(&bearer.sub).ok_or_else(Exception::user_not_found)?;
    user.attempts.allow(Attempt::AttributeCode, now)?;
    user.attempts.count(Attempt::AttributeCode, now);
    let letter = Letter::new(&pool.id, Some(&client.id), Trigger::GetUserAttributeVerificationCode);
    match send_attribute_code(user, name, outbox, letter, now) {
        Some(details) => Ok(json!({ "CodeDeliveryDetails": details })),
        None => Err(Exception::invalid_parameter(format!(
            "User does not have an address in {name} to verify."
        ))),
    }
}

/// VerifyUserAttribute.
pub fn verify_user_attribute(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let name = input.text("AttributeName")?;
    let entered = input.text("Code")?;
    let (scope, bearer) = signed_in(state, input, now)?;
    let pool = scope.pool;
    let user = pool.users.get_mut(&bearer.sub).ok_or_else(Exception::user_not_found)?;
    user.attempts.allow(Attempt::VerifyAttribute, now)?;
    codes::check(user.attribute_codes.get(name), entered, now).inspect_err(|_| {
        user.attempts.count(Attempt::VerifyAttribute, now);
    })?;
    let address = address_to_verify(user, name).unwrap_or_default().to_owned();
    // It may be another user's by now.
    refuse_taken(pool, &BTreeMap::from([(name.to_owned(), address.clone())]), &bearer.sub)?;
    sign_up::take_alias(pool, name, &address, &bearer.sub, false)?;
    let user = pool.users.get_mut(&bearer.sub).ok_or_else(Exception::user_not_found)?;
    user.set_attribute(name, address);
    user.attribute_codes.remove(name);
    user.set_verified(name, true);
    user.modified = now;
    Ok(json!({}))
}

/// Refuses a name that another user signs in with, where an attribute is one as soon as it is set.
pub(super) fn refuse_taken(pool: &Pool, given: &BTreeMap<String, String>, sub: &str) -> Result<(), Exception> {
    let settings = &pool.settings;
    let is_name =
        |name: &str| settings.signs_in_with(name) || (name == "preferred_username" && settings.has_alias(name));
    let is_taken = |name: &str, value: &str| pool.users.holder_of(settings, name, value, sub).is_some();
    match given
        .iter()
        .find(|(name, value)| is_name(name) && is_taken(name, value))
    {
        Some((name, _)) => Err(Exception::new(
            "AliasExistsException",
            format!("An account with the given {name} already exists."),
        )),
        None => Ok(()),
    }
}

fn refuse_required(settings: &PoolSettings, names: &[&str]) -> Result<(), Exception> {
    let taken: Vec<_> = attributes::required(settings)
        .into_iter()
        .filter(|required| names.contains(&required.as_str()))
        .map(|name| (name, "The attribute is required".to_owned()))
        .collect();
    attributes::refuse_nonconforming(&taken)
}

/// Keeps a new address beside the one that the user has, and sends a code to it.
pub(super) fn change_once_verified(
    user: &mut User,
    name: &str,
    address: String,
    outbox: &mut Outbox,
    letter: Letter<'_>,
    now: Millis,
) -> Option<Value> {
    user.pending_attributes.insert(name.to_owned(), address);
    send_attribute_code(user, name, outbox, letter, now)
}

/// The address that a code goes to: the one that waits for it, or the one that the user has.
fn address_to_verify<'a>(user: &'a User, name: &str) -> Option<&'a str> {
    let pending = user.pending_attributes.get(name).map(String::as_str);
    pending.or_else(|| user.attribute(name))
}

fn send_attribute_code(
    user: &mut User,
    name: &str,
    outbox: &mut Outbox,
    letter: Letter<'_>,
    now: Millis,
) -> Option<Value> {
    let attribute = ["email", "phone_number"]
        .into_iter()
        .find(|attribute| *attribute == name)?;
    let address = address_to_verify(user, attribute)?.to_owned();
    let code = Code::new(attribute, now, SIGN_UP_CODE_LIFETIME);
    let letter = Letter {
        code: Some(code.digits().to_owned()),
        ..letter
    };
    user.attribute_codes.insert(attribute.to_owned(), code);
    Some(delivery::send_to(outbox, user, attribute, address, letter, now))
}

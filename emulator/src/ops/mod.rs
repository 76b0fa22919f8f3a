//! The operations. Each is a function of the state, the time and a request.

mod account;
mod admin_client;
mod admin_pool;
mod admin_user;
mod answer;
mod bearer;
mod devices;
mod groups;
mod invitation;
mod known_password;
mod mfa_preference;
mod passkeys;
mod password;
mod pool_mfa;
mod refresh;
mod sessions;
mod sign_in;
mod sign_up;
mod software_token;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use crate::clock::Millis;
use crate::error::Exception;
use crate::input::Input;
use crate::model;
use crate::state::State;

pub use answer::Answer;
pub use sign_up::naming_attribute;

type Operation = fn(&mut State, Input<'_>, Millis) -> Answer;

/// What the service offers to a client, by its name on the wire.
const CLIENT_OPERATIONS: &[(&str, Operation)] = &[
    ("SignUp", sign_up::sign_up),
    ("ConfirmSignUp", sign_up::confirm_sign_up),
    ("ResendConfirmationCode", sign_up::resend_confirmation_code),
    ("InitiateAuth", sign_in::initiate_auth),
    ("RespondToAuthChallenge", sign_in::respond_to_auth_challenge),
    ("GetTokensFromRefreshToken", refresh::get_tokens_from_refresh_token),
    ("RevokeToken", refresh::revoke_token),
    ("GlobalSignOut", account::global_sign_out),
    ("GetUser", account::get_user),
    ("DeleteUser", account::delete_user),
    ("ForgotPassword", password::forgot_password),
    ("ConfirmForgotPassword", password::confirm_forgot_password),
    ("ChangePassword", password::change_password),
    ("UpdateUserAttributes", account::update_user_attributes),
    ("DeleteUserAttributes", account::delete_user_attributes),
    (
        "GetUserAttributeVerificationCode",
        account::get_user_attribute_verification_code,
    ),
    ("VerifyUserAttribute", account::verify_user_attribute),
    ("AssociateSoftwareToken", software_token::associate_software_token),
    ("VerifySoftwareToken", software_token::verify_software_token),
    ("SetUserMFAPreference", mfa_preference::set_user_mfa_preference),
    ("SetUserSettings", mfa_preference::set_user_settings),
    ("GetUserAuthFactors", mfa_preference::get_user_auth_factors),
    ("ConfirmDevice", devices::confirm_device),
    ("GetDevice", devices::get_device),
    ("ListDevices", devices::list_devices),
    ("UpdateDeviceStatus", devices::update_device_status),
    ("ForgetDevice", devices::forget_device),
    ("ListUserSessions", sessions::list_user_sessions),
    ("RevokeUserSession", sessions::revoke_user_session),
    ("StartWebAuthnRegistration", passkeys::start_web_authn_registration),
    (
        "CompleteWebAuthnRegistration",
        passkeys::complete_web_authn_registration,
    ),
    ("ListWebAuthnCredentials", passkeys::list_web_authn_credentials),
    ("DeleteWebAuthnCredential", passkeys::delete_web_authn_credential),
];

/// What the service asks for an administrator's signature for.
const ADMINISTRATIVE_OPERATIONS: &[(&str, Operation)] = &[
    ("CreateUserPool", admin_pool::create_user_pool),
    ("DescribeUserPool", admin_pool::describe_user_pool),
    ("UpdateUserPool", admin_pool::update_user_pool),
    ("DeleteUserPool", admin_pool::delete_user_pool),
    ("ListUserPools", admin_pool::list_user_pools),
    ("SetUserPoolMfaConfig", pool_mfa::set_user_pool_mfa_config),
    ("GetUserPoolMfaConfig", pool_mfa::get_user_pool_mfa_config),
    ("CreateUserPoolClient", admin_client::create_user_pool_client),
    ("DescribeUserPoolClient", admin_client::describe_user_pool_client),
    ("UpdateUserPoolClient", admin_client::update_user_pool_client),
    ("DeleteUserPoolClient", admin_client::delete_user_pool_client),
    ("ListUserPoolClients", admin_client::list_user_pool_clients),
    ("AdminCreateUser", invitation::admin_create_user),
    ("AdminGetUser", admin_user::admin_get_user),
    ("AdminSetUserPassword", admin_user::admin_set_user_password),
    ("AdminConfirmSignUp", admin_user::admin_confirm_sign_up),
    ("AdminDeleteUser", admin_user::admin_delete_user),
    ("AdminDisableUser", admin_user::admin_disable_user),
    ("AdminEnableUser", admin_user::admin_enable_user),
    ("AdminUpdateUserAttributes", admin_user::admin_update_user_attributes),
    ("AdminResetUserPassword", admin_user::admin_reset_user_password),
    ("AdminUserGlobalSignOut", admin_user::admin_user_global_sign_out),
    (
        "AdminSetUserMFAPreference",
        mfa_preference::admin_set_user_mfa_preference,
    ),
    ("AdminSetUserSettings", mfa_preference::admin_set_user_settings),
    ("AdminListUserSessions", sessions::admin_list_user_sessions),
    ("AdminRevokeUserSession", sessions::admin_revoke_user_session),
    ("AdminListDevices", devices::admin_list_devices),
    ("AdminGetDevice", devices::admin_get_device),
    ("AdminUpdateDeviceStatus", devices::admin_update_device_status),
    ("AdminForgetDevice", devices::admin_forget_device),
    ("AdminInitiateAuth", sign_in::admin_initiate_auth),
    ("AdminRespondToAuthChallenge", sign_in::admin_respond_to_auth_challenge),
    ("CreateGroup", groups::create_group),
    ("GetGroup", groups::get_group),
    ("UpdateGroup", groups::update_group),
    ("DeleteGroup", groups::delete_group),
    ("ListGroups", groups::list_groups),
    ("AdminAddUserToGroup", groups::admin_add_user_to_group),
    ("AdminRemoveUserFromGroup", groups::admin_remove_user_from_group),
    ("AdminListGroupsForUser", groups::admin_list_groups_for_user),
    ("ListUsersInGroup", groups::list_users_in_group),
    ("ListUsers", admin_user::list_users),
];

/// Carries out an operation.
pub fn perform(state: &mut State, name: &str, members: &Map<String, Value>, now: Millis) -> Answer {
    match operations().find(|(known, _)| *known == name) {
        Some((_, operation)) => {
            model::check(name, members)?;
            operation(state, Input::new(members), now)
        }
        None => Err(unknown_operation(name)),
    }
}

/// Whether there is an operation of this name.
pub fn exists(name: &str) -> bool {
    operations().any(|(known, _)| *known == name)
}

/// Whether this is an operation of an administrator.
pub fn is_administrative(name: &str) -> bool {
    ADMINISTRATIVE_OPERATIONS.iter().any(|(known, _)| *known == name)
}

/// The name of every operation.
#[cfg(test)]
pub fn names() -> impl Iterator<Item = &'static str> {
    operations().map(|(name, _)| *name)
}

fn operations() -> impl Iterator<Item = &'static (&'static str, Operation)> {
    CLIENT_OPERATIONS.iter().chain(ADMINISTRATIVE_OPERATIONS)
}

/// The answer to an operation that is not Cognito's, or that this emulator does not have.
pub fn unknown_operation(name: &str) -> Exception {
    Exception::new(
        "UnknownOperationException",
        format!("The emulator has no operation {name:?}."),
    )
}

/// One page of a list. The token is the number of entries before it: opaque to clients, readable to a person.
fn page(entries: Vec<Value>, member: &str, token_member: &str, limit: usize, token: Option<&str>) -> Answer {
    let start = match token {
        None => 0,
        Some(token) => token
            .parse()
            .ok()
            .filter(|start| *start <= entries.len())
            .ok_or_else(|| Exception::invalid_parameter("Invalid pagination token."))?,
    };
    let limit = limit.clamp(1, 60);
    let more = entries.len() > start + limit;
    let page: Vec<Value> = entries.into_iter().skip(start).take(limit).collect();
    let mut answer = Map::new();
    answer.insert(member.to_owned(), Value::Array(page));
    if more {
        answer.insert(token_member.to_owned(), Value::String((start + limit).to_string()));
    }
    Ok(Value::Object(answer))
}

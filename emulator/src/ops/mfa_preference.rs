//! The second factors that a user has switched on: SetUserMFAPreference, AdminSetUserMFAPreference, the older
//! SetUserSettings and AdminSetUserSettings, and what GetUser and GetUserAuthFactors show of them.

use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::bearer::signed_in;
use crate::clock::Millis;
use crate::error::Exception;
use crate::input::Input;
use crate::state::{Choice, MFA_FACTORS, MfaConfiguration, MfaFactor, MfaPreference, PoolSettings, State, User};

/// SetUserMFAPreference.
pub fn set_user_mfa_preference(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let (scope, bearer) = signed_in(state, input, now)?;
    let pool = scope.pool;
    let user = pool.users.get_mut(&bearer.sub).ok_or_else(Exception::user_not_found)?;
    set_preference(user, &pool.settings, input)
}

/// AdminSetUserMFAPreference.
pub fn admin_set_user_mfa_preference(state: &mut State, input: Input<'_>, _now: Millis) -> Answer {
    let name = input.text("Username")?;
    let pool = state.pool(input.text("UserPoolId")?)?;
    let user = pool
        .users
        .any_name(&pool.settings, name)
        .ok_or_else(Exception::user_not_found)?;
    set_preference(user, &pool.settings, input)
}

fn set_preference(user: &mut User, settings: &PoolSettings, input: Input<'_>) -> Answer {
    let mut wanted = user.mfa.clone();
    let mut newly_preferred = None;
    for factor in MFA_FACTORS {
        let Some(asked) = input.structure(member(factor))? else {
            continue;
        };
        let preferred = asked.optional_flag("PreferredMfa")?;
        if !asked.flag("Enabled")? {
            if preferred == Some(true) {
                return Err(Exception::invalid_parameter(format!(
                    "{} must be enabled to be preferred",
                    factor.as_str()
                )));
            }
            wanted.disable(factor);
            continue;
        }
        refuse_unusable(user, settings, factor)?;
        wanted.enabled.insert(factor);
        match preferred {
            Some(true) if newly_preferred.is_some() => {
                return Err(Exception::invalid_parameter("Only one MFA method can be preferred"));
            }
            Some(true) => newly_preferred = Some(factor),
            Some(false) => wanted.preferred = wanted.preferred.filter(|before| *before != factor),
            None => {}
        }
    }
    wanted.preferred = newly_preferred.or(wanted.preferred);
    if let Some(asked) = input.structure("WebAuthnMfaSettings")? {
        wanted.web_authn = asked.flag("Enabled")?;
        if wanted.web_authn && !settings.allows_passkey_for_both() {
            return Err(Exception::invalid_parameter(
                "Passkey MFA needs the FactorConfiguration MULTI_FACTOR_WITH_USER_VERIFICATION",
            ));
        }
    }
    if wanted.web_authn && wanted.enabled.is_empty() {
        return Err(Exception::invalid_parameter(
            "Passkey MFA needs another MFA method beside it",
        ));
    }
    let had_any = !user.mfa.enabled.is_empty();
    if settings.mfa_configuration == MfaConfiguration::On && had_any && wanted.enabled.is_empty() {
        return Err(Exception::invalid_parameter("MFA is required in this user pool"));
    }
    user.mfa = wanted;
    Ok(json!({}))
}

fn member(factor: MfaFactor) -> &'static str {
    match factor {
        MfaFactor::SmsMfa => "SMSMfaSettings",
        MfaFactor::SoftwareTokenMfa => "SoftwareTokenMfaSettings",
        MfaFactor::EmailOtp => "EmailMfaSettings",
    }
}

fn refuse_unusable(user: &User, settings: &PoolSettings, factor: MfaFactor) -> Result<(), Exception> {
    if !settings.mfa_factors().contains(&factor) {
        let name = match factor {
            MfaFactor::SmsMfa => "SMS MFA",
            MfaFactor::SoftwareTokenMfa => "Software Token MFA",
            MfaFactor::EmailOtp => "Email MFA",
        };
        return Err(Exception::invalid_parameter(format!(
            "{name} has not been enabled by the userPool"
        )));
    }
    if user.can_use(factor) {
        return Ok(());
    }
    Err(Exception::invalid_parameter(match factor {
        MfaFactor::SoftwareTokenMfa => "User has not verified software token mfa".to_owned(),
        MfaFactor::SmsMfa | MfaFactor::EmailOtp => {
            format!("User does not have delivery config set to turn on {}", factor.as_str())
        }
    }))
}

/// SetUserSettings, which knows of SMS only.
pub fn set_user_settings(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let (scope, bearer) = signed_in(state, input, now)?;
    let pool = scope.pool;
    let user = pool.users.get_mut(&bearer.sub).ok_or_else(Exception::user_not_found)?;
    set_options(user, &pool.settings, input)
}

/// AdminSetUserSettings.
pub fn admin_set_user_settings(state: &mut State, input: Input<'_>, _now: Millis) -> Answer {
    let name = input.text("Username")?;
    let pool = state.pool(input.text("UserPoolId")?)?;
    let user = pool
        .users
        .any_name(&pool.settings, name)
        .ok_or_else(Exception::user_not_found)?;
    set_options(user, &pool.settings, input)
}

fn set_options(user: &mut User, settings: &PoolSettings, input: Input<'_>) -> Answer {
    let mut by_sms = false;
    for option in input.structures("MFAOptions")? {
        by_sms |= option.optional_text("DeliveryMedium")? == Some("SMS");
    }
    if by_sms {
        refuse_unusable(user, settings, MfaFactor::SmsMfa)?;
        user.mfa.enrol(MfaFactor::SmsMfa);
    } else {
        user.mfa.disable(MfaFactor::SmsMfa);
    }
    Ok(json!({}))
}

/// GetUserAuthFactors.
pub fn get_user_auth_factors(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let (scope, bearer) = signed_in(state, input, now)?;
    let pool = scope.pool;
    let user = pool.users.get(&bearer.sub).ok_or_else(Exception::user_not_found)?;
    let mut factors: Vec<&str> = pool
        .settings
        .choices(Some(user))
        .into_iter()
        .filter(|choice| *choice != Choice::PasswordSrp)
        .map(Choice::as_str)
        .collect();
    if user.mfa.enabled.contains(&MfaFactor::SoftwareTokenMfa) {
        factors.push("SOFTWARE_TOKEN");
    }
    let mut answer = json!({ "Username": user.username, "ConfiguredUserAuthFactors": factors });
    show(&user.mfa, answer.as_object_mut());
    Ok(answer)
}

/// Adds what a description of a user says of their second factors.
pub fn show(mfa: &MfaPreference, members: Option<&mut Map<String, Value>>) {
    let Some(members) = members.filter(|_| !mfa.enabled.is_empty()) else {
        return;
    };
    members.insert("UserMFASettingList".to_owned(), json!(mfa.names()));
    if let Some(preferred) = mfa.preferred {
        members.insert("PreferredMfaSetting".to_owned(), json!(preferred.as_str()));
    }
}

/// `MFAOptions` of GetUser, which knows of SMS only.
pub fn options(mfa: &MfaPreference) -> Option<Value> {
    mfa.enabled
        .contains(&MfaFactor::SmsMfa)
        .then(|| json!([{ "DeliveryMedium": "SMS", "AttributeName": "phone_number" }]))
}

//! SetUserPoolMfaConfig and GetUserPoolMfaConfig.

use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::Answer;
use crate::clock::Millis;
use crate::error::Exception;
use crate::input::Input;
use crate::settings::{Problem, Validate, read_settings};
use crate::state::passkeys::WebAuthnConfiguration;
use crate::state::{
    EmailMfaConfiguration, MfaConfiguration, Pool, SmsMfaConfiguration, SoftwareTokenMfaConfiguration, State,
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MfaConfig {
    #[serde(default)]
    mfa_configuration: MfaConfiguration,
    sms_mfa_configuration: Option<SmsMfaConfiguration>,
    software_token_mfa_configuration: Option<SoftwareTokenMfaConfiguration>,
    email_mfa_configuration: Option<EmailMfaConfiguration>,
    web_authn_configuration: Option<WebAuthnConfiguration>,
}

impl Validate for MfaConfig {
    fn validate(&self) -> Result<(), Problem> {
        match &self.web_authn_configuration {
            Some(configuration) => configuration.validate_below("WebAuthnConfiguration"),
            None => Ok(()),
        }
    }
}

impl MfaConfig {
    fn offers_a_factor(&self) -> bool {
        let software_token = self.software_token_mfa_configuration.as_ref();
        self.sms_mfa_configuration.is_some()
            || self.email_mfa_configuration.is_some()
            || software_token.is_some_and(|configuration| configuration.enabled)
    }

    fn refuse_contradiction(&self) -> Result<(), Exception> {
        let reason = match (self.mfa_configuration, self.offers_a_factor()) {
            (MfaConfiguration::Off, true) => "can't turn off MFA and configure an MFA together.",
            (MfaConfiguration::On, false) => "can't disable all MFAs and require MFA at the same time.",
            _ => return Ok(()),
        };
        Err(Exception::invalid_parameter(format!(
            "Invalid MFA configuration given, {reason}"
        )))
    }
}

/// SetUserPoolMfaConfig. A second factor that is not given is switched off; the relying party of passkeys stays.
pub fn set_user_pool_mfa_config(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let pool = state.pool(input.text("UserPoolId")?)?;
    let asked: MfaConfig = read_settings(input.members())?;
    asked.refuse_contradiction()?;
    let mut settings = pool.settings.clone();
    settings.mfa_configuration = asked.mfa_configuration;
    settings.sms_mfa_configuration = asked.sms_mfa_configuration;
    settings.software_token_mfa_configuration = asked.software_token_mfa_configuration;
    settings.email_mfa_configuration = asked.email_mfa_configuration;
    if asked.web_authn_configuration.is_some() {
        settings.web_authn_configuration = asked.web_authn_configuration;
    }
    settings.refuse_beyond_tier()?;
    pool.settings = settings;
    pool.modified = now;
    Ok(describe(pool))
}

/// GetUserPoolMfaConfig.
pub fn get_user_pool_mfa_config(state: &mut State, input: Input<'_>, _now: Millis) -> Answer {
    Ok(describe(state.pool(input.text("UserPoolId")?)?))
}

fn describe(pool: &Pool) -> Value {
    let settings = &pool.settings;
    let mut described = json!({ "MfaConfiguration": settings.mfa_configuration });
    for (name, configuration) in [
        ("SmsMfaConfiguration", json!(settings.sms_mfa_configuration)),
        (
            "SoftwareTokenMfaConfiguration",
            json!(settings.software_token_mfa_configuration),
        ),
        ("EmailMfaConfiguration", json!(settings.email_mfa_configuration)),
        ("WebAuthnConfiguration", json!(settings.web_authn_configuration)),
    ] {
        if let (false, Some(members)) = (configuration.is_null(), described.as_object_mut()) {
            members.insert(name.to_owned(), configuration);
        }
    }
    described
}

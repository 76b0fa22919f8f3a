//! Settings that tests change one at a time, where UpdateUserPool and UpdateUserPoolClient take all of them at once.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::settings;
use crate::state::passkeys::WebAuthnConfiguration;
use crate::state::{ClientSettings, DeviceConfiguration, MFA_FACTORS, MfaConfiguration, MfaFactor, PoolSettings, Tier};

/// A client with other token lifetimes or another rotation.
pub fn client(settings: &ClientSettings, asked: &Value) -> Result<ClientSettings, String> {
    let mut settings = settings.clone();
    for (name, value) in members(
        asked,
        "accessTokenSeconds, idTokenSeconds, refreshTokenSeconds, rotationGraceSeconds",
    )? {
        match name.as_str() {
            "accessTokenSeconds" => settings.set_access_token_seconds(lifetime(name, value)?),
            "idTokenSeconds" => settings.set_id_token_seconds(lifetime(name, value)?),
            "refreshTokenSeconds" => settings.set_refresh_token_seconds(lifetime(name, value)?),
            "rotationGraceSeconds" => settings.set_rotation_grace_seconds(grace(value)?),
            _ => return Err(format!("{name}: unknown")),
        }
    }
    Ok(settings)
}

/// A pool with other devices, factors or questions.
pub fn pool(settings: &PoolSettings, asked: &Value) -> Result<PoolSettings, String> {
    let mut settings = settings.clone();
    for (name, value) in members(
        asked,
        "deviceTracking, webAuthnConfiguration, mfa, mfaFactors, firstFactors, customAuth, tier, passwordHistorySize",
    )? {
        match name.as_str() {
            "deviceTracking" => settings.device_configuration = device_tracking(value)?,
            "webAuthnConfiguration" => settings.web_authn_configuration = web_authn(value)?,
            "mfa" => settings.mfa_configuration = read(name, value, "\"OFF\", \"ON\" or \"OPTIONAL\"")?,
            "mfaFactors" => settings.set_mfa_factors(&read::<Vec<MfaFactor>>(
                name,
                value,
                "a list of \"SMS_MFA\", \"SOFTWARE_TOKEN_MFA\" and \"EMAIL_OTP\"",
            )?),
            "firstFactors" => {
                settings.policies.sign_in_policy.allowed_first_auth_factors = read(
                    name,
                    value,
                    "a list of \"PASSWORD\", \"EMAIL_OTP\", \"SMS_OTP\" and \"WEB_AUTHN\"",
                )?;
            }
            "customAuth" => {
                settings.custom_auth = read(
                    name,
                    value,
                    "a list of {\"parameters\": {\"question\": ..}, \"answer\": ..}",
                )?;
            }
            "tier" => settings.user_pool_tier = read(name, value, "\"LITE\", \"ESSENTIALS\" or \"PLUS\"")?,
            "passwordHistorySize" => {
                settings.policies.password_policy.password_history_size = Some(history_size(value)?);
            }
            _ => return Err(format!("{name}: unknown")),
        }
    }
    // MFA without a word of the factors means any that the plan has.
    if settings.mfa_configuration != MfaConfiguration::Off && settings.mfa_factors().is_empty() {
        let has = |factor: &MfaFactor| *factor != MfaFactor::EmailOtp || settings.user_pool_tier > Tier::Lite;
        let factors: Vec<_> = MFA_FACTORS.into_iter().filter(has).collect();
        settings.set_mfa_factors(&factors);
    }
    settings
        .refuse_beyond_tier()
        .map_err(|refused| format!("tier: {}", refused.message))?;
    Ok(settings)
}

fn read<T: DeserializeOwned>(name: &str, value: &Value, expected: &str) -> Result<T, String> {
    serde_json::from_value(value.clone()).map_err(|_| format!("{name}: expected {expected}"))
}

/// Whether a remembered device replaces a second factor changes nothing where there is none, so here it always does.
fn device_tracking(asked: &Value) -> Result<Option<DeviceConfiguration>, String> {
    let tracking = |asks_user| DeviceConfiguration {
        challenge_required_on_new_device: true,
        device_only_remembered_on_user_prompt: asks_user,
    };
    match asked.as_str() {
        Some("always") => Ok(Some(tracking(false))),
        Some("optIn") => Ok(Some(tracking(true))),
        Some("off") => Ok(None),
        _ => Err("deviceTracking: expected \"always\", \"optIn\" or \"off\"".to_owned()),
    }
}

fn web_authn(asked: &Value) -> Result<Option<WebAuthnConfiguration>, String> {
    let Some(members) = asked.as_object() else {
        return match asked {
            Value::Null => Ok(None),
            _ => Err("webAuthnConfiguration: expected an object, or null for none".to_owned()),
        };
    };
    let below = |path: &str, problem: &str| format!("webAuthnConfiguration.{path}: {problem}");
    let (configuration, unknown) =
        settings::read::<WebAuthnConfiguration>(members).map_err(|wrong| below(&wrong.path, &wrong.problem))?;
    match unknown.first() {
        Some(path) => Err(below(path, "unknown")),
        None => Ok(Some(configuration)),
    }
}

fn members<'a>(asked: &'a Value, known: &str) -> Result<&'a Map<String, Value>, String> {
    asked
        .as_object()
        .filter(|members| !members.is_empty())
        .ok_or_else(|| format!("expected an object with any of {known}"))
}

fn lifetime(name: &str, value: &Value) -> Result<u32, String> {
    value
        .as_u64()
        .and_then(|seconds| u32::try_from(seconds).ok())
        .filter(|seconds| *seconds > 0)
        .ok_or_else(|| format!("{name}: expected a whole number of seconds, at least 1"))
}

fn history_size(value: &Value) -> Result<i64, String> {
    value
        .as_i64()
        .filter(|size| (0..=24).contains(size))
        .ok_or_else(|| "passwordHistorySize: expected 0 to 24".to_owned())
}

fn grace(value: &Value) -> Result<Option<i64>, String> {
    match value {
        Value::Null => Ok(None),
        _ => value
            .as_i64()
            .filter(|seconds| (0..=60).contains(seconds))
            .map(Some)
            .ok_or_else(|| "rotationGraceSeconds: expected 0 to 60, or null for no rotation".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SECOND;
    use crate::state::AuthFlow;
    use serde_json::json;

    fn adjusted(settings: &ClientSettings, asked: Value) -> ClientSettings {
        client(settings, &asked).unwrap_or_else(|refused| panic!("{asked}: {refused}"))
    }

    #[test]
    fn what_is_not_named_stays_as_it_is() {
        let three_seconds = adjusted(&ClientSettings::default(), json!({"accessTokenSeconds": 3}));
        let both = adjusted(&three_seconds, json!({"idTokenSeconds": 150, "refreshTokenSeconds": 9}));
        assert_eq!(both.access_token_lifetime(), 3 * SECOND);
        assert_eq!(both.id_token_lifetime(), 150 * SECOND);
        assert_eq!(both.refresh_token_lifetime(), 9 * SECOND);
        assert_eq!(both.rotation_grace(), None);
    }

    #[test]
    fn rotation_takes_the_older_flow_away_and_gives_it_back() {
        let flows = json!({"ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]});
        let before: ClientSettings = serde_json::from_value(flows).unwrap();
        let rotating = adjusted(&before, json!({"rotationGraceSeconds": 60}));
        assert_eq!(rotating.rotation_grace(), Some(60 * SECOND));
        assert!(rotating.allow(AuthFlow::RefreshToken).is_err());
        let described = serde_json::to_value(&rotating).unwrap();
        assert_eq!(described["ExplicitAuthFlows"], json!(["ALLOW_USER_SRP_AUTH"]));
        let again = adjusted(&rotating, json!({"rotationGraceSeconds": null}));
        assert_eq!(again.rotation_grace(), None);
        assert!(again.allow(AuthFlow::RefreshToken).is_ok());
    }

    #[test]
    fn a_client_that_lists_no_flows_lists_none_afterwards() {
        let rotating = adjusted(&ClientSettings::default(), json!({"rotationGraceSeconds": 0}));
        let again = adjusted(&rotating, json!({"rotationGraceSeconds": null}));
        assert!(again.allow(AuthFlow::UserSrp).is_ok());
        assert!(again.allow(AuthFlow::RefreshToken).is_ok());
        assert_eq!(again.explicit_auth_flows, None);
    }

    #[test]
    fn mfa_offers_every_factor_or_those_that_are_named() {
        let adjusted = |asked: Value| pool(&PoolSettings::default(), &asked).unwrap().mfa_factors();
        assert_eq!(adjusted(json!({"mfa": "OPTIONAL"})), MFA_FACTORS);
        assert_eq!(
            adjusted(json!({"mfaFactors": ["EMAIL_OTP"], "mfa": "ON"})),
            [MfaFactor::EmailOtp]
        );
        assert_eq!(adjusted(json!({"mfa": "OFF"})), []);
        assert_eq!(
            adjusted(json!({"tier": "LITE", "mfa": "ON"})),
            [MfaFactor::SmsMfa, MfaFactor::SoftwareTokenMfa]
        );
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_its_reason() {
        for (asked, reason) in [
            (json!([]), "expected an object"),
            (json!({}), "accessTokenSeconds"),
            (json!({"accessTokenSeconds": 0}), "accessTokenSeconds"),
            (json!({"idTokenSeconds": "3"}), "idTokenSeconds"),
            (json!({"refreshTokenSeconds": 4_294_967_296_u64}), "refreshTokenSeconds"),
            (json!({"rotationGraceSeconds": 61}), "rotationGraceSeconds"),
            (json!({"rotationGraceSeconds": -1}), "rotationGraceSeconds"),
            (json!({"accessTokenMinutes": 1}), "accessTokenMinutes: unknown"),
        ] {
            let refused = client(&ClientSettings::default(), &asked).unwrap_err();
            assert!(refused.contains(reason), "{asked}: {refused}");
        }
        for (asked, reason) in [
            (json!({}), "deviceTracking"),
            (json!({"deviceTracking": true}), "deviceTracking"),
            (json!({"devices": "off"}), "devices: unknown"),
            (json!({"mfa": "SOMETIMES"}), "mfa: expected"),
            (json!({"tier": "GOLD"}), "tier: expected"),
            (
                json!({"tier": "LITE", "firstFactors": ["WEB_AUTHN"]}),
                "tier: The following features need to be disabled for the LITE pricing tier configured: Passwordless",
            ),
            (json!({"passwordHistorySize": 25}), "passwordHistorySize: expected"),
            (json!({"passwordHistorySize": 1.5}), "passwordHistorySize: expected"),
            (json!({"mfaFactors": ["PIGEON"]}), "mfaFactors: expected"),
            (json!({"firstFactors": "PASSWORD"}), "firstFactors: expected"),
            (json!({"customAuth": [{"question": "2+2"}]}), "customAuth: expected"),
            (json!({"webAuthnConfiguration": "localhost"}), "expected an object"),
            (
                json!({"webAuthnConfiguration": {"RelyingPartyId": "127.0.0.1"}}),
                "webAuthnConfiguration.RelyingPartyId: expected a domain",
            ),
            (
                json!({"webAuthnConfiguration": {"UserVerification": "asked"}}),
                "webAuthnConfiguration.UserVerification: ",
            ),
            (
                json!({"webAuthnConfiguration": {"Origin": "x"}}),
                "webAuthnConfiguration.Origin: unknown",
            ),
        ] {
            let refused = pool(&PoolSettings::default(), &asked).unwrap_err();
            assert!(refused.contains(reason), "{asked}: {refused}");
        }
    }
}

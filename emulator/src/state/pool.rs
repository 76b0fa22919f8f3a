//! A user pool: its settings as `CreateUserPool` takes them, and everything that lives in it.

use std::collections::BTreeMap;
use std::sync::Arc;

use rand::RngCore;
use rand::distributions::{Alphanumeric, DistString};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::passkeys::WebAuthnConfiguration;
use super::{
    AccountRecoverySetting, Challenges, Client, CustomQuestion, DeletionProtection, EmailMfaConfiguration, Groups,
    MfaConfiguration, SchemaAttribute, SignInPolicy, SignIns, SmsMfaConfiguration, SoftwareTokenMfaConfiguration, Tier,
    UserAttributeUpdateSettings, Users,
};
use crate::clock::{Millis, timestamp};
use crate::jwt::PoolKeys;
use crate::password_policy::PasswordPolicy;
use crate::settings::{Problem, Validate, in_range};

/// Where pools are made when nothing says otherwise.
pub const DEFAULT_REGION: &str = "us-east-1";

/// The members of `CreateUserPool`. Those of type `Value` are kept and shown, and change nothing here.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PoolSettings {
    /// The name shown in lists.
    pub pool_name: String,
    /// The password policy.
    pub policies: Policies,
    /// Attributes that get a code at sign-up: `email`, `phone_number`.
    pub auto_verified_attributes: Vec<String>,
    /// Attributes that serve as a second sign-in name.
    pub alias_attributes: Vec<String>,
    /// Attributes that users sign in with instead of a name.
    pub username_attributes: Vec<String>,
    /// Whether `Alice` and `alice` are two users.
    pub username_configuration: UsernameConfiguration,
    /// Who may make users.
    pub admin_create_user_config: AdminCreateUserConfig,
    /// Attributes beyond or stricter than the standard ones.
    pub schema: Vec<SchemaAttribute>,
    /// Whether a second factor is asked for.
    pub mfa_configuration: MfaConfiguration,
    /// Whether it can be an authenticator app.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software_token_mfa_configuration: Option<SoftwareTokenMfaConfiguration>,
    /// Whether it can be a code by SMS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sms_mfa_configuration: Option<SmsMfaConfiguration>,
    /// Whether it can be a code by email.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_mfa_configuration: Option<EmailMfaConfiguration>,
    /// What CUSTOM_AUTH asks, in turn. The emulator's own: at AWS, triggers decide.
    #[serde(rename = "customAuth", skip_serializing)]
    pub custom_auth: Vec<CustomQuestion>,
    /// Whether DeleteUserPool is refused.
    pub deletion_protection: DeletionProtection,
    #[serde(skip_serializing_if = "Option::is_none")]
    lambda_config: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sms_verification_message: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_verification_message: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_verification_subject: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verification_message_template: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sms_authentication_message: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) user_attribute_update_settings: Option<UserAttributeUpdateSettings>,
    /// Where it is there, devices are tracked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_configuration: Option<DeviceConfiguration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_configuration: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sms_configuration: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_pool_tags: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) user_pool_add_ons: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) account_recovery_setting: Option<AccountRecoverySetting>,
    /// The feature plan.
    pub user_pool_tier: Tier,
    /// Whom passkeys are made for. Not of CreateUserPool, but of SetUserPoolMfaConfig.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub web_authn_configuration: Option<WebAuthnConfiguration>,
}

/// `DeviceConfiguration`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DeviceConfiguration {
    /// Whether a remembered device stands for a second factor.
    pub challenge_required_on_new_device: bool,
    /// Whether the user is asked before a device is remembered.
    pub device_only_remembered_on_user_prompt: bool,
}

/// `Policies`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Policies {
    /// What a password must be.
    pub password_policy: PasswordPolicy,
    /// What users may begin to sign in with.
    pub sign_in_policy: SignInPolicy,
}

/// `UsernameConfiguration`. A pool made by the API is case sensitive unless it says otherwise.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct UsernameConfiguration {
    /// Whether case distinguishes names.
    pub case_sensitive: bool,
}

impl Default for UsernameConfiguration {
    fn default() -> Self {
        Self { case_sensitive: true }
    }
}

/// `AdminCreateUserConfig`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct AdminCreateUserConfig {
    /// Whether SignUp is closed.
    pub allow_admin_create_user_only: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    unused_account_validity_days: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invite_message_template: Option<Value>,
}

impl Validate for PoolSettings {
    fn validate(&self) -> Result<(), Problem> {
        let policy = &self.policies.password_policy;
        in_range("Policies.PasswordPolicy.MinimumLength", policy.minimum_length, 6..=99)?;
        in_range(
            "Policies.PasswordPolicy.TemporaryPasswordValidityDays",
            policy.temporary_password_validity_days,
            0..=365,
        )?;
        in_range(
            "Policies.PasswordPolicy.PasswordHistorySize",
            policy.password_history_size.unwrap_or_default(),
            0..=24,
        )?;
        if self.mfa_configuration == MfaConfiguration::On
            && self.mfa_factors().is_empty()
            && self.sms_configuration.is_none()
        {
            return Err(Problem {
                path: "MfaConfiguration".to_owned(),
                problem: "ON needs a second factor that is set up".to_owned(),
            });
        }
        for (path, names, known) in [
            (
                "AutoVerifiedAttributes",
                &self.auto_verified_attributes,
                &["email", "phone_number"][..],
            ),
            (
                "AliasAttributes",
                &self.alias_attributes,
                &["email", "phone_number", "preferred_username"],
            ),
            (
                "UsernameAttributes",
                &self.username_attributes,
                &["email", "phone_number"],
            ),
        ] {
            if let Some(index) = names.iter().position(|name| !known.contains(&name.as_str())) {
                return Err(Problem {
                    path: format!("{path}[{index}]"),
                    problem: format!("expected {}", known.join(" or ")),
                });
            }
        }
        if let Some(setting) = &self.account_recovery_setting {
            setting.validate_below("AccountRecoverySetting")?;
        }
        for (index, attribute) in self.schema.iter().enumerate() {
            attribute.validate_below(&format!("Schema[{index}]"))?;
        }
        if let Some(configuration) = &self.web_authn_configuration {
            configuration.validate_below("WebAuthnConfiguration")?;
        }
        if !self.alias_attributes.is_empty() && !self.username_attributes.is_empty() {
            return Err(Problem {
                path: "UsernameAttributes".to_owned(),
                problem: "only one of the aliasAttributes or usernameAttributes can be set in a user pool".to_owned(),
            });
        }
        Ok(())
    }
}

impl PoolSettings {
    /// Names that differ in case only are one name in a case-insensitive pool, and AWS shows them in lower case.
    pub fn fold(&self, name: &str) -> String {
        if self.username_configuration.case_sensitive {
            name.to_owned()
        } else {
            name.to_lowercase()
        }
    }

    /// Whether users sign in with this attribute instead of a name.
    pub fn signs_in_with(&self, attribute: &str) -> bool {
        self.username_attributes.iter().any(|name| name == attribute)
    }

    /// Whether each sign-in gets a device key, which its refreshes must bring.
    pub fn tracks_devices(&self) -> bool {
        self.device_configuration.is_some()
    }

    /// Whether a device is remembered only once the user has said so.
    pub fn asks_before_remembering(&self) -> bool {
        self.device_configuration
            .as_ref()
            .is_some_and(|configuration| configuration.device_only_remembered_on_user_prompt)
    }

    /// Whether this attribute serves as a second sign-in name.
    pub fn has_alias(&self, attribute: &str) -> bool {
        self.alias_attributes.iter().any(|name| name == attribute)
    }

    /// Every attribute of the pool: the standard ones, as the schema changes them, then the custom ones.
    pub fn attributes(&self) -> Vec<SchemaAttribute> {
        let mut attributes = SchemaAttribute::standard();
        for own in &self.schema {
            match attributes.iter_mut().find(|attribute| attribute.name == own.name) {
                Some(attribute) => *attribute = own.over(attribute),
                None if own.name.starts_with("custom:") => attributes.push(own.clone()),
                None => {
                    let mut custom = own.clone();
                    custom.name = format!("custom:{}", own.name);
                    attributes.push(custom);
                }
            }
        }
        attributes
    }
}

/// A user pool.
#[derive(Debug, Clone)]
pub struct Pool {
    /// `region_suffix`.
    pub id: String,
    /// How it is set up.
    pub settings: PoolSettings,
    /// When it was made.
    pub created: Millis,
    /// When its settings last changed.
    pub modified: Millis,
    /// By client id.
    pub clients: BTreeMap<String, Arc<Client>>,
    /// The directory.
    pub users: Users,
    /// Groups of users.
    pub groups: Groups,
    /// Sign-ins that wait for the user's next answer.
    pub challenges: Challenges,
    /// Sign-ins that have been completed.
    pub sign_ins: SignIns,
    /// The keys of its tokens.
    pub keys: Arc<PoolKeys>,
    /// Makes the simulated users of this pool unpredictable and yet always the same.
    pub simulation_secret: [u8; 32],
}

impl Pool {
    /// An empty pool.
    pub fn new(id: String, mut settings: PoolSettings, now: Millis) -> Self {
        settings.take_sms_for_mfa();
        let mut simulation_secret = [0; 32];
        rand::thread_rng().fill_bytes(&mut simulation_secret);
        Self {
            id,
            settings,
            created: now,
            modified: now,
            clients: BTreeMap::new(),
            users: Users::default(),
            groups: Groups::default(),
            challenges: Challenges::default(),
            sign_ins: SignIns::default(),
            keys: PoolKeys::new(),
            simulation_secret,
        }
    }

    /// A pool id that is not in use.
    pub fn random_id() -> String {
        format!(
            "{DEFAULT_REGION}_{}",
            Alphanumeric.sample_string(&mut rand::thread_rng(), 9)
        )
    }

    /// The part of the id that enters SRP's hashes.
    pub fn name(&self) -> &str {
        self.id.split_once('_').map_or(&self.id, |(_, name)| name)
    }

    /// The part of the id before the underscore.
    pub fn region(&self) -> &str {
        self.id.split_once('_').map_or(DEFAULT_REGION, |(region, _)| region)
    }

    /// The `iss` of its tokens: AWS's, so that a verifier set up for AWS needs no other setting.
    pub fn issuer(&self) -> String {
        format!("https://cognito-idp.{}.amazonaws.com/{}", self.region(), self.id)
    }

    /// Its discovery document, as reached under `origin`.
    pub fn discovery(&self, origin: &str) -> Value {
        json!({
            "issuer": self.issuer(),
            "jwks_uri": format!("{origin}/{}/.well-known/jwks.json", self.id),
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code", "token"],
            "scopes_supported": ["openid", "email", "phone", "profile"],
            "subject_types_supported": ["public"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        })
    }

    /// `UserPool` of DescribeUserPool.
    pub fn describe(&self) -> Value {
        let mut described = serde_json::to_value(&self.settings).unwrap_or_default();
        if let Some(members) = described.as_object_mut() {
            members.remove("Schema");
            members.remove("WebAuthnConfiguration");
            members.remove("PoolName");
            members.insert("Id".to_owned(), json!(self.id));
            members.insert("Name".to_owned(), json!(self.settings.pool_name));
            members.insert(
                "Arn".to_owned(),
                json!(format!(
                    "arn:aws:cognito-idp:{}:000000000000:userpool/{}",
                    self.region(),
                    self.id
                )),
            );
            members.insert("SchemaAttributes".to_owned(), json!(self.settings.attributes()));
            members.insert("CreationDate".to_owned(), timestamp(self.created));
            members.insert("LastModifiedDate".to_owned(), timestamp(self.modified));
            members.insert("EstimatedNumberOfUsers".to_owned(), json!(self.users.iter().count()));
        }
        described
    }
}

//! The settings of an app client, and what follows from them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::{DAY, HOUR, MINUTE, Millis, SECOND};
use crate::error::Exception;
use crate::settings::{Problem, Validate, in_range};

/// The members of `CreateUserPoolClient`. Those of type `Value` are kept and shown, and change nothing here.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ClientSettings {
    /// The name shown in lists.
    pub client_name: String,
    /// Lifetime of refresh tokens; 0 is the default.
    pub refresh_token_validity: u32,
    /// Lifetime of access tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_token_validity: Option<u32>,
    /// Lifetime of ID tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token_validity: Option<u32>,
    /// The units of the three.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_validity_units: Option<TokenValidityUnits>,
    /// Attributes the client sees; all of them where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_attributes: Option<Vec<String>>,
    /// Attributes the client sets; all of them where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub write_attributes: Option<Vec<String>>,
    /// The flows it may start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explicit_auth_flows: Option<Vec<ExplicitAuthFlow>>,
    /// Whether an unknown user looks like a wrong password.
    pub prevent_user_existence_errors: PreventUserExistenceErrors,
    /// Whether RevokeToken works.
    pub enable_token_revocation: bool,
    /// Minutes that a challenge waits for its answer.
    pub auth_session_validity: i64,
    /// Whether each refresh spends the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token_rotation: Option<RefreshTokenRotation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    supported_identity_providers: Option<Value>,
    #[serde(rename = "CallbackURLs", skip_serializing_if = "Option::is_none")]
    callback_urls: Option<Value>,
    #[serde(rename = "LogoutURLs", skip_serializing_if = "Option::is_none")]
    logout_urls: Option<Value>,
    #[serde(rename = "DefaultRedirectURI", skip_serializing_if = "Option::is_none")]
    default_redirect_uri: Option<Value>,
    #[serde(rename = "AllowedOAuthFlows", skip_serializing_if = "Option::is_none")]
    allowed_oauth_flows: Option<Value>,
    #[serde(rename = "AllowedOAuthScopes", skip_serializing_if = "Option::is_none")]
    allowed_oauth_scopes: Option<Value>,
    #[serde(rename = "AllowedOAuthFlowsUserPoolClient", skip_serializing_if = "Option::is_none")]
    allowed_oauth_flows_user_pool_client: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    analytics_configuration: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    enable_propagate_additional_user_context_data: Option<Value>,
}

impl Default for ClientSettings {
    fn default() -> Self {
        Self {
            client_name: String::new(),
            refresh_token_validity: 0,
            access_token_validity: None,
            id_token_validity: None,
            token_validity_units: None,
            read_attributes: None,
            write_attributes: None,
            explicit_auth_flows: None,
            prevent_user_existence_errors: PreventUserExistenceErrors::Legacy,
            enable_token_revocation: true,
            auth_session_validity: 3,
            refresh_token_rotation: None,
            supported_identity_providers: None,
            callback_urls: None,
            logout_urls: None,
            default_redirect_uri: None,
            allowed_oauth_flows: None,
            allowed_oauth_scopes: None,
            allowed_oauth_flows_user_pool_client: None,
            analytics_configuration: None,
            enable_propagate_additional_user_context_data: None,
        }
    }
}

impl ClientSettings {
    /// Whether an unknown user looks like a wrong password.
    pub fn hides_user_existence(&self) -> bool {
        self.prevent_user_existence_errors == PreventUserExistenceErrors::Enabled
    }

    /// Refuses a flow the client is not set up for.
    pub fn allow(&self, flow: AuthFlow) -> Result<(), Exception> {
        use ExplicitAuthFlow as Explicit;
        let flows = self.explicit_auth_flows.as_deref().unwrap_or_default();
        // The older spellings, and no list at all, leave SRP and refreshing on.
        let is_modern = flows.iter().any(|flow| {
            !matches!(
                flow,
                Explicit::AdminNoSrpAuth | Explicit::CustomAuthFlowOnly | Explicit::UserPasswordAuth
            )
        });
        let allowed = match flow {
            AuthFlow::UserSrp => !is_modern || flows.contains(&Explicit::AllowUserSrpAuth),
            AuthFlow::UserPassword => {
                flows.contains(&Explicit::AllowUserPasswordAuth) || flows.contains(&Explicit::UserPasswordAuth)
            }
            AuthFlow::AdminUserPassword => {
                flows.contains(&Explicit::AllowAdminUserPasswordAuth) || flows.contains(&Explicit::AdminNoSrpAuth)
            }
            AuthFlow::Custom => !is_modern || flows.contains(&Explicit::AllowCustomAuth),
            AuthFlow::User => flows.contains(&Explicit::AllowUserAuth),
            AuthFlow::RefreshToken => {
                self.rotation_grace().is_none() && (!is_modern || flows.contains(&Explicit::AllowRefreshTokenAuth))
            }
        };
        if allowed {
            return Ok(());
        }
        Err(Exception::invalid_parameter(match flow {
            AuthFlow::UserSrp => "USER_SRP_AUTH is not enabled for the client.",
            AuthFlow::UserPassword => "USER_PASSWORD_AUTH flow not enabled for this client",
            AuthFlow::AdminUserPassword => "Auth flow not enabled for this client",
            AuthFlow::Custom => "CUSTOM_AUTH flow not enabled for this client",
            AuthFlow::User => "USER_AUTH flow not enabled for this client",
            AuthFlow::RefreshToken => "REFRESH_TOKEN_AUTH flow not enabled for this client",
        }))
    }

    /// With rotation on, how long a spent refresh token still works.
    pub fn rotation_grace(&self) -> Option<Millis> {
        let rotation = self.refresh_token_rotation.as_ref()?;
        (rotation.feature == Feature::Enabled).then_some(rotation.retry_grace_period_seconds * SECOND)
    }

    /// Lifetime of its access tokens. AWS's lower bound of five minutes is left out, so that tests can see tokens expire.
    pub fn access_token_lifetime(&self) -> Millis {
        lifetime(
            self.access_token_validity,
            self.unit(|units| units.access_token),
            Unit::Hours,
            HOUR,
        )
    }

    /// Lifetime of its ID tokens, likewise without a lower bound.
    pub fn id_token_lifetime(&self) -> Millis {
        lifetime(
            self.id_token_validity,
            self.unit(|units| units.id_token),
            Unit::Hours,
            HOUR,
        )
    }

    /// Lifetime of its refresh tokens, likewise without a lower bound.
    pub fn refresh_token_lifetime(&self) -> Millis {
        let validity = Some(self.refresh_token_validity);
        lifetime(validity, self.unit(|units| units.refresh_token), Unit::Days, 30 * DAY)
    }

    /// `RefreshTokenValidity` as the service shows it: where none was given, the 30 days that it comes to.
    pub fn shown_refresh_token_validity(&self) -> Millis {
        let unit = self.unit(|units| units.refresh_token).unwrap_or(Unit::Days);
        self.refresh_token_lifetime() / unit.millis()
    }

    /// Sets the lifetime of its access tokens.
    pub fn set_access_token_seconds(&mut self, seconds: u32) {
        self.access_token_validity = Some(seconds);
        self.units().access_token = Some(Unit::Seconds);
    }

    /// Sets the lifetime of its ID tokens.
    pub fn set_id_token_seconds(&mut self, seconds: u32) {
        self.id_token_validity = Some(seconds);
        self.units().id_token = Some(Unit::Seconds);
    }

    /// Sets the lifetime of its refresh tokens.
    pub fn set_refresh_token_seconds(&mut self, seconds: u32) {
        self.refresh_token_validity = seconds;
        self.units().refresh_token = Some(Unit::Seconds);
    }

    /// Switches rotation on with this grace, or off. The flow that cannot be together with it goes, and comes back.
    pub fn set_rotation_grace_seconds(&mut self, grace: Option<i64>) {
        let was_on = self.rotation_grace().is_some();
        if let Some(flows) = self.explicit_auth_flows.as_mut().filter(|flows| !flows.is_empty()) {
            if grace.is_some() {
                flows.retain(|flow| *flow != ExplicitAuthFlow::AllowRefreshTokenAuth);
            } else if was_on {
                flows.push(ExplicitAuthFlow::AllowRefreshTokenAuth);
            }
        }
        self.refresh_token_rotation = grace.map(|retry_grace_period_seconds| RefreshTokenRotation {
            feature: Feature::Enabled,
            retry_grace_period_seconds,
        });
    }

    fn units(&mut self) -> &mut TokenValidityUnits {
        self.token_validity_units.get_or_insert_default()
    }

    fn unit(&self, of: fn(&TokenValidityUnits) -> Option<Unit>) -> Option<Unit> {
        self.token_validity_units.as_ref().and_then(of)
    }

    /// How long a challenge waits for its answer.
    pub fn challenge_lifetime(&self) -> Millis {
        self.auth_session_validity * MINUTE
    }

    /// Whether the client sees this attribute.
    pub fn can_read(&self, attribute: &str) -> bool {
        contains_if_given(self.read_attributes.as_deref(), attribute)
    }

    /// Whether the client sets this attribute.
    pub fn can_write(&self, attribute: &str) -> bool {
        contains_if_given(self.write_attributes.as_deref(), attribute)
    }
}

impl Validate for ClientSettings {
    fn validate(&self) -> Result<(), Problem> {
        in_range("AuthSessionValidity", self.auth_session_validity, 3..=15)?;
        if let Some(rotation) = &self.refresh_token_rotation {
            in_range(
                "RefreshTokenRotation.RetryGracePeriodSeconds",
                rotation.retry_grace_period_seconds,
                0..=60,
            )?;
            let flows = self.explicit_auth_flows.as_deref().unwrap_or_default();
            if rotation.feature == Feature::Enabled && flows.contains(&ExplicitAuthFlow::AllowRefreshTokenAuth) {
                return Err(Problem {
                    path: "RefreshTokenRotation".to_owned(),
                    problem: "cannot be enabled together with ALLOW_REFRESH_TOKEN_AUTH".to_owned(),
                });
            }
        }
        Ok(())
    }
}

/// `TokenValidityUnits`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct TokenValidityUnits {
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token: Option<Unit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<Unit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<Unit>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Unit {
    Seconds,
    Minutes,
    Hours,
    Days,
}

impl Unit {
    fn millis(self) -> Millis {
        match self {
            Self::Seconds => SECOND,
            Self::Minutes => MINUTE,
            Self::Hours => HOUR,
            Self::Days => DAY,
        }
    }
}

/// `PreventUserExistenceErrors`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum PreventUserExistenceErrors {
    /// An unknown user is a `UserNotFoundException`.
    Legacy,
    /// An unknown user looks like a wrong password.
    Enabled,
}

/// `RefreshTokenRotation`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RefreshTokenRotation {
    feature: Feature,
    /// How long a spent token still works, 0 to 60.
    #[serde(default)]
    retry_grace_period_seconds: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Feature {
    Enabled,
    Disabled,
}

/// An entry of `ExplicitAuthFlows`, in its present and its older spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs)]
pub enum ExplicitAuthFlow {
    AllowUserSrpAuth,
    AllowUserPasswordAuth,
    AllowRefreshTokenAuth,
    AllowCustomAuth,
    AllowUserAuth,
    AllowAdminUserPasswordAuth,
    AdminNoSrpAuth,
    CustomAuthFlowOnly,
    UserPasswordAuth,
}

/// What `InitiateAuth` can start here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthFlow {
    /// `USER_SRP_AUTH`.
    UserSrp,
    /// `USER_PASSWORD_AUTH`.
    UserPassword,
    /// `ADMIN_USER_PASSWORD_AUTH`, or `ADMIN_NO_SRP_AUTH`.
    AdminUserPassword,
    /// `CUSTOM_AUTH`.
    Custom,
    /// `USER_AUTH`.
    User,
    /// `REFRESH_TOKEN_AUTH`, or `REFRESH_TOKEN`.
    RefreshToken,
}

fn lifetime(validity: Option<u32>, unit: Option<Unit>, default_unit: Unit, default: Millis) -> Millis {
    match validity {
        None | Some(0) => default,
        Some(count) => Millis::from(count) * unit.unwrap_or(default_unit).millis(),
    }
}

fn contains_if_given(list: Option<&[String]>, attribute: &str) -> bool {
    list.is_none_or(|list| list.is_empty() || list.iter().any(|name| name == attribute))
}

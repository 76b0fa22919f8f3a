//! The configuration of a client, read from any of the documents that AWS's tools write.
//!
//! Every section is optional; a member that is not known is ignored, as those documents have many more; one that
//! is known and wrong is refused, with its path and what was expected.

mod amplify_outputs;
mod amplify_resources;
mod aws_exports;
mod awsconfiguration;
mod endpoint;
pub mod fetched;
mod issuer;
mod partition;
mod unrecognized;

pub use endpoint::Endpoint;

use std::rc::Rc;

use super::error::{AuthError, Code};
use super::json::{self, Misfit, Reader, StringMap, Value};
use super::limits::MAX_TEXT_BYTES;
use super::names::{ClientId, IdentityPoolId, UserPoolId};
use super::secret::ClientSecret;
use partition::Partition;

/// All that the configuration says.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The user pool and the app client to sign in with.
    pub user_pool: Option<Rc<UserPoolConfig>>,
    /// The identity pool that gives AWS credentials.
    pub identity_pool: Option<IdentityPoolConfig>,
    /// The hosted login.
    pub oauth: Option<OAuthConfig>,
    /// The social buttons of the drop-in sign-in page.
    pub social: SocialConfig,
}

/// A user pool, and how to sign in with it.
#[derive(Clone, Debug)]
pub struct UserPoolConfig {
    /// The pool.
    pub pool_id: UserPoolId,
    /// The app client.
    pub client_id: ClientId,
    /// The app client's secret, for clients that have one.
    pub client_secret: Option<ClientSecret>,
    /// Where the service answers.
    pub endpoint: Endpoint,
    /// The flow that `signIn` begins.
    pub auth_flow: AuthFlow,
    /// The Pinpoint project that sign-ins are counted in.
    pub pinpoint_app_id: Option<String>,
    /// Whether a session outlives the page.
    pub is_persistent: bool,
}

impl UserPoolConfig {
    /// A public client of a pool that AWS itself serves.
    fn of_aws(pool_id: UserPoolId, client_id: ClientId) -> Self {
        Self {
            endpoint: Endpoint::of_aws("cognito-idp", pool_id.region()),
            pool_id,
            client_id,
            client_secret: None,
            auth_flow: AuthFlow::default(),
            pinpoint_app_id: None,
            is_persistent: true,
        }
    }

    /// Whether both speak of the same client of the same pool at the same place.
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.pool_id == other.pool_id && self.client_id == other.client_id && self.endpoint == other.endpoint
    }

    /// Where the service answers, where that is none of AWS's own endpoints. What is stored for one of them is never sent to
    /// another; AWS's own are one service, whose replicas share a pool's sessions.
    pub fn other_endpoint(&self) -> Option<&Endpoint> {
        Some(&self.endpoint).filter(|endpoint| !endpoint.is_of_aws("cognito-idp"))
    }

    /// The pool's key in a logins map: the issuer of its tokens without `https://`. It keeps AWS's host whatever
    /// the endpoint is, because it is a name and not an address.
    pub fn provider_name(&self) -> String {
        let host = Partition::host("cognito-idp", self.pool_id.region());
        format!("{host}/{}", self.pool_id.as_str())
    }
}

/// `AuthFlow` of `InitiateAuth`, as far as a configuration chooses it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AuthFlow {
    /// `USER_SRP_AUTH`: the password never leaves the page.
    #[default]
    UserSrp,
    /// `USER_PASSWORD_AUTH`: for pools that import users as they sign in.
    UserPassword,
    /// `CUSTOM_AUTH`: challenges of the pool's own making.
    Custom,
    /// `USER_AUTH`: the user chooses among the factors that the pool offers.
    UserAuth,
}

impl AuthFlow {
    /// The flow of this name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "USER_SRP_AUTH" => Self::UserSrp,
            "USER_PASSWORD_AUTH" => Self::UserPassword,
            "CUSTOM_AUTH" => Self::Custom,
            "USER_AUTH" => Self::UserAuth,
            _ => return None,
        })
    }
}

/// An identity pool.
#[derive(Clone, Debug)]
pub struct IdentityPoolConfig {
    /// The pool.
    pub pool_id: IdentityPoolId,
    /// Where the service answers.
    pub endpoint: Endpoint,
}

impl IdentityPoolConfig {
    /// A pool that AWS itself serves.
    fn of_aws(pool_id: IdentityPoolId) -> Self {
        Self {
            endpoint: Endpoint::of_aws("cognito-identity", pool_id.region()),
            pool_id,
        }
    }
}

/// A hosted login: Cognito's, or any OAuth 2.0 server when the three URIs are given.
#[derive(Clone, Debug)]
pub struct OAuthConfig {
    /// The app client that the login knows.
    pub client_id: ClientId,
    /// Its secret, for clients that have one.
    pub client_secret: Option<ClientSecret>,
    /// The login's host name, without scheme.
    pub web_domain: Option<String>,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// Where the login may return to.
    pub sign_in_redirect_uris: Vec<String>,
    /// Where the logout may return to.
    pub sign_out_redirect_uris: Vec<String>,
    /// The authorization page of a server that is not Cognito.
    pub sign_in_uri: Option<String>,
    /// The logout page of a server that is not Cognito.
    pub sign_out_uri: Option<String>,
    /// The token endpoint of a server that is not Cognito.
    pub token_uri: Option<String>,
    /// What is added to the authorization request.
    pub sign_in_query: StringMap,
    /// What is added to the logout request.
    pub sign_out_query: StringMap,
    /// What is added to the token request.
    pub token_query: StringMap,
}

impl OAuthConfig {
    /// A login that knows this client and asks for nothing yet.
    fn of_client(client_id: ClientId) -> Self {
        Self {
            client_id,
            client_secret: None,
            web_domain: None,
            scopes: Vec::new(),
            sign_in_redirect_uris: Vec::new(),
            sign_out_redirect_uris: Vec::new(),
            sign_in_uri: None,
            sign_out_uri: None,
            token_uri: None,
            sign_in_query: Vec::new(),
            sign_out_query: Vec::new(),
            token_query: Vec::new(),
        }
    }
}

/// Which social sign-ins the drop-in page offers. A section that is there shows its button.
#[derive(Clone, Debug, Default)]
pub struct SocialConfig {
    /// `FacebookSignIn`.
    pub facebook: Option<SocialProvider>,
    /// `GoogleSignIn`.
    pub google: Option<SocialProvider>,
    /// `AppleSignIn`.
    pub apple: Option<SocialProvider>,
}

/// One social sign-in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SocialProvider {
    /// The app's id at the provider; Apple has none.
    pub client_id: Option<String>,
    /// What the user is asked to share.
    pub permissions: Vec<String>,
}

impl Config {
    /// Reads `awsconfiguration.json`, `amplify_outputs.json`, an `aws-exports` object or the object that
    /// `Amplify.configure()` takes; which of them it is shows in its member names.
    ///
    /// # Errors
    /// [`Code::InvalidConfiguration`] with the path of the member that does not fit, or, where no pool and no hosted
    /// login is found, with the names that are there and those that are meant.
    pub fn parse(text: &str) -> Result<Self, AuthError> {
        if text.len() > MAX_TEXT_BYTES {
            let message = format!(
                "The configuration has {} bytes; it may have {}.",
                text.len(),
                MAX_TEXT_BYTES
            );
            return Err(AuthError::new(Code::InvalidConfiguration, message));
        }
        let document = json::parse(text)
            .ok_or_else(|| AuthError::new(Code::InvalidConfiguration, "The configuration is not JSON."))?;
        Self::of(&document)
    }

    fn of(document: &Value) -> Result<Self, AuthError> {
        let config = json::read(document, Self::read).map_err(|misfit| misfit.into_configuration_error())?;
        let is_empty = config.user_pool.is_none() && config.identity_pool.is_none() && config.oauth.is_none();
        if is_empty || unrecognized::has_unread_user_pool(document, &config) {
            return Err(unrecognized::error(document));
        }
        Ok(config)
    }

    fn read(root: &Reader<'_>) -> Self {
        let is_aws_exports = |key: &str| key.starts_with("aws_");
        if root.has("auth") {
            amplify_outputs::read(root)
        } else if root.keys().any(is_aws_exports) {
            aws_exports::read(root)
        } else if root.section("Auth").has("Cognito") {
            amplify_resources::read(root)
        } else {
            awsconfiguration::read(root)
        }
    }

    /// The user pool.
    ///
    /// # Errors
    /// [`Code::UserPoolNotConfigured`].
    pub fn user_pool(&self) -> Result<Rc<UserPoolConfig>, AuthError> {
        self.user_pool.clone().ok_or_else(|| {
            let message = format!("This call needs a user pool, and the configuration has none. {USER_POOL_KEYS}");
            AuthError::new(Code::UserPoolNotConfigured, message)
        })
    }
}

/// What an error says where no user pool is found.
const USER_POOL_KEYS: &str = "A user pool and its app client are named by CognitoUserPool.Default.PoolId and \
    AppClientId (awsconfiguration.json), auth.user_pool_id and user_pool_client_id (amplify_outputs.json), \
    aws_user_pools_id and aws_user_pools_web_client_id (aws-exports.js), or Auth.Cognito.userPoolId and \
    userPoolClientId (what Amplify.configure() takes).";

impl Misfit {
    fn into_configuration_error(self) -> AuthError {
        let Self { path, expected, found } = self;
        let message = if path.is_empty() {
            format!("The configuration must be {expected}, and is {found}.")
        } else {
            format!("The configuration's {path} must be {expected}, and is {found}.")
        };
        AuthError::new(Code::InvalidConfiguration, message)
    }
}

/// A well-formed id; another text is a misfit.
fn user_pool_id(section: &Reader<'_>, key: &str) -> Option<UserPoolId> {
    parsed(
        section,
        key,
        UserPoolId::parse,
        "a user pool id such as us-east-1_AbCdEfGhI",
    )
}

fn identity_pool_id(section: &Reader<'_>, key: &str) -> Option<IdentityPoolId> {
    let expected = "an identity pool id such as us-east-1:00000000-0000-0000-0000-000000000000";
    parsed(section, key, IdentityPoolId::parse, expected)
}

fn client_id(section: &Reader<'_>, key: &str) -> Option<ClientId> {
    parsed(section, key, ClientId::parse, "an app client id of letters and digits")
}

/// A section names both the pool and the client, or neither.
fn pool_and_client(section: &Reader<'_>, pool_key: &str, client_key: &str) -> Option<(UserPoolId, ClientId)> {
    match (user_pool_id(section, pool_key), client_id(section, client_key)) {
        (Some(pool), Some(client)) => return Some((pool, client)),
        (None, None) => {}
        (Some(_), None) => section.refuse(client_key, "the app client id of the user pool", "missing"),
        (None, Some(_)) => section.refuse(pool_key, "the id of the app client's user pool", "missing"),
    }
    None
}

/// The user pool of a section that names its id, its app client and, if it is not AWS's, its endpoint by these keys.
/// The region is the one that the id begins with; what those documents say of a region is not read by Amplify either.
fn amplify_user_pool(section: &Reader<'_>, [pool, client, endpoint]: [&str; 3]) -> Option<UserPoolConfig> {
    let (pool_id, client_id) = pool_and_client(section, pool, client)?;
    let of_aws = UserPoolConfig::of_aws(pool_id, client_id);
    Some(UserPoolConfig {
        endpoint: Endpoint::read(section, endpoint).unwrap_or(of_aws.endpoint),
        ..of_aws
    })
}

/// The identity pool of a section that names its id and, if it is not AWS's, its endpoint by these keys.
fn amplify_identity_pool(section: &Reader<'_>, [pool, endpoint]: [&str; 2]) -> Option<IdentityPoolConfig> {
    let of_aws = IdentityPoolConfig::of_aws(identity_pool_id(section, pool)?);
    Some(IdentityPoolConfig {
        endpoint: Endpoint::read(section, endpoint).unwrap_or(of_aws.endpoint),
        ..of_aws
    })
}

/// A host name without scheme and path.
fn host(section: &Reader<'_>, key: &str) -> Option<String> {
    let parse = |text: &str| endpoint::is_host(text).then(|| text.into());
    parsed(section, key, parse, "a host name without https:// and without a path")
}

/// Items of one text, separated by commas.
fn comma_list(section: &Reader<'_>, key: &str) -> Vec<String> {
    let text = section.filled_text(key).unwrap_or_default();
    text.split(',')
        .map(str::trim_ascii)
        .filter(|item| !item.is_empty())
        .map(String::from)
        .collect()
}

fn parsed<T>(section: &Reader<'_>, key: &str, parse: fn(&str) -> Option<T>, expected: &'static str) -> Option<T> {
    let value = parse(section.filled_text(key)?);
    if value.is_none() {
        section.refuse(key, expected, "a different string");
    }
    value
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_not_an_object_is_refused() {
        for text in ["", "{", "[]", "\"text\"", "null"] {
            assert_eq!(
                Config::parse(text).unwrap_err().code,
                Code::InvalidConfiguration,
                "{text}"
            );
        }
    }

    #[test]
    fn a_call_that_needs_a_user_pool_names_the_keys_of_every_format() {
        let text = r#"{"CredentialsProvider":{"CognitoIdentity":{"Default":{"PoolId":"us-east-1:0a"}}}}"#;
        let error = Config::parse(text).unwrap().user_pool().unwrap_err();
        assert_eq!(error.code, Code::UserPoolNotConfigured);
        for key in [
            "CognitoUserPool.Default.PoolId",
            "auth.user_pool_id",
            "aws_user_pools_id",
            "Auth.Cognito.userPoolId",
        ] {
            assert!(error.message.contains(key), "{}", error.message);
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in any::<String>()) {
            let _ = Config::parse(&text);
        }

        #[test]
        fn no_value_in_any_place_makes_the_reader_panic(
            value in prop_oneof![
                Just("null".to_owned()), Just("7".to_owned()), Just("[]".to_owned()), Just("{}".to_owned()),
                any::<String>().prop_map(|text| serde_json::Value::String(text).to_string()),
            ],
            place in 0..6usize,
        ) {
            let document = match place {
                0 => format!(r#"{{"CognitoUserPool":{{"Default":{{"PoolId":{value},"AppClientId":{value},"Endpoint":{value}}}}}}}"#),
                1 => format!(r#"{{"auth":{{"user_pool_id":{value},"oauth":{value}}}}}"#),
                2 => format!(r#"{{"aws_user_pools_id":{value},"oauth":{value}}}"#),
                3 => format!(r#"{{"Auth":{{"Cognito":{{"userPoolId":{value},"loginWith":{value}}}}}}}"#),
                4 => format!(r#"{{"default":{{"PoolId":{value}}},"clientId":{value},"identity_pool_id":{value}}}"#),
                _ => format!(r#"{{"CredentialsProvider":{value},"Auth":{{"Default":{value}}}}}"#),
            };
            let _ = Config::parse(&document);
        }
    }
}

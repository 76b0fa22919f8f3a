//! The parameters of each public call, read from the object an app gives. A member that is unknown, missing or of
//! another type is named: a misspelt option that is silently ignored costs its writer an afternoon.

use crate::core::api::user_pool;
use crate::core::config::AuthFlow;
use crate::core::error::{AuthError, Code};
use crate::core::json::{self, Misfit, Reader, StringMap, Value};
use crate::core::limits::{MAX_TEXT_BYTES, MAX_TIMER, SIGN_IN_WAIT};
use crate::core::names::Username;
use crate::core::secret::{ChallengeAnswer, Password};
use crate::ports::{Millis, StorageKind};

/// Parameters of `initialize` beside the configuration.
#[derive(Clone, Debug)]
pub struct InitializeOptions {
    /// `storage`.
    pub storage: StorageKind,
    /// `importSession`.
    pub import_session: bool,
    /// `backgroundRefresh`.
    pub background_refresh: bool,
    /// `signInWaitTimeout`, in milliseconds.
    pub sign_in_wait_timeout: Millis,
    /// `deviceName`: what the pool calls this device where it tracks devices.
    pub device_name: String,
    /// `totpIssuer`: what an authenticator app shows beside the user's name.
    pub totp_issuer: String,
    /// The names of those that were given; the others have their defaults.
    pub given: Vec<&'static str>,
}

/// Parameters of `signIn`.
#[derive(Clone, Debug)]
pub struct SignInOptions {
    /// `username`.
    pub username: Username,
    /// `password`.
    pub password: Option<Password>,
    /// `authFlow`; without it the configuration's.
    pub auth_flow: Option<AuthFlow>,
    /// `preferredChallenge`.
    pub preferred_challenge: Option<String>,
    /// `targetAcrValues`.
    pub target_acr_values: Vec<String>,
    /// `maxAge`, in seconds.
    pub max_age: Option<i64>,
    /// `storage`: the store that this session is kept in. Without it `initialize`'s.
    pub storage: Option<StorageKind>,
    /// `validationData`.
    pub validation_data: StringMap,
    /// `clientMetadata`.
    pub client_metadata: StringMap,
}

/// Parameters of `autoSignIn`.
#[derive(Clone, Debug, Default)]
pub struct AutoSignInOptions {
    /// `storage`, as of `signIn`.
    pub storage: Option<StorageKind>,
}

/// Parameters of `confirmSignIn`.
#[derive(Clone, Debug)]
pub struct ConfirmSignInOptions {
    /// `challengeResponse`: a code, a choice, a password.
    pub challenge_response: Option<ChallengeAnswer>,
    /// `userAttributes`.
    pub user_attributes: StringMap,
    /// `clientMetadata`.
    pub client_metadata: StringMap,
    /// `friendlyDeviceName`.
    pub friendly_device_name: Option<String>,
    /// `mediation`: whether the passkey is offered where the user fills in a name.
    pub is_conditional: bool,
}

/// Parameters of `getTokens`.
#[derive(Clone, Debug, Default)]
pub struct GetTokensOptions {
    /// `forceRefresh`.
    pub force_refresh: bool,
    /// `waitForSignIn`. Without it a call waits when there is a listener who can ask the user to sign in.
    pub wait_for_sign_in: Option<bool>,
    /// `timeout`, in milliseconds.
    pub timeout: Option<Millis>,
}

/// Parameters of `signOut`.
#[derive(Clone, Debug)]
pub struct SignOutOptions {
    /// `signOutGlobally`.
    pub sign_out_globally: bool,
    /// `invalidateTokens`.
    pub invalidate_tokens: bool,
}

impl InitializeOptions {
    /// # Errors
    /// `invalidParameter`, naming the member.
    pub fn parse(text: &str) -> Result<Self, AuthError> {
        // The facade knows two things of the page, for the defaults.
        const KNOWN: &[&str] = &[
            "storage",
            "importSession",
            "backgroundRefresh",
            "signInWaitTimeout",
            "deviceName",
            "totpIssuer",
            "hostName",
            "browserName",
        ];
        read("initialize", text, KNOWN, |options| {
            let device_name = options.filled_text("deviceName");
            let totp_issuer = options.text("totpIssuer").or_else(|| options.text("hostName"));
            Self {
                storage: storage(options).unwrap_or(StorageKind::IndexedDb),
                import_session: options.flag("importSession").unwrap_or(false),
                background_refresh: options.flag("backgroundRefresh").unwrap_or(false),
                sign_in_wait_timeout: milliseconds(options, "signInWaitTimeout").unwrap_or(SIGN_IN_WAIT),
                device_name: device_name
                    .or_else(|| options.filled_text("browserName"))
                    .unwrap_or("Browser")
                    .into(),
                totp_issuer: totp_issuer.unwrap_or_default().into(),
                given: KNOWN.iter().copied().filter(|name| options.has(name)).collect(),
            }
        })
    }

    /// Takes the app's own storage for `storage`.
    pub fn use_custom(&mut self) {
        self.storage = StorageKind::Custom;
        self.given.push("storage");
    }

    /// The first option that was given here and is another than the client has. Those that were not given are no matter.
    pub fn conflict_with(&self, known: &Self) -> Option<&'static str> {
        let differs = |name: &&str| match *name {
            "storage" => self.storage != known.storage,
            "importSession" => self.import_session != known.import_session,
            "backgroundRefresh" => self.background_refresh != known.background_refresh,
            "signInWaitTimeout" => self.sign_in_wait_timeout != known.sign_in_wait_timeout,
            "deviceName" => self.device_name != known.device_name,
            "totpIssuer" => self.totp_issuer != known.totp_issuer,
            _ => false,
        };
        self.given.iter().copied().find(differs)
    }
}

impl SignInOptions {
    /// # Errors
    /// `invalidParameter`, naming the member.
    pub fn parse(text: &str) -> Result<Self, AuthError> {
        const KNOWN: &[&str] = &[
            "username",
            "password",
            "authFlow",
            "preferredChallenge",
            "targetAcrValues",
            "maxAge",
            "validationData",
            "clientMetadata",
            "storage",
        ];
        read("signIn", text, KNOWN, |options| Self {
            username: username(options),
            password: filled(options, "password").map(Password::new),
            auth_flow: auth_flow(options),
            preferred_challenge: options.filled_text("preferredChallenge").map(String::from),
            target_acr_values: options.texts("targetAcrValues"),
            max_age: within(options, "maxAge", "whole seconds from 0 to 2147483647"),
            validation_data: options.text_map("validationData"),
            client_metadata: options.text_map("clientMetadata"),
            storage: storage(options),
        })
    }
}

impl AutoSignInOptions {
    /// # Errors
    /// `invalidParameter`, naming the member.
    pub fn parse(text: &str) -> Result<Self, AuthError> {
        read("autoSignIn", text, &["storage"], |options| Self {
            storage: storage(options),
        })
    }
}

/// A store by its name. An object of the app's own is given as such, and has no name.
fn storage(options: &Reader<'_>) -> Option<StorageKind> {
    let name = options.text("storage")?;
    let kind = StorageKind::named(name).filter(|kind| *kind != StorageKind::Custom);
    if kind.is_none() {
        options.refuse(
            "storage",
            "indexedDB, localStorage, sessionStorage or memory",
            "a different string",
        );
    }
    kind
}

/// Some options are of `USER_AUTH` alone, and name it by being there.
fn auth_flow(options: &Reader<'_>) -> Option<AuthFlow> {
    let is_of_user_auth = |key: &&str| options.has(key);
    let of_user_auth = ["preferredChallenge", "targetAcrValues", "maxAge"]
        .iter()
        .any(is_of_user_auth);
    let named = options.text("authFlow").map(AuthFlow::named);
    match named {
        Some(None) => {
            let flows = "USER_SRP_AUTH, USER_PASSWORD_AUTH, CUSTOM_AUTH or USER_AUTH";
            options.refuse("authFlow", flows, "a different string");
            None
        }
        Some(Some(flow)) if of_user_auth && flow != AuthFlow::UserAuth => {
            options.refuse("authFlow", "USER_AUTH beside the options of that flow", "another flow");
            None
        }
        _ if of_user_auth => Some(AuthFlow::UserAuth),
        named => named.flatten(),
    }
}

impl ConfirmSignInOptions {
    /// # Errors
    /// `invalidParameter`, naming the member.
    pub fn parse(text: &str) -> Result<Self, AuthError> {
        const KNOWN: &[&str] = &[
            "challengeResponse",
            "userAttributes",
            "clientMetadata",
            "friendlyDeviceName",
            "mediation",
        ];
        read("confirmSignIn", text, KNOWN, |options| {
            let mediation = options.text("mediation");
            if mediation.is_some_and(|mediation| mediation != "conditional") {
                options.refuse("mediation", "\"conditional\"", "a different string");
            }
            Self {
                challenge_response: filled(options, "challengeResponse").map(ChallengeAnswer::new),
                user_attributes: user_pool::attributes(options, "userAttributes"),
                client_metadata: options.text_map("clientMetadata"),
                friendly_device_name: options.filled_text("friendlyDeviceName").map(String::from),
                is_conditional: mediation.is_some(),
            }
        })
    }
}

impl GetTokensOptions {
    /// # Errors
    /// `invalidParameter`, naming the member.
    pub fn parse(text: &str) -> Result<Self, AuthError> {
        const KNOWN: &[&str] = &["forceRefresh", "waitForSignIn", "timeout"];
        read("getTokens", text, KNOWN, |options| Self {
            force_refresh: options.flag("forceRefresh").unwrap_or(false),
            wait_for_sign_in: options.flag("waitForSignIn"),
            timeout: milliseconds(options, "timeout"),
        })
    }
}

impl SignOutOptions {
    /// # Errors
    /// `invalidParameter`, naming the member.
    pub fn parse(text: &str) -> Result<Self, AuthError> {
        read("signOut", text, &["signOutGlobally", "invalidateTokens"], |options| {
            Self {
                sign_out_globally: options.flag("signOutGlobally").unwrap_or(false),
                invalidate_tokens: options.flag("invalidateTokens").unwrap_or(true),
            }
        })
    }
}

fn read<T>(call: &str, text: &str, known: &[&str], build: fn(&Reader<'_>) -> T) -> Result<T, AuthError> {
    let document = checked(call, text, known)?;
    json::read(&document, build).map_err(|misfit| explain(call, misfit))
}

/// For a call that has no options but its signal, which stays in JavaScript.
///
/// # Errors
/// `invalidParameter`, naming what was given all the same.
pub fn none(call: &str, text: &str) -> Result<(), AuthError> {
    checked(call, text, &[]).map(drop)
}

/// The document, once all its members are known. Apart from [`read`], so that it is compiled once.
pub(super) fn checked(call: &str, text: &str, known: &[&str]) -> Result<Value, AuthError> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(refuse(format!(
            "{call}() takes options of at most {} bytes as JSON, and was given {}.",
            MAX_TEXT_BYTES,
            text.len()
        )));
    }
    let document = json::parse(text).ok_or_else(|| refuse(format!("{call}() takes an object of options.")))?;
    let unknown = json::read(&document, |options| {
        options.keys().find(|key| !known.contains(key)).map(String::from)
    });
    match unknown {
        Ok(None) => Ok(document),
        Ok(Some(unknown)) if known.is_empty() => Err(refuse(format!(
            "{call}() has no option `{unknown}`, and no other than `signal`."
        ))),
        Ok(Some(unknown)) => Err(refuse(format!(
            "{call}() has no option `{unknown}`. Its options are {}.",
            json::join(known, ", ")
        ))),
        Err(misfit) => Err(explain(call, misfit)),
    }
}

pub(super) fn explain(call: &str, Misfit { path, expected, found }: Misfit) -> AuthError {
    refuse(if path.is_empty() {
        format!("{call}() takes an object of options, and was given {found}.")
    } else {
        format!("{call}() needs `{path}` to be {expected}; it is {found}.")
    })
}

fn refuse(message: String) -> AuthError {
    AuthError::new(Code::InvalidParameter, message)
}

fn milliseconds(options: &Reader<'_>, key: &str) -> Option<Millis> {
    within(options, key, "whole milliseconds from 0 to 2147483647")
}

/// A time that a timer of the browser could hold.
fn within(options: &Reader<'_>, key: &str, expected: &'static str) -> Option<i64> {
    options.integer_within(key, 0..=MAX_TIMER, expected)
}

fn username(options: &Reader<'_>) -> Username {
    Username::new(options.required_filled_text("username"))
}

/// A text that may not be empty where it is given.
fn filled<'a>(options: &Reader<'a>, key: &str) -> Option<&'a str> {
    options.has(key).then(|| options.required_filled_text(key))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn complaint<T: std::fmt::Debug>(result: Result<T, AuthError>) -> String {
        let error = result.unwrap_err();
        assert_eq!(error.code, Code::InvalidParameter);
        error.message.to_string()
    }

    #[test]
    fn what_is_left_out_has_its_default() {
        assert!(!GetTokensOptions::parse("{}").unwrap().force_refresh);
        let initialize = InitializeOptions::parse("{}").unwrap();
        assert_eq!(initialize.storage, StorageKind::IndexedDb);
        assert_eq!(initialize.sign_in_wait_timeout, 600_000);
        assert!(!initialize.import_session && !initialize.background_refresh);
        let sign_out = SignOutOptions::parse("{}").unwrap();
        assert!(!sign_out.sign_out_globally && sign_out.invalidate_tokens);
        assert!(
            !SignOutOptions::parse(r#"{"invalidateTokens":false}"#)
                .unwrap()
                .invalidate_tokens
        );
    }

    #[test]
    fn an_unknown_option_is_named_with_those_there_are() {
        let message = complaint(SignInOptions::parse(r#"{"username":"a","pasword":"p"}"#));
        assert_eq!(
            message,
            "signIn() has no option `pasword`. Its options are username, password, authFlow, preferredChallenge, targetAcrValues, maxAge, validationData, clientMetadata, storage."
        );
    }

    #[test]
    fn a_call_without_options_takes_none() {
        assert_eq!(none("resumeSignIn", "{}"), Ok(()));
        assert_eq!(
            complaint(none("passkeyOperations.register", r#"{"name":"phone"}"#)),
            "passkeyOperations.register() has no option `name`, and no other than `signal`."
        );
    }

    #[test]
    fn a_wrongly_typed_option_is_named_and_its_value_is_not_shown() {
        for (result, expected) in [
            (
                complaint(SignInOptions::parse(r#"{"username":"a","password":12345678}"#)),
                "signIn() needs `password` to be a string; it is a number.",
            ),
            (
                complaint(SignInOptions::parse(r#"{"username":"","password":"p"}"#)),
                "signIn() needs `username` to be a string with characters; it is empty.",
            ),
            (
                complaint(SignInOptions::parse(
                    r#"{"username":"a","password":"p","clientMetadata":{"age":7}}"#,
                )),
                "signIn() needs `clientMetadata.age` to be a string; it is a number.",
            ),
            (
                complaint(SignInOptions::parse(r#"{"password":"a"}"#)),
                "signIn() needs `username` to be a string; it is missing.",
            ),
            (
                complaint(GetTokensOptions::parse(r#"{"forceRefresh":"yes"}"#)),
                "getTokens() needs `forceRefresh` to be true or false; it is a string.",
            ),
            (
                complaint(InitializeOptions::parse(r#"{"storage":"cookies"}"#)),
                "initialize() needs `storage` to be indexedDB, localStorage, sessionStorage or memory; it is a different string.",
            ),
            (
                complaint(InitializeOptions::parse(r#"{"storage":"custom"}"#)),
                "initialize() needs `storage` to be indexedDB, localStorage, sessionStorage or memory; it is a different string.",
            ),
            (
                complaint(SignOutOptions::parse("[]")),
                "signOut() takes an object of options, and was given a list.",
            ),
            (
                complaint(ConfirmSignInOptions::parse("")),
                "confirmSignIn() takes an object of options.",
            ),
        ] {
            assert_eq!(result, expected);
        }
    }

    #[test]
    fn a_time_is_a_whole_number_that_a_timer_can_hold() {
        let max_age = |time: &str| SignInOptions::parse(&format!(r#"{{"username":"a","maxAge":{time}}}"#));
        let timeout = |time: &str| GetTokensOptions::parse(&format!(r#"{{"timeout":{time}}}"#));
        let wait = |time: &str| InitializeOptions::parse(&format!(r#"{{"signInWaitTimeout":{time}}}"#));
        for (time, found) in [
            ("1.5", "a number with a fraction"),
            ("-0.5", "a number with a fraction"),
            ("1e-3", "a number with a fraction"),
            ("-1", "outside of that"),
            ("2147483648", "outside of that"),
            ("4294967296", "outside of that"),
            ("1e+21", "outside of that"),
            ("\"60\"", "a string"),
        ] {
            let range = "from 0 to 2147483647; it is";
            assert_eq!(
                [
                    complaint(max_age(time)),
                    complaint(timeout(time)),
                    complaint(wait(time))
                ],
                [
                    format!("signIn() needs `maxAge` to be whole seconds {range} {found}."),
                    format!("getTokens() needs `timeout` to be whole milliseconds {range} {found}."),
                    format!("initialize() needs `signInWaitTimeout` to be whole milliseconds {range} {found}."),
                ]
            );
        }
        for (time, read) in [("0", 0), ("60.0", 60), ("2147483647", MAX_TIMER)] {
            assert_eq!(max_age(time).unwrap().max_age, Some(read));
            assert_eq!(timeout(time).unwrap().timeout, Some(read));
            assert_eq!(wait(time).unwrap().sign_in_wait_timeout, read);
        }
    }

    #[test]
    fn an_attribute_that_would_be_sent_twice_or_has_no_name_is_refused() {
        for attributes in [r#"{"tier":"a","custom:tier":"b"}"#, r#"{"":"a"}"#] {
            let options = format!(r#"{{"challengeResponse":"p","userAttributes":{attributes}}}"#);
            let message = complaint(ConfirmSignInOptions::parse(&options));
            assert!(message.contains("`userAttributes`"), "{message}");
        }
        let options = r#"{"userAttributes":{"tier":"a","custom:level":"b"}}"#;
        let names = ConfirmSignInOptions::parse(options).unwrap().user_attributes;
        assert_eq!(names[0].0, "custom:tier");
        assert_eq!(names[1].0, "custom:level");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_readers_panic(text in any::<String>()) {
            let _ = SignInOptions::parse(&text);
            let _ = SignOutOptions::parse(&format!(r#"{{"signOutGlobally":{text}}}"#));
        }
    }
}

use proptest::prelude::*;

use super::*;
use crate::core::error::{AuthError, Code};
use crate::core::limits::MAX_TIMER;
use crate::ports::StorageKind;

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

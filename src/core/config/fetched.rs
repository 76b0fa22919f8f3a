//! A configuration that is fetched: what is asked for, and what may be taken for an answer.
//!
//! The configuration is the root of trust: it says where passwords and tokens are sent. So it is taken only from the
//! origin that the app has named.

use super::Config;
use crate::core::api::http::{Request, Response, after_user_info};
use crate::core::error::{AuthError, Code};
use crate::core::json;

/// What to do where the document at a URL is not the one that was meant.
const ADVICE: &str = "A relative URL is resolved against the page's URL: let it begin with a slash, or import the file \
    and give initialize() the object.";

/// The request for the configuration at this URL.
///
/// # Errors
/// [`Code::InvalidConfiguration`] for what is no URL, and for one with a user name or password.
pub fn request(url: &str) -> Result<Request, AuthError> {
    let refusal = if url.trim_ascii().is_empty() {
        "The configuration's URL is empty. Give initialize() the URL of a configuration, or the object."
    } else if url.trim_ascii_start().starts_with(['{', '[', '"']) {
        "initialize() takes the configuration as an object or as its URL, and not as JSON text. Give it JSON.parse(text)."
    } else if after_user_info(url).is_some() {
        "The configuration's URL has a user name or a password in it, which browsers refuse. Remove them from the URL."
    } else {
        return Ok(Request::get(url));
    };
    Err(AuthError::new(Code::InvalidConfiguration, refusal))
}

/// The configuration in the answer from `place`.
///
/// # Errors
/// [`Code::InvalidConfiguration`] for an answer from another origin, with another status than 200 or with no
/// configuration; [`Code::Network`] for a server that may answer later.
pub fn read(place: &str, answer: &Response) -> Result<Config, AuthError> {
    let invalid = |message| Err(AuthError::new(Code::InvalidConfiguration, message));
    if answer.is_of_another_origin {
        return invalid(format!(
            "The configuration at {place} was not taken, because the URL redirects to another origin. A configuration \
             says where passwords are sent, so it has to come from the origin that the app has named. Give \
             initialize() the URL of that other origin, if it is yours, or the object."
        ));
    }
    let status = answer.status;
    if matches!(status, 408 | 429 | 500..) {
        let message =
            format!("The configuration at {place} could not be fetched: its server answered HTTP {status}. Try again.");
        return Err(AuthError::new(Code::Network, message));
    }
    if status != 200 {
        return invalid(format!("There is no configuration at {place}: HTTP {status}. {ADVICE}"));
    }
    if let Some(document) = json::parse(&answer.body) {
        return Config::of(&document);
    }
    let found = match answer.body.trim_ascii_start().chars().next() {
        None => "is empty",
        Some('<') => "is an HTML page, as servers give it for every path that they do not know",
        Some(_) => "is not JSON",
    };
    invalid(format!(
        "The answer from {place} is no configuration: it {found}. {ADVICE}"
    ))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::testing::answer;

    const PLACE: &str = "./awsconfiguration.json";

    fn failure(answer: &Response) -> (Code, String) {
        let error = read(PLACE, answer).unwrap_err();
        (error.code, error.message.to_string())
    }

    #[test]
    fn what_is_no_url_of_a_configuration_is_refused_before_anything_is_sent() {
        for (url, says) in [
            ("", "is empty"),
            (" ", "is empty"),
            ("{\"a\":1}", "not as JSON text"),
            ("[]", "not as JSON text"),
            ("\"{}\"", "not as JSON text"),
            ("https://alice:hush@example.com/c.json", "user name or a password"),
        ] {
            let error = request(url).unwrap_err();
            assert_eq!(error.code, Code::InvalidConfiguration, "{url}");
            assert!(error.message.contains(says), "{}", error.message);
            assert!(!error.message.contains("hush"), "{}", error.message);
        }
        for url in ["c.json", "./c.json?v=1", "/@fs/c.json", "https://example.com/c.json"] {
            assert_eq!(request(url).unwrap().url, url);
        }
    }

    #[test]
    fn an_answer_that_is_no_configuration_says_what_it_is_and_where_from() {
        for (answer, code, says) in [
            (
                answer(404, ""),
                Code::InvalidConfiguration,
                "There is no configuration at ./awsconfiguration.json: HTTP 404.",
            ),
            (answer(204, ""), Code::InvalidConfiguration, "HTTP 204."),
            (answer(403, "{}"), Code::InvalidConfiguration, "HTTP 403."),
            (answer(408, ""), Code::Network, "answered HTTP 408. Try again."),
            (answer(429, ""), Code::Network, "answered HTTP 429. Try again."),
            (answer(503, ""), Code::Network, "answered HTTP 503. Try again."),
            (
                answer(200, ""),
                Code::InvalidConfiguration,
                "from ./awsconfiguration.json is no configuration: it is empty.",
            ),
            (
                answer(200, " <!doctype html>"),
                Code::InvalidConfiguration,
                "it is an HTML page",
            ),
            (
                answer(200, "export default {}"),
                Code::InvalidConfiguration,
                "it is not JSON.",
            ),
            (answer(200, "{}"), Code::InvalidConfiguration, "It has no keys."),
            (answer(200, "[]"), Code::InvalidConfiguration, "must be an object"),
        ] {
            let (found, message) = failure(&answer);
            assert_eq!(found, code, "{message}");
            assert!(message.contains(says), "{message}");
        }
    }

    #[test]
    fn a_configuration_from_another_origin_than_was_named_is_refused() {
        let body = r#"{"aws_user_pools_id":"eu-west-1_A","aws_user_pools_web_client_id":"c"}"#;
        let mut answer = answer(200, body);
        assert!(read(PLACE, &answer).is_ok());
        answer.is_of_another_origin = true;
        let (code, message) = failure(&answer);
        assert_eq!(code, Code::InvalidConfiguration);
        assert!(message.contains("redirects to another origin"), "{message}");
    }
}

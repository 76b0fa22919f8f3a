//! What an answer is: a document, or one of the many shapes in which AWS, and what stands before it, says no.

use super::http::Response;
use crate::core::error::{AuthError, Code};
use crate::core::json::{self, Value};

/// The JSON document of a successful answer; an empty body is `{}`.
///
/// # Errors
/// The service's exception, whether it is named in a header or in the body, with or without `:` and `#`.
/// [`Code::Network`] where the answer is none of the service's: another status than 200 without an exception, an
/// HTML page of a proxy or firewall, a body that is cut off.
pub fn document(response: &Response) -> Result<Value, AuthError> {
    let is_success = (200..300).contains(&response.status);
    let is_empty = response.body.trim_ascii().is_empty();
    let text = if is_success && is_empty { "{}" } else { &*response.body };
    match json::parse(text).filter(|document| matches!(document, Value::Object(_))) {
        Some(document) if is_success => Ok(document),
        None if is_success => Err(unreadable(response)),
        document => {
            let mut error = refusal(response, document.as_ref());
            error.retry_after = response.retry_after;
            Err(error)
        }
    }
}

fn refusal(response: &Response, document: Option<&Value>) -> AuthError {
    let member = |names: [&str; 2]| names.into_iter().find_map(|name| document?.get(name)?.as_text());
    let exception = response
        .error_type
        .as_deref()
        .and_then(bare_name)
        .or_else(|| member(["code", "__type"]).and_then(bare_name));
    let Some(exception) = exception else {
        return unreadable(response);
    };
    let message = member(["message", "Message"]).unwrap_or("The service gave no reason.");
    let mut error = AuthError::from_service(exception, message);
    error.retryable |= response.status == 429 || response.status >= 500;
    error
}

/// `ns#NotAuthorizedException:http://...` and all its parts but the name.
fn bare_name(text: &str) -> Option<&str> {
    let text = text.split([':', ',']).next().unwrap_or_default();
    let name = text.rsplit('#').next().unwrap_or_default().trim();
    (!name.is_empty()).then_some(name)
}

fn unreadable(response: &Response) -> AuthError {
    let mut error = AuthError::new(
        Code::Network,
        format!(
            "The answer (HTTP {}) is not one of the service's; something between may have sent it. Try again.",
            response.status
        ),
    );
    // A firewall's 403 page stays what it is however often one asks.
    error.retryable = !(400..500).contains(&response.status) || response.status == 429;
    error
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use zeroize::Zeroizing;

    fn answer(status: u16, error_type: Option<&str>, body: &str) -> Result<Value, AuthError> {
        document(&Response {
            status,
            error_type: error_type.map(String::from),
            date: None,
            retry_after: Some(7),
            is_of_another_origin: false,
            body: Zeroizing::new(body.into()),
        })
    }

    #[test]
    fn an_exception_is_found_in_every_form() {
        let body = r#"{"message":"Incorrect username or password."}"#;
        for (error_type, body) in [
            (Some("NotAuthorizedException:"), body),
            (Some("NotAuthorizedException:http://internal.amazon.com/"), body),
            (Some("NotAuthorizedException,other"), body),
            (Some("com.amazonaws.cognito#NotAuthorizedException"), body),
            (
                Some(""),
                r#"{"__type":"NotAuthorizedException","message":"Incorrect username or password."}"#,
            ),
            (
                None,
                r#"{"__type":"NotAuthorizedException","message":"Incorrect username or password."}"#,
            ),
            (
                None,
                r#"{"__type":"com.amazonaws.cognito#NotAuthorizedException:","Message":"Incorrect username or password."}"#,
            ),
            (
                None,
                r#"{"code":"NotAuthorizedException","message":"Incorrect username or password."}"#,
            ),
        ] {
            let error = answer(400, error_type, body).unwrap_err();
            assert_eq!(error.code, Code::NotAuthorized, "{error_type:?} {body}");
            assert_eq!(error.message, "Incorrect username or password.");
            assert!(!error.retryable);
        }
    }

    #[test]
    fn the_header_names_the_exception_where_the_body_cannot() {
        for body in ["", "<html>", "{\"mess"] {
            let error = answer(400, Some("UserNotFoundException:"), body).unwrap_err();
            assert_eq!(error.code, Code::UserNotFound);
        }
    }

    #[test]
    fn what_is_no_answer_of_the_service_is_a_network_error() {
        for (status, body) in [
            (200, "<html>login to the wifi</html>"),
            (200, "{\"AuthenticationResult\":{\"Acc"),
            (200, "[]"),
            (500, ""),
            (502, "<html>bad gateway</html>"),
            (503, "{}"),
            (429, ""),
        ] {
            let error = answer(status, None, body).unwrap_err();
            assert_eq!((error.code, error.retryable), (Code::Network, true), "{status} {body}");
            assert_eq!(error.retry_after.is_some(), status != 200, "{status}");
        }
        let blocked = answer(403, None, "<html>blocked</html>").unwrap_err();
        assert_eq!((blocked.code, blocked.retryable), (Code::Network, false));
    }

    #[test]
    fn throttling_and_service_failures_are_retryable() {
        for (status, exception) in [
            (400, "TooManyRequestsException"),
            (500, "InternalErrorException"),
            (429, "SlowDown"),
        ] {
            assert!(
                answer(status, Some(exception), "").unwrap_err().retryable,
                "{exception}"
            );
        }
    }

    #[test]
    fn an_empty_success_is_an_empty_document() {
        for body in ["", " ", "{}"] {
            assert!(matches!(&answer(200, None, body), Ok(Value::Object(members)) if members.is_empty()));
        }
    }

    proptest! {
        #[test]
        fn no_answer_makes_the_reader_panic(status in any::<u16>(), error_type in any::<Option<String>>(), body in any::<String>()) {
            let _ = answer(status, error_type.as_deref(), &body);
        }
    }
}

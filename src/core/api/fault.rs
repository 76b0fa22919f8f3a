//! What an answer is: a document of the service, one of the forms in which it refuses, or an answer that the service
//! did not give.

use super::http::{AWS_JSON, Response};
use super::user_pool::Shape;
use crate::core::error::{AuthError, Code};
use crate::core::json::{self, Value};
use crate::core::limits::MAX_EXCEPTION_NAME;
use crate::core::refusal::Refusal;

/// The status of every refusal that decides something.
const REFUSED: u16 = 400;

/// The JSON document of a successful answer to this operation.
///
/// Success is what the service says with the status 200 and no exception, as JSON by its content type or with a request
/// id, in the shape that the operation's answers have. An empty body is the answer only of the operations that always answer so.
///
/// # Errors
/// The service's exception, by its exact name, from a header or from `__type` in a JSON body, with or without the
/// namespace before `#` and what follows `:`. [`Code::Network`] for an answer that the service did not give: another
/// status without an exception, or with one that the service sends with 400 only; a page of a proxy or firewall; a body
/// that is cut off, empty or of another shape.
pub fn document(operation: &str, response: &Response) -> Result<Value, AuthError> {
    if response.status != 200 {
        let mut error = refusal(operation, response);
        error.retry_after = response.retry_after;
        return Err(error);
    }
    let shape = Shape::of(operation);
    let document = if response.error_type.is_some() {
        None
    } else if response.body.is_empty() {
        Some(Value::Object(Vec::new())).filter(|_| shape == Shape::NoBody && is_empty_answer(response))
    } else {
        json_object(response).filter(|document| shape.fits(document))
    };
    document.ok_or_else(|| foreign(operation, response))
}

fn refusal(operation: &str, response: &Response) -> AuthError {
    let document = json_object(response);
    let member = |name: &str| document.as_ref()?.get(name)?.as_text();
    let in_header = response.error_type.as_deref().and_then(bare_name);
    let in_body = member("__type").and_then(bare_name);
    let exception = match (in_header, in_body) {
        // The service says the same in both places.
        (Some(header), Some(body)) if header != body => None,
        (header, body) => header.or(body),
    };
    let Some(exception) = exception else {
        return foreign(operation, response);
    };
    let message = member("message").or_else(|| member("Message"));
    let error = AuthError::from_service(exception, message.unwrap_or("The service gave no reason."));
    if response.status == REFUSED {
        return error;
    }
    // What fails or throttles has a status of its own, and so has what stands before the service. All else has 400.
    let is_of_this_status = Refusal::of(exception, "").is_none() && (error.code == Code::Unknown || error.retryable);
    if !is_of_this_status {
        return foreign(operation, response);
    }
    let mut error = error;
    error.retryable |= response.status == 429 || response.status >= 500;
    error
}

fn json_object(response: &Response) -> Option<Value> {
    if !(matches!(media_type(response), Some(AWS_JSON | "application/json")) || response.has_request_id) {
        return None;
    }
    json::parse(&response.body).filter(|document| matches!(document, Value::Object(_)))
}

/// Whether the service itself has sent an answer without a body. Other servers that speak its protocol send `{}`.
fn is_empty_answer(response: &Response) -> bool {
    match media_type(response) {
        Some(media_type) => media_type == AWS_JSON,
        None => response.has_request_id,
    }
}

fn media_type(response: &Response) -> Option<&str> {
    let content_type = response.content_type.as_deref()?;
    content_type.split(';').next().map(str::trim)
}

/// `ns#NotAuthorizedException:http://...` and all its parts but the name.
fn bare_name(text: &str) -> Option<&str> {
    let text = text.split([':', ',']).next().unwrap_or_default();
    let name = text.rsplit('#').next().unwrap_or_default();
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_');
    ((1..=MAX_EXCEPTION_NAME).contains(&name.len()) && name.bytes().all(is_of_name)).then_some(name)
}

/// What is said of an answer that the service did not give.
fn foreign(operation: &str, response: &Response) -> AuthError {
    let status = response.status;
    // A firewall's 403 page stays what it is however often one asks.
    let is_passing = !(400..500).contains(&status) || status == 429;
    let advice = if is_passing {
        "Try again."
    } else {
        "Check what stands between the page and the service, and the Endpoint of the configuration, if it has one."
    };
    let mut error = AuthError::new(
        Code::Network,
        format!("The answer to {operation} (HTTP {status}) did not come from Amazon Cognito. {advice}"),
    );
    error.retryable = is_passing;
    error
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::core::refusal::Exception;
    use crate::testing;
    use proptest::prelude::*;
    use zeroize::Zeroizing;

    fn answer(status: u16, error_type: Option<&str>, body: &str) -> Result<Value, AuthError> {
        let response = Response {
            error_type: error_type.map(String::from),
            retry_after: Some(7),
            ..testing::answer(status, body)
        };
        document("ChangePassword", &response)
    }

    #[test]
    fn an_exception_is_found_in_every_form_of_the_service() {
        let body = r#"{"message":"Incorrect username or password."}"#;
        let named = r#"{"__type":"NotAuthorizedException","message":"Incorrect username or password."}"#;
        let spaced =
            r#"{"__type":"com.amazonaws.cognito#NotAuthorizedException:","Message":"Incorrect username or password."}"#;
        for (error_type, body) in [
            (Some("NotAuthorizedException:"), body),
            (Some("NotAuthorizedException:http://internal.amazon.com/"), body),
            (Some("NotAuthorizedException,other"), body),
            (Some("com.amazonaws.cognito#NotAuthorizedException"), body),
            (Some("NotAuthorizedException:"), spaced),
            (Some(""), named),
            (None, named),
            (None, spaced),
        ] {
            let error = answer(400, error_type, body).unwrap_err();
            assert_eq!(error.code, Code::NotAuthorized, "{error_type:?} {body}");
            assert_eq!(error.message, "Incorrect username or password.");
            assert!(error.is_refusal(Exception::NotAuthorized));
            assert!(!error.retryable);
        }
    }

    #[test]
    fn other_forms_of_an_exception_are_not_the_service_s() {
        for (error_type, body) in [
            (None, r#"{"code":"NotAuthorizedException"}"#),
            (None, r#"{"type":"NotAuthorizedException"}"#),
            (None, r#"{"error":"NotAuthorizedException"}"#),
            (None, r#"{"__type":["NotAuthorizedException"]}"#),
            (None, r#"{"__type":"my password"}"#),
            (None, r#"{"__type":" NotAuthorizedException"}"#),
            (None, r#"[{"__type":"NotAuthorizedException"}]"#),
            (None, r#"{"__type":"NotAuthorizedException""#),
            // Header and body contradict each other.
            (
                Some("InternalErrorException:"),
                r#"{"__type":"NotAuthorizedException"}"#,
            ),
        ] {
            let error = answer(400, error_type, body).unwrap_err();
            assert_eq!(
                (error.code, error.refusal),
                (Code::Network, None),
                "{error_type:?} {body}"
            );
        }
        let mut page = testing::answer(400, r#"{"__type":"NotAuthorizedException"}"#);
        (page.content_type, page.has_request_id) = (Some("text/html".into()), false);
        assert_eq!(document("GetUser", &page).unwrap_err().code, Code::Network);
        page.content_type = Some("application/json; charset=utf-8".into());
        assert_eq!(document("GetUser", &page).unwrap_err().code, Code::NotAuthorized);
    }

    #[test]
    fn the_header_names_the_exception_where_the_body_cannot() {
        for body in ["", "<html>", "{\"mess"] {
            let error = answer(400, Some("UserNotFoundException:"), body).unwrap_err();
            assert_eq!(error.code, Code::UserNotFound);
        }
    }

    #[test]
    fn an_answer_that_the_service_did_not_give_is_a_network_error() {
        for (status, body) in [
            (200, ""),
            (200, " "),
            (200, "null"),
            (200, "<html>login to the wifi</html>"),
            (200, "{\"AuthenticationResult\":{\"Acc"),
            (200, "[]"),
            (200, r#"{"status":"ok"}"#),
            (200, r#"{"__type":"NotAuthorizedException"}"#),
            (200, r#"{"Message":"Forbidden"}"#),
            (200, r#"{"Error":{"Code":"AccessDenied"}}"#),
            (201, "{}"),
            (204, ""),
            (302, r#"{"__type":"NotAuthorizedException"}"#),
            (500, ""),
            (502, "<html>bad gateway</html>"),
            (503, "{}"),
            (503, r#"{"__type":"NotAuthorizedException"}"#),
            (429, ""),
        ] {
            let error = answer(status, None, body).unwrap_err();
            assert_eq!((error.code, error.retryable), (Code::Network, true), "{status} {body}");
            assert_eq!(error.retry_after.is_some(), status != 200, "{status}");
            assert_eq!(error.service_exception, None);
        }
        let blocked = answer(403, None, "<html>blocked</html>").unwrap_err();
        assert_eq!((blocked.code, blocked.retryable), (Code::Network, false));
        let contradicted = answer(200, Some("NotAuthorizedException:"), "{}").unwrap_err();
        assert_eq!((contradicted.code, contradicted.refusal), (Code::Network, None));
        let refused = answer(401, Some("NotAuthorizedException:"), "").unwrap_err();
        assert_eq!((refused.code, refused.retryable), (Code::Network, false));
    }

    #[test]
    fn throttling_and_service_failures_are_retryable() {
        for (status, exception) in [
            (400, "TooManyRequestsException"),
            (429, "TooManyRequestsException"),
            (500, "InternalErrorException"),
            (429, "SlowDown"),
        ] {
            let error = answer(status, Some(exception), "").unwrap_err();
            assert!(error.retryable, "{exception}");
            assert_eq!(error.service_exception.as_deref(), Some(exception));
        }
    }

    #[test]
    fn the_firewall_before_the_service_is_named() {
        let body = r#"{"__type":"ForbiddenException","message":"Request not allowed due to WAF block."}"#;
        for status in [400, 403] {
            let error = answer(status, None, body).unwrap_err();
            assert_eq!(
                error.service_exception.as_deref(),
                Some("ForbiddenException"),
                "{status}"
            );
            assert_eq!(
                (error.code, error.retryable, error.refusal),
                (Code::Unknown, false, None)
            );
        }
    }

    #[test]
    fn an_answer_shows_by_its_headers_that_the_service_gave_it() {
        for (content_type, has_request_id, with_members, without_body) in [
            (Some("application/x-amz-json-1.1"), true, true, true),
            (Some("application/x-amz-json-1.1"), false, true, true),
            (Some("application/x-amz-json-1.1; charset=utf-8"), false, true, true),
            (None, true, true, true),
            // Other servers that speak the protocol.
            (Some("application/json"), false, true, false),
            (Some("application/json"), true, true, false),
            (Some("text/html; charset=utf-8"), true, true, false),
            // Something in between.
            (Some("text/html"), false, false, false),
            (Some("text/plain;charset=UTF-8"), false, false, false),
            (Some(""), false, false, false),
            (None, false, false, false),
        ] {
            let response = |body: &str| Response {
                content_type: content_type.map(String::from),
                has_request_id,
                ..testing::answer(200, body)
            };
            let is_read = |body: &str| document("DeleteUser", &response(body)).is_ok();
            assert_eq!(is_read("{}"), with_members, "{content_type:?} {has_request_id}");
            assert_eq!(is_read(""), without_body, "{content_type:?} {has_request_id}");
        }
    }

    proptest! {
        #[test]
        fn no_answer_makes_the_reader_panic(
            status in any::<u16>(),
            error_type in any::<Option<String>>(),
            content_type in any::<Option<String>>(),
            body in any::<String>(),
        ) {
            let response = Response {
                error_type,
                content_type,
                body: Zeroizing::new(body),
                ..testing::answer(status, "")
            };
            let _ = document("InitiateAuth", &response);
        }
    }
}

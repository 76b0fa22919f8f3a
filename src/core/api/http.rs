//! HTTP as values.

use std::fmt;

use zeroize::Zeroizing;

use crate::core::error::{AuthError, Code};
use crate::core::limits::MAX_TEXT_BYTES;

/// What is sent.
#[derive(Clone)]
pub struct Request {
    /// An absolute URL, or one relative to the page.
    pub url: String,
    /// `None` makes a GET request.
    pub body: Option<Body>,
}

/// What a POST request carries. AWS JSON 1.1 is the only protocol so far; its two headers never vary, so that one
/// cached preflight answer serves every operation.
#[derive(Clone)]
pub struct Body {
    /// `x-amz-target`: service and operation.
    pub target: String,
    /// The JSON text. It may hold a password or a token.
    pub json: Zeroizing<String>,
}

/// `content-type` of AWS JSON 1.1.
pub const AWS_JSON: &str = "application/x-amz-json-1.1";

impl Request {
    /// A GET request.
    pub fn get(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            body: None,
        }
    }

    /// The operation's name, or the public part of a GET request's URL: what an error may say of a request.
    pub fn subject(&self) -> &str {
        match &self.body {
            Some(body) => body.target.rsplit('.').next().unwrap_or_default(),
            None => public_part(&self.url),
        }
    }

    /// What a sentence about the request begins with. The only document that is fetched is a configuration.
    pub fn description(&self) -> String {
        let subject = self.subject();
        match &self.body {
            Some(_) => subject.into(),
            None => format!("The configuration at {subject}"),
        }
    }

    /// The error of a request that got no answer, with the browser's own words for the reason.
    pub fn unanswered(&self, reason: &str) -> AuthError {
        let message = if self.body.is_some() {
            "could not reach the service. Check the connection, and that connect-src of the page's Content-Security-Policy \
             allows the service's host."
        } else {
            "could not be fetched. Check the connection and the URL, which is resolved against the page's URL if it is \
             relative. Its server (by CORS headers, if it is of another origin) and this page's \
             Content-Security-Policy (connect-src) must allow the page to read it."
        };
        AuthError::new(Code::Network, format!("{} {message}", self.description())).caused_by(self.quotable(reason))
    }

    /// The error of an answer that is longer than [`MAX_TEXT_BYTES`]. An adapter reads no more of it.
    pub fn too_long(&self) -> AuthError {
        let subject = self.subject();
        if self.body.is_some() {
            let message = format!(
                "The answer to {subject} has more than {MAX_TEXT_BYTES} bytes, which no answer of Amazon Cognito has. Check what \
                 stands between the page and the service."
            );
            return AuthError::new(Code::Network, message);
        }
        let message = format!(
            "The configuration at {subject} has more than {MAX_TEXT_BYTES} bytes. Give initialize() a shorter one."
        );
        AuthError::new(Code::InvalidConfiguration, message)
    }

    /// The reason, or only the name it begins with where the rest may quote what is not public of a URL, be it this
    /// request's or that of a redirect.
    fn quotable<'r>(&self, reason: &'r str) -> &'r str {
        let is_public = self.body.is_some() || public_part(&self.url) == self.url;
        if is_public && !reason.contains(['?', '#', '@']) {
            reason
        } else {
            let name = reason.split(':').next().unwrap_or_default();
            if name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                name
            } else {
                "Error"
            }
        }
    }
}

/// What an error may say of a URL: no user info, no query and no fragment, each of which may be a secret, and nothing of
/// a `data:` URL, which is the document itself. What follows the user info is all that is left of a URL that has some.
pub fn public_part(url: &str) -> &str {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    if let Some((scheme, _)) = split_scheme(url)
        && !["http", "https"]
            .iter()
            .any(|web| scheme.trim_ascii().eq_ignore_ascii_case(web))
    {
        return scheme;
    }
    after_user_info(url).unwrap_or(url)
}

/// What follows the user info of a URL that has some, as far as a browser may see it: it takes any number of slashes of
/// either kind for the two.
pub fn after_user_info(url: &str) -> Option<&str> {
    let is_slash = |c: char| c == '/' || c == '\\' || c.is_ascii_whitespace() || c.is_ascii_control();
    let rest = match split_scheme(url) {
        Some((_, rest)) => rest.trim_start_matches(is_slash),
        None => {
            let rest = url.trim_start_matches(is_slash);
            let slashes = url.strip_suffix(rest).unwrap_or_default().matches(['/', '\\']);
            (slashes.count() >= 2).then_some(rest)?
        }
    };
    let authority = rest.split(['/', '\\', '?', '#']).next().unwrap_or_default();
    rest.get(authority.rfind('@')? + 1..)
}

fn split_scheme(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_once(':')?;
    (!scheme.contains(['/', '\\', '?', '#'])).then_some((scheme, rest))
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({})", self.subject())
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({}, [redacted])", self.target)
    }
}

/// What came back.
#[derive(Clone)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// `Content-Type`, which every page may read.
    pub content_type: Option<String>,
    /// Whether it has an `x-amzn-requestid` that the page may read. Every answer of AWS has one.
    pub has_request_id: bool,
    /// `x-amzn-errortype`, where the answer has one.
    pub error_type: Option<String>,
    /// `Date`, where the answer shows it: seconds since 1970 by the service's clock.
    pub date: Option<i64>,
    /// `Retry-After`, in seconds.
    pub retry_after: Option<i64>,
    /// Whether redirects have led to another origin than the request's.
    pub is_of_another_origin: bool,
    /// The body as text.
    pub body: Zeroizing<String>,
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Response({}, [redacted])", self.status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// URLs that a browser may be given, and what may be said of each.
    const URLS: [(&str, &str); 21] = [
        ("./awsconfiguration.json", "./awsconfiguration.json"),
        ("/config/a@2.json?sig=SECRET", "/config/a@2.json"),
        ("config.json#SECRET", "config.json"),
        ("?SECRET", ""),
        ("https://example.com/c.json", "https://example.com/c.json"),
        ("https://example.com/@fs/c.json", "https://example.com/@fs/c.json"),
        (
            "https://example.com/c.json?a=SECRET#SECRET",
            "https://example.com/c.json",
        ),
        ("https://example.com?@SECRET", "https://example.com"),
        ("https://SECRET@example.com/c.json", "example.com/c.json"),
        ("https://user:SECRET@example.com/c.json?SECRET", "example.com/c.json"),
        ("https://SECRET@SECRET@example.com/c.json", "example.com/c.json"),
        ("https://@example.com/c.json?SECRET", "example.com/c.json"),
        ("https:/SECRET@example.com/c.json", "example.com/c.json"),
        ("https:SECRET@example.com/c.json", "example.com/c.json"),
        ("https:\\\\SECRET@example.com\\c.json", "example.com\\c.json"),
        ("//SECRET@example.com/c.json", "example.com/c.json"),
        ("/\\SECRET@example.com/c.json", "example.com/c.json"),
        (" \n/\t/SECRET@example.com/c.json", "example.com/c.json"),
        (" HTTPS://example.com/c.json", " HTTPS://example.com/c.json"),
        ("data:application/json,{\"AppClientSecret\":\"SECRET\"}", "data"),
        ("h\nttps://SECRET@example.com/", "h\nttps"),
    ];

    #[test]
    fn only_the_public_part_of_a_url_is_named() {
        for (url, public) in URLS {
            let request = Request::get(url);
            assert_eq!(request.subject(), public, "{url}");
            assert!(!format!("{request:?}").contains("SECRET"), "{url}");
        }
    }

    #[test]
    fn user_info_is_seen_wherever_a_browser_sees_it() {
        for (url, public) in URLS {
            let has_user_info = public.starts_with("example.com") || url.starts_with("h\n");
            assert_eq!(after_user_info(url).is_some(), has_user_info, "{url}");
        }
    }

    #[test]
    fn no_engines_words_carry_a_url_s_secrets_into_the_error() {
        let quoting = |url: &str| {
            [
                format!("TypeError: Failed to execute 'fetch' on 'Window': Failed to parse URL from {url}"),
                format!("TypeError: Window.fetch: {url} is an url with embedded credentials."),
                format!("TypeError: URL is not valid or contains user credentials: {url}"),
            ]
        };
        for (url, _) in URLS {
            let request = Request::get(url);
            for words in quoting(url) {
                let error = request.unanswered(&words);
                assert!(!format!("{error:?}").contains("SECRET"), "{error:?}");
            }
        }
        let unnamed = Request::get("/c.json?sig=SECRET").unanswered("Could not load /c.json?sig=SECRET");
        assert_eq!(unnamed.cause.as_deref(), Some("Error"));
        let redirect = "TypeError: Cross-origin redirection to https://cdn.example/c.json?SECRET denied";
        let error = Request::get("/c.json").unanswered(redirect);
        assert_eq!(error.cause.as_deref(), Some("TypeError"));
    }

    #[test]
    fn what_got_no_answer_is_said_in_a_sentence_and_may_be_tried_again() {
        let error = Request::get("/c.json?v=3").unanswered("TypeError: Failed to fetch");
        assert!(
            error
                .message
                .starts_with("The configuration at /c.json could not be fetched.")
        );
        assert_eq!((error.code, error.retryable), (Code::Network, true));
        let error = Request::get("/c.json").unanswered("TypeError: Failed to fetch");
        assert_eq!(error.cause.as_deref(), Some("TypeError: Failed to fetch"));
    }
}

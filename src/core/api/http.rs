//! HTTP as values.

use std::fmt;

use zeroize::Zeroizing;

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

    /// The operation's name, or the place of a GET request: what an error may say of a request. A query may be a secret.
    pub fn subject(&self) -> &str {
        match &self.body {
            Some(body) => body.target.rsplit('.').next().unwrap_or_default(),
            None => self.url.split(['?', '#']).next().unwrap_or_default(),
        }
    }
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
    /// `x-amzn-errortype`, where the answer has one.
    pub error_type: Option<String>,
    /// `Date`, where the answer shows it: seconds since 1970 by the service's clock.
    pub date: Option<i64>,
    /// `Retry-After`, in seconds.
    pub retry_after: Option<i64>,
    /// The body as text.
    pub body: Zeroizing<String>,
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Response({}, [redacted])", self.status)
    }
}

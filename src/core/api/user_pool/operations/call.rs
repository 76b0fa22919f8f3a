//! A call of an operation: its options are checked, and its members of the request written, once.

use zeroize::Zeroizing;

use super::super::answers;
use super::super::requests::{Service, about_session, about_user, request};
use super::response::{self, AppAccount};
use super::{Operation, Who};
use crate::core::api::http::Request;
use crate::core::config::UserPoolConfig;
use crate::core::error::{AuthError, Code};
use crate::core::json::{self, Misfit, ObjectWriter, Value};
use crate::core::names::Username;
use crate::core::secret::{AccessToken, ChallengeSession};

/// A call whose options fit its operation.
#[derive(Debug)]
pub struct Call {
    /// The row of the table.
    pub operation: &'static Operation,
    /// The user that it is about, where its options name one.
    pub username: Username,
    /// The device that it is about, where its options name one.
    pub device_key: Option<String>,
    pub(super) members: ObjectWriter,
}

impl Operation {
    /// A call with these options.
    ///
    /// # Errors
    /// The first option that does not fit.
    pub fn call_with(&'static self, options: &Value) -> Result<Call, Misfit> {
        json::read(options, |options| Call {
            operation: self,
            username: Username::new(match self.who {
                Who::User => options.required_filled_text("username"),
                Who::Session | Who::LeavingSession => "",
            }),
            device_key: match options.get("deviceKey") {
                Some(Value::Text(key)) => Some(key.to_string()),
                _ => None,
            },
            members: self
                .members
                .iter()
                .fold(ObjectWriter::new(), |body, member| member.write(options, body)),
        })
    }
}

impl Call {
    /// Whether it may be about this device, and its options do not say which.
    pub fn lacks_device(&self) -> bool {
        self.device_key.is_none() && self.operation.members.iter().any(|member| member.option == "deviceKey")
    }

    /// The request about a user by name, which goes on in this challenge session.
    pub fn about_user(&self, service: Service<'_>, session: Option<&ChallengeSession>) -> Request {
        let body = about_user(service, &self.username)
            .maybe_text("Session", session.map(ChallengeSession::reveal))
            .with_members_of(&self.members);
        request(service.pool, self.operation.name, body)
    }

    /// The request on behalf of the signed-in user. `this_device` is the device that it is about, where the options name
    /// none; `page` is the token of a page, where the response comes in several.
    pub fn about_session(
        &self,
        pool: &UserPoolConfig,
        token: &AccessToken,
        this_device: Option<&str>,
        page: Option<&str>,
    ) -> Request {
        let page_member = self.operation.pages.map_or("", |(_, token)| token);
        let body = about_session(token)
            .maybe_text("DeviceKey", this_device)
            .maybe_text(page_member, page)
            .with_members_of(&self.members);
        request(pool, self.operation.name, body)
    }

    /// What the app is given of the response, as JSON: an object, or `null`.
    ///
    /// # Errors
    /// `unknown` when the response lacks what it must have, or has a member of another type than the service says.
    pub fn result(&self, response: &Value, account: AppAccount<'_>) -> Result<Zeroizing<String>, AuthError> {
        if self.operation.response.is_empty() {
            return Ok(Zeroizing::new("null".into()));
        }
        let result = answers::read(response, |root| {
            response::convert(self.operation.response, root, account, ObjectWriter::new())
        });
        Ok(result?.finish())
    }
}

/// Whether the response of `VerifySoftwareToken` says that the code was right.
///
/// # Errors
/// `codeMismatch` otherwise.
pub fn check_code(response: &Value) -> Result<(), AuthError> {
    if response.get("Status").and_then(Value::as_text) == Some("SUCCESS") {
        return Ok(());
    }
    Err(AuthError::new(
        Code::CodeMismatch,
        "The code of the authenticator app is wrong. Wait for its next one.",
    ))
}

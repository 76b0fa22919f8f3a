//! `confirmSignIn`.

use super::read::{filled, read};
use crate::core::api::user_pool;
use crate::core::error::AuthError;
use crate::core::json::StringMap;
use crate::core::secret::ChallengeAnswer;

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

//! Which members an answer must have to be one of the service's. Facts of its API model: an operation without an output
//! shape answers with an empty body, all others with an object.

use crate::core::json::Value;

/// Members by which gateways and firewalls say what went wrong. No operation's answer has one of them.
const TROUBLE: [&str; 8] = [
    "Code",
    "Error",
    "ErrorCode",
    "ErrorMessage",
    "Errors",
    "Fault",
    "Message",
    "Reason",
];

/// The shape of an operation's successful answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// An empty body, or an object without members that must be there.
    NoBody,
    /// An object with all of these.
    All(&'static [&'static str]),
    /// An object with at least one of these.
    Any(&'static [&'static str]),
}

impl Shape {
    /// The shape of the answers to this operation.
    pub fn of(operation: &str) -> Self {
        match operation {
            "DeleteUser" | "ForgetDevice" => Self::NoBody,
            "InitiateAuth" | "RespondToAuthChallenge" => Self::Any(&["AuthenticationResult", "ChallengeName"]),
            "GetTokensFromRefreshToken" => Self::All(&["AuthenticationResult"]),
            "SignUp" => Self::All(&["UserConfirmed", "UserSub"]),
            "GetUser" => Self::All(&["Username", "UserAttributes"]),
            "GetUserAuthFactors" => Self::All(&["Username"]),
            "AssociateSoftwareToken" => Self::All(&["SecretCode"]),
            "VerifySoftwareToken" => Self::All(&["Status"]),
            "GetDevice" => Self::All(&["Device"]),
            "ListWebAuthnCredentials" => Self::All(&["Credentials"]),
            "StartWebAuthnRegistration" => Self::All(&["CredentialCreationOptions"]),
            _ => Self::All(&[]),
        }
    }

    /// Whether an object has this shape. It may have members that this version does not know, as long as they are named
    /// as the service names all of its own, with a capital first letter, and not as gateways name what went wrong: many
    /// answer with the status 200.
    pub fn fits(self, answer: &Value) -> bool {
        let Value::Object(members) = answer else { return false };
        let has = |name: &&str| answer.get(name).is_some_and(|value| !matches!(value, Value::Null));
        members
            .iter()
            .all(|(name, _)| name.starts_with(|first: char| first.is_ascii_uppercase()) && !TROUBLE.contains(&&**name))
            && match self {
                Self::NoBody => true,
                Self::All(names) => names.iter().all(has),
                Self::Any(names) => names.iter().any(has),
            }
    }
}

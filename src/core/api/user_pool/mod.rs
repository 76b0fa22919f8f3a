//! Amazon Cognito user pools (`AWSCognitoIdentityProviderService`), the operations that need no AWS signature.

mod answers;
mod auth;
mod operations;
mod requests;
mod shapes;

pub use answers::{AuthAnswer, AuthenticationResult, Challenge, CodeDelivery, SoftwareToken};
pub use answers::{
    asks_to_remember, delivery_medium, parse_auth, parse_passkey_options, parse_session, parse_software_token,
};
pub use auth::*;
pub use operations::{After, AppAccount, Call, Operation, Who, attributes, check_code};
pub use requests::*;
pub use shapes::Shape;

//! Amazon Cognito user pools (`AWSCognitoIdentityProviderService`), the operations that need no AWS signature.

mod answers;
mod auth;
mod requests;

pub use answers::{AuthAnswer, AuthenticationResult, Challenge, CodeDelivery, SignUpAnswer, SoftwareToken, UserAnswer};
pub use answers::{parse_auth, parse_code_delivery, parse_session, parse_sign_up, parse_software_token, parse_user};
pub use auth::*;
pub use requests::*;

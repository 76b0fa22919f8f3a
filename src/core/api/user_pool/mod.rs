//! Amazon Cognito user pools (`AWSCognitoIdentityProviderService`), the operations that need no AWS signature.

mod answers;
mod requests;

pub use answers::{AuthAnswer, AuthenticationResult, Challenge, CodeDelivery, SignUpAnswer, UserAnswer};
pub use answers::{parse_auth, parse_code_delivery, parse_sign_up, parse_user};
pub use requests::*;

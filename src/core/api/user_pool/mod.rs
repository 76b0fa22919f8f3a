//! Amazon Cognito user pools (`AWSCognitoIdentityProviderService`), the operations that need no AWS signature.

mod answers;
mod operations;
mod requests;

pub use answers::{AuthAnswer, AuthenticationResult, Challenge};
pub use answers::{delivery_medium, parse_auth};
pub use operations::{After, Operation, Who, attribute_name};
pub use requests::*;

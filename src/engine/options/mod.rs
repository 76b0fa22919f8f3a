//! The parameters of each public call, read from the object an app gives. A member that is unknown, missing or of
//! another type is named: a misspelt option that is silently ignored costs its writer an afternoon.

mod auto_sign_in;
mod confirm_sign_in;
mod get_tokens;
mod initialize;
mod read;
mod sign_in;
mod sign_out;
#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;

pub use auto_sign_in::AutoSignInOptions;
pub use confirm_sign_in::ConfirmSignInOptions;
pub use get_tokens::GetTokensOptions;
pub use initialize::InitializeOptions;
pub use read::none;
pub(in crate::engine) use read::{checked, explain};
pub use sign_in::SignInOptions;
pub use sign_out::SignOutOptions;

//! Signing in: [`flow`] decides what comes next, and each challenge has a file that asks it and checks its answer.

mod candidate;
mod custom_auth;
mod device_srp;
mod flow;
mod mfa;
mod mfa_setup;
mod new_password;
mod sign_in_code;
mod step;
mod user_auth;
mod user_srp;

pub(super) use flow::{admin_initiate_auth, admin_respond_to_auth_challenge, initiate_auth, respond_to_auth_challenge};

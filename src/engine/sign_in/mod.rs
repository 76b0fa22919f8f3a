//! Sign-in and sign-up: drives the conversations of [`core::flow`](crate::core::flow) to a session.

mod complete;
mod devices;
mod drive;
mod engine;
mod sign_up;

pub use drive::SignInResult;
pub(in crate::engine) use engine::SignInEngine;
pub(in crate::engine) use sign_up::is_about_session;

//! Conversations with the service as values: each answer is consumed and gives the next step. Nothing here sends.

pub mod refresh;
pub mod sign_in;

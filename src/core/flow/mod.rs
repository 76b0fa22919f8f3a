//! Conversations with the service as values: each answer is consumed and gives the next step. Nothing here sends.

pub mod half_done;
pub mod refresh;
pub mod sign_in;
pub mod sign_up;

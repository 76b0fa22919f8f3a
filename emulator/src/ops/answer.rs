//! What an operation answers.

use serde_json::Value;

use crate::error::Exception;

/// The document of a response, or the refusal.
pub type Answer = Result<Value, Exception>;

//! The wire formats: what is sent to each service, and what its answers mean. Builders and parsers are pure.

pub mod conceal;
pub mod fault;
pub mod http;
pub mod user_pool;

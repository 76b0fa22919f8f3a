//! The client over fakes: whole conversations, in the order in which things happen.

mod clocks;
mod closing;
mod delete_user;
mod import;
mod initialize;
mod offline;
mod operations;
mod order;
mod overlap;
mod passkeys;
mod pauses;
mod refresh;
mod secrets;
mod sign_in;
mod sign_out;
mod sign_up;
mod signals;
mod storage;
mod support;
mod tabs;
mod tokens;
mod upstream;
mod upstream_start;
mod upstream_tokens;
mod waiting;

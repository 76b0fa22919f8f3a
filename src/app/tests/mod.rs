//! The client over fakes: whole conversations, in the order in which things happen.

mod challenges;
mod clocks;
mod closing;
mod devices;
mod import;
mod initialize;
mod offline;
mod order;
mod overlap;
mod pauses;
mod refresh;
mod resume;
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

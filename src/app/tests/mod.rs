//! The client over fakes: whole conversations, in the order in which things happen.

mod clocks;
mod initialize;
mod offline;
mod overlap;
mod pauses;
mod refresh;
mod secrets;
mod sign_in;
mod sign_out;
mod sign_up;
mod support;
mod tabs;
mod tokens;
mod waiting;

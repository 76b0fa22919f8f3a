//! What every room of the engine stands on: the ports, tasks, deadlines, requests, and waiting for one another in a tab.

mod attempt;
mod fair_mutex;
mod handle;
mod notify;
mod outbox;
mod requests;
mod single_flight;

pub(in crate::engine) use attempt::{Attempt, Superseded};
pub(in crate::engine) use fair_mutex::{FairMutex, Turn};
pub(in crate::engine) use handle::{Runtime, Setup};
pub use notify::Abort;
pub(in crate::engine) use notify::Notify;
pub(in crate::engine) use outbox::Outbox;
pub(in crate::engine) use requests::{Age, Reply};
pub(in crate::engine) use single_flight::{SingleFlight, Task};

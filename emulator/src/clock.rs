//! The emulator's time. Tests move it; nothing in the emulator reads another clock.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970.
pub type Millis = i64;

/// One second, minute, hour and day of the emulator's clock.
pub const SECOND: Millis = 1000;
pub const MINUTE: Millis = 60 * SECOND;
pub const HOUR: Millis = 60 * MINUTE;
pub const DAY: Millis = 24 * HOUR;

/// The system's clock plus what the control interface has added to it.
#[derive(Debug, Default)]
pub struct Clock {
    offset: AtomicI64,
}

impl Clock {
    /// Now, in milliseconds since 1970.
    pub fn now(&self) -> Millis {
        let system = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let system = Millis::try_from(system.as_millis()).unwrap_or(Millis::MAX);
        system.saturating_add(self.offset.load(Ordering::SeqCst))
    }

    /// Moves the clock forward, or back for a negative amount.
    pub fn advance(&self, by: Millis) {
        self.offset.fetch_add(by, Ordering::SeqCst);
    }

    /// Back to the system's time.
    pub fn reset(&self) {
        self.offset.store(0, Ordering::SeqCst);
    }
}

/// Seconds since 1970, the unit of a JWT's claims.
pub fn seconds(at: Millis) -> i64 {
    at.div_euclid(SECOND)
}

/// A timestamp as AWS JSON 1.1 writes it: seconds since 1970 with a fraction.
pub fn timestamp(at: Millis) -> serde_json::Value {
    serde_json::json!(at as f64 / SECOND as f64)
}

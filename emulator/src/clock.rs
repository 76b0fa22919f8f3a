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

/// What the clock may be moved to: 1970 to the end of 9998. In 10000 there is no `Date` header any more, and a clock goes
/// on after it was moved.
const RANGE: std::ops::Range<Millis> = 0..253_370_764_800 * SECOND;

/// The last second of 9999.
pub const LAST_DATE: Millis = 253_402_300_799 * SECOND;

/// The system's clock plus what the control interface has added to it.
#[derive(Debug, Default)]
pub struct Clock {
    offset: AtomicI64,
}

impl Clock {
    /// Now, in milliseconds since 1970.
    pub fn now(&self) -> Millis {
        system_now().saturating_add(self.offset.load(Ordering::SeqCst))
    }

    /// Moves the clock forward, or back for a negative amount; whether it could.
    #[must_use]
    pub fn advance(&self, by: Millis) -> bool {
        self.shift(|_, offset| offset.checked_add(by))
    }

    /// Sets the clock, which goes on from there; whether it could.
    #[must_use]
    pub fn set(&self, to: Millis) -> bool {
        self.shift(|system, _| to.checked_sub(system))
    }

    fn shift(&self, shifted: impl Fn(Millis, Millis) -> Option<Millis>) -> bool {
        let system = system_now();
        let moved = |offset: Millis| {
            let offset = shifted(system, offset)?;
            RANGE.contains(&system.checked_add(offset)?).then_some(offset)
        };
        self.offset
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, moved)
            .is_ok()
    }

    /// Back to the system's time.
    pub fn reset(&self) {
        self.offset.store(0, Ordering::SeqCst);
    }
}

fn system_now() -> Millis {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis::try_from(since_epoch.as_millis()).unwrap_or(Millis::MAX)
}

/// Seconds since 1970, the unit of a JWT's claims.
pub fn seconds(at: Millis) -> i64 {
    at.div_euclid(SECOND)
}

/// A timestamp as AWS JSON 1.1 writes it: seconds since 1970 with a fraction.
pub fn timestamp(at: Millis) -> serde_json::Value {
    serde_json::json!(at as f64 / SECOND as f64)
}

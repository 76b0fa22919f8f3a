use super::browser::Browser;
use crate::core::tokens::UnixSeconds;
use crate::ports::Clock;

impl Clock for Browser {
    fn now(&self) -> UnixSeconds {
        (js_sys::Date::now() / 1000.0) as UnixSeconds
    }
}

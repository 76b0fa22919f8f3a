//! `initialize`.

use super::read::{milliseconds, read, storage};
use crate::core::error::AuthError;
use crate::core::limits::SIGN_IN_WAIT;
use crate::ports::{Millis, StorageKind};

/// Parameters of `initialize` beside the configuration.
#[derive(Clone, Debug)]
pub struct InitializeOptions {
    /// `storage`.
    pub storage: StorageKind,
    /// `importSession`.
    pub import_session: bool,
    /// `backgroundRefresh`.
    pub background_refresh: bool,
    /// `signInWaitTimeout`, in milliseconds.
    pub sign_in_wait_timeout: Millis,
    /// `deviceName`: what the pool calls this device where it tracks devices.
    pub device_name: String,
    /// `totpIssuer`: what an authenticator app shows beside the user's name.
    pub totp_issuer: String,
    /// The names of those that were given; the others have their defaults.
    pub given: Vec<&'static str>,
}

impl InitializeOptions {
    /// # Errors
    /// `invalidParameter`, naming the member.
    pub fn parse(text: &str) -> Result<Self, AuthError> {
        // The facade knows two things of the page, for the defaults.
        const KNOWN: &[&str] = &[
            "storage",
            "importSession",
            "backgroundRefresh",
            "signInWaitTimeout",
            "deviceName",
            "totpIssuer",
            "hostName",
            "browserName",
        ];
        read("initialize", text, KNOWN, |options| {
            let device_name = options.filled_text("deviceName");
            let totp_issuer = options.text("totpIssuer").or_else(|| options.text("hostName"));
            Self {
                storage: storage(options).unwrap_or(StorageKind::IndexedDb),
                import_session: options.flag("importSession").unwrap_or(false),
                background_refresh: options.flag("backgroundRefresh").unwrap_or(false),
                sign_in_wait_timeout: milliseconds(options, "signInWaitTimeout").unwrap_or(SIGN_IN_WAIT),
                device_name: device_name
                    .or_else(|| options.filled_text("browserName"))
                    .unwrap_or("Browser")
                    .into(),
                totp_issuer: totp_issuer.unwrap_or_default().into(),
                given: KNOWN.iter().copied().filter(|name| options.has(name)).collect(),
            }
        })
    }

    /// Takes the app's own storage for `storage`.
    pub fn use_custom(&mut self) {
        self.storage = StorageKind::Custom;
        self.given.push("storage");
    }

    /// The first option that was given here and is another than the client has. Those that were not given are no matter.
    pub fn conflict_with(&self, known: &Self) -> Option<&'static str> {
        let differs = |name: &&str| match *name {
            "storage" => self.storage != known.storage,
            "importSession" => self.import_session != known.import_session,
            "backgroundRefresh" => self.background_refresh != known.background_refresh,
            "signInWaitTimeout" => self.sign_in_wait_timeout != known.sign_in_wait_timeout,
            "deviceName" => self.device_name != known.device_name,
            "totpIssuer" => self.totp_issuer != known.totp_issuer,
            _ => false,
        };
        self.given.iter().copied().find(differs)
    }
}

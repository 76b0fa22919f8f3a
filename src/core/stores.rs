//! The stores that a session may be kept in, and which one is used, by what the trial of each has shown.

/// A store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorageKind {
    /// IndexedDB, encrypted with AES-GCM under a key that cannot be read out.
    IndexedDb,
    /// localStorage.
    LocalStorage,
    /// sessionStorage: one tab.
    SessionStorage,
    /// This page alone.
    Memory,
    /// An object of the app's own.
    Custom,
}

/// What the trial of a store has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trial {
    /// A record can be written, read back and removed.
    Works,
    /// It takes no record, and holds one of this configuration.
    Readable,
    /// It is there, takes no record, and holds none of this configuration.
    Refuses,
    /// There is none: the browser has no such store, or blocks it.
    Absent,
    /// It has not answered in time, so that nothing is known of it.
    Stalled,
}

/// What follows from a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// This store is used.
    Use(StorageKind),
    /// This one is tried next.
    Try(StorageKind),
}

impl StorageKind {
    /// Every store.
    pub const ALL: &[StorageKind] = &[
        Self::IndexedDb,
        Self::LocalStorage,
        Self::SessionStorage,
        Self::Memory,
        Self::Custom,
    ];

    /// The name that JavaScript sees.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IndexedDb => "indexedDB",
            Self::LocalStorage => "localStorage",
            Self::SessionStorage => "sessionStorage",
            Self::Memory => "memory",
            Self::Custom => "custom",
        }
    }

    /// The store of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }

    /// Whether all tabs of the origin see what is in it.
    pub const fn is_shared(self) -> bool {
        !matches!(self, Self::SessionStorage | Self::Memory)
    }

    /// What the trial of this store means. A store that has not answered may hold the session, so it is waited for and not
    /// passed over; and no other store of the browser is written to in the clear beside an encrypted one that is there.
    pub const fn after(self, trial: Trial) -> Choice {
        match (self, trial) {
            (_, Trial::Works | Trial::Readable | Trial::Stalled) => Choice::Use(self),
            (Self::IndexedDb, Trial::Absent) => Choice::Try(Self::LocalStorage),
            (Self::LocalStorage, Trial::Absent | Trial::Refuses) => Choice::Try(Self::SessionStorage),
            _ => Choice::Use(Self::Memory),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_trial_has_shown_says_which_store_is_used() {
        use Choice::{Try, Use};
        use StorageKind::{Custom, IndexedDb, LocalStorage, Memory, SessionStorage};
        use Trial::{Absent, Readable, Refuses, Stalled, Works};
        for (kind, trial, expected) in [
            (IndexedDb, Works, Use(IndexedDb)),
            (IndexedDb, Readable, Use(IndexedDb)),
            (IndexedDb, Stalled, Use(IndexedDb)),
            (IndexedDb, Refuses, Use(Memory)),
            (IndexedDb, Absent, Try(LocalStorage)),
            (LocalStorage, Works, Use(LocalStorage)),
            (LocalStorage, Readable, Use(LocalStorage)),
            (LocalStorage, Stalled, Use(LocalStorage)),
            (LocalStorage, Refuses, Try(SessionStorage)),
            (LocalStorage, Absent, Try(SessionStorage)),
            (SessionStorage, Works, Use(SessionStorage)),
            (SessionStorage, Readable, Use(SessionStorage)),
            (SessionStorage, Stalled, Use(SessionStorage)),
            (SessionStorage, Refuses, Use(Memory)),
            (SessionStorage, Absent, Use(Memory)),
            (Custom, Works, Use(Custom)),
            (Custom, Readable, Use(Custom)),
            (Custom, Stalled, Use(Custom)),
            (Custom, Refuses, Use(Memory)),
            (Custom, Absent, Use(Memory)),
            (Memory, Works, Use(Memory)),
            (Memory, Absent, Use(Memory)),
        ] {
            assert_eq!(kind.after(trial), expected, "{kind:?} {trial:?}");
        }
    }

    #[test]
    fn a_store_is_found_by_its_name() {
        for kind in StorageKind::ALL {
            assert_eq!(StorageKind::named(kind.as_str()), Some(*kind));
        }
        assert_eq!(StorageKind::named("cookies"), None);
    }
}

//! The identity that an identity pool has given to this browser.

/// An identity, and whom it was given to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// `IdentityId`.
    pub id: String,
    /// Whom it was given to.
    pub owner: Owner,
}

/// Whom an identity was given to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A guest: no login was sent for it.
    Guest,
    /// The user of the session of this number.
    Session(i64),
}

//! Random ids in the form of a UUID.

/// A new id, of version 4.
pub fn random() -> String {
    // uuid's own `v4` would bring a second random number generator into the tree.
    from_bytes(rand::random())
}

/// The id that these bytes make.
pub fn from_bytes(bytes: [u8; 16]) -> String {
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

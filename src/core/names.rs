//! Names of the wire that could be mistaken for one another.

use std::fmt;

/// `<region>_<name>`, such as `eu-west-1_A1b2C3d4E`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserPoolId {
    text: String,
    underscore: usize,
}

impl UserPoolId {
    /// `None` unless the text has a region, an underscore and a name of letters and digits.
    pub fn parse(text: &str) -> Option<Self> {
        let (region, name) = text.split_once('_')?;
        (is_region(region) && !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric())).then(|| Self {
            text: text.into(),
            underscore: region.len(),
        })
    }

    /// The whole id.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What stands before the underscore.
    pub fn region(&self) -> &str {
        self.text.get(..self.underscore).unwrap_or_default()
    }

    /// What stands after the underscore: the `poolName` of the SRP formulas.
    pub fn pool_name(&self) -> &str {
        self.text.get(self.underscore + 1..).unwrap_or_default()
    }
}

/// `<region>:<uuid>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityPoolId {
    text: String,
    colon: usize,
}

impl IdentityPoolId {
    /// `None` unless the text has a region, a colon and a name of hexadecimal digits and dashes.
    pub fn parse(text: &str) -> Option<Self> {
        let (region, name) = text.split_once(':')?;
        let is_name = |b: u8| b.is_ascii_hexdigit() || b == b'-';
        (is_region(region) && !name.is_empty() && name.bytes().all(is_name)).then(|| Self {
            text: text.into(),
            colon: region.len(),
        })
    }

    /// The whole id.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What stands before the colon.
    pub fn region(&self) -> &str {
        self.text.get(..self.colon).unwrap_or_default()
    }
}

/// The id of an app client of a user pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientId(String);

impl ClientId {
    /// `None` unless the text is 1 to 128 letters, digits, `_` or `+`.
    pub fn parse(text: &str) -> Option<Self> {
        let is_part = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'+';
        ((1..=128).contains(&text.len()) && text.bytes().all(is_part)).then(|| Self(text.into()))
    }

    /// The id itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A user's name as the service knows it: what the user typed at first, `USER_ID_FOR_SRP` from then on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Username(String);

impl Username {
    /// Takes the name as it is; nothing is trimmed or normalised.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether the text can be the region of a host name: letters, digits and dashes.
pub fn is_region(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_pool_id_is_a_region_and_a_name() {
        let id = UserPoolId::parse("eu-west-1_A1b2C3d4E").unwrap();
        assert_eq!((id.region(), id.pool_name()), ("eu-west-1", "A1b2C3d4E"));
        for bad in ["", "eu-west-1", "_A1b2", "eu-west-1_", "eu-west-1_a/b", "evil.com/x_A"] {
            assert_eq!(UserPoolId::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_identity_pool_id_is_a_region_and_a_uuid() {
        let id = IdentityPoolId::parse("us-east-1:0f6d3b1a-52e1-4b0e-8d37-1f2e3d4c5b6a").unwrap();
        assert_eq!(id.region(), "us-east-1");
        for bad in ["", "us-east-1:", ":0f6d", "us-east-1:xyz", "us-east-1_0f6d"] {
            assert_eq!(IdentityPoolId::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_client_id_has_no_character_that_could_leave_its_place() {
        assert!(ClientId::parse("1example23456789").is_some());
        for bad in ["", "a b", "a/b", "a\"b", &"a".repeat(129)] {
            assert_eq!(ClientId::parse(bad), None, "{bad}");
        }
    }
}

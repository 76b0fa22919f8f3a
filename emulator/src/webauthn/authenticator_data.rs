//! Authenticator data: for whom a credential was used, how, and how often.

use cbor4ii::core::{Value as Cbor, dec::Decode, utils::SliceReader};

use super::{Refusal, RelyingParty, sha256};

const USER_PRESENT: u8 = 1;
const USER_VERIFIED: u8 = 1 << 2;
const BACKUP_ELIGIBLE: u8 = 1 << 3;
const BACKED_UP: u8 = 1 << 4;
const HAS_CREDENTIAL: u8 = 1 << 6;

const AAGUID_LENGTH: usize = 16;

/// The 37 bytes that all authenticator data begins with.
#[derive(Debug)]
pub struct AuthenticatorData {
    rp_id_hash: [u8; 32],
    flags: u8,
    pub user_verified: bool,
    pub counter: u32,
}

/// What follows them at a registration.
#[derive(Debug)]
pub struct AttestedCredential {
    pub credential_id: Vec<u8>,
    /// A COSE key.
    pub public_key: Cbor,
}

impl AuthenticatorData {
    /// Reads the data of an assertion. Extensions may follow; nothing here asks for any.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        Ok(Self::split(bytes)?.0)
    }

    /// Reads the data of a registration.
    pub fn read_attested(bytes: &[u8]) -> Result<(Self, AttestedCredential), Refusal> {
        let (data, rest) = Self::split(bytes)?;
        if data.flags & HAS_CREDENTIAL == 0 {
            return Err(Refusal::Malformed("authData holds no credential"));
        }
        let attested = AttestedCredential::read(rest).ok_or(Refusal::Malformed("authData is cut short"))?;
        Ok((data, attested))
    }

    fn split(bytes: &[u8]) -> Result<(Self, &[u8]), Refusal> {
        let parts = || {
            let (rp_id_hash, rest) = bytes.split_first_chunk::<32>()?;
            let (&flags, rest) = rest.split_first()?;
            let (&counter, rest) = rest.split_first_chunk::<4>()?;
            let data = Self {
                rp_id_hash: *rp_id_hash,
                flags,
                user_verified: flags & USER_VERIFIED != 0,
                counter: u32::from_be_bytes(counter),
            };
            Some((data, rest))
        };
        parts().ok_or(Refusal::Malformed("authenticator data is cut short"))
    }

    /// Whether it was made for this relying party, with as much of a user as that asks for.
    pub fn check(&self, party: RelyingParty<'_>) -> Result<(), Refusal> {
        if self.rp_id_hash != sha256(party.id.as_bytes()) {
            return Err(Refusal::RelyingParty);
        }
        if self.flags & USER_PRESENT == 0 {
            return Err(Refusal::Unsupported("the user was not present"));
        }
        if party.requires_user_verification && !self.user_verified {
            return Err(Refusal::Unsupported("the user was not verified"));
        }
        if self.flags & BACKED_UP != 0 && self.flags & BACKUP_ELIGIBLE == 0 {
            return Err(Refusal::Malformed("a credential that cannot be backed up is"));
        }
        Ok(())
    }
}

impl AttestedCredential {
    fn read(bytes: &[u8]) -> Option<Self> {
        let (_, rest) = bytes.split_at_checked(AAGUID_LENGTH)?;
        let (&length, rest) = rest.split_first_chunk::<2>()?;
        let (credential_id, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(length)))?;
        Some(Self {
            credential_id: credential_id.to_vec(),
            public_key: Cbor::decode(&mut SliceReader::new(rest)).ok()?,
        })
    }
}

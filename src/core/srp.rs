//! SRP-6a as Cognito runs it, for users (`USER_SRP_AUTH`, `PASSWORD_VERIFIER`) and remembered devices
//! (`DEVICE_SRP_AUTH`, `DEVICE_PASSWORD_VERIFIER`), and the two hashes that travel with it.
//!
//! The letters are RFC 5054's. What differs from it: g = 2 in the 3072-bit group (RFC 3526's N, where RFC 5054
//! says 5), hashed integers are padded to whole bytes and not to N's length ([`pad`]), the session key is
//! HKDF-SHA-256 of S, and the proof is an HMAC over names, the server's `SECRET_BLOCK` and the time:
//!
//! ```text
//! k   = H(PAD(N) | PAD(g))
//! A   = g^a mod N
//! u   = H(PAD(A) | PAD(B))
//! x   = H(PAD(salt) | H(pool name | user | ":" | password))
//! S   = (B - k * g^x) ^ (a + u * x) mod N
//! key = HKDF(salt = PAD(u), secret = PAD(S), info = "Caldera Derived Key")[..16]
//! PASSWORD_CLAIM_SIGNATURE = HMAC(key, pool name | user | SECRET_BLOCK | TIMESTAMP)
//! ```
//!
//! H is SHA-256, HMAC uses it, text is UTF-8 as it was typed: nothing is normalised.

mod padded;
#[cfg(test)]
mod tests;

use std::fmt;

use base64ct::{Base64, Encoding as _};
use hmac::{Hmac, Mac, digest::KeyInit};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

pub use padded::pad;

use super::modexp::{Group, LEN};
use padded::hmac_of_padded;

/// k, which depends on N and g alone.
const K: [u8; 32] = [
    0x53, 0x82, 0x82, 0xc4, 0x35, 0x47, 0x42, 0xd7, 0xcb, 0xbd, 0xe2, 0x35, 0x9f, 0xcf, 0x67, 0xf9, 0xf5, 0xb3, 0xa6,
    0xb0, 0x87, 0x91, 0xe5, 0x01, 0x1b, 0x43, 0xb8, 0xa5, 0xb6, 0x6d, 0x9e, 0xe6,
];

/// The client's half of one SRP exchange: the secret `a` and its `A`.
///
/// It depends on no user and can be made ahead of the sign-in. Use it for one exchange.
pub struct Ephemeral {
    secret: Zeroizing<Vec<u8>>,
    public: [u8; LEN],
}

impl Ephemeral {
    /// Bytes of randomness for [`Ephemeral::new`]: 256 bits, the least that RFC 5054 (section 2.5.4) allows.
    /// The service sees A alone, and every further bit would cost one squaring here and another in the proof.
    pub const SECRET_LEN: usize = 32;

    /// Computes A of the secret `a`, big-endian random bytes, at most 384.
    pub fn new(a: &[u8]) -> Result<Self, SrpError> {
        if a.len() > LEN {
            return Err(SrpError::TooLong("a"));
        }
        // A = 1 needs no password: the mark of a broken random source.
        non_zero(a, SrpError::ZeroA)?;
        let mut group = Group::new();
        let power = group.power_of_two(a);
        let public = group.integer(&power);
        non_zero(&public, SrpError::ZeroA)?;
        Ok(Self {
            secret: Zeroizing::new(a.to_vec()),
            public,
        })
    }

    /// `SRP_A`: lower-case hexadecimal of the integer, without padding.
    pub fn srp_a(&self) -> String {
        const DIGITS: [char; 16] = [
            '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
        ];
        let nibbles = self.public.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let digits = nibbles.skip_while(|nibble| *nibble == 0);
        digits.filter_map(|nibble| DIGITS.get(usize::from(nibble))).collect()
    }

    /// `PASSWORD_CLAIM_SIGNATURE`, the answer to `challenge` at `timestamp` (see [`timestamp`]).
    pub fn prove(
        &self,
        challenge: &PasswordChallenge<'_>,
        password: &str,
        timestamp: &str,
    ) -> Result<String, SrpError> {
        let salt = parse_hex(challenge.salt, "SALT")?;
        let b_public = parse_hex(challenge.srp_b, "SRP_B")?;
        let secret_block =
            Base64::decode_vec(challenge.secret_block).map_err(|_| SrpError::BadBase64("SECRET_BLOCK"))?;

        let u = u(&self.public, &b_public)?;
        let x = x(&salt, challenge.pool_name, challenge.user_id, password);
        let s = session_secret(&self.secret, &b_public, &u, &x)?;
        let key = session_key(&u, &s);
        let signature = hmac(
            &*key,
            &[
                challenge.pool_name.as_bytes(),
                challenge.user_id.as_bytes(),
                &secret_block,
                timestamp.as_bytes(),
            ],
        );
        Ok(Base64::encode_string(&signature))
    }
}

impl fmt::Debug for Ephemeral {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ephemeral([redacted])")
    }
}

/// What a `PASSWORD_VERIFIER` or `DEVICE_PASSWORD_VERIFIER` challenge says, and who is asked.
#[derive(Clone, Copy)]
pub struct PasswordChallenge<'a> {
    /// The user pool's id after its `_`; of a device, its `DeviceGroupKey`.
    pub pool_name: &'a str,
    /// `USER_ID_FOR_SRP`; of a device, its `DeviceKey`.
    pub user_id: &'a str,
    /// `SALT`: an integer in hexadecimal.
    pub salt: &'a str,
    /// `SRP_B`: an integer in hexadecimal.
    pub srp_b: &'a str,
    /// `SECRET_BLOCK`: base64.
    pub secret_block: &'a str,
}

impl fmt::Debug for PasswordChallenge<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordChallenge([redacted])")
    }
}

/// Why an SRP exchange ended. Each is the server's or the random source's doing, never the password's; the names in
/// it are those of challenge parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SrpError {
    /// The secret a is zero, or A = 0 mod N.
    ZeroA,
    /// B = 0 mod N: it would make S known to everybody (RFC 5054, section 2.5.4).
    ZeroB,
    /// u = 0: it would take the password out of S.
    ZeroU,
    /// The parameter is not a hexadecimal integer.
    BadHex(&'static str),
    /// The parameter is not base64.
    BadBase64(&'static str),
    /// The parameter is longer than N, which no integer of the exchange may be.
    TooLong(&'static str),
}

impl fmt::Display for SrpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ZeroA => {
                f.write_str("SRP: the client's secret or SRP_A is zero; the source of random bytes is broken")
            }
            Self::ZeroB => f.write_str("SRP: SRP_B is zero modulo N; the server is not genuine"),
            Self::ZeroU => f.write_str("SRP: the hash of SRP_A and SRP_B is zero; start the sign-in again"),
            Self::BadHex(name) => write!(f, "SRP: {name} is not a hexadecimal integer"),
            Self::BadBase64(name) => write!(f, "SRP: {name} is not base64"),
            Self::TooLong(name) => write!(f, "SRP: {name} is longer than 3072 bits"),
        }
    }
}

impl std::error::Error for SrpError {}

/// `TIMESTAMP` as Cognito parses it, Java's `EEE MMM d HH:mm:ss z yyyy` in English and UTC: the day of the month has no
/// leading zero, hours, minutes and seconds have one.
pub fn timestamp(unix_seconds: i64) -> String {
    const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] = [
        "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb",
    ];
    let (days, second) = (unix_seconds.div_euclid(86_400), unix_seconds.rem_euclid(86_400));
    let name = |names: &[&'static str], index: i64| {
        usize::try_from(index)
            .ok()
            .and_then(|i| names.get(i).copied())
            .unwrap_or_default()
    };
    // Years that begin in March put the leap day last. 719 468 days lie between 0000-03-01 and 1970-01-01, and 146 097
    // make 400 years.
    let day_of_era = (days + 719_468).rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let year = year_of_era + 400 * (days + 719_468).div_euclid(146_097) + i64::from(month >= 10);
    format!(
        "{} {} {day} {:02}:{:02}:{:02} UTC {year:04}",
        name(&WEEKDAYS, days.rem_euclid(7)),
        name(&MONTHS, month),
        second / 3_600,
        second / 60 % 60,
        second % 60,
    )
}

/// `SECRET_HASH`: shows that the caller knows the secret of its app client.
pub fn secret_hash(username: &str, client_id: &str, client_secret: &str) -> String {
    Base64::encode_string(&hmac(
        client_secret.as_bytes(),
        &[username.as_bytes(), client_id.as_bytes()],
    ))
}

/// `DeviceSecretVerifierConfig` of ConfirmDevice, both in base64.
#[derive(Clone, Debug)]
pub struct DeviceVerifier {
    /// `PasswordVerifier`: PAD(g^x).
    pub password_verifier: String,
    /// `Salt`: PAD(salt).
    pub salt: String,
}

/// The verifier of a device whose password is `random_password`, the base64 of 40 random bytes.
pub fn device_verifier(
    device_group_key: &str,
    device_key: &str,
    random_password: &str,
    salt: &[u8; 16],
) -> DeviceVerifier {
    let x = x(salt, device_group_key, device_key, random_password);
    let mut group = Group::new();
    let power = group.power_of_two(&*x);
    DeviceVerifier {
        password_verifier: Base64::encode_string(&pad(&group.integer(&power))),
        salt: Base64::encode_string(&pad(salt)),
    }
}

/// u = H(PAD(A) | PAD(B)), big-endian.
pub fn u(a_public: &[u8], b_public: &[u8]) -> Result<[u8; 32], SrpError> {
    let u = sha256(&[&pad(a_public), &pad(b_public)]);
    non_zero(&u, SrpError::ZeroU)?;
    Ok(u)
}

/// x = H(PAD(salt) | H(pool name | user | ":" | password)), big-endian.
pub fn x(salt: &[u8], pool_name: &str, user_id: &str, password: &str) -> Zeroizing<[u8; 32]> {
    let identity = identity_hash(pool_name, user_id, password);
    Zeroizing::new(sha256(&[&pad(salt), &*identity]))
}

/// H(pool name | user | ":" | password).
pub fn identity_hash(pool_name: &str, user_id: &str, password: &str) -> Zeroizing<[u8; 32]> {
    let parts = [pool_name, user_id, ":", password].map(str::as_bytes);
    Zeroizing::new(sha256(&parts))
}

/// S = (B - k * g^x) ^ (a + u * x) mod N, big-endian. Every integer is big-endian bytes, B and a at most 384.
pub fn session_secret(a: &[u8], b_public: &[u8], u: &[u8; 32], x: &[u8; 32]) -> Result<Zeroizing<[u8; LEN]>, SrpError> {
    let mut group = Group::new();
    let b = group.residue(b_public);
    non_zero(&group.integer(&b), SrpError::ZeroB)?;
    let k = group.residue(&K);
    let v = group.power_of_two(x);
    let kv = group.product(&k, &v);
    let base = group.difference(&b, &kv);
    let s = group.power(&base, &exponent(a, u, x));
    Ok(Zeroizing::new(group.integer(&s)))
}

/// HKDF-Extract (RFC 5869, section 2.2) of PAD(S), with PAD(u) as salt.
pub fn pseudorandom_key(u: &[u8; 32], s: &[u8; LEN]) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(hmac_of_padded(&pad(u), s))
}

/// The 16 bytes that sign the claim: HKDF-Expand (section 2.3), of which one block is enough.
pub fn session_key(u: &[u8; 32], s: &[u8; LEN]) -> Zeroizing<[u8; 16]> {
    let prk = pseudorandom_key(u, s);
    let okm = Zeroizing::new(hmac(&*prk, &[b"Caldera Derived Key", &[1]]));
    let mut key = Zeroizing::new([0; 16]);
    for (to, from) in key.iter_mut().zip(okm.iter()) {
        *to = *from;
    }
    key
}

/// a + u * x, big-endian, its length a function of a's length alone.
fn exponent(a: &[u8], u: &[u8; 32], x: &[u8; 32]) -> Zeroizing<Vec<u8>> {
    // u * x + a < 2^512 if a < 2^256.
    let len = if a.len() <= 32 { 64 } else { a.len().max(64) + 1 };
    let mut columns = Zeroizing::new(vec![0_u32; len]);
    for (i, u) in u.iter().rev().enumerate() {
        for (column, x) in columns.iter_mut().skip(i).zip(x.iter().rev()) {
            *column += u32::from(*u) * u32::from(*x);
        }
    }
    let a = a.iter().rev().chain(std::iter::repeat(&0));
    let mut carry = 0;
    let mut sum: Zeroizing<Vec<u8>> = Zeroizing::new(Vec::with_capacity(columns.len()));
    for (column, a) in columns.iter().zip(a) {
        carry += column + u32::from(*a);
        sum.push(carry as u8);
        carry >>= 8;
    }
    sum.reverse();
    sum
}

/// A hexadecimal integer of at most N's length as big-endian bytes: leading zeros and an odd number of digits are legal.
fn parse_hex(text: &str, name: &'static str) -> Result<Vec<u8>, SrpError> {
    if text.is_empty() {
        return Err(SrpError::BadHex(name));
    }
    let digits = text.trim_start_matches('0');
    if digits.len() > 2 * LEN {
        return Err(SrpError::TooLong(name));
    }
    let mut bytes = vec![0; digits.len().div_ceil(2)];
    for (byte, pair) in bytes.iter_mut().rev().zip(digits.as_bytes().rchunks(2)) {
        for digit in pair {
            let value = char::from(*digit).to_digit(16).ok_or(SrpError::BadHex(name))?;
            *byte = *byte << 4 | value as u8;
        }
    }
    Ok(bytes)
}

/// `error` if every byte is zero. Looks at all of them: `bytes` may be a secret.
fn non_zero(bytes: &[u8], error: SrpError) -> Result<(), SrpError> {
    match bytes.iter().fold(0, |all, byte| all | byte) {
        0 => Err(error),
        _ => Ok(()),
    }
}

fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

/// HMAC-SHA-256 (RFC 2104).
fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // `new_from_slice` does the same and returns a Result that cannot be an error but has to be dealt with.
    let mut block = Zeroizing::new([0; 64]);
    let hashed = Zeroizing::new(sha256(&[key]));
    let key = if key.len() > block.len() { &*hashed } else { key };
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    let mut mac = <Hmac<Sha256> as KeyInit>::new((&*block).into());
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

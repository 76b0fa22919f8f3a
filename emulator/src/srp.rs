//! The server's side of SRP-6a as Amazon Cognito runs it, from the formulas.
//!
//! ```text
//! v = g^x             x = H(pad(salt) | H(poolName | userId | ":" | password))
//! B = k*v + g^b       k = H(pad(N) | pad(g))
//! S = (A * v^u)^b     u = H(pad(A) | pad(B))
//! key = HKDF(salt = pad(u), ikm = pad(S), info = "Caldera Derived Key")[0..16]
//! ```

#[cfg(test)]
pub(crate) mod client;

use std::sync::LazyLock;

use hmac::{Hmac, Mac};
use num_bigint::BigUint;
use rand::RngCore;
use sha2::{Digest, Sha256};

/// RFC 3526's 3072-bit prime. Cognito uses g = 2 with it, not the 5 of RFC 5054.
const N_HEX: &[u8] = b"FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74\
020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6\
F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF05\
98DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804\
F1746C08CA18217C32905E462E36CE3BE39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF695581718\
3995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A\
8AEA71575D060C7DB3970F85A6E1E4C7ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864\
D87602733EC86A64521F2B18177B200CBBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E\
4B82D120A93AD2CAFFFFFFFFFFFFFFFF";

static N: LazyLock<BigUint> = LazyLock::new(|| BigUint::parse_bytes(N_HEX, 16).unwrap_or_default());
static G: LazyLock<BigUint> = LazyLock::new(|| BigUint::from(2u8));
static K: LazyLock<BigUint> = LazyLock::new(|| hash_to_int(&[&pad(&N), &pad(&G)]));

/// Bytes of a salt.
const SALT_LENGTH: usize = 16;
/// Bits of a salt that the client made.
const LONGEST_SALT: u64 = 512;
/// Bytes of the server's secret exponent: RFC 5054 asks for 256 bits.
const SECRET_LENGTH: usize = 32;

/// What is kept of a password: enough to check it, not enough to be it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verifier {
    salt: BigUint,
    verifier: BigUint,
}

impl Verifier {
    /// The verifier of a password under a fresh salt.
    pub fn new(pool_name: &str, user_id: &str, password: &str) -> Self {
        let mut salt = [0; SALT_LENGTH];
        rand::thread_rng().fill_bytes(&mut salt);
        Self::with_salt(&salt_integer(salt), pool_name, user_id, password)
    }

    fn with_salt(salt: &BigUint, pool_name: &str, user_id: &str, password: &str) -> Self {
        let inner = Sha256::new()
            .chain_update(pool_name)
            .chain_update(user_id)
            .chain_update(":")
            .chain_update(password)
            .finalize();
        let x = hash_to_int(&[&pad(salt), &inner]);
        Self {
            salt: salt.clone(),
            verifier: G.modpow(&x, &N),
        }
    }

    /// The verifier of a password that is not known here, with its salt; nothing if no password can have it.
    pub fn given(salt: &[u8], verifier: &[u8]) -> Option<Self> {
        let (salt, verifier) = (BigUint::from_bytes_be(salt), BigUint::from_bytes_be(verifier));
        let possible = salt.bits() > 0 && salt.bits() <= LONGEST_SALT && verifier > BigUint::from(1u8) && verifier < *N;
        possible.then_some(Self { salt, verifier })
    }

    /// The verifier of a user who does not exist (RFC 5054, 2.5.1.3): always the same for the same seed, so that asking
    /// twice tells nothing, and of no password anyone knows.
    pub fn simulated(seed: &[u8; 32]) -> Self {
        let mut salt = [0; SALT_LENGTH];
        for (to, from) in salt.iter_mut().zip(seed) {
            *to = *from;
        }
        let exponent = hash_to_int(&[b"simulated verifier", seed]);
        Self {
            salt: salt_integer(salt),
            verifier: G.modpow(&exponent, &N),
        }
    }

    /// Whether this is the password, for the flows that send it in the clear.
    pub fn accepts(&self, pool_name: &str, user_id: &str, password: &str) -> bool {
        Self::with_salt(&self.salt, pool_name, user_id, password).verifier == self.verifier
    }

    /// `SALT` of a PASSWORD_VERIFIER challenge.
    pub fn salt_hex(&self) -> String {
        format!("{:0width$x}", self.salt, width = SALT_LENGTH * 2)
    }
}

/// A leading zero byte is dropped by clients that read the salt as an integer and kept by those that read it as a string,
/// so a salt never has one.
fn salt_integer(mut bytes: [u8; SALT_LENGTH]) -> BigUint {
    if let [first @ 0, ..] = &mut bytes {
        *first = 1;
    }
    BigUint::from_bytes_be(&bytes)
}

/// A longer value is refused, in hexadecimal digits: a number of the group has 768, and each exchange keeps its own.
const MOST_DIGITS: usize = 1024;

/// Why a client's public value cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadPublicValue {
    /// Not hexadecimal digits.
    NotHex,
    /// Longer than any number of the group.
    TooLong,
    /// A mod N = 0: the shared secret would be zero whatever the password.
    ZeroModN,
}

/// One sign-in under way: both public values and the server's secret exponent.
#[derive(Debug, Clone)]
pub struct Exchange {
    verifier: Verifier,
    secret_b: BigUint,
    public_a: BigUint,
    public_b: BigUint,
}

impl Exchange {
    /// Answers the client's `SRP_A`.
    pub fn begin(verifier: Verifier, srp_a: &str) -> Result<Self, BadPublicValue> {
        if srp_a.is_empty() || !srp_a.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(BadPublicValue::NotHex);
        }
        if srp_a.trim_start_matches('0').len() > MOST_DIGITS {
            return Err(BadPublicValue::TooLong);
        }
        let public_a = BigUint::parse_bytes(srp_a.as_bytes(), 16).ok_or(BadPublicValue::NotHex)?;
        if &public_a % &*N == BigUint::ZERO {
            return Err(BadPublicValue::ZeroModN);
        }
        loop {
            let mut secret = [0; SECRET_LENGTH];
            rand::thread_rng().fill_bytes(&mut secret);
            let exchange = Self::with_secret(verifier.clone(), public_a.clone(), BigUint::from_bytes_be(&secret));
            // Both have probability zero for all that matters, and both would give the client a known secret.
            if exchange.public_b != BigUint::ZERO && exchange.scrambler() != BigUint::ZERO {
                return Ok(exchange);
            }
        }
    }

    fn with_secret(verifier: Verifier, public_a: BigUint, secret_b: BigUint) -> Self {
        let public_b = (&*K * &verifier.verifier + G.modpow(&secret_b, &N)) % &*N;
        Self {
            verifier,
            secret_b,
            public_a,
            public_b,
        }
    }

    /// Whether this sign-in is about the password that this verifier was made from.
    pub fn is_of(&self, verifier: &Verifier) -> bool {
        self.verifier == *verifier
    }

    /// `SRP_B` of the challenge: the integer in hexadecimal, not padded.
    pub fn srp_b(&self) -> String {
        format!("{:x}", self.public_b)
    }

    /// `SALT` of the challenge.
    pub fn salt_hex(&self) -> String {
        self.verifier.salt_hex()
    }

    /// Whether the signature proves that the client knows the password.
    pub fn proves(
        &self,
        pool_name: &str,
        user_id: &str,
        secret_block: &[u8],
        timestamp: &str,
        signature: &[u8],
    ) -> bool {
        let mut mac = hmac(&self.session_key());
        for part in [
            pool_name.as_bytes(),
            user_id.as_bytes(),
            secret_block,
            timestamp.as_bytes(),
        ] {
            mac.update(part);
        }
        mac.verify_slice(signature).is_ok()
    }

    fn scrambler(&self) -> BigUint {
        hash_to_int(&[&pad(&self.public_a), &pad(&self.public_b)])
    }

    fn session_key(&self) -> Vec<u8> {
        let u = self.scrambler();
        let base = &self.public_a * self.verifier.verifier.modpow(&u, &N);
        let secret = base.modpow(&self.secret_b, &N);
        let mut extract = hmac(&pad(&u));
        extract.update(&pad(&secret));
        let mut expand = hmac(&extract.finalize().into_bytes());
        expand.update(b"Caldera Derived Key\x01");
        expand.finalize().into_bytes().into_iter().take(16).collect()
    }
}

/// The shortest big-endian two's-complement form: a zero byte comes first when the top bit is set. Not RFC 5054's
/// padding to the length of N.
pub fn pad(number: &BigUint) -> Vec<u8> {
    let mut bytes = number.to_bytes_be();
    if bytes.first().is_some_and(|byte| byte & 0x80 != 0) {
        bytes.insert(0, 0);
    }
    bytes
}

fn hash_to_int(parts: &[&[u8]]) -> BigUint {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    BigUint::from_bytes_be(&hash.finalize())
}

/// HMAC-SHA256 under a key of any length.
pub fn hmac(key: &[u8]) -> Hmac<Sha256> {
    match Hmac::new_from_slice(key) {
        Ok(mac) => mac,
        // HMAC hashes long keys and fills short ones: there is no length it refuses.
        Err(_) => Hmac::new(&Default::default()),
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    fn proof_with(password: &str) -> bool {
        let verifier = Verifier::new("Pool", "alice", "Correct1!");
        let client = client::Client::new(7);
        let exchange = Exchange::begin(verifier, &client.srp_a()).unwrap();
        let signature = client.sign(
            &exchange.salt_hex(),
            &exchange.srp_b(),
            "Pool",
            "alice",
            password,
            b"block",
            "now",
        );
        exchange.proves("Pool", "alice", b"block", "now", &signature)
    }

    #[test]
    fn the_right_password_proves_itself() {
        assert!(proof_with("Correct1!"));
    }

    #[test]
    fn a_wrong_password_proves_nothing() {
        assert!(!proof_with("correct1!"));
    }

    #[test]
    fn a_proof_holds_for_its_own_block_time_and_user_only() {
        let client = client::Client::new(11);
        let exchange = Exchange::begin(Verifier::new("Pool", "alice", "pw"), &client.srp_a()).unwrap();
        let signature = client.sign(
            &exchange.salt_hex(),
            &exchange.srp_b(),
            "Pool",
            "alice",
            "pw",
            b"block",
            "now",
        );
        assert!(exchange.proves("Pool", "alice", b"block", "now", &signature));
        assert!(!exchange.proves("Pool", "alice", b"other", "now", &signature));
        assert!(!exchange.proves("Pool", "alice", b"block", "then", &signature));
        assert!(!exchange.proves("Pool", "bob", b"block", "now", &signature));
    }

    /// The vectors were made with a client that is not ours, and hold the server's secret too.
    #[test]
    fn the_server_agrees_with_every_vector() {
        let vectors = vectors();
        let claims = vectors["claims"].as_array().unwrap();
        assert!(!claims.is_empty());
        for claim in claims {
            let text = |name: &str| claim[name].as_str().unwrap_or_else(|| panic!("no {name}"));
            let number = |name: &str| BigUint::parse_bytes(text(name).as_bytes(), 16).unwrap();
            let (pool_name, user_id) = (text("hashPrefix"), text("userIdForSrp"));
            let verifier = Verifier::with_salt(&number("SALT_wire"), pool_name, user_id, text("password"));
            assert_eq!(verifier.verifier, number("v"), "{}", claim["name"]);
            let exchange = Exchange::with_secret(verifier, number("A_wire"), number("b"));
            assert_eq!(exchange.srp_b(), text("SRP_B_wire"), "{}", claim["name"]);
            let (block, signature) = (text("SECRET_BLOCK"), text("PASSWORD_CLAIM_SIGNATURE"));
            let proven = exchange.proves(
                pool_name,
                user_id,
                &STANDARD.decode(block).unwrap(),
                text("TIMESTAMP"),
                &STANDARD.decode(signature).unwrap(),
            );
            assert!(proven, "{}", claim["name"]);
        }
    }

    #[test]
    fn what_a_device_sends_of_its_password_is_the_verifier_of_that_password() {
        let vectors = vectors();
        let devices = vectors["deviceVerifiers"].as_array().unwrap();
        assert!(!devices.is_empty());
        for device in devices {
            let sent = |name: &str| {
                let text = device["DeviceSecretVerifierConfig"][name].as_str().unwrap();
                STANDARD.decode(text).unwrap()
            };
            let text = |name: &str| device[name].as_str().unwrap();
            let verifier = Verifier::given(&sent("Salt"), &sent("PasswordVerifier")).unwrap();
            assert!(verifier.accepts(text("deviceGroupKey"), text("deviceKey"), text("randomPassword")));
            assert!(!verifier.accepts(text("deviceGroupKey"), text("deviceKey"), "another"));
        }
    }

    fn vectors() -> serde_json::Value {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/srp.json");
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    }

    #[test]
    fn the_multiplier_is_the_constant_that_every_client_has() {
        assert_eq!(
            format!("{:x}", *K),
            "538282c4354742d7cbbde2359fcf67f9f5b3a6b08791e5011b43b8a5b66d9ee6"
        );
    }

    #[test]
    fn padding_is_the_shortest_that_keeps_the_number_positive() {
        for (number, bytes) in [
            (0u32, vec![0]),
            (0x7f, vec![0x7f]),
            (0x80, vec![0, 0x80]),
            (0x7fff, vec![0x7f, 0xff]),
        ] {
            assert_eq!(pad(&BigUint::from(number)), bytes);
        }
    }

    #[test]
    fn a_public_value_that_is_zero_mod_n_is_refused() {
        let verifier = Verifier::new("Pool", "alice", "pw");
        let n = format!("{:x}", *N);
        let twice_n = format!("{:x}", &*N * 2u8);
        for value in ["0", "00", n.as_str(), twice_n.as_str()] {
            assert_eq!(
                Exchange::begin(verifier.clone(), value).err(),
                Some(BadPublicValue::ZeroModN)
            );
        }
    }

    #[test]
    fn a_public_value_that_is_not_hexadecimal_is_refused() {
        let verifier = Verifier::new("Pool", "alice", "pw");
        let long = "1".repeat(MOST_DIGITS + 1);
        assert_eq!(
            Exchange::begin(verifier.clone(), &long).err(),
            Some(BadPublicValue::TooLong)
        );
        for value in ["", "xyz", "-1", "+1", "1_0"] {
            assert_eq!(
                Exchange::begin(verifier.clone(), value).err(),
                Some(BadPublicValue::NotHex)
            );
        }
    }

    #[test]
    fn no_salt_has_a_leading_zero_byte() {
        assert_eq!(salt_integer([0; SALT_LENGTH]).to_bytes_be().len(), SALT_LENGTH);
        let simulated = Verifier::simulated(&[0; 32]);
        assert!(!simulated.salt_hex().starts_with("00"));
        assert_eq!(simulated.salt_hex().len(), 32);
    }

    #[test]
    fn a_simulated_verifier_is_the_same_each_time() {
        assert_eq!(Verifier::simulated(&[3; 32]), Verifier::simulated(&[3; 32]));
        assert_ne!(Verifier::simulated(&[3; 32]), Verifier::simulated(&[4; 32]));
    }
}

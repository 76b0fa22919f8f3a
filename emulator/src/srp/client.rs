//! The client's side, for tests: the same formulas from the other end.

use super::*;

pub(crate) struct Client {
    secret: BigUint,
}

impl Client {
    pub(crate) fn new(secret: u64) -> Self {
        Self {
            secret: BigUint::from(secret) + (BigUint::from(1u8) << 255),
        }
    }

    pub(crate) fn srp_a(&self) -> String {
        format!("{:x}", G.modpow(&self.secret, &N))
    }

    /// The claim's signature over the challenge's values.
    #[allow(clippy::too_many_arguments)]
    pub(crate) fn sign(
        &self,
        salt: &str,
        srp_b: &str,
        pool_name: &str,
        user_id: &str,
        password: &str,
        secret_block: &[u8],
        timestamp: &str,
    ) -> Vec<u8> {
        let salt = BigUint::parse_bytes(salt.as_bytes(), 16).unwrap();
        let public_b = BigUint::parse_bytes(srp_b.as_bytes(), 16).unwrap();
        let public_a = G.modpow(&self.secret, &N);
        let u = hash_to_int(&[&pad(&public_a), &pad(&public_b)]);
        let inner = Sha256::digest(format!("{pool_name}{user_id}:{password}"));
        let x = hash_to_int(&[&pad(&salt), &inner]);
        let blind = (&*K * G.modpow(&x, &N)) % &*N;
        let base = (public_b + &*N - blind) % &*N;
        let secret = base.modpow(&(&self.secret + &u * &x), &N);
        let mut extract = hmac(&pad(&u));
        extract.update(&pad(&secret));
        let mut expand = hmac(&extract.finalize().into_bytes());
        expand.update(b"Caldera Derived Key\x01");
        let mut mac = hmac(&expand.finalize().into_bytes()[..16]);
        mac.update(pool_name.as_bytes());
        mac.update(user_id.as_bytes());
        mac.update(secret_block);
        mac.update(timestamp.as_bytes());
        mac.finalize().into_bytes().to_vec()
    }
}

/// What a device sends when it is confirmed: salt and verifier of the password it made up.
pub(crate) fn device_verifier(group: &str, key: &str, password: &str) -> (Vec<u8>, Vec<u8>) {
    let made = Verifier::new(group, key, password);
    (pad(&made.salt), pad(&made.verifier))
}

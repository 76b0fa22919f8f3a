//! The SRP arithmetic of `cognito-wasm` with a door of its own, for `npm run bench`. The package has no such door: what
//! is shipped holds no hooks for measurements.
#![cfg(target_arch = "wasm32")]

use cognito_wasm::core::srp::{Ephemeral, PasswordChallenge, SrpError};
use wasm_bindgen::prelude::*;

/// One sign-in: A first, then the claim.
#[wasm_bindgen]
pub struct Attempt(Ephemeral);

#[wasm_bindgen]
impl Attempt {
    /// Computes A from random bytes.
    #[wasm_bindgen(constructor)]
    pub fn new(secret: &[u8]) -> Result<Attempt, JsError> {
        Ephemeral::new(secret).map(Attempt).map_err(told)
    }

    /// `SRP_A`.
    #[wasm_bindgen(getter, js_name = srpA)]
    pub fn srp_a(&self) -> String {
        self.0.srp_a()
    }

    /// `PASSWORD_CLAIM_SIGNATURE`.
    #[allow(clippy::too_many_arguments)]
    pub fn prove(
        &self,
        pool_name: &str,
        user_id: &str,
        password: &str,
        salt: &str,
        srp_b: &str,
        secret_block: &str,
        timestamp: &str,
    ) -> Result<String, JsError> {
        let challenge = PasswordChallenge {
            pool_name,
            user_id,
            salt,
            srp_b,
            secret_block,
        };
        self.0.prove(&challenge, password, timestamp).map_err(told)
    }
}

fn told(error: SrpError) -> JsError {
    JsError::new(&error.to_string())
}

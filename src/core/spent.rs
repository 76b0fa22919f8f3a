//! Refresh tokens that are used up, by their fingerprints: a tab that the browser has made as a copy of another has the
//! same token, and must not send it once more.

use base64ct::{Base64, Encoding as _};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::envelope;
use super::json::ObjectWriter;
use super::secret::RefreshToken;
use crate::core::limits::MAX_SPENT_TOKENS;

/// Refresh tokens that are used up, the latest first.
#[derive(Clone, Debug, Default)]
pub struct Spent(Vec<String>);

impl Spent {
    /// Whether this one is used up.
    pub fn has(&self, token: &RefreshToken) -> bool {
        self.0.contains(&fingerprint(token))
    }

    /// Remembers that this one is.
    pub fn add(&mut self, token: &RefreshToken) {
        self.0.insert(0, fingerprint(token));
        self.0.truncate(MAX_SPENT_TOKENS);
    }

    /// As it is stored.
    pub fn encode(&self, generation: i64) -> Zeroizing<String> {
        let tokens = self.0.iter().map(|token| &**token);
        envelope::seal(generation, ObjectWriter::new().texts("spent", tokens))
    }

    /// What was stored; nothing where it cannot be read.
    pub fn decode(text: &str) -> Self {
        let read = envelope::open(text, |root| Some(Self(root.texts("spent"))));
        read.map(|(_, spent)| spent).unwrap_or_default()
    }
}

/// Of a token that cannot be guessed, so it cannot be found by its fingerprint either.
fn fingerprint(token: &RefreshToken) -> String {
    Base64::encode_string(&Sha256::digest(token.reveal()))
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn a_spent_token_is_known_again_and_is_not_stored_itself() {
        let mut spent = Spent::default();
        spent.add(&RefreshToken::new("first"));
        for number in 1..MAX_SPENT_TOKENS {
            spent.add(&RefreshToken::new(number.to_string()));
        }
        let text = spent.encode(7);
        let read = Spent::decode(&text);
        assert!(read.has(&RefreshToken::new("first")) && !read.has(&RefreshToken::new("other")));
        assert!(!text.contains("first"));
        spent.add(&RefreshToken::new("one more"));
        assert!(!spent.has(&RefreshToken::new("first")), "the oldest goes");
        assert!(!Spent::decode("garbage").has(&RefreshToken::new("first")));
    }
}

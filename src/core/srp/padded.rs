//! PAD, and the HMAC of a secret that was padded. How many leading bytes PAD drops depends on the integer. Where that is a
//! secret, neither branches nor addresses may depend on it, nor may the time of the hash: a key agreement that hashes its
//! secret without leading zeros has been broken by such a time before (the Raccoon attack on TLS).

use hmac::digest::generic_array::GenericArray;
use sha2::compress256;
use zeroize::{Zeroize, Zeroizing};

use super::sha256;

/// Bytes that SHA-256 takes at once.
const BLOCK: usize = 64;

/// What SHA-256 begins with (FIPS 180-4, section 5.3.3).
const BEGINNING: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// PAD: a big-endian integer in the fewest bytes that leave its top bit clear, Java's `BigInteger.toByteArray`. Zero is
/// one zero byte. The integer shows in the length of the result and in nothing else; where that must not be, there is
/// [`hmac_of_padded`].
pub fn pad(integer: &[u8]) -> Zeroizing<Vec<u8>> {
    let (mut padded, len) = moved_to_front(integer);
    padded.truncate(len);
    padded
}

/// HMAC-SHA-256 (RFC 2104) of PAD(`secret`), in a time that depends on the length of `secret` alone. The key, which is not
/// secret here, has at most 64 bytes.
pub(super) fn hmac_of_padded(key: &[u8], secret: &[u8]) -> [u8; 32] {
    let keyed = |with: u8| {
        let mut block = Zeroizing::new([with; BLOCK]);
        for (to, from) in block.iter_mut().zip(key) {
            *to ^= *from;
        }
        block
    };
    let inner = Zeroizing::new(hash_of_padded(&keyed(0x36), secret));
    sha256(&[&*keyed(0x5c), &*inner])
}

/// SHA-256 of `prefix` and PAD(`secret`). It takes as many blocks as the longest PAD needs, and keeps what the hash was
/// after the block that is the last one.
fn hash_of_padded(prefix: &[u8; BLOCK], secret: &[u8]) -> [u8; 32] {
    let (mut message, len) = moved_to_front(secret);
    let longest = message.len();
    message.resize((longest + 8) / BLOCK * BLOCK + BLOCK, 0);
    for (at, byte) in message.iter_mut().enumerate() {
        *byte |= mask(at, len) & 0x80;
    }
    let last = (len + 8) / BLOCK;
    let bits = (8 * (BLOCK + len) as u64).to_be_bytes();
    let mut state = BEGINNING;
    let mut kept = [0; 8];
    compress(&mut state, prefix);
    let (blocks, _) = message.as_chunks_mut::<BLOCK>();
    for (number, block) in blocks.iter_mut().enumerate() {
        let is_last = mask(number, last);
        for (byte, bits) in block.iter_mut().skip(BLOCK - 8).zip(bits) {
            *byte |= is_last & bits;
        }
        compress(&mut state, block);
        for (kept, word) in kept.iter_mut().zip(&state) {
            *kept |= word & u32::from_ne_bytes([is_last; 4]);
        }
    }
    let mut hash = [0; 32];
    let (words, _) = hash.as_chunks_mut::<4>();
    for (to, word) in words.iter_mut().zip(kept) {
        *to = word.to_be_bytes();
    }
    state.zeroize();
    kept.zeroize();
    hash
}

fn compress(state: &mut [u32; 8], block: &[u8; BLOCK]) {
    compress256(state, std::slice::from_ref(GenericArray::from_slice(block)));
}

/// The integer as PAD has it, with zeros behind it up to one byte more than the integer has, and how many bytes count.
fn moved_to_front(integer: &[u8]) -> (Zeroizing<Vec<u8>>, usize) {
    let mut bytes = Zeroizing::new(Vec::with_capacity(integer.len() + 2 * BLOCK));
    bytes.push(0);
    bytes.extend_from_slice(integer);
    // A zero byte is too much if the bit after it is clear, and all before it are too much.
    let mut is_leading = 0xff;
    let mut dropped = 0;
    for (byte, next) in bytes.iter().zip(bytes.iter().skip(1)) {
        is_leading &= mask(usize::from(*byte), 0) & mask(usize::from(*next >> 7), 0);
        dropped += usize::from(is_leading & 1);
    }
    let longest = bytes.len();
    // By 1, 2, 4 ... bytes, each of which is taken or left.
    for shift in (0..).map(|bit| 1 << bit).take_while(|shift| *shift < longest) {
        let is_taken = !mask(dropped & shift, 0);
        for at in 0..longest {
            let moved = bytes.get(at + shift).copied().unwrap_or_default();
            if let Some(byte) = bytes.get_mut(at) {
                *byte = (*byte & !is_taken) | (moved & is_taken);
            }
        }
    }
    (bytes, longest - dropped)
}

/// All ones where the two are equal, and else zero.
fn mask(a: usize, b: usize) -> u8 {
    let differing = a ^ b;
    // The top bit of x | -x is set unless x is zero.
    let is_different = (differing | differing.wrapping_neg()) >> (usize::BITS - 1);
    (is_different as u8).wrapping_sub(1)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// PAD as its definition says, with branches.
    fn plain_pad(integer: &[u8]) -> Vec<u8> {
        let digits: Vec<_> = integer.iter().copied().skip_while(|byte| *byte == 0).collect();
        let sign = digits.first().is_none_or(|byte| *byte >= 0x80).then_some(0);
        sign.into_iter().chain(digits).collect()
    }

    #[test]
    fn every_number_of_leading_zeros_is_dropped_and_a_top_bit_gets_one() {
        for len in [0, 1, 2, 3, 16, 32, 383, 384, 385] {
            for zeros in 0..=len {
                for first in [1, 0x7f, 0x80, 0xff] {
                    let digits = (0..len - zeros).map(|at| if at == 0 { first } else { at as u8 });
                    let integer: Vec<u8> = std::iter::repeat_n(0, zeros).chain(digits).collect();
                    assert_eq!(*pad(&integer), plain_pad(&integer), "{integer:?}");
                }
            }
        }
    }

    #[test]
    fn the_hash_is_that_of_the_padded_secret_for_every_length_it_may_have() {
        let key = [9; 33];
        for zeros in 0..=384 {
            for first in [1, 0x80] {
                let digits = (0..384 - zeros).map(|at| if at == 0 { first } else { (at * 7) as u8 });
                let secret: Vec<u8> = std::iter::repeat_n(0, zeros).chain(digits).collect();
                let expected = super::super::hmac(&key, &[&plain_pad(&secret)]);
                assert_eq!(hmac_of_padded(&key, &secret), expected, "{zeros} {first}");
            }
        }
    }

    #[test]
    fn masks_tell_equal_from_different() {
        for (a, b) in [
            (0, 0),
            (0, 1),
            (1, 0),
            (7, 7),
            (usize::MAX, 0),
            (1 << (usize::BITS - 1), 0),
        ] {
            assert_eq!(mask(a, b), if a == b { 0xff } else { 0 }, "{a} {b}");
        }
    }

    proptest! {
        #[test]
        fn any_secret_hashes_as_its_padded_form(
            key in prop::collection::vec(any::<u8>(), 0..=64),
            secret in prop::collection::vec(prop_oneof![Just(0), any::<u8>()], 0..500),
        ) {
            prop_assert_eq!(&*pad(&secret), &plain_pad(&secret));
            prop_assert_eq!(hmac_of_padded(&key, &secret), super::super::hmac(&key, &[&plain_pad(&secret)]));
        }
    }
}

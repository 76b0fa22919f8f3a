//! Powers modulo the 3072-bit prime N of Cognito's SRP, in a time that depends on the lengths of the exponents alone.
//!
//! # The idea
//!
//! The one instruction of wasm that multiplies much at once is `i32x4.dot_i16x8_s`: eight products of 16-bit integers,
//! added in pairs. So an integer is 256 signed **limbs** of 12 bits (`limbs`), and the product of two is, for each of
//! its 512 **columns**, a sum of at most 256 products of limbs, which fits 32 bits. Nothing is carried while adding.
//!
//! Reduction is Montgomery's: a multiple q N is added so that the lowest columns become zero and can be dropped, which
//! divides by 2^12 for each. N + 1 is a multiple of 2^64, so for up to five limbs at once q is what these columns
//! already hold. The same can be had of 16 limbs: with c = -1 / N mod 2^192, the number c N + 1 is a multiple of 2^192,
//! and dividing by 2^192 is to drop 16 columns, as q, and to add q M where M = (c N + 1) / 2^192. This way product and
//! reduction are the same loop, `multiply_16`: 16 limbs by 256, each column loaded and stored once. But q M has 192 bits
//! more than N. So `montgomery` drops 240 columns in 15 steps by M and 20 in 5 steps by N, four columns each; R =
//! 2^(12 * 260). M needs no constant: it is what four steps by N make of the number 1.
//!
//! Carries run in all columns side by side, twice, and whatever is left of them stays in the limbs. q needs no exact
//! digits either: any limbs with its value do.
//!
//! A power of 2 is one squaring a bit, and a doubling, which is a shift during the last carry. Other powers go by
//! windows of four bits.
//!
//! # The bounds
//!
//! - The columns are below 2^31, so a first carry leaves 2^11 + 2^19, a doubling twice that and the second carry at most
//!   2048 + 258 = 2306. Of q, which is not doubled: 2178.
//! - A residue is what the reduction leaves, |T| / R + 0.54 N with T the product, or the difference of two such, or twice
//!   one, or an integer below 2^3072. All are below 2 N in size, so T / R is next to nothing, and the topmost limb, from
//!   which nothing is carried, is at most 8193.
//! - A column is a sum of at most 254 products of limbs and two with the topmost one, plus q times the limbs of M, plus q
//!   in 20 limbs times those of N, plus carries: 2.1 * 10^9 < 2^31. A test adds it up from M's and N's own limbs.
//! - A residue multiplied by 1 is below 0.54 N in size, so `integer` adds N if it is negative, and that is all.
//!
//! # What was measured
//!
//! One product and one squaring in Chromium and Node on a 2-core server, in microseconds:
//!
//! | | product | squaring |
//! |---|---|---|
//! | this | 3.5 | 3.0 |
//! | BigInt of the browser, `x * x % n` | | 8.7 |
//! | 32-bit limbs, carried at once | 22 | |
//! | 28-bit limbs, summed in `u64` | 14 | 11 |
//! | 28-bit limbs, `i64x2.extmul_low_i32x4_u` | 13 | |
//!
//! Rejected besides: Karatsuba's trick, as a squaring is a third of the work already and the reduction, which is the
//! rest, has no use for it; steps by N alone, which load and store the columns four times as often; windows of five
//! bits, which save 10 of 654 operations for twice the table; engines' slow code for cold functions takes twice the
//! time, so the loop that matters is one small function, called often enough to be replaced within milliseconds.

use std::fmt;

mod lanes;
mod limbs;
mod montgomery;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;

use lanes::Lanes;
use limbs::{Limbs, ZERO};
use montgomery::Montgomery;
use zeroize::Zeroize;

/// Bytes of N.
pub const LEN: usize = 384;

/// N, the 3072-bit prime of RFC 3526 (section 4), most significant word first.
#[rustfmt::skip]
const N_WORDS: [u64; LEN / 8] = [
    0xFFFFFFFFFFFFFFFF, 0xC90FDAA22168C234, 0xC4C6628B80DC1CD1, 0x29024E088A67CC74,
    0x020BBEA63B139B22, 0x514A08798E3404DD, 0xEF9519B3CD3A431B, 0x302B0A6DF25F1437,
    0x4FE1356D6D51C245, 0xE485B576625E7EC6, 0xF44C42E9A637ED6B, 0x0BFF5CB6F406B7ED,
    0xEE386BFB5A899FA5, 0xAE9F24117C4B1FE6, 0x49286651ECE45B3D, 0xC2007CB8A163BF05,
    0x98DA48361C55D39A, 0x69163FA8FD24CF5F, 0x83655D23DCA3AD96, 0x1C62F356208552BB,
    0x9ED529077096966D, 0x670C354E4ABC9804, 0xF1746C08CA18217C, 0x32905E462E36CE3B,
    0xE39E772C180E8603, 0x9B2783A2EC07A28F, 0xB5C55DF06F4C52C9, 0xDE2BCBF695581718,
    0x3995497CEA956AE5, 0x15D2261898FA0510, 0x15728E5A8AAAC42D, 0xAD33170D04507A33,
    0xA85521ABDF1CBA64, 0xECFB850458DBEF0A, 0x8AEA71575D060C7D, 0xB3970F85A6E1E4C7,
    0xABF5AE8CDB0933D7, 0x1E8C94E04A25619D, 0xCEE3D2261AD2EE6B, 0xF12FFA06D98A0864,
    0xD87602733EC86A64, 0x521F2B18177B200C, 0xBBE117577A615D6C, 0x770988C0BAD946E2,
    0x08E24FA074E5AB31, 0x43DB5BFCE0FD108E, 0x4B82D120A93AD2CA, 0xFFFFFFFFFFFFFFFF,
];

/// N, big-endian.
pub const N: [u8; LEN] = {
    let mut bytes = [0; LEN];
    let mut i = 0;
    while i < LEN {
        bytes[i] = N_WORDS[i / 8].to_be_bytes()[i % 8];
        i += 1;
    }
    bytes
};

/// A number modulo N, in Montgomery's form. Erased when dropped.
#[derive(Clone)]
pub struct Residue(Limbs);

impl fmt::Debug for Residue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Residue([redacted])")
    }
}

/// The integers modulo N, and the memory to reckon with them, which is erased when this is dropped.
pub struct Group {
    montgomery: Montgomery,
    /// R mod N.
    one: Residue,
    /// R^2 mod N.
    r_squared: Residue,
}

impl fmt::Debug for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Group([redacted])")
    }
}

impl Default for Group {
    fn default() -> Self {
        Self::new()
    }
}

impl Group {
    /// Takes about as long as ten products.
    pub fn new() -> Self {
        let modulus = Limbs::from_bytes(&N);
        // R mod N = 2^48 * (2^3072 - N), and a limb more is 2^12: these fit, as 2^3072 - N has 251 limbs.
        let mut below = ZERO;
        let one = modulus.0.map(|limbs| {
            let negative = ZERO.sub_halves(limbs);
            negative.two_up(std::mem::replace(&mut below, negative))
        });
        let mut below = ZERO;
        let two_to_12 = one.map(|limbs| limbs.half_up(std::mem::replace(&mut below, limbs)));
        let mut group = Self {
            montgomery: Montgomery::new(&modulus),
            one: Residue(Limbs(one)),
            r_squared: Residue(Limbs(two_to_12)),
        };
        // R^2 is the Montgomery form of R, and R = 2^3120 = (2^12)^256 * 2^48.
        raise(&mut group.montgomery, &mut group.r_squared, 48);
        group
    }

    /// The residue of a big-endian integer of at most 384 bytes.
    pub fn residue(&mut self, integer: &[u8]) -> Residue {
        let mut bytes = [0; LEN];
        for (to, from) in bytes.iter_mut().rev().zip(integer.iter().rev()) {
            *to = *from;
        }
        let mut residue = Residue(Limbs::from_bytes(&bytes));
        bytes.zeroize();
        self.montgomery.multiply(&mut residue.0, &self.r_squared.0);
        residue
    }

    /// The least non-negative integer of the residue, big-endian.
    pub fn integer(&mut self, residue: &Residue) -> [u8; LEN] {
        let mut limbs = Limbs::one();
        self.montgomery.multiply(&mut limbs, &residue.0);
        let (mut bytes, sign) = limbs.to_bytes();
        let mut carry = 0;
        for (byte, n) in bytes.iter_mut().rev().zip(N.iter().rev()) {
            carry += i32::from(*byte) + (i32::from(*n) & sign);
            *byte = carry as u8;
            carry >>= 8;
        }
        bytes
    }

    /// `a - b`.
    pub fn difference(&mut self, a: &Residue, b: &Residue) -> Residue {
        let mut difference = a.clone();
        difference.0.subtract(&b.0);
        difference
    }

    /// `a * b`.
    pub fn product(&mut self, a: &Residue, b: &Residue) -> Residue {
        let mut product = a.clone();
        self.montgomery.multiply(&mut product.0, &b.0);
        product
    }

    /// `2 ^ exponent`, the exponent big-endian. Its length shows in the time, its value does not.
    pub fn power_of_two(&mut self, exponent: &[u8]) -> Residue {
        let mut power = self.one.clone();
        for byte in exponent {
            raise(&mut self.montgomery, &mut power, *byte);
        }
        power
    }

    /// `base ^ exponent`, likewise.
    pub fn power(&mut self, base: &Residue, exponent: &[u8]) -> Residue {
        let mut powers = [const { Residue(Limbs([ZERO; 32])) }; 16];
        let mut power = self.one.clone();
        for entry in &mut powers {
            entry.0.0 = power.0.0;
            self.montgomery.multiply(&mut power.0, &base.0);
        }
        power.0.0 = self.one.0.0;
        for byte in exponent {
            for nibble in [byte >> 4, byte & 15] {
                for _ in 0..4 {
                    self.montgomery.square(&mut power.0, 0);
                }
                self.montgomery.multiply(&mut power.0, &select(&powers, nibble).0);
            }
        }
        power
    }
}

/// `power = power ^ 256 * 2 ^ byte`.
fn raise(montgomery: &mut Montgomery, power: &mut Residue, byte: u8) {
    for bit in (0..8).rev() {
        montgomery.square(&mut power.0, u32::from(byte >> bit & 1));
    }
}

/// `powers[index]`, read so that the memory accesses do not depend on the index: all of them, and one is kept.
fn select(powers: &[Residue; 16], index: u8) -> Residue {
    let index = Lanes::splat(index.into());
    let mut selected = Limbs([ZERO; 32]);
    for (i, power) in (0..).zip(powers) {
        let mask = Lanes::splat(i).equal(index);
        for (to, from) in selected.0.iter_mut().zip(&power.0.0) {
            *to = to.or(from.and(mask));
        }
    }
    Residue(selected)
}

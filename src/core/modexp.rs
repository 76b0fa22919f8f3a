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
//! - The reduction leaves at most |T| / R + 0.54 N, with T the product, and a doubling twice that. The difference of two
//!   such is below 2.2 N (and `difference` has it reduced again). An integer from outside is below 2^3072. So T / R is
//!   next to nothing, and the topmost limb, from which nothing is carried, is at most 9012.
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
//! | this | 3.6 | 3.1 |
//! | BigInt of the browser, `x * x % n` | | 8.7 |
//! | 32-bit limbs, carried at once | 22 | |
//! | 28-bit limbs, summed in `u64` | 14 | 11 |
//! | 28-bit limbs, `i64x2.extmul_low_i32x4_u` | 13 | |
//!
//! Rejected besides: Karatsuba's trick, as squaring is but a third of the work and the reduction, which is the rest, has
//! no use for it; steps by N alone, which load and store the columns four times as often; windows of five bits, which
//! save 10 of 654 operations for twice the table; one big function, because engines begin with code that is half as fast
//! and replace it function by function, between calls.

mod lanes;
mod limbs;
mod montgomery;
#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests;

use std::fmt;

use zeroize::Zeroize;

use lanes::Lanes;
use limbs::{Limbs, ZERO};
use montgomery::Montgomery;

/// Bytes of N.
pub const LEN: usize = 384;

/// N, the prime of RFC 3526, section 4, big-endian.
pub const N: [u8; LEN] = *b"\
    \xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xC9\x0F\xDA\xA2\x21\x68\xC2\x34\xC4\xC6\x62\x8B\x80\xDC\x1C\xD1\
    \x29\x02\x4E\x08\x8A\x67\xCC\x74\x02\x0B\xBE\xA6\x3B\x13\x9B\x22\x51\x4A\x08\x79\x8E\x34\x04\xDD\
    \xEF\x95\x19\xB3\xCD\x3A\x43\x1B\x30\x2B\x0A\x6D\xF2\x5F\x14\x37\x4F\xE1\x35\x6D\x6D\x51\xC2\x45\
    \xE4\x85\xB5\x76\x62\x5E\x7E\xC6\xF4\x4C\x42\xE9\xA6\x37\xED\x6B\x0B\xFF\x5C\xB6\xF4\x06\xB7\xED\
    \xEE\x38\x6B\xFB\x5A\x89\x9F\xA5\xAE\x9F\x24\x11\x7C\x4B\x1F\xE6\x49\x28\x66\x51\xEC\xE4\x5B\x3D\
    \xC2\x00\x7C\xB8\xA1\x63\xBF\x05\x98\xDA\x48\x36\x1C\x55\xD3\x9A\x69\x16\x3F\xA8\xFD\x24\xCF\x5F\
    \x83\x65\x5D\x23\xDC\xA3\xAD\x96\x1C\x62\xF3\x56\x20\x85\x52\xBB\x9E\xD5\x29\x07\x70\x96\x96\x6D\
    \x67\x0C\x35\x4E\x4A\xBC\x98\x04\xF1\x74\x6C\x08\xCA\x18\x21\x7C\x32\x90\x5E\x46\x2E\x36\xCE\x3B\
    \xE3\x9E\x77\x2C\x18\x0E\x86\x03\x9B\x27\x83\xA2\xEC\x07\xA2\x8F\xB5\xC5\x5D\xF0\x6F\x4C\x52\xC9\
    \xDE\x2B\xCB\xF6\x95\x58\x17\x18\x39\x95\x49\x7C\xEA\x95\x6A\xE5\x15\xD2\x26\x18\x98\xFA\x05\x10\
    \x15\x72\x8E\x5A\x8A\xAA\xC4\x2D\xAD\x33\x17\x0D\x04\x50\x7A\x33\xA8\x55\x21\xAB\xDF\x1C\xBA\x64\
    \xEC\xFB\x85\x04\x58\xDB\xEF\x0A\x8A\xEA\x71\x57\x5D\x06\x0C\x7D\xB3\x97\x0F\x85\xA6\xE1\xE4\xC7\
    \xAB\xF5\xAE\x8C\xDB\x09\x33\xD7\x1E\x8C\x94\xE0\x4A\x25\x61\x9D\xCE\xE3\xD2\x26\x1A\xD2\xEE\x6B\
    \xF1\x2F\xFA\x06\xD9\x8A\x08\x64\xD8\x76\x02\x73\x3E\xC8\x6A\x64\x52\x1F\x2B\x18\x17\x7B\x20\x0C\
    \xBB\xE1\x17\x57\x7A\x61\x5D\x6C\x77\x09\x88\xC0\xBA\xD9\x46\xE2\x08\xE2\x4F\xA0\x74\xE5\xAB\x31\
    \x43\xDB\x5B\xFC\xE0\xFD\x10\x8E\x4B\x82\xD1\x20\xA9\x3A\xD2\xCA\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF";

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
        self.montgomery.multiply(&mut difference.0, &self.one.0);
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

//! Integers as 256 signed limbs of 12 bits, the sums of their products as columns of 32 bits, and the one loop that
//! multiplies. The head of `modexp` has the idea and the bounds.

use zeroize::Zeroize;

use super::LEN;
use super::lanes::Lanes;

const LIMB_BITS: u32 = 12;
const HALF: Lanes = Lanes::new([1 << (LIMB_BITS - 1); 4]);
const EVERY: Lanes = Lanes::new([-1; 4]);
const ALL_BUT_TOP: Lanes = Lanes::new([-1, -1, -1, 0]);

pub(super) const ZERO: Lanes = Lanes::new([0; 4]);

/// 256 limbs, least significant first, eight to a vector. Limb 255 is wider than 12 bits where the integer is.
#[derive(Clone, Default)]
pub(super) struct Limbs(pub(super) [Lanes; 32]);

impl Drop for Limbs {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl Limbs {
    pub(super) fn one() -> Self {
        let mut limbs = Self::default();
        let [lowest, ..] = &mut limbs.0;
        *lowest = Lanes::new([1, 0, 0, 0]);
        limbs
    }

    pub(super) fn from_bytes(bytes: &[u8; LEN]) -> Self {
        let mut columns = [ZERO; 64];
        let (sixes, _) = bytes.as_chunks::<6>();
        for (column, six) in columns.iter_mut().rev().zip(sixes) {
            let [a, b, c, d, e, f] = six.map(i32::from);
            *column = Lanes::new([(e & 15) << 8 | f, d << 4 | e >> 4, (b & 15) << 8 | c, a << 4 | b >> 4]);
        }
        let mut limbs = Self::default();
        limbs.settle(&columns, 0);
        columns.zeroize();
        limbs
    }

    /// The bytes of the integer, or if it is negative those of its sum with 2^3072, and -1 or 0: what it is times
    /// 2^3072 that they lack.
    pub(super) fn to_bytes(&self) -> ([u8; LEN], i32) {
        let mut bytes = [0; LEN];
        let (twelves, _) = bytes.as_chunks_mut::<12>();
        let mut carry = 0;
        for (twelve, limbs) in twelves.iter_mut().rev().zip(&self.0) {
            let digits = limbs.halves().map(|limb| {
                carry += i32::from(limb);
                let digit = carry & ((1 << LIMB_BITS) - 1);
                carry >>= LIMB_BITS;
                digit
            });
            let (pairs, _) = digits.as_chunks::<2>();
            let (threes, _) = twelve.as_chunks_mut::<3>();
            for (three, [low, high]) in threes.iter_mut().rev().zip(pairs) {
                *three = [(high >> 4) as u8, (high << 4 | low >> 8) as u8, *low as u8];
            }
        }
        (bytes, carry)
    }

    pub(super) fn subtract(&mut self, other: &Self) {
        let mut columns = [ZERO; 64];
        let (pairs, _) = columns.as_chunks_mut::<2>();
        for ((pair, a), b) in pairs.iter_mut().zip(&self.0).zip(&other.0) {
            let difference = a.sub_halves(*b);
            // A half in both halves of a lane, shifted down, is sign-extended.
            *pair = [
                difference.zip_low(difference).shr(16),
                difference.zip_high(difference).shr(16),
            ];
        }
        self.settle(&columns, 0);
        columns.zeroize();
    }

    /// Carries columns into limbs, all columns side by side: after two rounds every limb but the top one is within
    /// -2306..=2306, and as the multiplication allows for that, no carry has to ripple. `doublings`, 0 or 1 and
    /// possibly secret, multiplies by 2 between the two.
    #[inline(never)]
    pub(super) fn settle(&mut self, columns: &[Lanes], doublings: u32) {
        let (mut first, mut second) = (ZERO, ZERO);
        let (pairs, _) = columns.as_chunks::<2>();
        let last = self.0.len() - 1;
        for (i, (limbs, [low, high])) in self.0.iter_mut().zip(pairs).enumerate() {
            let kept = if i == last { ALL_BUT_TOP } else { EVERY };
            let low = carry(*low, &mut first, EVERY).shl(doublings);
            let low = carry(low, &mut second, EVERY);
            let high = carry(*high, &mut first, kept).shl(doublings);
            let high = carry(high, &mut second, kept);
            *limbs = low.narrow(high);
        }
    }
}

/// Moves what exceeds 12 bits of each column (that `carried` selects) to the next one; `below` has the carries of the
/// previous vector and receives those of this one.
#[inline(always)]
pub(super) fn carry(columns: Lanes, below: &mut Lanes, carried: Lanes) -> Lanes {
    let carries = columns.add(HALF).shr(LIMB_BITS).and(carried);
    let rest = columns.sub(carries.shl(LIMB_BITS));
    rest.add(carries.one_up(std::mem::replace(below, carries)))
}

/// Carries a block of columns twice, as `settle` does, adding what leaves it to `next`.
#[inline(always)]
pub(super) fn settle_block<const VECTORS: usize>(mut block: [&mut Lanes; VECTORS], next: &mut Lanes) {
    for _ in 0..2 {
        let mut below = ZERO;
        for columns in &mut block {
            **columns = carry(**columns, &mut below, EVERY);
        }
        *next = next.add(ZERO.one_up(below));
    }
}

/// One factor, spread out for `multiply_16`. That adds to columns c to c + 3 the products of a pair of limbs (i, i + 1)
/// of the other factor and, in each lane, the pair (j, j - 1) of this one with i + j = c, c + 1, c + 2, c + 3. As i is
/// even and c divisible by 4, two kinds of quadruples occur: j beginning at 4 w and at 4 w - 2. Window w holds both.
/// Limbs below 0 and above 255 are zero; three windows of them stand on the low side, two on the high side.
pub(super) type Windows = [[Lanes; 2]; EMPTY_BELOW + 68];
pub(super) const EMPTY_BELOW: usize = 3;

/// Spreads `factor`, or twice that if `doublings` is 1.
#[inline(never)]
pub(super) fn spread(factor: &Limbs, doublings: u32, windows: &mut Windows) {
    let [e0, e1, e2, windows @ ..] = windows;
    [*e0, *e1, *e2] = [[ZERO; 2]; EMPTY_BELOW];
    let mut below = ZERO;
    let (pairs, _) = windows.as_chunks_mut::<2>();
    for (pair, limbs) in pairs.iter_mut().zip(factor.0.iter().chain([&ZERO])) {
        let limbs = limbs.shl_halves(doublings);
        *pair = two_windows(limbs, below);
        below = limbs;
    }
}

/// The two windows of eight limbs; `below` are the eight limbs before them.
#[inline(always)]
pub(super) fn two_windows(limbs: Lanes, below: Lanes) -> [[Lanes; 2]; 2] {
    let one = limbs.half_up(below);
    let two = limbs.one_up(below);
    let three = one.one_up(below.half_up(ZERO));
    [
        [limbs.zip_low(one), two.zip_low(three)],
        [limbs.zip_high(one), two.zip_high(three)],
    ]
}

/// Adds to `columns` the product of sixteen limbs and the factor in `windows`, of which the first three are the empty
/// ones.
///
/// Nearly all the time goes by here. The eight pairs of limbs stay in registers; a window serves four vectors of
/// columns, each of which is loaded and stored once. A function of its own, called 31 times a product, so that engines
/// which begin with quick, slow code soon replace it by their best.
#[inline(never)]
pub(super) fn multiply_16([low, high]: [Lanes; 2], windows: &[[Lanes; 2]], columns: &mut [Lanes]) {
    let digits = [
        low.lane::<0>(),
        low.lane::<1>(),
        low.lane::<2>(),
        low.lane::<3>(),
        high.lane::<0>(),
        high.lane::<1>(),
        high.lane::<2>(),
        high.lane::<3>(),
    ];
    let (mut windows, mut columns) = (windows, columns);
    while let [w0, w1, w2, w3, more_windows @ ..] = windows
        && let [w4, w5, w6, ..] = more_windows
        && let [c0, c1, c2, c3, more_columns @ ..] = columns
    {
        add_products(c0, digits, [w0, w1, w2, w3]);
        add_products(c1, digits, [w1, w2, w3, w4]);
        add_products(c2, digits, [w2, w3, w4, w5]);
        add_products(c3, digits, [w3, w4, w5, w6]);
        (windows, columns) = (more_windows, more_columns);
    }
}

#[inline(always)]
fn add_products(sum: &mut Lanes, d: [Lanes; 8], [w0, w1, w2, w3]: [&[Lanes; 2]; 4]) {
    *sum = sum
        .add(d[6].dot(w0[0]))
        .add(d[7].dot(w0[1]))
        .add(d[4].dot(w1[0]))
        .add(d[5].dot(w1[1]))
        .add(d[2].dot(w2[0]))
        .add(d[3].dot(w2[1]))
        .add(d[0].dot(w3[0]))
        .add(d[1].dot(w3[1]));
}

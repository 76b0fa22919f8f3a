//! Montgomery's product of integers modulo N, with R = 2^3120: `a * b / R`.

use zeroize::Zeroize;

use super::lanes::Lanes;
use super::limbs::{EMPTY_BELOW, Limbs, Windows, ZERO, multiply_16, settle_block, spread, two_windows};

/// Steps of the reduction: 15 of 16 limbs by M and 5 of 4 limbs by N divide by 2^(12 * 260) = R.
const STEPS_BY_M: usize = 15;
const STEPS_BY_N: usize = 5;

/// A product has 512 columns, and the last `multiply_16` writes up to the 528th. The reduction drops 260.
type Columns = [Lanes; 132];

const NO_COLUMNS: Columns = [ZERO; 132];
const NO_WINDOWS: Windows = [[ZERO; 2]; EMPTY_BELOW + 68];

/// The constants of the reduction, and the memory that a product needs.
pub(super) struct Montgomery {
    /// N + 1.
    pub(super) n: Windows,
    /// M = (c * N + 1) / 2^192, where c = -1 / N mod 2^192.
    pub(super) m: Windows,
    factor: Windows,
    columns: Columns,
}

impl Drop for Montgomery {
    fn drop(&mut self) {
        self.factor.as_flattened_mut().zeroize();
        self.columns.zeroize();
    }
}

impl Montgomery {
    pub(super) fn new(modulus: &Limbs) -> Self {
        const ONE: Lanes = Lanes::new([1, 0, 0, 0]);
        let mut this = Self {
            n: NO_WINDOWS,
            m: NO_WINDOWS,
            factor: NO_WINDOWS,
            columns: NO_COLUMNS,
        };
        let mut limbs = modulus.clone();
        let [lowest, ..] = &mut limbs.0;
        *lowest = lowest.add_halves(ONE);
        spread(&limbs, 0, &mut this.n);

        // Reducing 1 by 16 limbs, with N, makes it (1 + c * N) / 2^192.
        let [lowest, ..] = &mut this.columns;
        *lowest = ONE;
        let mut columns = &mut this.columns[..];
        for _ in 0..4 {
            columns = reduce_4(columns, &this.n);
        }
        limbs.settle(columns, 0);
        spread(&limbs, 0, &mut this.m);
        this
    }

    /// `a = a * b / R`
    #[inline(never)]
    pub(super) fn multiply(&mut self, a: &mut Limbs, b: &Limbs) {
        spread(b, 0, &mut self.factor);
        self.columns = NO_COLUMNS;
        let mut columns = &mut self.columns[..];
        let (blocks, _) = a.0.as_chunks::<2>();
        for block in blocks {
            multiply_16(*block, &self.factor, columns);
            columns = columns.get_mut(4..).unwrap_or_default();
        }
        self.reduce(a, 0);
    }

    /// `a = a * a / R`, and twice that if `doublings` is 1. `doublings` may be secret.
    ///
    /// Each block of 16 limbs is multiplied with itself and with twice the limbs above it. The windows begin as those
    /// of `2 a` and are put right block by block.
    #[inline(never)]
    pub(super) fn square(&mut self, a: &mut Limbs, doublings: u32) {
        spread(a, 1, &mut self.factor);
        self.columns = NO_COLUMNS;
        let (blocks, _) = a.0.as_chunks::<2>();
        let above = a.0.iter().skip(2).step_by(2).chain([&ZERO]);
        let (mut windows, mut columns) = (&mut self.factor[..], &mut self.columns[..]);
        for ([low, high], above) in blocks.iter().zip(above) {
            if let [e0, e1, e2, w0, w1, w2, w3, w4, w5, ..] = windows {
                [*e0, *e1, *e2] = [[ZERO; 2]; EMPTY_BELOW];
                [*w0, *w1] = two_windows(*low, ZERO);
                [*w2, *w3] = two_windows(*high, *low);
                [*w4, *w5] = two_windows(above.shl_halves(1), *high);
            }
            multiply_16([*low, *high], windows, columns);
            windows = windows.get_mut(4..).unwrap_or_default();
            columns = columns.get_mut(8..).unwrap_or_default();
        }
        self.reduce(a, doublings);
    }

    #[inline(always)]
    fn reduce(&mut self, to: &mut Limbs, doublings: u32) {
        let mut columns = &mut self.columns[..];
        for _ in 0..STEPS_BY_M {
            columns = reduce_16(columns, &self.m);
        }
        for _ in 0..STEPS_BY_N {
            columns = reduce_4(columns, &self.n);
        }
        to.settle(columns, doublings);
    }
}

/// Divides by 2^192 modulo N: the lowest 16 columns, carried, are the digits q by which M has to be multiplied.
fn reduce_16<'a>(columns: &'a mut [Lanes], m: &Windows) -> &'a mut [Lanes] {
    let [a, b, c, d, rest @ ..] = columns else {
        return columns;
    };
    if let [next, ..] = rest {
        settle_block([a, b, c, d], next);
    }
    multiply_16([a.narrow(*b), c.narrow(*d)], m, rest);
    rest
}

/// Divides by 2^48 modulo N: the lowest 4 columns, carried, are the digits q, since N = -1 mod 2^48. The limbs 0 to 3
/// of N + 1 are zero, so what is added begins with window 1.
#[inline(never)]
fn reduce_4<'a>(columns: &'a mut [Lanes], n: &Windows) -> &'a mut [Lanes] {
    let [digits, rest @ ..] = columns else { return columns };
    if let [next, ..] = rest {
        settle_block([digits], next);
    }
    let digits = digits.narrow(ZERO);
    let (q0, q1) = (digits.lane::<0>(), digits.lane::<1>());
    let [_, _, _, _, windows @ ..] = n;
    let (columns, _) = rest.as_chunks_mut::<4>();
    let (windows, _) = windows.as_chunks::<4>();
    for (columns, windows) in columns.iter_mut().zip(windows) {
        let ([c0, c1, c2, c3], [w0, w1, w2, w3]) = (columns, windows);
        *c0 = c0.add(q0.dot(w0[0])).add(q1.dot(w0[1]));
        *c1 = c1.add(q0.dot(w1[0])).add(q1.dot(w1[1]));
        *c2 = c2.add(q0.dot(w2[0])).add(q1.dot(w2[1]));
        *c3 = c3.add(q0.dot(w3[0])).add(q1.dot(w3[1]));
    }
    rest
}

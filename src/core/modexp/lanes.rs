//! A 128-bit vector and the operations that `modexp` needs of one.
//!
//! On wasm each is one SIMD instruction, or two. Elsewhere they are plain code over arrays, so that `cargo test` runs
//! the very same algorithm natively; users do not sign in there, so it need not be fast.

pub(super) use imp::Lanes;

impl zeroize::DefaultIsZeroes for Lanes {}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod imp {
    use std::arch::wasm32::*;

    /// Four `i32` or eight `i16` ("halves"), as the operation sees fit. Lane 0 holds the least significant limb.
    #[derive(Clone, Copy)]
    pub(in super::super) struct Lanes(v128);

    impl Default for Lanes {
        #[inline(always)]
        fn default() -> Self {
            Lanes(i32x4_splat(0))
        }
    }

    impl Lanes {
        #[inline(always)]
        pub(in super::super) const fn new([a, b, c, d]: [i32; 4]) -> Self {
            Lanes(i32x4(a, b, c, d))
        }

        #[inline(always)]
        pub(in super::super) fn splat(value: i32) -> Self {
            Lanes(i32x4_splat(value))
        }

        #[inline(always)]
        pub(in super::super) fn halves(self) -> [i16; 8] {
            let v = self.0;
            [
                i16x8_extract_lane::<0>(v),
                i16x8_extract_lane::<1>(v),
                i16x8_extract_lane::<2>(v),
                i16x8_extract_lane::<3>(v),
                i16x8_extract_lane::<4>(v),
                i16x8_extract_lane::<5>(v),
                i16x8_extract_lane::<6>(v),
                i16x8_extract_lane::<7>(v),
            ]
        }

        /// Lane `T` in all four lanes.
        #[inline(always)]
        pub(in super::super) fn lane<const T: usize>(self) -> Self {
            Lanes(i32x4_shuffle::<T, T, T, T>(self.0, self.0))
        }

        /// `low * low + high * high` of the halves of each lane.
        #[inline(always)]
        pub(in super::super) fn dot(self, other: Self) -> Self {
            Lanes(i32x4_dot_i16x8(self.0, other.0))
        }

        #[inline(always)]
        pub(in super::super) fn add(self, other: Self) -> Self {
            Lanes(i32x4_add(self.0, other.0))
        }

        #[inline(always)]
        pub(in super::super) fn sub(self, other: Self) -> Self {
            Lanes(i32x4_sub(self.0, other.0))
        }

        #[inline(always)]
        pub(in super::super) fn add_halves(self, other: Self) -> Self {
            Lanes(i16x8_add(self.0, other.0))
        }

        #[inline(always)]
        pub(in super::super) fn sub_halves(self, other: Self) -> Self {
            Lanes(i16x8_sub(self.0, other.0))
        }

        #[inline(always)]
        pub(in super::super) fn and(self, other: Self) -> Self {
            Lanes(v128_and(self.0, other.0))
        }

        #[inline(always)]
        pub(in super::super) fn or(self, other: Self) -> Self {
            Lanes(v128_or(self.0, other.0))
        }

        /// All ones in the lanes that are equal, zero in the others.
        #[inline(always)]
        pub(in super::super) fn equal(self, other: Self) -> Self {
            Lanes(i32x4_eq(self.0, other.0))
        }

        #[inline(always)]
        pub(in super::super) fn shl(self, bits: u32) -> Self {
            Lanes(i32x4_shl(self.0, bits))
        }

        #[inline(always)]
        pub(in super::super) fn shl_halves(self, bits: u32) -> Self {
            Lanes(i16x8_shl(self.0, bits))
        }

        /// Arithmetic: rounds towards minus infinity.
        #[inline(always)]
        pub(in super::super) fn shr(self, bits: u32) -> Self {
            Lanes(i32x4_shr(self.0, bits))
        }

        /// The lanes one place up; lane 3 of `previous` comes in at the bottom.
        #[inline(always)]
        pub(in super::super) fn one_up(self, previous: Self) -> Self {
            Lanes(i32x4_shuffle::<3, 4, 5, 6>(previous.0, self.0))
        }

        /// The lanes two places up; lanes 2 and 3 of `previous` come in at the bottom.
        #[inline(always)]
        pub(in super::super) fn two_up(self, previous: Self) -> Self {
            Lanes(i32x4_shuffle::<2, 3, 4, 5>(previous.0, self.0))
        }

        /// The halves one place up; half 7 of `previous` comes in at the bottom.
        #[inline(always)]
        pub(in super::super) fn half_up(self, previous: Self) -> Self {
            Lanes(i16x8_shuffle::<7, 8, 9, 10, 11, 12, 13, 14>(previous.0, self.0))
        }

        /// Lanes whose low halves are the halves 0..4 of `self` and whose high halves are those of `other`.
        #[inline(always)]
        pub(in super::super) fn zip_low(self, other: Self) -> Self {
            Lanes(i16x8_shuffle::<0, 8, 1, 9, 2, 10, 3, 11>(self.0, other.0))
        }

        /// The same of the halves 4..8.
        #[inline(always)]
        pub(in super::super) fn zip_high(self, other: Self) -> Self {
            Lanes(i16x8_shuffle::<4, 12, 5, 13, 6, 14, 7, 15>(self.0, other.0))
        }

        /// The eight lanes of both as halves. They must fit.
        #[inline(always)]
        pub(in super::super) fn narrow(self, other: Self) -> Self {
            Lanes(i16x8_narrow_i32x4(self.0, other.0))
        }
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod imp {
    /// The portable form of the type above. Sums are checked for overflow in debug builds: that is how the tests prove
    /// the bounds that `modexp` states. Inlined always, for a development build would call each of these for each limb:
    /// half of the simulation's time.
    #[derive(Clone, Copy, Default)]
    pub(in super::super) struct Lanes([i32; 4]);

    impl Lanes {
        #[inline(always)]
        pub(in super::super) const fn new(lanes: [i32; 4]) -> Self {
            Lanes(lanes)
        }

        #[inline(always)]
        pub(in super::super) fn splat(value: i32) -> Self {
            Lanes([value; 4])
        }

        #[inline(always)]
        pub(in super::super) fn halves(self) -> [i16; 8] {
            let [a, b, c, d] = self.0;
            let (low, high) = (|v: i32| v as i16, |v: i32| (v >> 16) as i16);
            [low(a), high(a), low(b), high(b), low(c), high(c), low(d), high(d)]
        }

        #[inline(always)]
        pub(in super::super) fn lane<const T: usize>(self) -> Self {
            Lanes(self.0.get(T).map_or([0; 4], |&v| [v; 4]))
        }

        #[inline(always)]
        pub(in super::super) fn dot(self, other: Self) -> Self {
            let product = |a: i16, b: i16| i32::from(a) * i32::from(b);
            self.with(other, |a, b| {
                product(a as i16, b as i16) + product((a >> 16) as i16, (b >> 16) as i16)
            })
        }

        #[inline(always)]
        pub(in super::super) fn add(self, other: Self) -> Self {
            self.with(other, |a, b| a + b)
        }

        #[inline(always)]
        pub(in super::super) fn sub(self, other: Self) -> Self {
            self.with(other, |a, b| a - b)
        }

        #[inline(always)]
        pub(in super::super) fn add_halves(self, other: Self) -> Self {
            self.with_halves(other, |a, b| a + b)
        }

        #[inline(always)]
        pub(in super::super) fn sub_halves(self, other: Self) -> Self {
            self.with_halves(other, |a, b| a - b)
        }

        #[inline(always)]
        pub(in super::super) fn and(self, other: Self) -> Self {
            self.with(other, |a, b| a & b)
        }

        #[inline(always)]
        pub(in super::super) fn or(self, other: Self) -> Self {
            self.with(other, |a, b| a | b)
        }

        #[inline(always)]
        pub(in super::super) fn equal(self, other: Self) -> Self {
            self.with(other, |a, b| -i32::from(a == b))
        }

        #[inline(always)]
        pub(in super::super) fn shl(self, bits: u32) -> Self {
            Lanes(self.0.map(|a| a << bits))
        }

        #[inline(always)]
        pub(in super::super) fn shl_halves(self, bits: u32) -> Self {
            self.with_halves(self, |a, _| a << bits)
        }

        #[inline(always)]
        pub(in super::super) fn shr(self, bits: u32) -> Self {
            Lanes(self.0.map(|a| a >> bits))
        }

        #[inline(always)]
        pub(in super::super) fn one_up(self, previous: Self) -> Self {
            let ([a, b, c, _], [.., z]) = (self.0, previous.0);
            Lanes([z, a, b, c])
        }

        #[inline(always)]
        pub(in super::super) fn two_up(self, previous: Self) -> Self {
            let ([a, b, ..], [.., y, z]) = (self.0, previous.0);
            Lanes([y, z, a, b])
        }

        #[inline(always)]
        pub(in super::super) fn half_up(self, previous: Self) -> Self {
            let ([a, b, c, d, e, f, g, _], [.., z]) = (self.halves(), previous.halves());
            Lanes::from_halves([z, a, b, c, d, e, f, g])
        }

        #[inline(always)]
        pub(in super::super) fn zip_low(self, other: Self) -> Self {
            let ([a, b, c, d, ..], [p, q, r, s, ..]) = (self.halves(), other.halves());
            Lanes::from_halves([a, p, b, q, c, r, d, s])
        }

        #[inline(always)]
        pub(in super::super) fn zip_high(self, other: Self) -> Self {
            let ([.., a, b, c, d], [.., p, q, r, s]) = (self.halves(), other.halves());
            Lanes::from_halves([a, p, b, q, c, r, d, s])
        }

        #[inline(always)]
        pub(in super::super) fn narrow(self, other: Self) -> Self {
            let fit = |v: i32| v.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16;
            let ([a, b, c, d], [e, f, g, h]) = (self.0.map(fit), other.0.map(fit));
            Lanes::from_halves([a, b, c, d, e, f, g, h])
        }

        #[inline(always)]
        fn from_halves([a, b, c, d, e, f, g, h]: [i16; 8]) -> Self {
            let lane = |low: i16, high: i16| i32::from(low) & 0xffff | i32::from(high) << 16;
            Lanes([lane(a, b), lane(c, d), lane(e, f), lane(g, h)])
        }

        #[inline(always)]
        fn with(self, other: Self, f: impl Fn(i32, i32) -> i32) -> Self {
            let ([a, b, c, d], [p, q, r, s]) = (self.0, other.0);
            Lanes([f(a, p), f(b, q), f(c, r), f(d, s)])
        }

        #[inline(always)]
        fn with_halves(self, other: Self, f: impl Fn(i16, i16) -> i16) -> Self {
            let ([a, b, c, d, e, g, h, i], [p, q, r, s, t, u, v, w]) = (self.halves(), other.halves());
            Lanes::from_halves([f(a, p), f(b, q), f(c, r), f(d, s), f(e, t), f(g, u), f(h, v), f(i, w)])
        }
    }
}

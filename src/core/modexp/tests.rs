use num_bigint_dig::{BigInt, BigUint, Sign};
use proptest::prelude::*;

use super::lanes::Lanes;
use super::limbs::{EMPTY_BELOW, Limbs};
use super::montgomery::Montgomery;
use super::*;

/// What two rounds of carries leave in a limb, and what the top one may have to hold of 2.2 N.
const LIMB_BOUND: i64 = 2306;
const TOP_BOUND: i64 = 9012;

fn n() -> BigUint {
    BigUint::from_bytes_be(&N)
}

fn r() -> BigUint {
    BigUint::from(1_u8) << 3120
}

fn padded(value: &BigUint) -> [u8; LEN] {
    let digits = value.to_bytes_be();
    let mut bytes = [0; LEN];
    bytes[LEN - digits.len()..].copy_from_slice(&digits);
    bytes
}

fn value(limbs: &Limbs) -> BigInt {
    let halves = limbs.0.iter().rev().flat_map(|lanes| lanes.halves().into_iter().rev());
    halves.fold(BigInt::from(0), |value, limb| (value << 12) + limb)
}

/// `value` mod N, for a negative one too.
fn modulo_n(value: BigInt) -> BigUint {
    let n = BigInt::from(n());
    ((value % &n + &n) % &n).to_biguint().unwrap()
}

/// 0, 1, N - 1, N, N + 1, 2^3072 - 1, and two between.
fn edges() -> Vec<BigUint> {
    let one = BigUint::from(1_u8);
    let top = &one << 3072;
    vec![
        BigUint::from(0_u8),
        one.clone(),
        n() - &one,
        n(),
        n() + &one,
        &top - &one,
        &top >> 1,
        (&top / BigUint::from(0xfff_u16)) << 11,
    ]
}

fn any_integer() -> impl Strategy<Value = BigUint> {
    let random = prop::collection::vec(any::<u8>(), 0..=LEN);
    // Long runs of equal bits are where carries go wrong.
    let runs = prop::collection::vec((any::<bool>(), 1..200_usize), 1..40).prop_map(|runs| {
        let mut bits: Vec<u8> = runs.iter().flat_map(|(bit, len)| vec![u8::from(*bit); *len]).collect();
        bits.resize(8 * LEN, 0);
        bits.chunks(8)
            .map(|byte| byte.iter().fold(0, |byte, bit| byte << 1 | bit))
            .collect()
    });
    prop_oneof![
        prop::sample::select(edges()),
        random.prop_map(|bytes: Vec<u8>| BigUint::from_bytes_be(&bytes)),
        runs.prop_map(|bytes: Vec<u8>| BigUint::from_bytes_be(&bytes)),
    ]
}

/// Limbs anywhere within their bounds, often at them.
fn any_limbs() -> impl Strategy<Value = Vec<i16>> {
    let at = |bound: i64| {
        let bound = bound as i16;
        prop_oneof![Just(bound), Just(-bound), -bound..=bound]
    };
    let every = at(LIMB_BOUND).prop_map(|limb| vec![limb; 256]);
    let mixed = prop::collection::vec(at(LIMB_BOUND), 256);
    (prop_oneof![every, mixed], at(TOP_BOUND)).prop_map(|(mut limbs, top)| {
        limbs[255] = top;
        limbs
    })
}

fn from_limbs(limbs: &[i16]) -> Limbs {
    let mut lanes = limbs
        .chunks(2)
        .map(|pair| i32::from(pair[0]) & 0xffff | i32::from(pair[1]) << 16);
    Limbs(std::array::from_fn(|_| {
        Lanes::new(std::array::from_fn(|_| lanes.next().unwrap()))
    }))
}

proptest! {
    #[test]
    fn an_integer_comes_back_modulo_n(a in any_integer()) {
        let mut group = Group::new();
        let residue = group.residue(&a.to_bytes_be());
        prop_assert_eq!(group.integer(&residue), padded(&(a % n())));
    }

    #[test]
    fn limbs_and_bytes_are_the_same_number(a in any_integer()) {
        let limbs = Limbs::from_bytes(&padded(&a));
        prop_assert_eq!(value(&limbs), BigInt::from(a.clone()));
        prop_assert_eq!(limbs.to_bytes(), (padded(&a), 0));
    }

    #[test]
    fn a_negative_number_is_its_complement_and_a_sign(a in any_integer()) {
        let mut limbs = Limbs([ZERO; 32]);
        limbs.subtract(&Limbs::from_bytes(&padded(&a)));
        prop_assert_eq!(value(&limbs), -BigInt::from(a.clone()));
        if a != BigUint::from(0_u8) {
            prop_assert_eq!(limbs.to_bytes(), (padded(&((BigUint::from(1_u8) << 3072) - a)), -1));
        }
    }

    #[test]
    fn differences_and_products_are_the_oracle_s(a in any_integer(), b in any_integer()) {
        let mut group = Group::new();
        let [x, y] = [&a, &b].map(|integer| group.residue(&integer.to_bytes_be()));
        let (difference, product) = (group.difference(&x, &y), group.product(&x, &y));
        prop_assert_eq!(group.integer(&difference), padded(&modulo_n(BigInt::from(a.clone()) - BigInt::from(b.clone()))));
        prop_assert_eq!(group.integer(&product), padded(&(a * b % n())));
    }

    /// The sums are checked for overflow: debug builds panic on it.
    #[test]
    fn limbs_at_their_bounds_multiply_without_overflow(a in any_limbs(), b in any_limbs()) {
        let [a, b] = [&a, &b].map(|limbs| from_limbs(limbs));
        let mut montgomery = Montgomery::new(&Limbs::from_bytes(&N));
        let mut product = a.clone();
        montgomery.multiply(&mut product, &b);
        prop_assert_eq!(modulo_n(value(&product) * BigInt::from(r())), modulo_n(value(&a) * value(&b)));
        prop_assert!(fits(&product));
    }

    #[test]
    fn limbs_at_their_bounds_are_squared_and_doubled_without_overflow(a in any_limbs(), doublings in 0..=1_u32) {
        let a = from_limbs(&a);
        let mut montgomery = Montgomery::new(&Limbs::from_bytes(&N));
        let mut square = a.clone();
        montgomery.square(&mut square, doublings);
        let expected = (value(&a) * value(&a)) << doublings as usize;
        prop_assert_eq!(modulo_n(value(&square) * BigInt::from(r())), modulo_n(expected));
        prop_assert!(fits(&square));
    }

    #[test]
    fn carrying_keeps_the_value_and_bounds_the_limbs(
        columns in prop::collection::vec(prop_oneof![Just(i32::MAX - 2048), Just(i32::MIN), any::<i32>()], 254),
        doublings in 0..=1_u32,
    ) {
        // The top vector of a reduced product is small.
        let columns: Vec<i64> = columns.iter().map(|column| i64::from(*column).min(i64::from(i32::MAX) - 2048)).chain([0, 0]).collect();
        let lanes: Vec<_> = columns.chunks(4).map(|four| Lanes::new(std::array::from_fn(|i| four[i] as i32))).collect();
        let expected = columns.iter().rev().fold(BigInt::from(0), |value, column| (value << 12) + *column);
        let mut limbs = Limbs::default();
        limbs.settle(&lanes, doublings);
        prop_assert_eq!(value(&limbs), expected << doublings as usize);
        prop_assert!(limbs.0.iter().flat_map(|lanes| lanes.halves()).take(255).all(|limb| i64::from(limb).abs() <= LIMB_BOUND));
    }
}

/// Differences of differences of doubled numbers, on and on: what would leave the bounds if they were not reduced.
#[test]
fn differences_do_not_grow() {
    let mut group = Group::new();
    let (mut a, mut b) = (group.power_of_two(&[0xff]), group.power_of_two(&[0x01]));
    let (mut x, mut y) = (BigInt::from(1_u8) << 255, BigInt::from(2_u8));
    for _ in 0..20 {
        (a, b) = (group.difference(&b, &a), a);
        (x, y) = (y - &x, x);
        assert!(fits(&a.0));
        assert_eq!(group.integer(&a), padded(&modulo_n(x.clone())));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn powers_of_two_are_the_oracle_s(exponent in prop::collection::vec(any::<u8>(), 0..40)) {
        let mut group = Group::new();
        let power = group.power_of_two(&exponent);
        let expected = BigUint::from(2_u8).modpow(&BigUint::from_bytes_be(&exponent), &n());
        prop_assert_eq!(group.integer(&power), padded(&expected));
    }

    #[test]
    fn powers_are_the_oracle_s(base in any_integer(), exponent in prop::collection::vec(any::<u8>(), 0..66)) {
        let mut group = Group::new();
        let residue = group.residue(&base.to_bytes_be());
        let power = group.power(&residue, &exponent);
        let expected = base.modpow(&BigUint::from_bytes_be(&exponent), &n());
        prop_assert_eq!(group.integer(&power), padded(&expected));
    }
}

#[test]
fn powers_of_the_edges_are_the_oracle_s() {
    let mut group = Group::new();
    for base in edges() {
        let residue = group.residue(&base.to_bytes_be());
        for exponent in [&[][..], &[0], &[1], &[2], &[0xff], &[0, 0x10, 0x0f]] {
            let power = group.power(&residue, exponent);
            let expected = base.modpow(&BigUint::from_bytes_be(exponent), &n());
            assert_eq!(group.integer(&power), padded(&expected), "{base} ^ {exponent:?}");
        }
    }
}

#[test]
fn every_nibble_selects_its_power() {
    let powers = std::array::from_fn(|i| Residue(from_limbs(&[i as i16 - 7; 256])));
    for nibble in 0..16 {
        assert_eq!(value(&select(&powers, nibble).0), value(&powers[usize::from(nibble)].0));
    }
}

/// The bound that the head of `modexp` states, from the very digits of N and M.
#[test]
fn no_sum_of_a_column_leaves_32_bits() {
    let montgomery = Montgomery::new(&Limbs::from_bytes(&N));
    // The low halves of the first quadruple of each window are the limbs.
    let digits = |windows: &limbs::Windows| -> Vec<i64> {
        let limbs = windows[EMPTY_BELOW..][..64]
            .iter()
            .flat_map(|[aligned, _]| aligned.halves());
        limbs.step_by(2).map(i64::from).collect()
    };
    let m: i64 = digits(&montgomery.m).iter().map(|digit| digit.abs()).sum();
    let n = digits(&montgomery.n).iter().map(|digit| digit.abs()).max().unwrap();
    // Digits of the quotient have been carried twice, without doubling.
    let quotient = 2048 + 130;
    let product = 254 * LIMB_BOUND * LIMB_BOUND + 2 * LIMB_BOUND * TOP_BOUND;
    let carries = 4 << 19;
    let sum = product + quotient * m + 20 * quotient * n + carries;
    // Rounding adds half a limb.
    assert!(sum + 2048 < 1 << 31, "{sum}");
}

fn fits(limbs: &Limbs) -> bool {
    // Between -0.54 N and 0.54 N, and twice that when doubled.
    let bound = BigInt::from_biguint(Sign::Plus, n() * BigUint::from(108_u8) / BigUint::from(100_u8));
    let value = value(limbs);
    value < bound && -value < bound
}

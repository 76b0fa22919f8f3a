//! The numbers of writes: which comes next, and which are no number that any write has.
//!
//! A generation tells one write from another; nothing asks which of two is later. So the numbers may begin anew, and a
//! clock that is wrong costs nothing. They are not compared with the clock when they are read: a record that was written
//! while the clock was ahead is as good as any other, and its user stays signed in when the clock is set right.

use super::session::WallMillis;

/// How far apart two milliseconds' generations are.
const IN_A_MILLISECOND: i64 = 1 << 20;

/// After so many milliseconds, 139 years, the numbers that the clock gives begin anew.
const CYCLE: i64 = 1 << 42;

/// The highest that is given. What lies above it, or below zero, was not written by this package, or is damaged.
const HIGHEST: i64 = i64::MAX - (1 << 40);

/// The number of a write at `now`, after one with the number `seen`: more than that, unless the numbers begin anew. It is
/// at least what the clock gives, so that a record which was lost does not lend its number to another. `drawn` is random,
/// and tells apart what two tabs write in one millisecond, or after one and the same record.
pub fn next(now: WallMillis, seen: i64, drawn: u32) -> i64 {
    let drawn = i64::from(drawn).rem_euclid(IN_A_MILLISECOND);
    // Below 2 to the power of 62, so neither the product nor the sum overflows.
    let by_clock = now.rem_euclid(CYCLE) * IN_A_MILLISECOND;
    let after = by_clock.max(seen.saturating_add(1)).saturating_add(drawn);
    if is_plausible(after) { after } else { by_clock + drawn }
}

/// Whether a write may have this number.
pub fn is_plausible(generation: i64) -> bool {
    (0..=HIGHEST).contains(&generation)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Milliseconds of a year that is far off, as a clock may show.
    const YEAR_2249: i64 = 8_805_000_000_000;

    #[test]
    fn the_number_grows_with_the_clock_and_with_what_was_seen() {
        let now = 1_800_000_000_000;
        assert_eq!(next(now, 0, 7), now * IN_A_MILLISECOND + 7);
        let seen = (now + 5000) * IN_A_MILLISECOND;
        assert_eq!(next(now, seen, 7), seen + 8);
    }

    #[test]
    fn clocks_at_their_ends_and_numbers_at_theirs_still_give_different_numbers() {
        for now in [i64::MIN, -1, 0, YEAR_2249, i64::MAX] {
            for seen in [i64::MIN, -1, 0, HIGHEST - 1, HIGHEST, HIGHEST + 1, i64::MAX] {
                let (one, other) = (next(now, seen, 1), next(now, seen, 2));
                assert!(is_plausible(one) && is_plausible(other), "{now} {seen}");
                assert!(one != other && one != seen && other != seen, "{now} {seen}");
            }
        }
    }

    #[test]
    fn a_record_that_was_lost_in_2249_does_not_lend_its_number() {
        assert_ne!(next(YEAR_2249, 0, 7), next(YEAR_2249 + 1, 0, 7));
    }

    proptest! {
        #[test]
        fn every_next_number_is_plausible_and_another(now in any::<i64>(), seen in any::<i64>(), drawn in any::<u32>()) {
            let number = next(now, seen, drawn);
            prop_assert!(is_plausible(number));
            prop_assert_ne!(number, seen);
        }

        #[test]
        fn numbers_that_follow_one_another_grow_until_they_begin_anew(now in any::<i64>(), seen in 0..HIGHEST - IN_A_MILLISECOND, drawn in any::<u32>()) {
            prop_assert!(next(now, seen, drawn) > seen);
        }
    }
}

//! The value of a number in JSON, which may have any length and any power.

use super::Value;

/// A number as it is read: the digits that fit, times ten to the power of `exponent`.
#[derive(Default)]
pub(super) struct Decimal {
    /// Not positive, for there is one more of those.
    digits: i64,
    pub(super) exponent: i64,
    /// Whether a digit did not fit. Then none that follows is kept.
    is_full: bool,
    /// Whether one of those was no zero.
    has_more: bool,
}

impl Decimal {
    /// Takes one more digit, of those before the point or behind it.
    pub(super) fn push(&mut self, digit: u8, is_fraction: bool) {
        let longer = self.digits.checked_mul(10);
        match longer.and_then(|longer| longer.checked_sub(digit.into())) {
            Some(longer) if !self.is_full => {
                self.digits = longer;
                self.exponent -= i64::from(is_fraction);
            }
            _ => {
                self.is_full = true;
                self.has_more |= digit != 0;
                self.exponent += i64::from(!is_fraction);
            }
        }
    }

    /// What has been read.
    pub(super) fn value(self, is_negative: bool) -> Value {
        let mut is_whole = !self.has_more;
        let number = match self.exponent {
            // One more digit did not fit, so it is out of range, whichever that was.
            1.. if self.has_more => None,
            exponent => shift(self.digits, exponent, &mut is_whole),
        };
        let number = if is_negative {
            number
        } else {
            number.and_then(i64::checked_neg)
        };
        match number {
            Some(number) if !is_whole => Value::Fraction(number),
            number => Value::Integer(number),
        }
    }
}

/// `number` times ten to the power of `exponent`, cut off at the point. What is cut off is no whole number's.
fn shift(mut number: i64, exponent: i64, is_whole: &mut bool) -> Option<i64> {
    for _ in 0..exponent.unsigned_abs() {
        if number == 0 {
            break;
        }
        number = if exponent > 0 {
            number.checked_mul(10)?
        } else {
            *is_whole &= number % 10 == 0;
            number / 10
        };
    }
    Some(number)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use crate::core::json::parse;
    use num_bigint_dig::{BigInt, BigUint};
    use proptest::prelude::*;

    #[test]
    fn a_number_of_any_length_and_power_has_its_value_or_none() {
        for (text, whole) in [
            ("1e9223372036854775808", None),
            ("-1e9223372036854775807", None),
            ("1E+99999999999999999999999999", None),
            ("0e9223372036854775808", Some(0)),
            ("1e-9223372036854775808", Some(0)),
            ("-1e-9223372036854775809", Some(0)),
            ("0.0e-9223372036854775809", Some(0)),
            ("9223372036854775809", None),
            ("0.9223372036854775809e19", None),
            ("922337203685477580.9e1", None),
            ("-922337203685477580.8e1", Some(i64::MIN)),
            ("922337203685477580.7e1", Some(i64::MAX)),
            ("92233720368547758099e-2", Some(922_337_203_685_477_580)),
            ("100000000000000000000000000000e-20", Some(1_000_000_000)),
            ("1.00000000000000000000000000", Some(1)),
        ] {
            match parse(text) {
                Some(Value::Integer(read)) => assert_eq!(read, whole, "{text}"),
                Some(Value::Fraction(read)) => assert_eq!(Some(read), whole, "{text}"),
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    /// What the number is, by arithmetic without limits: cut off at its point, and whether nothing was.
    fn exact(digits: &str, exponent: i32) -> (Option<i64>, bool) {
        let number: BigInt = digits.parse().unwrap();
        let power = BigUint::from(10_u8);
        let power = BigInt::from(to_the(power, exponent.unsigned_abs()));
        if exponent >= 0 {
            return ((number * power).to_string().parse().ok(), true);
        }
        let cut = &number / &power;
        let is_whole = &cut * &power == number;
        (cut.to_string().parse().ok(), is_whole)
    }

    fn to_the(base: BigUint, power: u32) -> BigUint {
        (0..power).fold(BigUint::from(1_u8), |product, _| product * &base)
    }

    proptest! {
        #[test]
        fn a_number_is_what_arithmetic_without_limits_makes_of_it(
            sign in "-?", whole in "0|[1-9][0-9]{0,24}", fraction in "(0|9|[0-9]){0,24}", power in -50..50_i32,
        ) {
            let point = if fraction.is_empty() { "" } else { "." };
            let text = format!("{sign}{whole}{point}{fraction}e{power}");
            let exponent = power - i32::try_from(fraction.len()).unwrap();
            let (number, is_whole) = exact(&format!("{sign}{whole}{fraction}"), exponent);
            match parse(&text) {
                Some(Value::Integer(read)) => prop_assert_eq!((read, is_whole || number.is_none()), (number, true), "{}", text),
                Some(Value::Fraction(read)) => prop_assert_eq!((Some(read), is_whole), (number, false), "{}", text),
                other => prop_assert!(false, "{}: {:?}", text, other),
            }
        }

        #[test]
        fn no_power_makes_the_reader_panic(power in "[0-9]{1,40}", sign in "[+-]?") {
            let read = parse(&format!("[7e{sign}{power}]"));
            prop_assert!(read.is_some());
        }
    }
}

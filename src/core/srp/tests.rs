use super::*;
use crate::core::modexp::N;

const A: [u8; 32] = [7; Ephemeral::SECRET_LEN];

fn prove(salt: &str, srp_b: &str, secret_block: &str) -> Result<String, SrpError> {
    let challenge = PasswordChallenge {
        pool_name: "pool",
        user_id: "user",
        salt,
        srp_b,
        secret_block,
    };
    Ephemeral::new(&A)?.prove(&challenge, "password", "now")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

#[test]
fn a_proof_is_the_base64_of_32_bytes() {
    let signature = Base64::decode_vec(&prove("1", "2", "").unwrap()).unwrap();
    assert_eq!(signature.len(), 32);
}

#[test]
fn b_is_refused_if_it_is_zero_modulo_n() {
    let n = hex(&N);
    for zero in [
        "0",
        "00",
        &"0".repeat(2 * LEN),
        &n,
        &n.to_lowercase(),
        &format!("000{n}"),
    ] {
        assert_eq!(prove("1", zero, ""), Err(SrpError::ZeroB), "{zero}");
    }
}

#[test]
fn an_integer_longer_than_n_is_refused() {
    let shifted = [&[0], &N[..]].concat();
    let twice_n: Vec<u8> = shifted
        .iter()
        .zip(N.iter().chain([&0]))
        .map(|(a, b)| a << 1 | b >> 7)
        .collect();
    for long in [hex(&twice_n), "1".repeat(2 * LEN + 1), "f".repeat(1 << 20)] {
        assert_eq!(prove("1", &long, ""), Err(SrpError::TooLong("SRP_B")));
        assert_eq!(prove(&long, "2", ""), Err(SrpError::TooLong("SALT")));
    }
    assert!(prove(&"f".repeat(2 * LEN), &"f".repeat(2 * LEN), "").is_ok());
    assert!(prove("1", &format!("{}2", "0".repeat(4 * LEN)), "").is_ok());
}

#[test]
fn an_integer_that_is_not_hexadecimal_is_refused() {
    for text in ["", " ", "0x1", "-1", "+1", "1 ", "g", "é", "1\u{0}", "１"] {
        assert_eq!(prove("1", text, ""), Err(SrpError::BadHex("SRP_B")), "{text:?}");
        assert_eq!(prove(text, "2", ""), Err(SrpError::BadHex("SALT")), "{text:?}");
    }
}

#[test]
fn a_secret_block_that_is_not_base64_is_refused() {
    for text in ["=", "A", "AA", "AAAA=", "AA==AA==", "A A=", "_-==", "é"] {
        assert_eq!(
            prove("1", "2", text),
            Err(SrpError::BadBase64("SECRET_BLOCK")),
            "{text:?}"
        );
    }
}

#[test]
fn leading_zeros_and_capitals_of_integers_change_nothing() {
    let signature = prove("a1", "abc", "AAAA").unwrap();
    assert_eq!(prove("00A1", "0ABC", "AAAA").unwrap(), signature);
    assert_ne!(prove("a10", "abc", "AAAA").unwrap(), signature);
    assert_ne!(prove("a1", "abc0", "AAAA").unwrap(), signature);
}

#[test]
fn zeros_are_refused_by_their_own_errors() {
    for error in [SrpError::ZeroA, SrpError::ZeroB, SrpError::ZeroU] {
        assert_eq!(non_zero(&[0, 0], error), Err(error));
        assert_eq!(non_zero(&[], error), Err(error));
        assert_eq!(non_zero(&[0, 1], error), Ok(()));
    }
}

#[test]
fn a_secret_is_refused_if_it_is_zero_or_longer_than_n() {
    for zero in [&[][..], &[0], &[0; LEN]] {
        assert_eq!(Ephemeral::new(zero).unwrap_err(), SrpError::ZeroA);
    }
    assert_eq!(Ephemeral::new(&[1; LEN + 1]).unwrap_err(), SrpError::TooLong("a"));
    assert!(Ephemeral::new(&[0xff; LEN]).is_ok());
}

#[test]
fn srp_a_has_no_leading_zeros() {
    for (a, srp_a) in [(1, "2"), (3, "8"), (4, "10"), (13, "2000")] {
        assert_eq!(Ephemeral::new(&[0, a]).unwrap().srp_a(), srp_a);
    }
}

#[test]
fn the_exponent_is_exact_for_every_length_of_a() {
    // (2^256 - 1)^2 + 2^(8 len) - 1
    for len in [1, 31, 32, 33, 63, 64, 65, 128, LEN] {
        let sum = exponent(&vec![0xff; len], &[0xff; 32], &[0xff; 32]);
        let mut expected = vec![0; sum.len() * 2];
        expected[0] = 1_i32;
        expected[32] -= 2;
        expected[64] += 1;
        expected[len] += 1;
        expected[0] -= 1;
        let mut carry = 0;
        for (i, byte) in sum.iter().rev().enumerate() {
            carry += expected[i];
            assert_eq!(i32::from(*byte), carry & 0xff, "byte {i} of a of {len}");
            carry >>= 8;
        }
        assert_eq!(carry, -expected[sum.len()], "a of {len}");
    }
}

#[test]
fn a_timestamp_has_no_leading_zero_in_its_day() {
    for (seconds, expected) in [
        (0, "Thu Jan 1 00:00:00 UTC 1970"),
        (-1, "Wed Dec 31 23:59:59 UTC 1969"),
        (951_782_399, "Mon Feb 28 23:59:59 UTC 2000"),
        (951_782_400, "Tue Feb 29 00:00:00 UTC 2000"),
        (951_868_800, "Wed Mar 1 00:00:00 UTC 2000"),
        (1_798_949_106, "Sun Jan 3 04:05:06 UTC 2027"),
        (4_107_542_400, "Mon Mar 1 00:00:00 UTC 2100"),
        (4_107_542_399, "Sun Feb 28 23:59:59 UTC 2100"),
    ] {
        assert_eq!(timestamp(seconds), expected);
    }
}

#[test]
fn nothing_secret_is_printed() {
    let a = Ephemeral::new(&A).unwrap();
    assert_eq!(format!("{a:?}"), "Ephemeral([redacted])");
    let challenge = PasswordChallenge {
        pool_name: "pool",
        user_id: "alice",
        salt: "5a17",
        srp_b: "b0b",
        secret_block: "AAAA",
    };
    assert_eq!(format!("{challenge:?}"), "PasswordChallenge([redacted])");
}

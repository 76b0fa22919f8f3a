//! Checks every SRP vector in `tests/vectors/` and in the files that the environment variable `SRP_VECTORS` names
//! (paths, separated by colons): every intermediate value of every claim, the device verifiers, PAD and SECRET_HASH.
//!
//! The reader is strict, so that a vector cannot go unchecked by being misspelt: an unknown section or field, a missing
//! one and a file without cases fail.

use std::fmt::Debug;

use base64ct::{Base64, Encoding as _};
use cognito_wasm::core::modexp::Group;
use cognito_wasm::core::srp::{self, Ephemeral, PasswordChallenge};
use serde_json::{Map, Value};

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

/// The file that is always checked.
const VECTORS: &str = include_str!("vectors/srp.json");

#[cfg(not(target_arch = "wasm32"))]
#[test]
fn every_vector_of_every_file_holds() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    assert!(!paths.is_empty(), "{folder} has no vectors");
    let named = std::env::var_os("SRP_VECTORS").unwrap_or_default();
    paths.extend(std::env::split_paths(&named).filter(|path| !path.as_os_str().is_empty()));

    let mut problems = Vec::new();
    for path in paths {
        match std::fs::read_to_string(&path) {
            Ok(text) => problems.extend(check_file(&path.display().to_string(), &text)),
            Err(error) => problems.push(format!("{}: {error}", path.display())),
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// The same code runs on other instructions in a browser than natively.
#[cfg(target_arch = "wasm32")]
#[wasm_bindgen_test::wasm_bindgen_test]
fn every_vector_holds_in_this_browser() {
    assert_eq!(check_file("srp.json", VECTORS), [""; 0]);
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod the_reader {
    use super::*;

    #[test]
    fn finds_nothing_wrong_with_vectors_left_alone() {
        assert_eq!(check_changed(|_| ()), [""; 0]);
    }

    #[test]
    fn reports_a_wrong_value_with_the_name_of_its_case() {
        let problems = check_changed(|file| {
            file["claims"][1]["PASSWORD_CLAIM_SIGNATURE"] = "AAAA".into();
        });
        let [problem] = &problems[..] else {
            panic!("{problems:?}")
        };
        assert!(
            problem.starts_with("changed: claims timestamp-single-digit: PASSWORD_CLAIM_SIGNATURE is"),
            "{problem}"
        );
    }

    #[test]
    fn refuses_a_field_it_does_not_know() {
        let problems = check_changed(|file| file["claims"][0]["hkdfKey"] = "".into());
        assert_eq!(problems, ["changed: claims plain: unknown field hkdfKey"]);
    }

    #[test]
    fn refuses_a_case_without_an_expected_value() {
        let problems = check_changed(|file| {
            file["secretHash"][0].as_object_mut().unwrap().remove("SECRET_HASH");
        });
        assert_eq!(problems[0], "changed: secretHash alice: no text SECRET_HASH");
    }

    #[test]
    fn refuses_a_section_it_does_not_know() {
        let problems = check_changed(|file| file["claim"] = file["claims"].take());
        assert_eq!(
            problems,
            [
                "changed: unknown section claim",
                "changed: claims is not a list of objects"
            ]
        );
    }

    #[test]
    fn refuses_a_file_without_cases() {
        for empty in ["", "[]", "null"] {
            let problems = check_file("empty", empty);
            assert!(problems[0].starts_with("empty: not a JSON object"), "{problems:?}");
        }
        for empty in ["{}", r#"{"N": "0"}"#, r#"{"claims": []}"#] {
            assert!(
                check_file("empty", empty).contains(&"empty: no cases".to_owned()),
                "{empty}"
            );
        }
    }

    /// Of the vectors, without most claims, for speed.
    fn check_changed(change: impl FnOnce(&mut Value)) -> Vec<String> {
        let mut file: Value = serde_json::from_str(VECTORS).unwrap();
        file["claims"].as_array_mut().unwrap().truncate(2);
        change(&mut file);
        check_file("changed", &file.to_string())
    }
}

/// The other side of the exchange, in plain big integers of another library: v = g^x, B = k * v + g^b, S = (A * v^u)^b.
#[cfg(not(target_arch = "wasm32"))]
mod the_server {
    use num_bigint_dig::BigUint;

    use super::{K, N, from_hex, hex, srp};

    pub(super) fn b_and_s(a_public: &[u8], b: &[u8], u: &[u8], x: &[u8]) -> Option<(String, String)> {
        let [n, g, k] = [N, "2", K].map(|hex| BigUint::from_bytes_be(&from_hex(hex)));
        let [a_public, b, u, x] = [a_public, b, u, x].map(BigUint::from_bytes_be);
        let v = g.modpow(&x, &n);
        let b_public = (k * &v + g.modpow(&b, &n)) % &n;
        let s = (a_public * v.modpow(&u, &n)).modpow(&b, &n);
        let padded = |integer: BigUint| hex(&srp::pad(&integer.to_bytes_be()));
        Some((padded(b_public), padded(s)))
    }
}

/// Native runs are enough of it, and the library is not built for browsers.
#[cfg(target_arch = "wasm32")]
mod the_server {
    pub(super) fn b_and_s(_: &[u8], _: &[u8], _: &[u8], _: &[u8]) -> Option<(String, String)> {
        None
    }
}

/// What is wrong with a file, one line each.
fn check_file(name: &str, text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let Ok(Value::Object(mut file)) = serde_json::from_str(text) else {
        return vec![format!("{name}: not a JSON object")];
    };
    file.remove("made_with");
    for (section, expected) in [("N", N), ("g", "2"), ("k", K), ("info", "Caldera Derived Key")] {
        if let Some(value) = file.remove(section)
            && value.as_str().is_none_or(|value| !value.eq_ignore_ascii_case(expected))
        {
            problems.push(format!("{name}: {section} is {value}, not {expected}"));
        }
    }
    type Check = fn(&mut Case);
    let sections = [
        ("padHexCases", "in", check_pad as Check),
        ("claims", "name", check_claim),
        ("deviceVerifiers", "name", check_device),
        ("secretHash", "username", check_secret_hash),
    ];
    let mut cases = 0;
    for (section, name_field, check) in sections {
        let Some(list) = file.remove(section) else { continue };
        let objects = list.as_array().map(|list| list.iter().map(Value::as_object).collect());
        let Some(Some::<Vec<_>>(objects)) = objects else {
            problems.push(format!("{name}: {section} is not a list of objects"));
            continue;
        };
        for object in objects {
            let title = object
                .get(name_field)
                .and_then(Value::as_str)
                .unwrap_or("without a name");
            let mut case = Case {
                fields: object.clone(),
                problems: Vec::new(),
            };
            check(&mut case);
            case.problems
                .extend(case.fields.keys().map(|key| format!("unknown field {key}")));
            problems.extend(
                case.problems
                    .iter()
                    .map(|problem| format!("{name}: {section} {title}: {problem}")),
            );
            cases += 1;
        }
    }
    problems.splice(
        0..0,
        file.keys().map(|section| format!("{name}: unknown section {section}")),
    );
    if cases == 0 {
        problems.push(format!("{name}: no cases"));
    }
    problems
}

fn check_pad(case: &mut Case) {
    let integer = case.hex("in");
    case.check("out", hex(&srp::pad(&integer)));
}

fn check_claim(case: &mut Case) {
    let [
        pool_id,
        pool_name,
        user_id,
        password,
        salt_wire,
        b_wire,
        secret_block,
        timestamp,
    ] = [
        "poolId",
        "hashPrefix",
        "userIdForSrp",
        "password",
        "SALT_wire",
        "SRP_B_wire",
        "SECRET_BLOCK",
        "TIMESTAMP",
    ]
    .map(|field| case.text(field));
    let (a, b) = (case.hex("a"), case.hex("b"));
    let (salt, b_public) = (case.bytes("SALT_wire", &salt_wire), case.bytes("SRP_B_wire", &b_wire));
    case.drop_remarks();
    match &*case.text("kind") {
        "PASSWORD_VERIFIER" => {
            let name = pool_id.split_once('_').map_or("", |(_, name)| name);
            case.expect("hashPrefix", name, &pool_name);
        }
        kind => case.expect("kind", "DEVICE_PASSWORD_VERIFIER", kind),
    }
    let now = case.text("now_iso");
    case.expect("TIMESTAMP", srp::timestamp(unix_seconds(&now)), timestamp.clone());

    let ephemeral = match Ephemeral::new(&a) {
        Ok(ephemeral) => ephemeral,
        Err(error) => return case.problems.push(error.to_string()),
    };
    let a_public = from_hex(&ephemeral.srp_a());
    case.check("A_wire", ephemeral.srp_a());
    case.check("A_bytes_padded", hex(&srp::pad(&a_public)));
    case.check("salt_padhex", hex(&srp::pad(&salt)));

    let Ok(u) = srp::u(&a_public, &b_public) else {
        return case.problems.push("u is zero".to_owned());
    };
    case.check("u_hash", hex(&u));
    case.check("u_padhex", hex(&srp::pad(&u)));

    let identity_hash = srp::identity_hash(&pool_name, &user_id, &password);
    case.check("usernamePasswordHash", hex(&*identity_hash));
    let x = srp::x(&salt, &pool_name, &user_id, &password);
    case.check_integer("x", &*x);

    let mut group = Group::new();
    let v = group.power_of_two(&*x);
    case.check_integer("v", &group.integer(&v));

    let server = the_server::b_and_s(&a_public, &b, &u, &*x);
    if let Some((b_expected, _)) = &server {
        case.expect("SRP_B_wire", hex(&srp::pad(&b_public)), b_expected.clone());
    }
    match srp::session_secret(&a, &b_public, &u, &x) {
        Ok(s) => {
            if let Some((_, s_expected)) = server {
                case.expect("S of the server", s_expected, hex(&srp::pad(&*s)));
            }
            case.check_integer("S", &*s);
            case.check("S_padhex", hex(&srp::pad(&*s)));
            case.check("prk", hex(&*srp::pseudorandom_key(&u, &s)));
            case.check("hkdf_key", hex(&*srp::session_key(&u, &s)));
        }
        Err(error) => case.problems.push(error.to_string()),
    }
    let challenge = PasswordChallenge {
        pool_name: &pool_name,
        user_id: &user_id,
        salt: &salt_wire,
        srp_b: &b_wire,
        secret_block: &secret_block,
    };
    let signature = ephemeral.prove(&challenge, &password, &timestamp);
    case.check(
        "PASSWORD_CLAIM_SIGNATURE",
        signature.unwrap_or_else(|error| error.to_string()),
    );
}

fn check_device(case: &mut Case) {
    let [group_key, device_key] = ["deviceGroupKey", "deviceKey"].map(|field| case.text(field));
    case.drop_remarks();
    let random_password = Base64::encode_string(&case.hex("random_password_bytes"));
    case.check("randomPassword", random_password.clone());
    let Ok(salt) = <[u8; 16]>::try_from(case.hex("random_salt_bytes")) else {
        return case.problems.push("random_salt_bytes are not 16".to_owned());
    };
    case.check("salt_padhex", hex(&srp::pad(&salt)));
    case.check_integer("x", &*srp::x(&salt, &group_key, &device_key, &random_password));
    let verifier = srp::device_verifier(&group_key, &device_key, &random_password, &salt);
    let decoded = Base64::decode_vec(&verifier.password_verifier).unwrap_or_default();
    case.check("verifier_padhex", hex(&decoded));
    let config = case.fields.remove("DeviceSecretVerifierConfig");
    let Some(Value::Object(fields)) = config else {
        return case.problems.push("no object DeviceSecretVerifierConfig".to_owned());
    };
    let mut config = Case {
        fields,
        problems: Vec::new(),
    };
    config.check("Salt", verifier.salt);
    config.check("PasswordVerifier", verifier.password_verifier);
    config
        .problems
        .extend(config.fields.keys().map(|key| format!("unknown field {key}")));
    case.problems.append(&mut config.problems);
}

fn check_secret_hash(case: &mut Case) {
    let [username, client_id, client_secret] = ["username", "clientId", "clientSecret"].map(|field| case.text(field));
    case.fields.remove("cognito_srp_helper");
    case.check("SECRET_HASH", srp::secret_hash(&username, &client_id, &client_secret));
}

/// One case: its fields are taken out one by one, and none may remain.
struct Case {
    fields: Map<String, Value>,
    problems: Vec<String>,
}

impl Case {
    fn text(&mut self, field: &str) -> String {
        match self.fields.remove(field) {
            Some(Value::String(text)) => text,
            _ => {
                self.problems.push(format!("no text {field}"));
                String::new()
            }
        }
    }

    fn hex(&mut self, field: &str) -> Vec<u8> {
        let text = self.text(field);
        self.bytes(field, &text)
    }

    fn bytes(&mut self, field: &str, text: &str) -> Vec<u8> {
        if text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return from_hex(text);
        }
        self.problems.push(format!("{field} is not hexadecimal"));
        Vec::new()
    }

    /// The fields that say who made the case and what it is for, and hold nothing to check.
    fn drop_remarks(&mut self) {
        for field in ["name", "note", "agrees"] {
            self.fields.remove(field);
        }
    }

    fn check(&mut self, field: &str, ours: String) {
        let theirs = self.text(field);
        self.expect(field, ours, theirs);
    }

    /// Of an integer in hexadecimal, with or without leading zeros.
    fn check_integer(&mut self, field: &str, ours: &[u8]) {
        let theirs = self.hex(field);
        self.expect(field, hex(&srp::pad(ours)), hex(&srp::pad(&theirs)));
    }

    fn expect<T: PartialEq + Debug>(&mut self, what: &str, ours: T, theirs: T) {
        if ours != theirs {
            self.problems.push(format!("{what} is {ours:?} here, not {theirs:?}"));
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Vec<u8> {
    let digits: Vec<_> = text
        .chars()
        .filter_map(|digit| digit.to_digit(16))
        .map(|digit| digit as u8)
        .collect();
    let mut bytes: Vec<_> = digits
        .rchunks(2)
        .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
        .collect();
    bytes.reverse();
    bytes
}

/// Seconds since 1970 of "YYYY-MM-DDThh:mm:ss.sssZ", counting year by year.
fn unix_seconds(iso: &str) -> i64 {
    let numbers: Vec<i64> = iso
        .split(['-', 'T', ':', '.'])
        .map_while(|part| part.parse().ok())
        .collect();
    let [year, month, day, hour, minute, second, ..] = numbers[..] else {
        return i64::MIN;
    };
    let leap = |year: i64| i64::from(year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
    let years: i64 = (1970..year).map(|year| 365 + leap(year)).sum();
    let months = [31, 28 + leap(year), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let days = years + months.iter().take(month as usize - 1).sum::<i64>() + day - 1;
    ((days * 24 + hour) * 60 + minute) * 60 + second
}

const K: &str = "538282c4354742d7cbbde2359fcf67f9f5b3a6b08791e5011b43b8a5b66d9ee6";

/// RFC 3526, section 4.
const N: &str = "\
    FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD\
    EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED\
    EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F\
    83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B\
    E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510\
    15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7\
    ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C\
    BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF";

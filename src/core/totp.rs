//! What an authenticator app is set up with.

use zeroize::Zeroizing;

/// The `otpauth:` URI that an authenticator app reads from a QR code. Every part is percent-encoded: a user name may
/// hold a `?`, an `@` or a space, and an app that reads only half of it makes codes of another account.
///
/// Without an issuer the app shows the account alone.
pub fn setup_uri(issuer: &str, account: &str, secret: &str) -> Zeroizing<String> {
    // All of it at once: a text that grows leaves its old bytes behind unwiped.
    let capacity = 64 + 3 * (2 * issuer.len() + account.len() + secret.len());
    let mut uri = Zeroizing::new(String::with_capacity(capacity));
    uri.push_str("otpauth://totp/");
    // Apps decode the label before they look for its colon, so there an issuer's own would end it, encoded or not.
    if !issuer.is_empty() && !issuer.contains(':') {
        push_encoded(&mut uri, issuer);
        uri.push(':');
    }
    push_encoded(&mut uri, account);
    uri.push_str("?secret=");
    push_encoded(&mut uri, secret);
    if !issuer.is_empty() {
        uri.push_str("&issuer=");
        push_encoded(&mut uri, issuer);
    }
    uri
}

/// All but what RFC 3986 calls unreserved.
fn push_encoded(uri: &mut String, text: &str) {
    const HEX: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F',
    ];
    let digit = |nibble: u8| HEX.get(usize::from(nibble)).copied().unwrap_or_default();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_uri_names_account_secret_and_issuer() {
        assert_eq!(
            *setup_uri("app.example.com", "alice", "JBSWY3DPEHPK3PXP"),
            "otpauth://totp/app.example.com:alice?secret=JBSWY3DPEHPK3PXP&issuer=app.example.com"
        );
        assert_eq!(
            *setup_uri("", "alice", "JBSWY3DP"),
            "otpauth://totp/alice?secret=JBSWY3DP"
        );
    }

    #[test]
    fn what_would_end_a_part_early_is_encoded() {
        assert_eq!(
            *setup_uri("Ä & Co 100%", "alice+b?c@example.com/#", "AB=="),
            "otpauth://totp/%C3%84%20%26%20Co%20100%25:alice%2Bb%3Fc%40example.com%2F%23\
             ?secret=AB%3D%3D&issuer=%C3%84%20%26%20Co%20100%25"
        );
    }

    #[test]
    fn an_issuer_with_a_colon_stands_only_where_no_app_splits_it() {
        assert_eq!(
            *setup_uri("Shop: Berlin", "alice", "AB"),
            "otpauth://totp/alice?secret=AB&issuer=Shop%3A%20Berlin"
        );
    }

    fn decoded(text: &str) -> String {
        let mut bytes = Vec::new();
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            bytes.push(match byte {
                b'%' => {
                    let hex = [rest.next().unwrap(), rest.next().unwrap()];
                    u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap()
                }
                byte => byte,
            });
        }
        String::from_utf8(bytes).unwrap()
    }

    proptest! {
        #[test]
        fn whatever_the_names_are_an_app_reads_them_back(issuer in "[^:]+", account in any::<String>(), secret in "[A-Z2-7]{1,64}=*") {
            let uri = setup_uri(&issuer, &account, &secret);
            let (label, query) = uri.strip_prefix("otpauth://totp/").unwrap().split_once('?').unwrap();
            let (prefix, name) = label.split_once(':').unwrap();
            prop_assert_eq!((decoded(prefix), decoded(name)), (issuer.clone(), account));
            let (first, second) = query.split_once('&').unwrap();
            prop_assert_eq!(decoded(first.strip_prefix("secret=").unwrap()), secret);
            prop_assert_eq!(decoded(second.strip_prefix("issuer=").unwrap()), issuer);
        }
    }
}

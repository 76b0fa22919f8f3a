use super::parsed;
use super::partition::Partition;
use crate::core::json::Reader;

/// Where a service answers: an absolute URL that ends with `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint(String);

impl Endpoint {
    /// AWS's own endpoint of a service in a region.
    pub(super) fn of_aws(service: &str, region: &str) -> Self {
        Self(format!("https://{}/", Partition::host(service, region)))
    }

    /// Whether AWS's own host of the service answers here, in any region.
    pub(super) fn is_of_aws(&self, service: &str) -> bool {
        let host = self.0.strip_prefix("https://").and_then(|rest| rest.strip_suffix('/'));
        host.is_some_and(|host| Partition::region_of_host(host, service).is_some())
    }

    /// Reads a member that is a host or an absolute URL. Plain http is for loopback only: anywhere else it would
    /// show tokens to the network.
    pub(super) fn read(section: &Reader<'_>, key: &str) -> Option<Self> {
        parsed(
            section,
            key,
            Self::parse,
            "a host name, an https:// URL, or an http:// URL of localhost, 127.0.0.1 or [::1]",
        )
    }

    /// The URL.
    pub fn url(&self) -> &str {
        &self.0
    }

    /// Whether it is on this device.
    pub fn is_loopback(&self) -> bool {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        rest.split('/').next().is_some_and(is_loopback)
    }

    fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
            (Some(rest), _) => ("https", rest),
            (_, Some(rest)) => ("http", rest),
            _ if text.contains('/') => return None,
            _ => ("https", text),
        };
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let is_path = |b: u8| b.is_ascii_alphanumeric() || b"-._~/".contains(&b);
        if !is_host(host) || !path.bytes().all(is_path) || (scheme == "http" && !is_loopback(host)) {
            return None;
        }
        let slash = if path.is_empty() || path.ends_with('/') {
            ""
        } else {
            "/"
        };
        Some(Self(format!("{scheme}://{host}/{path}{slash}")))
    }
}

/// `name`, `name:port`, `127.0.0.1:port` or `[::1]:port`, and nothing that could make another URL of it.
pub(super) fn is_host(text: &str) -> bool {
    let (name, port) = match text.strip_prefix("[::1]") {
        Some(rest) => ("localhost", rest.strip_prefix(':').or(rest.is_empty().then_some("0"))),
        None => match text.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (text, Some("0")),
        },
    };
    let is_name = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
    !name.is_empty()
        && name.bytes().all(is_name)
        && port.is_some_and(|port| !port.starts_with('+') && port.parse::<u16>().is_ok())
}

fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix("[::1]") {
        Some(_) => "localhost",
        None => host.split_once(':').map_or(host, |(name, _)| name),
    };
    name == "localhost" || name == "127.0.0.1"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Option<String> {
        Endpoint::parse(text).map(|endpoint| endpoint.0)
    }

    #[test]
    fn a_host_becomes_an_https_url() {
        assert_eq!(url("auth.example.com").as_deref(), Some("https://auth.example.com/"));
        assert_eq!(
            url("auth.example.com:8443").as_deref(),
            Some("https://auth.example.com:8443/")
        );
    }

    #[test]
    fn an_absolute_url_keeps_its_path() {
        assert_eq!(
            url("https://example.com/cognito/idp").as_deref(),
            Some("https://example.com/cognito/idp/")
        );
        assert_eq!(url("https://example.com/").as_deref(), Some("https://example.com/"));
    }

    #[test]
    fn plain_http_is_for_loopback_only() {
        assert_eq!(url("http://127.0.0.1:7665").as_deref(), Some("http://127.0.0.1:7665/"));
        assert_eq!(
            url("http://localhost:7665/x").as_deref(),
            Some("http://localhost:7665/x/")
        );
        assert_eq!(url("http://[::1]:7665").as_deref(), Some("http://[::1]:7665/"));
        for bad in [
            "http://example.com",
            "http://localhost.evil.com",
            "http://127.0.0.1.evil.com",
        ] {
            assert_eq!(url(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_endpoint_knows_whether_it_is_on_this_device() {
        for (text, expected) in [
            ("http://127.0.0.1:9229", true),
            ("http://[::1]:9229/x", true),
            ("https://localhost/", true),
            ("https://localhost.example.com/", false),
            ("https://example.com/localhost", false),
        ] {
            assert_eq!(Endpoint::parse(text).unwrap().is_loopback(), expected, "{text}");
        }
    }

    #[test]
    fn what_could_lead_elsewhere_is_refused() {
        for bad in [
            "",
            "/",
            "ftp://example.com",
            "https://",
            "https://user@example.com",
            "https://a b",
            "example.com/path",
            "https://example.com/?q",
            "https://example.com/#f",
            "https://example.com:99999",
            "https://example.com:",
            "javascript:alert(1)",
            "https://example.com/\u{e9}",
            "//example.com",
            "[::1]x",
        ] {
            assert_eq!(url(bad), None, "{bad}");
        }
    }
}

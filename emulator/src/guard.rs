//! Which requests the emulator refuses because of the page they come from.
//!
//! The service itself answers every website, and so does the emulator for what the service offers to a client. The control
//! interface, the files of `--serve` and the administrative operations are for this machine: a website that its user
//! happens to look at can send requests to localhost, too, and by DNS rebinding it can do so under a name of its own.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName, header};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The names under which the emulator is reached, beside localhost and IP addresses.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    allowed_hosts: Vec<String>,
}

impl Guard {
    /// A guard that lets these names pass too.
    pub fn new(allowed_hosts: Vec<String>) -> Self {
        let allowed_hosts = allowed_hosts.into_iter().map(|name| name.to_lowercase()).collect();
        Self { allowed_hosts }
    }

    /// Refuses a `Host` that may be another party's name, with a reason. An IP address is no name: DNS rebinding
    /// needs a name. The port is not compared, because a forwarded port has another number, and a page cannot choose it.
    pub fn check_host(&self, headers: &HeaderMap) -> Result<(), String> {
        let mut hosts = headers.get_all(header::HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else {
            return Err("expected one Host header".to_owned());
        };
        let name = host.to_str().ok().and_then(host_name);
        if name
            .as_deref()
            .is_some_and(|name| self.is_local(name) || ip_address(name).is_some())
        {
            return Ok(());
        }
        Err(
            "this Host is not one of the emulator's: use localhost or an IP address, or start it with --allowed-host NAME"
                .to_owned(),
        )
    }

    /// Refuses what a page of another origin sends, with a reason. A program, such as curl, sends neither header.
    pub fn check_same_origin(headers: &HeaderMap) -> Result<(), String> {
        let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
        let is_own = match (text(&FETCH_SITE), text(&header::ORIGIN)) {
            (Some(site), _) => matches!(site, "same-origin" | "none"),
            (None, Some(origin)) => {
                let authority = origin.split_once("://").map(|(_, authority)| authority);
                authority.is_some() && authority == text(&header::HOST)
            }
            (None, None) => true,
        };
        if is_own {
            return Ok(());
        }
        Err(
            "a page of another origin may not use this: call it from a program, from a page of --serve, or through the \
             page's own server"
                .to_owned(),
        )
    }

    /// Whether a request comes from a program or from a page of this machine.
    pub fn is_from_here(&self, headers: &HeaderMap) -> bool {
        let Some(origin) = headers.get(header::ORIGIN) else {
            return true;
        };
        let authority = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
        authority
            .and_then(|(_, authority)| host_name(authority))
            .is_some_and(|name| self.is_local(&name))
    }

    fn is_local(&self, name: &str) -> bool {
        name == "localhost"
            || name.ends_with(".localhost")
            || ip_address(name).is_some_and(|address| address.is_loopback())
            || self.allowed_hosts.iter().any(|allowed| allowed == name)
    }
}

/// The name of an authority such as `localhost:8080` or `[::1]:8080`, in small letters.
fn host_name(authority: &str) -> Option<String> {
    let (name, port) = match authority.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
        _ => (authority, None),
    };
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    (!name.is_empty() && port.is_none_or(is_port)).then(|| name.to_lowercase())
}

fn ip_address(name: &str) -> Option<IpAddr> {
    match name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(inner) => inner.parse().ok().map(IpAddr::V6),
        None => name.parse().ok().map(IpAddr::V4),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
            .collect()
    }

    #[test]
    fn a_host_is_localhost_or_an_address_or_a_name_that_was_allowed() {
        let guard = Guard::new(vec!["App.Test".to_owned()]);
        let is_known = |host: &str| guard.check_host(&headers(&[("host", host)])).is_ok();
        for host in [
            "localhost",
            "LOCALHOST:7665",
            "app.localhost:7665",
            "127.0.0.1:7665",
            "127.0.0.1",
            "[::1]:7665",
            "[::1]",
            "192.168.1.5:7665",
            "app.test:7665",
        ] {
            assert!(is_known(host), "{host}");
        }
        for host in [
            "",
            ":7665",
            "evil.example",
            "evil.example:7665",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "evillocalhost",
            "localhost:",
            "localhost:7665@evil.example",
            "localhost:evil",
            "[::1",
            "::1",
            "[127.0.0.1]",
            "localhost.",
        ] {
            assert!(!is_known(host), "{host}");
        }
        assert!(guard.check_host(&HeaderMap::new()).is_err());
        let mut two = headers(&[("host", "localhost")]);
        two.append(header::HOST, HeaderValue::from_static("localhost"));
        assert!(guard.check_host(&two).is_err());
    }

    #[test]
    fn a_page_of_another_origin_is_told_from_a_program_and_from_a_page_of_its_own() {
        let own = |pairs: &[(&'static str, &str)]| {
            let mut all = vec![("host", "localhost:7665")];
            all.extend(pairs);
            Guard::check_same_origin(&headers(&all)).is_ok()
        };
        for pairs in [
            &[][..],
            &[("origin", "http://localhost:7665")],
            &[("origin", "https://localhost:7665")],
            &[("sec-fetch-site", "same-origin")],
            &[("sec-fetch-site", "none")],
            // A development server that passes the request on may have changed the Host.
            &[("sec-fetch-site", "same-origin"), ("origin", "http://localhost:5173")],
        ] {
            assert!(own(pairs), "{pairs:?}");
        }
        for pairs in [
            &[("origin", "http://localhost:3000")][..],
            &[("origin", "http://evil.example")],
            &[("origin", "null")],
            &[("origin", "")],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "cross-site"), ("origin", "http://localhost:7665")],
        ] {
            assert!(!own(pairs), "{pairs:?}");
        }
    }

    #[test]
    fn a_page_of_this_machine_is_told_from_a_website() {
        let guard = Guard::new(vec!["app.test".to_owned()]);
        let is_from_here = |origin: &str| guard.is_from_here(&headers(&[("origin", origin)]));
        for origin in [
            "http://localhost:3000",
            "http://127.0.0.1",
            "http://[::1]:3000",
            "https://app.test",
        ] {
            assert!(is_from_here(origin), "{origin}");
        }
        for origin in [
            "https://evil.example",
            "http://192.0.2.1",
            "null",
            "https://localhost.evil.example",
        ] {
            assert!(!is_from_here(origin), "{origin}");
        }
        assert!(guard.is_from_here(&HeaderMap::new()));
    }
}

//! A gateway's URL: https, or http on this host.

use std::net::IpAddr;

/// A URL, without trailing slashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayUrl(String);

impl GatewayUrl {
    pub(super) const RULE: &str = "must be https:// and a host name, or http:// and an address of this computer, \
                                   without user name and `#`";

    /// Parses it.
    pub(super) fn read(text: &str) -> Option<Self> {
        let url = text.trim_end_matches('/');
        leads_to_a_gateway(url).then(|| Self(url.to_owned()))
    }

    pub(super) fn known(text: &'static str) -> Self {
        Self(text.to_owned())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether `text` starts with a scheme and a host that a code may be sent to. What follows the host may contain
/// placeholders; the host may not.
pub(super) fn leads_to_a_gateway(text: &str) -> bool {
    let (secure, rest) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
        (Some(rest), _) => (true, rest),
        (None, Some(rest)) => (false, rest),
        (None, None) => return false,
    };
    let odd = |character: char| {
        !character.is_ascii()
            || character.is_ascii_control()
            || matches!(character, ' ' | '#' | '\\' | '"')
    };
    if rest.contains(odd) {
        return false;
    }
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let Some((host, port)) = rest.get(..end).and_then(host_and_port) else {
        return false;
    };
    let port_fits = port.is_none_or(|port| {
        !port.starts_with('+') && port.parse::<u16>().is_ok_and(|port| port != 0)
    });
    port_fits && (secure || is_this_computer(host))
}

fn host_and_port(authority: &str) -> Option<(&str, Option<&str>)> {
    if let Some(bracketed) = authority.strip_prefix('[') {
        let (host, rest) = bracketed.split_once(']')?;
        host.parse::<std::net::Ipv6Addr>().ok()?;
        return match rest {
            "" => Some((host, None)),
            _ => Some((host, Some(rest.strip_prefix(':')?))),
        };
    }
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    let is_name = !host.is_empty()
        && host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    is_name.then_some((host, port))
}

fn is_this_computer(host: &str) -> bool {
    host == "localhost"
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::leads_to_a_gateway;

    #[test]
    fn a_code_goes_by_https_or_stays_on_this_computer() {
        for (address, fine) in [
            ("https://api.46elks.com/a1", true),
            ("https://api.example:8443/x?to={to}", true),
            ("https://[2001:db8::1]:8443/x", true),
            ("http://127.0.0.1:8080/sms", true),
            ("http://[::1]:8080/sms", true),
            ("http://[::ffff:127.0.0.1]:8080/sms", true),
            ("http://[::ffff:10.0.0.1]:8080/sms", false),
            ("http://localhost/sms", true),
            ("http://api.example/sms", false),
            ("http://127.0.0.1.example/sms", false),
            ("http://localhost.example/sms", false),
            ("http://10.0.0.1/sms", false),
            ("http://localhost@api.example/sms", false),
            ("https://user:word@api.example/", false),
            ("https://{to}.example/", false),
            ("https://api.example{to}/", false),
            ("https://", false),
            ("https:///x", false),
            ("https://api.example:0/", false),
            ("https://api.example:/", false),
            ("https://api.example:+8443/", false),
            ("https://api.example:65536/", false),
            ("https://api.example/#x", false),
            ("https://api.example/a b", false),
            ("https://api.example\\@127.0.0.1/", false),
            ("https://api.example/\n", false),
            ("ftp://api.example/", false),
            ("", false),
        ] {
            assert_eq!(leads_to_a_gateway(address), fine, "{address}");
        }
    }
}

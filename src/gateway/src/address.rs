//! A gateway's URL: https, or http on this host.

use std::net::{IpAddr, Ipv6Addr};

use toml::de::DeValue;

pub(super) const RULE: &str = "must be https:// and a host name, or http:// and an address of this computer, \
                               without user name and `#`";

/// A URL, without trailing slashes.
pub(super) fn gateway_url(value: &DeValue<'_>) -> Option<String> {
    let url = value.as_str()?.trim_end_matches('/');
    leads_to_a_gateway(url).then(|| url.to_owned())
}

/// Whether `text` starts with a scheme and a host that a code may be sent to. What follows the host may contain
/// placeholders; the host may not.
pub(super) fn leads_to_a_gateway(text: &str) -> bool {
    let Some((scheme @ ("https" | "http"), rest)) = text.split_once("://") else {
        return false;
    };
    if rest.contains(|odd: char| !odd.is_ascii_graphic() || matches!(odd, '#' | '\\' | '"')) {
        return false;
    }
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let Some((host, port)) = rest.get(..end).and_then(host_and_port) else {
        return false;
    };
    let port_fits = port.is_none_or(|port| {
        !port.starts_with('+') && port.parse::<u16>().is_ok_and(|port| port != 0)
    });
    port_fits && (scheme == "https" || is_this_computer(host))
}

fn host_and_port(authority: &str) -> Option<(&str, Option<&str>)> {
    if let Some(bracketed) = authority.strip_prefix('[') {
        let (host, rest) = bracketed.split_once(']')?;
        host.parse::<Ipv6Addr>().ok()?;
        return match rest {
            "" => Some((host, None)),
            _ => Some((host, Some(rest.strip_prefix(':')?))),
        };
    }
    let with_port = authority.split_once(':');
    let (host, port) = with_port.map_or((authority, None), |(host, port)| (host, Some(port)));
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

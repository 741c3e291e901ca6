//! Web origins, and the relying party derived from them.

use toml::de::DeValue;

/// The origin in a document.
pub(crate) fn origin_in(value: &DeValue<'_>) -> Option<String> {
    let origin = value.as_str()?;
    is_origin(origin).then(|| origin.to_owned())
}

/// Whether this is an origin in the form of `location.origin`, on which passkeys work.
pub(crate) fn is_origin(origin: &str) -> bool {
    let (secure, rest) = match origin.split_once("://") {
        Some(("https", rest)) => (true, rest),
        Some(("http", rest)) => (false, rest),
        _ => return false,
    };
    let (host, port) = rest
        .split_once(':')
        .map_or((rest, None), |(host, port)| (host, Some(port)));
    // Browsers treat a host whose last label is all digits as an IPv4 address.
    let is_address = host
        .rsplit('.')
        .next()
        .is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    let usual = if secure { "443" } else { "80" };
    let port_fits = port.is_none_or(|port| {
        let number = port.parse::<u16>().unwrap_or_default();
        number != 0 && number.to_string() == port && port != usual
    });
    is_dns_name(host) && !is_address && port_fits && (secure || host == "localhost")
}

/// The origin of an address, which is all of it before its path.
#[must_use]
pub fn origin_of(address: &str) -> &str {
    let host = address.find("://").map_or(0, |scheme| scheme + "://".len());
    let path = address[host..].find(['/', '?', '#']);
    path.map_or(address, |path| &address[..host + path])
}

/// The origin of an https address as browsers write it, however the address writes it: in small letters and without the usual
/// port. `None` if a configuration takes no such origin.
#[must_use]
pub fn secure_origin_of(address: &str) -> Option<String> {
    let origin = origin_of(address).to_ascii_lowercase();
    let origin = origin.strip_suffix(":443").unwrap_or(&origin);
    (origin.starts_with("https://") && is_origin(origin)).then(|| origin.to_owned())
}

/// Whether this is a DNS name in small letters.
pub(crate) fn is_dns_name(name: &str) -> bool {
    name.split('.').all(|label| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    })
}

/// The RP ID of an origin: its host, without scheme and port.
pub(crate) fn relying_party(origin: &str) -> &str {
    let host = origin.split_once("://").map_or(origin, |(_, host)| host);
    host.split_once(':').map_or(host, |(host, _)| host)
}

#[cfg(test)]
mod tests {
    use super::{is_origin, secure_origin_of};

    #[test]
    fn one_origin_in_another_spelling_is_the_same() {
        for (address, origin) in [
            ("https://id.example.org/a", Some("https://id.example.org")),
            (
                "https://ID.Example.org:443/A",
                Some("https://id.example.org"),
            ),
            (
                "HTTPS://id.example.org:8443?a",
                Some("https://id.example.org:8443"),
            ),
            ("http://localhost/a", None),
            ("http://id.example.org:443/a", None),
            ("https://192.0.2.7/a", None),
            ("https://[2001:db8::1]:443/a", None),
            ("id.example.org", None),
        ] {
            assert_eq!(secure_origin_of(address).as_deref(), origin, "{address}");
        }
    }

    #[test]
    fn an_origin_is_a_name_by_https_or_the_computer_itself() {
        for (origin, fine) in [
            ("https://mfa.example.org", true),
            ("https://mfa.example.org:8443", true),
            ("http://localhost", true),
            ("http://localhost:8470", true),
            ("http://mfa.example.org", false),
            ("http://localhost.example.org", false),
            ("http://localhostx", false),
            ("https://192.0.2.7", false),
            ("https://[2001:db8::1]", false),
            ("https://mfa.example.org/", false),
            ("https://mfa.example.org:443", false),
            ("https://mfa.example.org:", false),
            ("https://mfa.example.org:+8443", false),
            ("https://MFA.example.org", false),
            ("https://mfa..example.org", false),
            ("https://user@mfa.example.org", false),
            ("https://", false),
            ("ftp://mfa.example.org", false),
        ] {
            assert_eq!(is_origin(origin), fine, "{origin}");
        }
    }
}

//! Validates the URL of a push.

use std::fmt;

use hyper::Uri;

/// The longest accepted URL, in bytes.
const LONGEST: usize = 2048;

/// A plain https URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Endpoint(Uri);

/// Why a push address is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadAddress {
    /// Not an https URL with a host.
    Form,
    /// In a private network.
    Private,
    /// Not a browser's keys.
    Keys,
}

impl fmt::Display for BadAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Form => "this is not an https address that can be called",
            Self::Private => "this address lies in a private network",
            Self::Keys => "these are not the keys of a subscription",
        })
    }
}

impl Endpoint {
    pub(super) fn read(text: &str) -> Result<Self, BadAddress> {
        // A user name could be mistaken for the host; a fragment is never sent.
        if text.len() > LONGEST || text.contains(['#', '\\']) {
            return Err(BadAddress::Form);
        }
        let uri: Uri = text.parse().map_err(|_| BadAddress::Form)?;
        let authority = uri.authority().ok_or(BadAddress::Form)?;
        let (host, port) = (authority.host(), authority.port_u16());
        let is_sound = uri.scheme_str() == Some("https")
            && !host.is_empty()
            && !authority.as_str().contains('@')
            && port != Some(0)
            // `host:` and an invalid port would be read as the default port.
            && port.is_some() != (authority.as_str().len() == host.len());
        if is_sound {
            Ok(Self(uri))
        } else {
            Err(BadAddress::Form)
        }
    }

    pub(super) fn uri(&self) -> &Uri {
        &self.0
    }

    /// The only part that may be logged: the rest is as sensitive as a key.
    pub(super) fn host(&self) -> &str {
        self.0.host().unwrap_or_default()
    }

    /// The origin, with the port unless it is the default: RFC 8292, section 2 (`aud`), and RFC 6454, section 6.1.
    pub(super) fn origin(&self) -> String {
        let host = self.host().to_ascii_lowercase();
        match self.0.port_u16() {
            None | Some(443) => format!("https://{host}"),
            Some(port) => format!("https://{host}:{port}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Endpoint;

    #[test]
    fn only_https_addresses_are_taken() {
        for (address, origin) in [
            ("https://push.example/x?y=1", Some("https://push.example")),
            ("https://Push.example:443/", Some("https://push.example")),
            (
                "https://push.example:8443/x",
                Some("https://push.example:8443"),
            ),
            ("https://push.example", Some("https://push.example")),
            (
                "https://[2001:db8::1]:8443/x",
                Some("https://[2001:db8::1]:8443"),
            ),
            ("http://push.example/", None),
            ("ftp://push.example/", None),
            ("https:///x", None),
            ("https://", None),
            ("//push.example/", None),
            ("/x", None),
            ("push.example", None),
            ("https://user@push.example/", None),
            ("https://user:word@push.example/", None),
            ("https://push.example:/", None),
            ("https://push.example:0/", None),
            ("https://push.example:65536/", None),
            ("https://push.example/#x", None),
            ("https://push.example\\@127.0.0.1/", None),
            ("https://push.example/\nx", None),
            ("", None),
        ] {
            let read = Endpoint::read(address).ok().map(|read| read.origin());
            assert_eq!(read.as_deref(), origin, "{address}");
        }
        let long = format!("https://push.example/{}", "x".repeat(2048));
        assert!(Endpoint::read(&long).is_err());
    }
}

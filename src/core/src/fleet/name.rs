//! Names of fleets, hosts and keys.

use std::net::IpAddr;

use crate::web_origin::is_dns_name;

/// The longest name, in bytes: as long as a common name in a certificate may be (RFC 5280, appendix A.1).
const LONGEST: usize = 64;

/// Whether `name` may name a fleet, a host in it or a key: a DNS name in small letters. It is shown to people as it
/// stands, and stands in certificates.
#[must_use]
pub fn is_name(name: &str) -> bool {
    name.len() <= LONGEST && is_dns_name(name)
}

/// Whether a host may join by this name: no address either, which a certificate holds as something else than a name.
#[must_use]
pub fn is_host_name(name: &str) -> bool {
    is_name(name) && name.parse::<IpAddr>().is_err()
}

/// The rule for it.
pub(super) const RULE: &str =
    "must be a name of small letters, digits, hyphens and dots, of 64 characters at most";

#[cfg(test)]
mod tests {
    use super::{is_host_name, is_name};

    #[test]
    fn a_name_is_what_a_certificate_can_hold_and_a_terminal_can_show() {
        for (name, fine) in [
            ("db7", true),
            ("db7.example.org", true),
            ("7", true),
            ("", false),
            ("DB7", false),
            ("db 7", false),
            ("db_7", false),
            ("-db7", false),
            ("db7.", false),
            ("*.example.org", false),
            ("db7\n", false),
            ("åsa", false),
        ] {
            assert_eq!(is_name(name), fine, "{name:?}");
            assert_eq!(is_host_name(name), fine, "{name:?}");
        }
        // A relay may be called by its address.
        assert!(is_name("10.0.0.5") && !is_host_name("10.0.0.5"));
        assert!(is_name(&format!("{}aa", "a.".repeat(31))));
        assert!(!is_name(&format!("{}a", "a.".repeat(32))));
    }
}

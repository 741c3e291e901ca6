//! The addresses that a push may go to: public ones, and hosts that the administrator lists.
//!
//! Otherwise a phone could make the daemon contact internal services (SSRF).

use std::net::IpAddr;

use antiphon_outgoing::is_public;

/// Allows or refuses addresses.
#[derive(Clone)]
pub(super) struct Guard {
    private_hosts: Vec<String>,
}

impl Guard {
    pub(super) fn new(private_hosts: &[String]) -> Self {
        Self {
            private_hosts: private_hosts.to_vec(),
        }
    }

    /// Judges an address that `host`'s name stands for now.
    ///
    /// # Errors
    /// Why no push goes there.
    pub(super) fn judge(&self, host: &str, address: IpAddr) -> Result<(), &'static str> {
        if is_public(address) || self.is_listed(host) {
            return Ok(());
        }
        Err(
            "it has a private address; if that is meant to be, list the host in [push] private_hosts",
        )
    }

    fn is_listed(&self, host: &str) -> bool {
        let mut listed = self.private_hosts.iter();
        listed.any(|listed| listed.eq_ignore_ascii_case(host))
    }

    /// Whether a push to `host` can be refused without a DNS look-up: it is a private address, an address in a form
    /// that only some parsers accept, or this host.
    pub(super) fn refuses(&self, host: &str) -> bool {
        if self.is_listed(host) {
            return false;
        }
        let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        if let Ok(address) = without_brackets(&host).parse() {
            return !is_public(address);
        }
        // `127.1`, `0x7f000001`: no host name ends in a number (URL Standard, section 3.5).
        let last = host.rsplit('.').next().unwrap_or_default();
        last.starts_with(|first: char| first.is_ascii_digit()) && is_number(last)
            // RFC 6761, section 6.3.
            || last == "localhost"
    }
}

fn is_number(label: &str) -> bool {
    let (digits, radix) = label
        .strip_prefix("0x")
        .map_or((label, 10), |digits| (digits, 16));
    digits.chars().all(|digit| digit.is_digit(radix))
}

/// Strips the brackets of an IPv6 address.
fn without_brackets(host: &str) -> &str {
    host.strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::Guard;

    #[test]
    fn a_host_is_refused_however_its_private_address_is_written() {
        let guard = Guard::new(&["Push.Home.Example".to_owned()]);
        for host in [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "[::1]",
            "[::ffff:10.0.0.1]",
            "0X7F000001",
            "0177.0.0.1",
            "127.0.0.1.",
            "10.0x0.0.1",
            "9.9.9.0x9",
            "0x",
            "localhost",
            "LOCALHOST.",
            "printer.localhost",
        ] {
            assert!(guard.refuses(host), "{host}");
        }
        for host in [
            "9.9.9.9",
            "[2620:fe::fe]",
            "push.example",
            "3com",
            "push.0x7g",
            "intranet",
        ] {
            assert!(!guard.refuses(host), "{host}");
        }
        let listed = Guard::new(&["localhost".to_owned()]);
        assert!(!listed.refuses("localhost"));
        assert!(listed.refuses("127.0.0.1"));
        let inside = "10.0.0.1".parse().unwrap();
        assert!(guard.judge("push.home.example", inside).is_ok());
        assert!(guard.judge("push.home.example.org", inside).is_err());
    }
}

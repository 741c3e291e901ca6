//! The addresses that a push may go to: public ones, and hosts that the administrator lists.
//!
//! Otherwise a phone could make the daemon contact internal services (SSRF).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

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

/// Whether an address is public (the IANA registries of special-purpose addresses, RFC 6890).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast();
    let [first, second, third, _] = address.octets();
    let reserved = match first {
        // "This network"; 240.0.0.0/4, which includes broadcast.
        0 | 240..=255 => true,
        // Carrier-grade NAT.
        100 => (64..=127).contains(&second),
        // Protocol assignments, and the former 6to4 relays.
        192 => (second, third) == (0, 0) || (second, third) == (88, 99),
        // Benchmarking.
        198 => second == 18 || second == 19,
        _ => false,
    };
    !special && !reserved
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return is_public_v4(mapped);
    }
    let [first, second, third, .., high, low] = address.segments();
    let embedded = |high: u16, low: u16| {
        is_public_v4(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)))
    };
    match (first, second) {
        // An IPv6-only network reaches IPv4 through this /96 (RFC 6052).
        (0x64, 0xff9b) => {
            let between = address.to_bits() << 32 >> 64;
            between == 0 && embedded(high, low)
        }
        // 6to4.
        (0x2002, _) => embedded(second, third),
        // Teredo and other assignments, ORCHID; documentation.
        (0x2001, 0..=0x1ff | 0xdb8) | (0x3fff, 0..=0xfff) => false,
        // All other public addresses: 2000::/3.
        _ => first >> 13 == 1,
    }
}

#[cfg(test)]
mod tests {
    use super::{Guard, is_public};

    #[test]
    fn only_public_addresses_are_called() {
        for (address, public) in [
            ("9.9.9.9", true),
            ("100.63.0.1", true),
            ("172.32.0.1", true),
            ("192.0.1.1", true),
            ("0.0.0.0", false),
            ("10.0.0.1", false),
            ("100.64.0.1", false),
            ("127.0.0.1", false),
            ("127.255.255.254", false),
            ("169.254.169.254", false),
            ("172.16.0.1", false),
            ("172.31.255.255", false),
            ("192.0.0.1", false),
            ("192.0.2.1", false),
            ("192.168.0.1", false),
            ("198.18.0.1", false),
            ("224.0.0.1", false),
            ("240.0.0.1", false),
            ("255.255.255.255", false),
            ("2620:fe::fe", true),
            ("2a00:1450::1", true),
            ("::", false),
            ("::1", false),
            ("fe80::1", false),
            ("fc00::1", false),
            ("fd12::1", false),
            ("ff02::1", false),
            ("2001:db8::1", false),
            ("2001::1", false),
            ("3fff::1", false),
            ("4000::1", false),
            ("::127.0.0.1", false),
            ("::ffff:127.0.0.1", false),
            ("::ffff:10.0.0.1", false),
            ("::ffff:9.9.9.9", true),
            ("64:ff9b::7f00:1", false),
            ("64:ff9b::909:909", true),
            ("64:ff9b:1::909:909", false),
            ("64:ff9b::1:909:909", false),
            ("2002:7f00:1::1", false),
            ("2002:909:909::1", true),
        ] {
            assert_eq!(is_public(address.parse().unwrap()), public, "{address}");
        }
    }

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

//! Public addresses. What others name is looked for nowhere else, or they could have us call services inside (SSRF).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use super::Judge;

/// Judges addresses for a provider of accounts, whose own host root has written into the configuration and may be inside;
/// all other hosts are named by the provider.
#[must_use]
pub(super) fn public_or_at(own_host: &str) -> Arc<Judge> {
    let own_host = own_host.to_owned();
    Arc::new(move |host, address| {
        if host.eq_ignore_ascii_case(&own_host) || is_public(address) {
            return Ok(());
        }
        Err("it has a private address, which only the issuer's own host may have")
    })
}

/// Whether an address is public (the IANA registries of special-purpose addresses, RFC 6890).
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
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
    use super::{is_public, public_or_at};

    #[test]
    fn the_issuers_own_host_may_be_inside_and_no_other() {
        let judge = public_or_at("id.example.org");
        let inside = "10.0.0.7".parse().unwrap();
        let outside = "9.9.9.9".parse().unwrap();
        assert!(judge("id.example.org", inside).is_ok());
        assert!(judge("ID.example.org", inside).is_ok());
        assert!(judge("keys.example.org", outside).is_ok());
        for other in ["keys.example.org", "id.example.org.evil", "10.0.0.7", ""] {
            assert!(judge(other, inside).is_err(), "{other}");
        }
    }

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
}

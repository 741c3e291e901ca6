//! Networks in the configuration, and whether a sign-in comes from one.

use std::net::{IpAddr, Ipv6Addr};

use ipnet::IpNet;
use toml::de::DeValue;

use crate::document::strings;

/// The rule that an invalid list of networks violates.
pub(super) const RULE: &str =
    "must be an array of networks such as \"10.0.0.0/8\", or of single addresses";

/// Bits before the IPv4 address in an IPv4-mapped IPv6 address (RFC 4291, section 2.5.5.2).
const MAPPED: u8 = 96;

/// `::ffff:0.0.0.0`, the first mapped address.
const FIRST_MAPPED: Ipv6Addr = Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0);

/// Parses a list of networks.
pub(super) fn networks(value: &DeValue<'_>) -> Option<Vec<IpNet>> {
    strings(value)?.iter().map(|text| network(text)).collect()
}

/// Parses `10.0.0.0/8`. A bare address is a network of one, and `::ffff:10.0.0.0/104` is `10.0.0.0/8`, since the
/// addresses compared with it are made canonical too.
fn network(text: &str) -> Option<IpNet> {
    let Some((address, length)) = text.split_once('/') else {
        return Some(text.parse::<IpAddr>().ok()?.to_canonical().into());
    };
    let address: IpAddr = address.parse().ok()?;
    let length: u8 = length.parse().ok()?;
    let canonical = address.to_canonical();
    if canonical != address {
        return IpNet::new(canonical, length.checked_sub(MAPPED)?).ok();
    }
    let network = IpNet::new(address, length).ok()?;
    // A prefix that covers all mapped addresses and more is ambiguous.
    let is_mixed = length > 0 && network.contains(&IpAddr::V6(FIRST_MAPPED));
    (!is_mixed).then_some(network)
}

/// Whether `remote_host` (`PAM_RHOST`) is an address in one of the networks.
///
/// Only a literal address counts: a name is whatever its resolver says, and an empty value means unknown.
/// `::ffff:10.0.0.1`, as a dual-stack sshd reports it, is 10.0.0.1.
pub(super) fn covers(networks: &[IpNet], remote_host: &str) -> bool {
    let Ok(address) = remote_host.parse::<IpAddr>() else {
        return false;
    };
    let address = address.to_canonical();
    networks.iter().any(|network| network.contains(&address))
}

/// Whether `remote_host` is a name, as sshd reports it with `UseDNS yes`, which no network covers.
pub(crate) fn is_host_name(remote_host: &str) -> bool {
    !remote_host.is_empty() && remote_host.parse::<IpAddr>().is_err()
}

#[cfg(test)]
mod tests {
    use super::{covers, is_host_name, network};

    #[test]
    fn an_address_alone_is_a_network_of_one() {
        for (text, inside, outside) in [
            ("10.1.2.3", "10.1.2.3", "10.1.2.4"),
            ("2001:db8::7", "2001:db8::7", "2001:db8::8"),
            ("::ffff:10.1.2.3", "10.1.2.3", "10.1.2.2"),
        ] {
            let list = [network(text).unwrap()];
            assert!(covers(&list, inside) && !covers(&list, outside), "{text}");
        }
    }

    #[test]
    fn a_mapped_network_is_the_ipv4_network_that_it_maps() {
        for (text, same) in [
            ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
            ("::ffff:10.1.2.3/128", "10.1.2.3/32"),
            ("::FFFF:0a00:0000/104", "10.0.0.0/8"),
            ("::ffff:0.0.0.0/96", "0.0.0.0/0"),
        ] {
            let list = [network(text).unwrap()];
            assert_eq!(list[0].trunc(), same.parse().unwrap(), "{text}");
            for host in ["10.1.2.3", "::ffff:10.1.2.3", "::ffff:0a01:0203"] {
                assert!(covers(&list, host), "{text} {host}");
            }
        }
    }

    #[test]
    fn what_is_no_network_or_two_at_once_is_refused() {
        for text in [
            "",
            "intranet",
            "10.0.0",
            "10.0.0.0/33",
            "10.0.0.0/",
            "/8",
            "10.0.0.0/8 ",
            "010.0.0.0/8",
            "::ffff:10.0.0.0/95",
            "::fffe:0:0/95",
            "::/16",
            "fe80::1%eth0",
        ] {
            assert_eq!(network(text), None, "{text}");
        }
        // All of IPv6, and no IPv4.
        let six = [network("::/0").unwrap()];
        assert!(covers(&six, "2001:db8::1") && !covers(&six, "10.1.2.3"));
    }

    #[test]
    fn a_name_is_told_apart_from_an_address_and_from_nothing() {
        for (host, is_name) in [
            ("laptop.example.org", true),
            ("UNKNOWN", true),
            ("10.1.2.3.example.org", true),
            ("10.1.2.3", false),
            ("::ffff:10.1.2.3", false),
            ("", false),
        ] {
            assert_eq!(is_host_name(host), is_name, "{host}");
        }
    }
}

//! Which addresses count as one: a customer's and a network's.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;

/// The range that a provider's customer usually has: one IPv4 address, an IPv6 /64.
pub(crate) fn home_of(address: IpAddr) -> IpAddr {
    within(address, 32, 64)
}

/// The range of one network: an IPv4 /24, an IPv6 /48. All addresses of this host are one.
pub(crate) fn network_of(address: IpAddr) -> IpAddr {
    if address.to_canonical().is_loopback() {
        return Ipv4Addr::LOCALHOST.into();
    }
    within(address, 24, 48)
}

fn within(address: IpAddr, bits_v4: u8, bits_v6: u8) -> IpAddr {
    let address = address.to_canonical();
    let bits = if address.is_ipv4() { bits_v4 } else { bits_v6 };
    IpNet::new(address, bits).map_or(address, |range| range.network())
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::{home_of, network_of};

    #[test]
    fn an_address_belongs_to_a_home_and_a_network() {
        for (address, home, network) in [
            ("203.0.113.5", "203.0.113.5", "203.0.113.0"),
            ("::ffff:203.0.113.5", "203.0.113.5", "203.0.113.0"),
            ("2001:db8:1:2:3::4", "2001:db8:1:2::", "2001:db8:1::"),
            ("127.8.9.10", "127.8.9.10", "127.0.0.1"),
            ("::1", "::", "127.0.0.1"),
        ] {
            let [address, home, network] =
                [address, home, network].map(|text| text.parse::<IpAddr>().unwrap());
            assert_eq!((home_of(address), network_of(address)), (home, network));
        }
    }
}

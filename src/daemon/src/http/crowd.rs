//! Limits the number of connections: in total, per address, and per network.

use std::net::IpAddr;
use std::sync::Arc;

use antiphon_core::config::Page;

use crate::network::{home_of, network_of};
use crate::seats::{Full, Seat, Seats, Share};
use crate::seldom::Seldom;

/// Most connections. With half a request head received on each over TLS, the daemon uses about 380 of the 512 MB that
/// its unit allows (`MemoryMax=`).
const MOST: usize = 12_000;
/// Most from one address; many phones may share a carrier's address.
const MOST_OF_ADDRESS: usize = 1_000;
/// Most from one network, which has many addresses.
const MOST_OF_NETWORK: usize = 3_000;

pub(super) struct Crowd {
    seats: Arc<Seats<From>>,
    /// Proxies, which have no limit of their own.
    proxies: Vec<IpAddr>,
    /// Where the page is plain HTTP, connections from this host come from a proxy.
    loopback_is_proxy: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum From {
    Address(IpAddr),
    Network(IpAddr),
}

/// A connection's seat.
pub(super) type Guest = Seat<From>;

impl Crowd {
    pub(super) fn new(page: &Page) -> Self {
        let proxies = page.trusted_proxies.iter();
        Self {
            seats: Seats::new(MOST),
            proxies: proxies.map(IpAddr::to_canonical).collect(),
            loopback_is_proxy: page.tls.is_none(),
        }
    }

    /// Whether this is a trusted proxy or the host itself.
    pub(super) fn is_near(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_loopback() || self.proxies.contains(&address)
    }

    /// Admits a connection if there is room.
    pub(super) async fn enter(&self, address: IpAddr) -> Option<Guest> {
        static SHARES: Seldom = Seldom::once_a_minute();
        static ALL: Seldom = Seldom::once_a_minute();
        let taken = self.seats.take(&self.shares(address)).await;
        match &taken {
            Ok(guest) if !guest.was_full => {}
            Ok(_) => ALL.warn(format_args!(
                "the page has {MOST} connections open, all that it takes: those that ask for nothing give way"
            )),
            Err(Full::Share(From::Address(from))) => SHARES.warn(format_args!(
                "{from} has {MOST_OF_ADDRESS} connections to the page open, all that one address may; further ones \
                 are closed (if it is a proxy: [page] trusted_proxies)"
            )),
            Err(Full::Share(From::Network(from))) => SHARES.warn(format_args!(
                "the network of {from} has {MOST_OF_NETWORK} connections to the page open, all that one network may; \
                 further ones are closed"
            )),
            Err(Full::All) => ALL.warn(format_args!(
                "the page has {MOST} connections open, all that it takes; further ones are closed"
            )),
        }
        taken.ok()
    }

    /// Waits until all have closed.
    pub(super) async fn empty(&self) {
        self.seats.empty().await;
    }

    fn shares(&self, address: IpAddr) -> Vec<Share<From>> {
        let address = address.to_canonical();
        let is_proxy =
            self.proxies.contains(&address) || address.is_loopback() && self.loopback_is_proxy;
        if is_proxy {
            return Vec::new();
        }
        vec![
            Share {
                of: From::Address(home_of(address)),
                most: MOST_OF_ADDRESS,
            },
            Share {
                of: From::Network(network_of(address)),
                most: MOST_OF_NETWORK,
            },
        ]
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

    use antiphon_core::config::{Page, TlsFiles};

    use super::{Crowd, Guest, MOST, MOST_OF_ADDRESS, MOST_OF_NETWORK};

    async fn fill(crowd: &Crowd, addresses: impl Iterator<Item = IpAddr>) -> Vec<Guest> {
        let mut guests = Vec::new();
        for address in addresses {
            guests.extend(crowd.enter(address).await);
        }
        guests
    }

    fn with_tls() -> Page {
        Page {
            tls: Some(TlsFiles {
                certificate: "/c".into(),
                key: "/k".into(),
            }),
            trusted_proxies: vec!["10.0.0.1".parse().unwrap()],
            ..Page::default()
        }
    }

    #[tokio::test]
    async fn neither_an_address_nor_a_network_nor_this_computer_fills_the_house() {
        let elsewhere: IpAddr = "198.51.100.7".parse().unwrap();
        let v4 = |net: u32, host: u32| IpAddr::V4(Ipv4Addr::from_bits(net << 8 | host));
        let v6 = |subnet: u128, host: u128| {
            IpAddr::V6(Ipv6Addr::from_bits(
                0x2001_0db8_0001 << 80 | subnet << 64 | host,
            ))
        };
        let numbers = 0..u32::try_from(MOST).unwrap();
        let floods: [(Vec<IpAddr>, usize); 5] = [
            (
                numbers.clone().map(|_| v4(0xcb_0071, 5)).collect(),
                MOST_OF_ADDRESS,
            ),
            (
                numbers
                    .clone()
                    .map(|number| v4(0xcb_0071, number % 256))
                    .collect(),
                MOST_OF_NETWORK,
            ),
            (
                numbers.clone().map(|number| v6(7, number.into())).collect(),
                MOST_OF_ADDRESS,
            ),
            (
                numbers.clone().map(|number| v6(number.into(), 1)).collect(),
                MOST_OF_NETWORK,
            ),
            (
                numbers.map(|number| v4(0x7f_0000, number % 256)).collect(),
                MOST_OF_NETWORK,
            ),
        ];
        for (addresses, most) in floods {
            let crowd = Crowd::new(&with_tls());
            let guests = fill(&crowd, addresses.into_iter()).await;
            assert_eq!(guests.len(), most);
            assert!(crowd.enter(elsewhere).await.is_some());
        }
    }

    #[tokio::test]
    async fn a_proxy_may_fill_the_house() {
        let proxy = "10.0.0.1".parse().unwrap();
        let crowd = Crowd::new(&with_tls());
        let guests = fill(&crowd, (0..MOST).map(|_| proxy)).await;
        assert_eq!(guests.len(), MOST);
        // Without TLS, connections from this host come from a proxy too.
        let crowd = Crowd::new(&Page::default());
        let here = Ipv4Addr::LOCALHOST.into();
        assert_eq!(fill(&crowd, (0..MOST).map(|_| here)).await.len(), MOST);
    }
}

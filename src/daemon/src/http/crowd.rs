//! How many connections there are, in all and from one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::tries::network;

/// Connections at once.
const MOST: usize = 16_000;
/// Of one network; many phones may stand behind one address of a carrier.
const MOST_OF_ONE: u32 = 1_000;

/// All connections.
pub(super) struct Crowd {
    places: Arc<Semaphore>,
    by_network: Mutex<HashMap<IpAddr, u32>>,
    /// Behind these stand many.
    proxies: Vec<IpAddr>,
}

/// One of them.
pub(super) struct Guest {
    crowd: Arc<Crowd>,
    from: Option<IpAddr>,
    _place: OwnedSemaphorePermit,
}

impl Crowd {
    pub(super) fn new(proxies: &[IpAddr]) -> Arc<Self> {
        Arc::new(Self {
            places: Arc::new(Semaphore::new(MOST)),
            by_network: Mutex::default(),
            proxies: proxies.iter().map(IpAddr::to_canonical).collect(),
        })
    }

    /// Whether this is a proxy that is trusted, or the computer itself.
    pub(super) fn is_near(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_loopback() || self.proxies.contains(&address)
    }

    /// Lets one more in, if there is room.
    pub(super) fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Guest> {
        let place = Arc::clone(&self.places).try_acquire_owned().ok()?;
        let from = (!self.is_near(address)).then(|| network(address));
        if let Some(from) = from {
            let mut by_network = self.networks();
            let here = by_network.entry(from).or_default();
            if *here >= MOST_OF_ONE {
                return None;
            }
            *here += 1;
        }
        Some(Guest {
            crowd: Arc::clone(self),
            from,
            _place: place,
        })
    }

    /// Waits until all have gone.
    pub(super) async fn empty(&self) {
        let all = u32::try_from(MOST).unwrap_or(u32::MAX);
        let _ = self.places.acquire_many(all).await;
    }

    fn networks(&self) -> std::sync::MutexGuard<'_, HashMap<IpAddr, u32>> {
        self.by_network
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let Some(from) = self.from else { return };
        let mut by_network = self.crowd.networks();
        if let Some(here) = by_network.get_mut(&from) {
            *here -= 1;
            if *here == 0 {
                by_network.remove(&from);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Crowd, MOST, MOST_OF_ONE};

    #[test]
    fn one_network_cannot_fill_the_house_and_a_proxy_may() {
        let proxy = "10.0.0.1".parse().unwrap();
        let crowd = Crowd::new(&[proxy]);
        let one = "203.0.113.5".parse().unwrap();
        let guests: Vec<_> = (0..MOST_OF_ONE)
            .map(|_| crowd.enter(one).unwrap())
            .collect();
        assert!(crowd.enter(one).is_none());
        assert!(crowd.enter("203.0.113.6".parse().unwrap()).is_some());
        let rest = MOST - guests.len();
        let by_proxy: Vec<_> = (0..rest).map(|_| crowd.enter(proxy).unwrap()).collect();
        assert!(crowd.enter(proxy).is_none());
        drop(guests);
        assert!(crowd.enter(one).is_some());
        drop(by_proxy);
        assert!(crowd.networks().is_empty());
    }
}

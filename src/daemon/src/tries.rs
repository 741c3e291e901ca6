//! Rate limits on an address's attempts to enrol or renew a token, a user id's requests, a phone's changes of its push
//! address, and pushes to a device.
//!
//! Tickets and signatures cannot be guessed; this keeps the daemon from being kept busy, and root's log quiet.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Attempts per span of time; enough for many people behind one address.
const MOST: u32 = 30;
const SPAN: Duration = Duration::from_secs(60);
/// How many keys are remembered.
const ADDRESSES: usize = 10_000;

pub(crate) struct Tries<K>(Mutex<HashMap<K, Counted>>);

impl<K> Default for Tries<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

struct Counted {
    since: Instant,
    tries: u32,
}

impl<K: Copy + Eq + Hash> Tries<K> {
    /// Whether another attempt at `now` would be too many, without counting one.
    ///
    /// # Errors
    /// Seconds to wait.
    pub(crate) fn look(&self, key: K, now: Instant) -> Result<(), u64> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(counted) = all.get(&key) else {
            return Ok(());
        };
        let past = now.saturating_duration_since(counted.since);
        if past < SPAN && counted.tries >= MOST {
            return Err(SPAN.saturating_sub(past).as_secs() + 1);
        }
        Ok(())
    }

    /// Counts an attempt at `now`.
    ///
    /// # Errors
    /// Seconds to wait, if there were too many.
    pub(crate) fn count(&self, key: K, now: Instant) -> Result<(), u64> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= ADDRESSES && !all.contains_key(&key) {
            make_room(&mut all, now);
        }
        let counted = all.entry(key).or_insert(Counted {
            since: now,
            tries: 0,
        });
        let past = now.saturating_duration_since(counted.since);
        if past >= SPAN {
            *counted = Counted {
                since: now,
                tries: 0,
            };
        }
        if counted.tries >= MOST {
            return Err(SPAN.saturating_sub(past).as_secs() + 1);
        }
        counted.tries += 1;
        Ok(())
    }
}

/// Removes expired entries, or the oldest one if there are none.
fn make_room<K: Copy + Eq + Hash>(all: &mut HashMap<K, Counted>, now: Instant) {
    all.retain(|_, counted| now.saturating_duration_since(counted.since) < SPAN);
    if all.len() >= ADDRESSES {
        let oldest = all.iter().min_by_key(|(_, counted)| counted.since);
        if let Some(oldest) = oldest.map(|(address, _)| *address) {
            all.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};
    use std::time::Instant;

    use super::{ADDRESSES, MOST, SPAN, Tries};
    use crate::network::home_of;

    #[test]
    fn an_address_tries_so_often_and_then_waits_and_others_do_not() {
        let tries = Tries::default();
        let start = Instant::now();
        let one: IpAddr = "2001:db8::1".parse().unwrap();
        let same_network: IpAddr = "2001:db8::2".parse().unwrap();
        let other: IpAddr = "2001:db8:0:1::1".parse().unwrap();
        for _ in 0..MOST {
            assert_eq!(tries.look(home_of(one), start), Ok(()));
            assert_eq!(tries.count(home_of(one), start), Ok(()));
        }
        assert_eq!(tries.look(home_of(one), start), Err(61));
        assert_eq!(tries.look(home_of(one), start + SPAN), Ok(()));
        assert_eq!(tries.look(home_of(other), start), Ok(()));
        assert_eq!(tries.count(home_of(same_network), start), Err(61));
        assert_eq!(tries.count(home_of(other), start), Ok(()));
        assert_eq!(tries.count(home_of(one), start + SPAN / 2), Err(31));
        assert_eq!(tries.count(home_of(one), start + SPAN), Ok(()));
    }

    #[test]
    fn a_flood_of_addresses_takes_no_more_room() {
        let tries = Tries::default();
        let start = Instant::now();
        for number in 0..=u32::try_from(ADDRESSES).unwrap() {
            let address = IpAddr::V4(Ipv4Addr::from_bits(number));
            assert_eq!(tries.count(address, start), Ok(()));
        }
        assert_eq!(tries.0.lock().unwrap().len(), ADDRESSES);
    }
}

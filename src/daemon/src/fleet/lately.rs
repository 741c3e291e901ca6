//! Hosts that the store has known lately: while it is away, they still reach the phones whose page is open here.
//!
//! The risk is one of time alone: nobody can revoke a host where the store is away for all relays, and a relay that alone has
//! lost it learns of a revocation late, but within the hour.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use antiphon_core::wire::HostRole;

/// How long what the store has said of a host holds without it.
const LASTS: Duration = Duration::from_secs(3600);

/// As many as the fleet has hosts at most: others are forgotten when the store says so.
#[derive(Default)]
pub(super) struct Lately {
    /// By name.
    known: Mutex<HashMap<String, Known>>,
    /// Those of whom the store is still to be told that they were connected.
    seen: Mutex<HashSet<String>>,
}

/// A host as the store has known it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Known {
    /// The fingerprint of its key.
    pub(super) key: [u8; 32],
    pub(super) role: HostRole,
    pub(super) at: Instant,
}

impl Lately {
    fn all(&self) -> MutexGuard<'_, HashMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The store knows this host, and it is not revoked.
    pub(super) fn note(&self, name: &str, known: Known) {
        self.all().insert(name.to_owned(), known);
    }

    /// The store knows no such host any more, or has revoked it.
    pub(super) fn forget(&self, name: &str) {
        self.all().remove(name);
    }

    /// The host was connected; returns whether the store is now to be told, with all that come until [`Self::take_seen`].
    pub(super) fn see(&self, name: &str) -> bool {
        let mut seen = self.seen();
        seen.insert(name.to_owned()) && seen.len() == 1
    }

    pub(super) fn take_seen(&self) -> Vec<String> {
        self.seen().drain().collect()
    }

    fn seen(&self) -> MutexGuard<'_, HashSet<String>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the host with this name and key may do, if the store has known it lately.
    pub(super) fn role(&self, name: &str, key: [u8; 32], now: Instant) -> Option<HostRole> {
        let known = self.all().get(name).copied()?;
        let holds = known.key == key && now.saturating_duration_since(known.at) < LASTS;
        holds.then_some(known.role)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use antiphon_core::wire::HostRole;

    use super::{Known, LASTS, Lately};

    #[test]
    fn what_the_store_has_said_of_a_host_holds_for_an_hour_and_for_its_key() {
        let (lately, at) = (Lately::default(), Instant::now());
        let known = Known {
            key: [1; 32],
            role: HostRole::Enrol,
            at,
        };
        lately.note("db7", known);
        let last = at + Duration::from_secs(3599);
        assert_eq!(lately.role("db7", [1; 32], last), Some(HostRole::Enrol));
        assert_eq!(lately.role("db7", [1; 32], at + LASTS), None);
        assert_eq!(lately.role("db7", [2; 32], at), None);
        assert_eq!(lately.role("web1", [1; 32], at), None);
        lately.forget("db7");
        assert_eq!(lately.role("db7", [1; 32], at), None);
    }
}

//! Tokens and hosts of all relays go by the engine's clock.

use antiphon_core::time::UnixTime;
use antiphon_core::wire::HostRole;

use super::store;
use crate::clock;
use crate::engine::tests::Served;
use crate::store::Store;
use crate::store::fleet::{Joining, Newcomer, OpenToken};

const YEAR: u64 = 365 * 86_400;
const HOUR: u64 = 3600;

#[tokio::test]
async fn a_relay_whose_clock_is_wrong_ends_nobodys_token_and_revives_none() {
    let served = Served::start();
    let store = store(&served).await;
    let now = clock::now();
    let (behind, ahead) = (UnixTime(now.0 - YEAR), now.plus(YEAR));
    let token = |hash, until| OpenToken {
        hash: [hash; 32],
        role: HostRole::Host,
        hosts: 5,
        until,
        network: None,
        opener: String::new(),
    };
    let (good, over) = (1, 2);
    let open = [(good, now.plus(HOUR)), (over, UnixTime(now.0 - HOUR))];
    for (hash, until) in open {
        store.open_token(token(hash, until)).await.unwrap();
    }
    for (number, clock) in [(1, ahead), (2, behind), (3, now)] {
        let newcomer = |hash| Newcomer {
            hash: [hash; 32],
            name: format!("db{number}"),
            key: [number; 32],
            from: [10, 0, 0, 7].into(),
            now: clock,
        };
        let listed = store.tokens([0; 32], 9, clock).await.unwrap();
        let listed: Vec<u8> = listed.iter().map(|token| token.hash[0]).collect();
        assert_eq!(listed, [good], "{clock}");
        let joined = store.join(newcomer(over)).await;
        assert_eq!(joined, Ok(Joining::Token), "{clock}");
        let joined = store.join(newcomer(good)).await;
        assert_eq!(joined, Ok(Joining::Joined(HostRole::Host)), "{clock}");
    }
    store.seen(vec!["db1".into()], ahead).await.unwrap();
    store.revoke("db1", behind).await.unwrap();
    let entry = store.host("db1").await.unwrap().unwrap().entry;
    for noted in [Some(entry.joined), entry.seen, entry.revoked] {
        let off = noted.expect("a time").0.abs_diff(now.0);
        assert!(off < HOUR, "{noted:?}");
    }
}

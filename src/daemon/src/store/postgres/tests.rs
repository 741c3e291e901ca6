mod fleet;
mod messages;

use std::sync::Arc;

use tokio::task::JoinSet;

use super::Postgres;
use crate::clock;
use crate::engine::tests::Served;
use crate::store::conformance::{self, phone};
use crate::store::fleet::{Joining, Newcomer, OpenToken};
use crate::store::{Ceilings, Counted, Sending, Store, StoreError};
use antiphon_core::time::UnixTime;
use antiphon_core::wire::HostRole;

const NOW: UnixTime = UnixTime(1_795_377_600);

async fn store(served: &Served) -> Arc<Postgres> {
    Arc::new(Postgres::new(served.engine().await))
}

#[tokio::test]
async fn it_does_what_stores_do_and_other_relays_know_it() {
    let mut served = Served::start();
    let one = store(&served).await;
    conformance::holds(&*one).await;
    let other = store(&served).await;
    let before = one.of_user("åsa").await.unwrap();
    assert_eq!(other.of_user("åsa").await.unwrap(), before);
    assert_eq!(other.push_key(vec![9]).await.unwrap(), [1, 2]);
    // And so do both after a crash, each over new connections.
    served.server.crash();
    let lost = one.of_user("åsa").await;
    assert!(matches!(lost, Err(StoreError::Unavailable(_))), "{lost:?}");
    served.server.resume();
    for store in [&one, &other] {
        assert_eq!(store.of_user("åsa").await.unwrap(), before);
    }
    assert_eq!((one.errors(), other.errors()), (1, 0));
}

/// What each of 16 tasks at two relays gets.
async fn all<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    relays: &[Arc<Postgres>; 2],
    ask: impl Fn(Arc<Postgres>, u8) -> F,
) -> Vec<T> {
    let mut tasks = JoinSet::new();
    for number in 0..16 {
        let relay = &relays[usize::from(number) % 2];
        tasks.spawn(ask(Arc::clone(relay), number));
    }
    tasks.join_all().await
}

#[tokio::test]
async fn ceilings_tokens_and_names_hold_over_all_relays() {
    let served = Served::start();
    // Whatever the administrator of the engine has set for other programs.
    served
        .server
        .ask("ALTER DATABASE antiphon SET default_transaction_isolation = 'repeatable read'");
    let relays = [store(&served).await, store(&served).await];
    let ceilings = Ceilings {
        ten_minutes: 3,
        day: 9,
        day_of_host: 9,
        day_of_all: 9,
    };
    let counted = all(&relays, move |relay, _| async move {
        let sending = Sending {
            user: "anna".into(),
            host: String::new(),
        };
        relay.count_message(sending, NOW, ceilings).await.unwrap()
    });
    let counted = counted.await.into_iter();
    assert_eq!(
        counted.filter(|counted| *counted == Counted::Fine).count(),
        3
    );

    let token = |hash| OpenToken {
        hash: [hash; 32],
        role: HostRole::Host,
        hosts: 5,
        until: clock::now().plus(600),
        network: None,
        opener: String::new(),
    };
    for hash in [1, 2] {
        relays[0].open_token(token(hash)).await.unwrap();
    }
    let newcomer = |hash, name: &str, key| Newcomer {
        hash: [hash; 32],
        name: name.to_owned(),
        key: [key; 32],
        from: [10, 0, 0, 7].into(),
        now: NOW,
    };
    let joined = |all: Vec<Joining>| {
        let is_in = |joining: &&Joining| **joining == Joining::Joined(HostRole::Host);
        all.iter().filter(is_in).count()
    };
    let by_number = all(&relays, move |relay, number| async move {
        let host = newcomer(1, &format!("db{number}"), number);
        relay.join(host).await.unwrap()
    });
    assert_eq!(joined(by_number.await), 5);
    let by_name = all(&relays, move |relay, number| async move {
        relay.join(newcomer(2, "web1", number)).await.unwrap()
    });
    assert_eq!(joined(by_name.await), 1);
    // The refused have used nothing up.
    let left = served
        .server
        .ask_in("antiphon", "SELECT hosts FROM join_token WHERE hosts > 0");
    assert_eq!(left, "4");
}

#[tokio::test]
async fn a_phone_that_two_persons_enrol_at_the_same_time_is_ones() {
    let served = Served::start();
    let relays = [store(&served).await, store(&served).await];
    let kept = all(&relays, move |relay, number| async move {
        let mine = phone(&[1], &format!("person{number}"), number);
        relay.keep(mine).await
    });
    let kept = kept.await;
    assert_eq!(kept.iter().filter(|kept| kept.is_ok()).count(), 1);
    let refused = |kept: &&Result<(), StoreError>| **kept == Err(StoreError::Conflict);
    assert_eq!(kept.iter().filter(refused).count(), 15, "{kept:?}");
}

#[tokio::test]
async fn what_cannot_be_asked_or_read_is_the_trouble_of_who_asked_for_it_alone() {
    let served = Served::start();
    let store = store(&served).await;
    for (number, user) in [(1, "anna"), (2, "bob")] {
        store.keep(phone(&[number], user, number)).await.unwrap();
    }
    // As a relay of a later form writes it.
    let later = "UPDATE device SET push = '{\"later\":1}' WHERE credential = '\\x02'";
    served.server.ask_in("antiphon", later);
    // The engine takes no such name.
    let lie = "anna\0";
    // The first of them begins the question, and the others are asked together.
    let (_, lied, anna, bob) = tokio::join!(
        store.of_user("anna"),
        store.of_user(lie),
        store.of_user("anna"),
        store.of_user("bob")
    );
    assert_eq!(lied, Ok(Vec::new()));
    assert_eq!(anna.unwrap().len(), 1);
    assert!(bob.is_err());
    assert_eq!(store.host(lie).await, Ok(None));
}

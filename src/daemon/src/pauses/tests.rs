//! Pauses are the same in a daemon's memory and in the engine, there at whichever relay.

use std::sync::Arc;
use std::time::Duration;

use antiphon_core::approval::Assertion;
use antiphon_core::time::UnixTime;
use antiphon_core::wire::Silence;
use tokio::sync::oneshot::channel;
use tokio::time::sleep;

use super::{AGAIN, Begun, MOST, Paused, Pauses, Report, Whose};
use crate::clock;
use crate::engine::Care;
use crate::engine::tests::Served;
use crate::post::{Alone, ByEngine, Changed, MOST_PEOPLE, PausePage, Post};

/// Two ways to the same pauses.
struct Ways {
    one: Pauses,
    other: Pauses,
    post: Arc<dyn Post>,
    now: UnixTime,
}

impl Ways {
    fn alone() -> Self {
        let post: Arc<dyn Post> = Arc::new(Alone::default());
        let (one, other) = (Pauses::by(post.clone()), Pauses::by(post.clone()));
        let now = clock::now();
        Self {
            one,
            other,
            post,
            now,
        }
    }

    /// Two relays.
    async fn by_engine(served: &Served) -> Self {
        let relay = async || {
            let engine = served.engine().await;
            Arc::new(ByEngine::new(engine, crate::post::tests::PATIENCE).unwrap())
        };
        let (one, post) = (relay().await, relay().await);
        Self {
            one: Pauses::by(one),
            other: Pauses::by(post.clone()),
            post,
            now: clock::now(),
        }
    }

    /// A pause that began so many seconds ago, and lasts an hour from now.
    fn pause(&self, ago: u64) -> Silence {
        Silence {
            since: UnixTime(self.now.0 - ago),
            until: self.now.plus(3600),
        }
    }

    /// Which of the person's pauses is shown.
    async fn shown(&self, user: &str) -> Option<UnixTime> {
        let shown = self.other.of(user).await;
        shown.map(|seen| seen.pause.since)
    }

    async fn takes_back(&self, whose: &Whose, since: UnixTime) -> bool {
        let whose = whose.clone();
        let begun = Begun { whose, since };
        let taken = self.other.take_back(&begun, &assertion()).await;
        taken.unwrap()
    }
}

fn whose(user: &str, host: &str) -> Whose {
    Whose {
        user: user.into(),
        host: host.into(),
    }
}

fn assertion() -> Assertion {
    Assertion {
        credential: vec![1],
        client_data: vec![2],
        authenticator_data: vec![3],
        signature: vec![4],
    }
}

async fn hold(ways: &Ways) {
    what_takes_a_pause_back_is_handed_over_once_and_for_that_pause_alone(ways).await;
    a_pause_of_another_origin_leaves_what_has_taken_the_first_back(ways).await;
    a_person_is_shown_the_pauses_of_every_host_and_ends_each_for_its_own(ways).await;
    a_suspicion_is_told_once_at_its_own_host_alone(ways).await;
    a_pause_that_is_over_is_forgotten(ways).await;
    no_times_are_kept_that_a_host_makes_up(ways).await;
    the_pauses_of_a_person_have_a_bound(ways).await;
}

#[tokio::test]
async fn they_hold_in_a_daemons_memory() {
    hold(&Ways::alone()).await;
}

#[tokio::test]
async fn they_hold_over_all_relays_and_outlive_the_engines_crash() {
    let mut served = Served::start();
    let ways = Ways::by_engine(&served).await;
    hold(&ways).await;
    let eve = whose("eve", "web1");
    assert_eq!(ways.one.heard(&eve, ways.pause(1)).await, None);
    ways.one.suspect(eve.clone(), report()).await;
    // What is soft is on disk after a moment, or when all is written.
    served.server.ask("CHECKPOINT");
    served.server.crash();
    assert_eq!(ways.other.begun("eve").await, None);
    served.server.resume();
    assert_eq!(ways.other.begun("eve").await.unwrap().len(), 2);
    assert!(ways.other.unheard(&eve).await.is_some());
}

async fn what_takes_a_pause_back_is_handed_over_once_and_for_that_pause_alone(ways: &Ways) {
    let (anna, bob) = (whose("anna", "web1"), whose("bob", "web1"));
    let pause = ways.pause(10);
    assert!(!ways.takes_back(&anna, pause.since).await);
    assert_eq!(ways.one.heard(&anna, pause).await, None);
    assert!(!ways.takes_back(&anna, pause.since.plus(1)).await);
    assert!(!ways.takes_back(&bob, pause.since).await);
    assert!(ways.takes_back(&anna, pause.since).await);
    assert!(ways.one.of("anna").await.unwrap().is_taken_back);
    assert_eq!(ways.one.heard(&anna, pause).await, Some(assertion()));
    assert_eq!(ways.shown("anna").await, None);
    assert_eq!(ways.one.heard(&anna, pause).await, None);
    assert!(ways.takes_back(&anna, pause.since).await);
    let later = ways.pause(5);
    assert_eq!(ways.one.heard(&anna, later).await, None);
    assert!(!ways.other.of("anna").await.unwrap().is_taken_back);
}

async fn a_pause_of_another_origin_leaves_what_has_taken_the_first_back(ways: &Ways) {
    let cleo = whose("cleo", "web1");
    let (first, second) = (ways.pause(10), ways.pause(5));
    ways.one.heard(&cleo, first).await;
    assert!(ways.takes_back(&cleo, first.since).await);
    assert_eq!(ways.one.heard(&cleo, second).await, None);
    // Pauses that can still be ended are shown first.
    assert_eq!(ways.shown("cleo").await, Some(second.since));
    assert!(ways.takes_back(&cleo, second.since).await);
    assert!(ways.other.of("cleo").await.unwrap().is_taken_back);
    for pause in [first, second] {
        assert_eq!(ways.one.heard(&cleo, pause).await, Some(assertion()));
    }
}

async fn a_person_is_shown_the_pauses_of_every_host_and_ends_each_for_its_own(ways: &Ways) {
    let (web1, db7) = (whose("dora", "web1"), whose("dora", "db7"));
    let (first, second) = (ways.pause(10), ways.pause(5));
    ways.one.heard(&web1, first).await;
    ways.other.heard(&db7, second).await;
    assert_eq!(ways.one.of("dora").await.unwrap().host, "db7");
    let mut begun = ways.one.begun("dora").await.unwrap();
    begun.sort_by_key(|begun| begun.since);
    let expected = [(&web1, first), (&db7, second)].map(|(whose, pause)| Begun {
        whose: whose.clone(),
        since: pause.since,
    });
    assert_eq!(begun, expected);
    assert!(ways.takes_back(&db7, second.since).await);
    // The one that still stands.
    assert_eq!(ways.one.of("dora").await.unwrap().host, "web1");
    assert_eq!(ways.one.heard(&web1, first).await, None);
    assert_eq!(ways.one.heard(&db7, second).await, Some(assertion()));
}

fn report() -> Report {
    Report {
        remote_host: "203.0.113.5".into(),
        caller: "åsa".into(),
        lasts: 900,
    }
}

async fn a_suspicion_is_told_once_at_its_own_host_alone(ways: &Ways) {
    let (web1, db7) = (whose("frida", "web1"), whose("frida", "db7"));
    ways.one.suspect(web1.clone(), report()).await;
    let shown = ways.other.of("frida").await.unwrap();
    assert_eq!(shown.host, "web1");
    assert_eq!(ways.other.unheard(&db7).await, None);
    let told = ways.other.unheard(&web1).await.unwrap();
    assert_eq!(told.since, shown.pause.since);
    let told = (told.remote_host.as_str(), told.caller.as_str());
    assert_eq!(told, ("203.0.113.5", "åsa"));
    assert_eq!(ways.one.unheard(&web1).await, None);
    // It is shown for its time.
    assert_eq!(ways.shown("frida").await, Some(shown.pause.since));
    assert_eq!(shown.pause.until, shown.pause.since.plus(900));
}

async fn a_pause_that_is_over_is_forgotten(ways: &Ways) {
    let gustav = whose("gustav", "web1");
    let over = Silence {
        since: UnixTime(ways.now.0 - 900),
        until: UnixTime(ways.now.0 - 1),
    };
    let mut page = PausePage::new(gustav.clone());
    page.pauses.push(Paused::new(over));
    assert_eq!(ways.post.change_pauses(page).await, Changed::Fine);
    assert_eq!(ways.shown("gustav").await, None);
    assert!(!ways.takes_back(&gustav, over.since).await);
    let book = ways.post.pauses("gustav".into()).await.unwrap();
    assert!(book.pages.is_empty());
    assert_eq!(ways.one.heard(&gustav, over).await, None);
    assert!(ways.one.begun("gustav").await.unwrap().is_empty());
}

async fn no_times_are_kept_that_a_host_makes_up(ways: &Ways) {
    let hedda = whose("hedda", "web1");
    let day = 86_400;
    for (since, until) in [
        (ways.now, ways.now.plus(day + 1)),
        (ways.now, UnixTime(u64::MAX)),
        (ways.now.plus(900), ways.now.plus(902)),
    ] {
        assert_eq!(ways.one.heard(&hedda, Silence { since, until }).await, None);
        assert_eq!(ways.shown("hedda").await, None);
    }
    // A clock that is a little ahead.
    let since = ways.now.plus(500);
    let until = since.plus(day);
    ways.one.heard(&hedda, Silence { since, until }).await;
    assert_eq!(ways.shown("hedda").await, Some(since));
}

async fn the_pauses_of_a_person_have_a_bound(ways: &Ways) {
    let ivar = whose("ivar", "web1");
    for ago in (0..20).rev() {
        ways.one.heard(&ivar, ways.pause(ago)).await;
    }
    assert_eq!(ways.other.begun("ivar").await.unwrap().len(), MOST);
    assert_eq!(ways.shown("ivar").await, Some(ways.pause(0).since));
}

#[tokio::test]
async fn relays_that_change_a_persons_pauses_at_the_same_time_lose_none() {
    let served = Served::start();
    let ways = Ways::by_engine(&served).await;
    let anna = whose("anna", "web1");
    for ago in [1, 3, 5] {
        let (one, other) = (ways.pause(ago), ways.pause(ago + 1));
        tokio::join!(ways.one.heard(&anna, one), ways.other.heard(&anna, other));
    }
    assert_eq!(ways.one.begun("anna").await.unwrap().len(), 6);
    ways.one.suspect(anna.clone(), report()).await;
    let told = tokio::join!(ways.one.unheard(&anna), ways.other.unheard(&anna));
    assert!(told.0.is_some() != told.1.is_some(), "{told:?}");
}

#[tokio::test]
async fn a_host_fills_no_memory_with_people_that_it_makes_up() {
    let served = Served::start();
    let (alone, by_engine) = (Ways::alone(), Ways::by_engine(&served).await);
    for number in 0..MOST_PEOPLE - 1 {
        let made_up = whose(&number.to_string(), "db7");
        let mut page = PausePage::new(made_up);
        page.pauses.push(Paused::new(alone.pause(1)));
        assert_eq!(alone.post.change_pauses(page).await, Changed::Fine);
    }
    let made_up = format!(
        "INSERT INTO pause SELECT number, 'db7', '[]', 0, {} FROM generate_series(2, {MOST_PEOPLE}) AS number",
        by_engine.pause(1).until.0
    );
    served.server.ask_in("antiphon", &made_up);
    for ways in [alone, by_engine] {
        for (user, host, is_kept) in [
            ("last", "db7", true),
            ("more", "db7", false),
            ("more", "web1", true),
        ] {
            ways.one.heard(&whose(user, host), ways.pause(1)).await;
            let begun = ways.one.begun(user).await.unwrap();
            let is_there = begun.iter().any(|begun| begun.whose.host == host);
            assert_eq!(is_there, is_kept, "{user} {host}");
        }
    }
}

#[tokio::test]
async fn a_suspicion_that_the_engine_does_not_take_is_given_to_it_when_it_is_back() {
    let mut served = Served::start();
    let ways = Ways::by_engine(&served).await;
    let anna = whose("anna", "web1");
    served.server.crash();
    ways.one.suspect(anna.clone(), report()).await;
    served.server.resume();
    loop {
        if ways.other.unheard(&anna).await.is_some() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

/// Lets nobody write pauses for longer than anybody waits for it, and then does what was asked.
async fn hold_up(served: &Served) {
    let engine = served.engine().await;
    let (tell, told) = channel();
    tokio::spawn(async move {
        let held = engine.run(Care::Soft, move |client| {
            Box::pin(async move {
                let transaction = client.transaction().await?;
                transaction
                    .batch_execute("LOCK TABLE pause IN SHARE MODE")
                    .await?;
                let _ = tell.send(());
                sleep(IMPATIENT * 3).await;
                transaction.commit().await?;
                Ok(())
            })
        });
        held.await.unwrap();
    });
    told.await.unwrap();
}

const IMPATIENT: Duration = Duration::from_millis(500);

async fn impatient(served: &Served) -> Pauses {
    Pauses::by(Arc::new(
        ByEngine::new(served.engine().await, IMPATIENT).unwrap(),
    ))
}

fn anna() -> Whose {
    Whose {
        user: "anna".into(),
        host: "db7".into(),
    }
}

#[tokio::test]
async fn what_a_slow_engine_takes_out_for_the_module_is_told() {
    let served = Served::start();
    let relay = impatient(&served).await;
    relay.suspect(anna(), report()).await;
    hold_up(&served).await;
    assert!(relay.unheard(&anna()).await.is_some());
    // The engine has done it in the end, and a phone ends the pause.
    sleep(IMPATIENT * 4).await;
    assert_eq!(relay.unheard(&anna()).await, None);
    let begun = relay.begun("anna").await.unwrap().remove(0);
    let pause = relay.of("anna").await.unwrap().pause;
    let answer = assertion();
    assert_eq!(relay.take_back(&begun, &answer).await, Some(true));
    hold_up(&served).await;
    assert_eq!(relay.heard(&anna(), pause).await, Some(answer));
}

#[tokio::test]
async fn a_suspicion_that_a_slow_engine_has_taken_after_all_is_one() {
    let served = Served::start();
    let relay = impatient(&served).await;
    hold_up(&served).await;
    relay.suspect(anna(), report()).await;
    sleep(AGAIN + IMPATIENT * 4).await;
    assert_eq!(relay.begun("anna").await.unwrap().len(), 1);
    assert!(relay.unheard(&anna()).await.is_some());
    assert_eq!(relay.unheard(&anna()).await, None);
}

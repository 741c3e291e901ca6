//! Which request of a person is the one that is open: by one relay that knows of no other, by one with an engine, and by two
//! that share it, always the same.

use std::sync::Arc;
use std::time::Duration;

use antiphon_core::account::AccountTerms;
use antiphon_core::approval::Assertion;
use antiphon_core::wire::{FromDaemon, Hints, IdToken, Unwilling};
use data_encoding::BASE64URL_NOPAD;
use futures_channel::mpsc;
use serde_json::json;
use tokio::time::{sleep, timeout};

use super::budget::{hasty, lock_calls};
use super::{DECLINED, PATIENCE, Page, Relay, Served, Waiting, asked_for, until};
use crate::post::{Call, Heard, News, Post};
use crate::store::Device;
use crate::store::conformance::phone;
use crate::switchboard::{Answered, Ending, Opening, PAGE, Shown, Switchboard};

/// Where one sign-in waits, and where the next one and the phone are.
struct Way {
    name: &'static str,
    here: Arc<Switchboard>,
    there: Arc<Switchboard>,
    _relays: Vec<Relay>,
}

async fn each_way(served: &Served) -> [Way; 3] {
    let alone = Arc::new(Switchboard::default());
    let [one, a, b] = [
        Relay::begin(served).await,
        Relay::begin(served).await,
        Relay::begin(served).await,
    ];
    [
        Way {
            name: "alone",
            here: Arc::clone(&alone),
            there: alone,
            _relays: Vec::new(),
        },
        Way {
            name: "one relay",
            here: Arc::clone(&one.switchboard),
            there: Arc::clone(&one.switchboard),
            _relays: vec![one],
        },
        Way {
            name: "two relays",
            here: Arc::clone(&a.switchboard),
            there: Arc::clone(&b.switchboard),
            _relays: vec![a, b],
        },
    ]
}

/// What is asked for.
#[derive(Clone, Copy)]
pub(super) struct Asking {
    /// Whether the person is known where it comes from.
    pub(super) is_familiar: bool,
    /// Whether an account approves it, with check digits.
    pub(super) by_account: bool,
    /// How many such requests are allowed.
    pub(super) most: u32,
}

pub(super) const UNKNOWN: Asking = Asking {
    is_familiar: false,
    by_account: false,
    most: 100,
};
const FAMILIAR: Asking = Asking {
    is_familiar: true,
    ..UNKNOWN
};
const BY_ACCOUNT: Asking = Asking {
    by_account: true,
    ..UNKNOWN
};

/// Asks two phones of anna.
pub(super) async fn ask(
    switchboard: &Arc<Switchboard>,
    asking: Asking,
) -> Result<Waiting, Unwilling> {
    let (asker, answers) = mpsc::channel(1);
    let mut credentials = vec![vec![1], vec![2]];
    if asking.by_account {
        credentials.push(PAGE.to_vec());
    }
    let opening = Opening {
        credentials,
        lasts: Duration::from_secs(60),
        check_digits: asking.by_account.then(|| Box::new(terms())),
        gives_way: !asking.is_familiar,
        asker,
        call: Some(Call {
            host: "web1".into(),
            is_familiar: asking.is_familiar,
            most: asking.most,
        }),
    };
    let shown = Shown {
        account: None,
        request: &asked_for("web1", "anna"),
        digits: 2,
        hints: &Hints::default(),
    };
    let open = switchboard.open(shown, opening).await?;
    Ok(Waiting { open, answers })
}

fn listen(switchboard: &Arc<Switchboard>, phone: &Device) -> Page {
    Page(switchboard.listen(Arc::new(phone.clone())).unwrap())
}

async fn say(switchboard: &Switchboard, id: &str, phone: &Device, said: FromDaemon) -> Answered {
    switchboard.answer(id, phone, said).await
}

/// Anna's account.
pub(crate) fn terms() -> AccountTerms {
    AccountTerms {
        provider: "kmh".into(),
        issuer: "https://id.example.org".into(),
        client_id: "antiphon".into(),
        subject: "3f07-a".into(),
        tenant: String::new(),
    }
}

/// A token of the account at her provider that has this subject.
fn token_of(subject: &str) -> FromDaemon {
    let part = |json: serde_json::Value| BASE64URL_NOPAD.encode(json.to_string().as_bytes());
    let header = part(json!({"alg": "ES256", "kid": "a"}));
    let said = part(json!({"iss": "https://id.example.org", "aud": "antiphon", "sub": subject}));
    FromDaemon::Token(IdToken {
        token: format!("{header}.{said}.AAAA"),
    })
}

pub(crate) fn token() -> FromDaemon {
    token_of("3f07-a")
}

fn approval() -> FromDaemon {
    FromDaemon::Answer(Assertion {
        credential: vec![1],
        client_data: vec![2],
        authenticator_data: vec![3],
        signature: vec![4],
    })
}

const BUSY: FromDaemon = FromDaemon::Unwilling {
    reason: Unwilling::Busy,
};

#[tokio::test]
async fn a_sign_in_from_where_the_person_is_known_displaces_one_that_is_not_and_nothing_displaces_it()
 {
    let served = Served::start();
    let anna = phone(&[1], "anna", 1);
    for way in each_way(&served).await {
        let Way {
            name, here, there, ..
        } = &way;
        let (mut near, mut distant) = (listen(here, &anna), listen(there, &anna));
        let mut strange = ask(here, UNKNOWN).await.unwrap();
        let id = near.request().await;
        assert_eq!(distant.request().await, id, "{name}");
        let again = ask(there, UNKNOWN).await.err();
        assert_eq!(again, Some(Unwilling::Busy), "{name}");

        let mut known = ask(there, FAMILIAR).await.unwrap();
        assert_eq!(*strange.answers.recv().await.unwrap(), BUSY, "{name}");
        let mut next = String::new();
        for page in [&mut near, &mut distant] {
            assert_eq!(page.gone(&id).await, "displaced", "{name}");
            next = page.request().await;
        }
        for switchboard in [here, there] {
            let late = say(switchboard, &id, &anna, approval()).await;
            assert_eq!(late, Answered::Gone, "{name}");
            for asking in [UNKNOWN, FAMILIAR] {
                let refused = ask(switchboard, asking).await.err();
                assert_eq!(refused, Some(Unwilling::Busy), "{name}");
            }
        }
        // Its phones have been told of the one that is open.
        let over = strange.open.end(Ending::Cancelled).await;
        assert!(over.is_overtaken && over.answered_by.is_none(), "{name}");
        assert!(strange.answers.try_recv().is_err(), "{name}");
        let said = say(here, &next, &anna, approval()).await;
        assert_eq!(said, Answered::HandedOn, "{name}");
        assert_eq!(*known.answers.recv().await.unwrap(), approval(), "{name}");
        known.open.end(Ending::Accepted).await;
        for page in [&mut near, &mut distant] {
            assert_eq!(page.gone(&next).await, "accepted", "{name}");
            assert!(page.is_silent(), "{name}");
        }
    }
}

#[tokio::test]
async fn what_was_not_opened_is_no_news() {
    let served = Served::start();
    let [a, b] = [Relay::begin(&served).await, Relay::begin(&served).await];
    let strange = ask(&a.switchboard, UNKNOWN).await.unwrap();
    a.hearing.abort();
    let refused = ask(&b.switchboard, UNKNOWN).await.err();
    assert_eq!(refused, Some(Unwilling::Busy));
    let none = Asking {
        most: 0,
        ..FAMILIAR
    };
    let refused = ask(&b.switchboard, none).await.err();
    assert_eq!(refused, Some(Unwilling::TooOften));
    // Longer than the engine takes.
    sleep(Duration::from_millis(500)).await;
    b.switchboard.hang_up(&[9]).await;
    let credential = vec![9];
    let heard = a.post.heard().await;
    assert_eq!(heard, Heard::News(News::HangUp { credential }));
    strange.open.end(Ending::Cancelled).await;
}

#[tokio::test]
async fn what_may_not_be_asked_itself_displaces_nothing() {
    let served = Served::start();
    let anna = phone(&[1], "anna", 1);
    for way in each_way(&served).await {
        let Way {
            name, here, there, ..
        } = &way;
        let mut page = listen(there, &anna);
        let mut strange = ask(here, UNKNOWN).await.unwrap();
        let id = page.request().await;
        let none = Asking {
            most: 0,
            ..FAMILIAR
        };
        let refused = ask(there, none).await.err();
        assert_eq!(refused, Some(Unwilling::TooOften), "{name}");
        assert!(page.is_silent() && strange.answers.try_recv().is_err());
        let said = say(there, &id, &anna, approval()).await;
        assert_eq!(said, Answered::HandedOn, "{name}");
        assert_eq!(*strange.answers.recv().await.unwrap(), approval(), "{name}");
        // One that is answered is not told that another one has its place.
        let known = ask(there, FAMILIAR).await.unwrap();
        page.request().await;
        assert!(strange.open.end(Ending::Accepted).await.is_overtaken);
        assert_eq!(page.gone(&id).await, "accepted", "{name}");
        assert!(strange.answers.try_recv().is_err(), "{name}");
        known.open.end(Ending::Cancelled).await;
    }
}

#[tokio::test]
async fn what_was_displaced_by_one_that_was_over_at_once_is_not_left_open() {
    let served = Served::start();
    let [mut a, b] = [Relay::begin(&served).await, Relay::begin(&served).await];
    let mut strange = ask(&a.switchboard, UNKNOWN).await.unwrap();
    // All is over before its relay hears of it.
    a.hearing.abort();
    let known = ask(&b.switchboard, FAMILIAR).await.unwrap();
    known.open.end(Ending::Cancelled).await;
    a.hearing = Relay::hear(&a.post, &a.switchboard);
    let told = timeout(PATIENCE, strange.answers.recv()).await;
    assert_eq!(told, Ok(Ok(Box::new(BUSY))));
    // So the next one is the only one.
    let _next = ask(&b.switchboard, UNKNOWN).await.unwrap();
    assert!(strange.open.end(Ending::Cancelled).await.is_overtaken);
    let refused = ask(&a.switchboard, UNKNOWN).await.err();
    assert_eq!(refused, Some(Unwilling::Busy));
}

#[tokio::test]
async fn until_the_check_digits_are_typed_the_persons_phones_can_refuse_and_nothing_takes_its_place()
 {
    let served = Served::start();
    let [one, two] = [phone(&[1], "anna", 1), phone(&[2], "anna", 2)];
    let [stranger, bob] = [phone(&[9], "anna", 9), phone(&[1], "bob", 3)];
    for said in [DECLINED, FromDaemon::Mistake {}] {
        for way in each_way(&served).await {
            let Way {
                name, here, there, ..
            } = &way;
            let mut at_two = listen(there, &two);
            let mut waiting = ask(here, BY_ACCOUNT).await.unwrap();
            let id = at_two.request().await;
            let given = here.answer_on_page("anna", &id, token()).await;
            assert_eq!(given, Answered::HandedOn, "{name}");
            assert_eq!(*waiting.answers.recv().await.unwrap(), token(), "{name}");
            for asking in [UNKNOWN, FAMILIAR] {
                for switchboard in [here, there] {
                    let refused = ask(switchboard, asking).await.err();
                    assert_eq!(refused, Some(Unwilling::Busy), "{name}");
                }
            }
            // The phones are not told before the end, wherever they are.
            let mut at_one = listen(there, &one);
            assert_eq!(at_one.request().await, id, "{name}");
            assert!(at_two.is_silent(), "{name}");
            for (other, refusal) in [(&stranger, &said), (&bob, &said), (&one, &approval())] {
                let refused = say(there, &id, other, refusal.clone()).await;
                assert_eq!(refused, Answered::Gone, "{name}");
            }
            let on_page = FromDaemon::NotTheirs {};
            let by_address = here.answer_on_page("anna", &id, on_page.clone()).await;
            assert_eq!(by_address, Answered::Before, "{name}");

            assert_eq!(
                say(there, &id, &one, said.clone()).await,
                Answered::HandedOn
            );
            assert_eq!(*waiting.answers.recv().await.unwrap(), said, "{name}");
            assert_eq!(at_two.gone(&id).await, "answered", "{name}");
            assert_eq!(say(there, &id, &one, said.clone()).await, Answered::Again);
            assert_eq!(say(there, &id, &two, said.clone()).await, Answered::Before);
            let late = here.withdraw_on_page("anna", &id, on_page).await;
            assert_eq!(late, Answered::Before, "{name}");
            // What is decided does not keep the next one waiting.
            let next = ask(there, UNKNOWN).await.unwrap();
            let over = waiting.open.end(Ending::Reported).await;
            assert_eq!(over.answered_by, Some(vec![1]), "{name}");
            next.open.end(Ending::Cancelled).await;
        }
    }
}

#[tokio::test]
async fn a_token_of_another_account_keeps_no_place_and_the_persons_phones_can_still_refuse() {
    let served = Served::start();
    let anna = phone(&[1], "anna", 1);
    let others = token_of("the stranger's own");
    for way in each_way(&served).await {
        let Way {
            name, here, there, ..
        } = &way;
        let mut page = listen(there, &anna);
        for is_refused in [true, false] {
            let mut strange = ask(here, BY_ACCOUNT).await.unwrap();
            let id = page.request().await;
            let given = here.answer_on_page("anna", &id, others.clone()).await;
            assert_eq!(given, Answered::HandedOn, "{name}");
            assert_eq!(*strange.answers.recv().await.unwrap(), others, "{name}");
            // The module sits in its prompt, and nobody presses Enter.
            for switchboard in [here, there] {
                let again = ask(switchboard, UNKNOWN).await.err();
                assert_eq!(again, Some(Unwilling::Busy), "{name}");
            }
            // With the right account, too, somebody would have to begin anew.
            let second = here.answer_on_page("anna", &id, token()).await;
            assert_eq!(second, Answered::Before, "{name}");
            assert!(page.is_silent(), "{name}");
            if is_refused {
                let said = say(there, &id, &anna, DECLINED).await;
                assert_eq!(said, Answered::HandedOn, "{name}");
                assert_eq!(*strange.answers.recv().await.unwrap(), DECLINED, "{name}");
                strange.open.end(Ending::Reported).await;
                assert_eq!(page.gone(&id).await, "reported", "{name}");
                continue;
            }
            let known = ask(there, FAMILIAR).await.unwrap();
            assert_eq!(*strange.answers.recv().await.unwrap(), BUSY, "{name}");
            assert_eq!(page.gone(&id).await, "displaced", "{name}");
            page.request().await;
            assert!(strange.open.end(Ending::Refused).await.is_overtaken);
            known.open.end(Ending::Cancelled).await;
        }
    }
}

#[tokio::test]
async fn a_token_taken_back_on_its_page_is_taken_back_everywhere_and_once() {
    let served = Served::start();
    let anna = phone(&[1], "anna", 1);
    for way in each_way(&served).await {
        let Way {
            name, here, there, ..
        } = &way;
        let mut page = listen(there, &anna);
        let mut waiting = ask(here, BY_ACCOUNT).await.unwrap();
        let id = page.request().await;
        let withdraw = || here.withdraw_on_page("anna", &id, FromDaemon::NotTheirs {});
        assert_eq!(withdraw().await, Answered::Before, "{name}");
        here.answer_on_page("anna", &id, token()).await;
        assert_eq!(withdraw().await, Answered::HandedOn, "{name}");
        assert_eq!(withdraw().await, Answered::Before, "{name}");
        assert_eq!(page.gone(&id).await, "answered", "{name}");
        assert_eq!(say(there, &id, &anna, DECLINED).await, Answered::Before);
        assert_eq!(*waiting.answers.recv().await.unwrap(), token());
        let said = waiting.answers.recv().await.unwrap();
        assert_eq!(*said, FromDaemon::NotTheirs {}, "{name}");
        waiting.open.end(Ending::Reported).await;
        assert_eq!(withdraw().await, Answered::Gone, "{name}");
    }
}

#[tokio::test]
async fn phones_are_told_at_the_end_of_a_sign_in_whose_digits_were_right() {
    let served = Served::start();
    let anna = phone(&[1], "anna", 1);
    for way in each_way(&served).await {
        let Way {
            name, here, there, ..
        } = &way;
        let mut page = listen(there, &anna);
        let waiting = ask(here, BY_ACCOUNT).await.unwrap();
        let id = page.request().await;
        here.answer_on_page("anna", &id, token()).await;
        let over = waiting.open.end(Ending::Accepted).await;
        assert!(over.is_approved && over.answered_by == Some(PAGE.to_vec()));
        // With the account, which was faster than this phone.
        assert_eq!(page.gone(&id).await, "answered", "{name}");
        assert_eq!(say(there, &id, &anna, DECLINED).await, Answered::Gone);
    }
}

#[tokio::test]
async fn a_sign_in_that_was_displaced_unheard_is_told_when_it_is_answered_and_not_approved() {
    let served = Served::start();
    let [a, b] = [Relay::begin(&served).await, Relay::begin(&served).await];
    let anna = phone(&[1], "anna", 1);
    let mut page = listen(&a.switchboard, &anna);
    let mut strange = ask(&a.switchboard, UNKNOWN).await.unwrap();
    let id = page.request().await;
    // It hears nothing of the others any more.
    a.hearing.abort();
    a.post.hearing.abort();
    let known = ask(&b.switchboard, FAMILIAR).await.unwrap();
    let said = say(&a.switchboard, &id, &anna, approval()).await;
    assert_eq!(said, Answered::Gone);
    assert_eq!(*strange.answers.recv().await.unwrap(), BUSY);
    assert_eq!(page.gone(&id).await, "displaced");
    known.open.end(Ending::Cancelled).await;
    drop(strange.open);
    until(async || ask(&b.switchboard, UNKNOWN).await.is_ok()).await;
}

#[tokio::test]
async fn what_the_engine_opens_late_takes_no_place_of_the_next_one_of_its_relay() {
    let served = Served::start();
    let hasty = Arc::new(Switchboard::by(hasty(&served).await));
    let lock = lock_calls(&served).await;
    let late = ask(&hasty, UNKNOWN).await.err();
    assert_eq!(late, Some(Unwilling::Overloaded));
    let next = ask(&hasty, UNKNOWN).await.err();
    assert_eq!(next, Some(Unwilling::Busy));
    lock.batch_execute("COMMIT").await.unwrap();
    until(async || ask(&hasty, UNKNOWN).await.is_ok()).await;
}

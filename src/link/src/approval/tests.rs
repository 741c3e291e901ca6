//! What an open request takes for an answer.

use std::cell::Cell;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use antiphon_core::account::AccountTerms;
use antiphon_core::approval::{Assertion, Number};
use antiphon_core::origin::Origin;
use antiphon_core::time::UnixTime;
use antiphon_core::wire::{FromDaemon, Hints, IdToken, NoToken, ToDaemon, Unread, encode};

use super::{AskedAccount, Asker, News, OpenApproval, Question};
use crate::connection::Link;

/// An open request, and the daemon's end of its connection. Without `has_key` it is a phone's.
fn opened(has_key: Option<&Cell<bool>>) -> (OpenApproval<'_>, UnixStream) {
    opened_for(3600, has_key)
}

/// The same for so many seconds.
fn opened_for(lasts: u64, has_key: Option<&Cell<bool>>) -> (OpenApproval<'_>, UnixStream) {
    let (link, mut daemon) = Link::pair();
    say(&mut daemon, &FromDaemon::Waiting { phones: 1 });
    let asker = Asker {
        user: "alice",
        host: "web1",
        service: "sshd",
        origin: Origin::default(),
    };
    let question = Question {
        request: asker.request(UnixTime(1_795_377_600), lasts).unwrap(),
        number: Number::new(42),
        phones: &[],
        account: has_key.map(|has_key| AskedAccount {
            terms: AccountTerms {
                provider: "kmh".into(),
                issuer: "https://id.example.org".into(),
                client_id: "antiphon".into(),
                subject: "3f07-a".into(),
                tenant: String::new(),
            },
            check_digits: true,
            has_key: Box::new(|_| has_key.get()),
        }),
        hints: Hints::default(),
    };
    (OpenApproval::begin(link, question).unwrap(), daemon)
}

fn say(daemon: &mut UnixStream, message: &FromDaemon) {
    daemon.write_all(&encode(message).unwrap()).unwrap();
}

fn token() -> FromDaemon {
    FromDaemon::Token(IdToken {
        token: "a.b.c".into(),
    })
}

/// Everything that has been said to the daemon so far.
fn heard(daemon: &mut UnixStream) -> Vec<ToDaemon> {
    daemon.set_nonblocking(true).unwrap();
    let (mut unread, mut bytes) = (Unread::default(), [0; 4096]);
    while let Ok(length) = daemon.read(&mut bytes) {
        unread.put(&bytes[..length]).unwrap();
    }
    std::iter::from_fn(|| unread.take().unwrap()).collect()
}

#[test]
fn a_token_waits_for_its_key_and_the_daemon_is_told_once() {
    let has_key = Cell::new(false);
    let (mut open, mut daemon) = opened(Some(&has_key));
    let [ToDaemon::ApproveByAccount(asked)] = &heard(&mut daemon)[..] else {
        panic!("it does not ask for an account")
    };
    assert!(asked.check_digits && asked.digits == 2 && asked.terms.subject == "3f07-a");
    say(&mut daemon, &token());
    for _ in 0..2 {
        assert_eq!(open.news(Duration::from_secs(2)), News::Nothing);
    }
    assert_eq!(heard(&mut daemon), [ToDaemon::KeyUnknown {}]);
    has_key.set(true);
    let news = open.news(Duration::from_secs(3600));
    assert_eq!(news, News::Token("a.b.c".into()));
    assert_eq!(open.news(Duration::ZERO), News::Nothing);
    // One whose key is there comes at once.
    say(&mut daemon, &token());
    assert_eq!(open.look(), News::Token("a.b.c".into()));
}

#[test]
fn at_the_end_a_token_whose_key_never_came_is_not_taken_for_none() {
    let has_key = Cell::new(false);
    for (comes, end) in [(true, News::NoKey), (false, News::Expired)] {
        let (mut open, mut daemon) = opened_for(1, Some(&has_key));
        if comes {
            say(&mut daemon, &token());
        }
        // It may look once more when the time is up.
        let news = open.news(Duration::from_secs(3600));
        assert!(news == News::Nothing || news == end, "{news:?}");
        assert_eq!(open.awaits_key(), comes);
        assert_eq!(open.look(), end);
    }
}

#[test]
fn a_lost_connection_takes_back_no_token_that_has_been_given() {
    let has_key = Cell::new(true);
    for said in [None, Some(FromDaemon::Kept {})] {
        let (mut open, mut daemon) = opened(Some(&has_key));
        say(&mut daemon, &token());
        assert_eq!(open.look(), News::Token("a.b.c".into()));
        if let Some(said) = said {
            say(&mut daemon, &said);
        }
        drop(daemon);
        for _ in 0..2 {
            assert_eq!(open.news(Duration::ZERO), News::Nothing);
        }
    }
    // One whose key is missing has still to be asked for.
    has_key.set(false);
    let (mut open, mut daemon) = opened(Some(&has_key));
    say(&mut daemon, &token());
    assert_eq!(open.look(), News::Nothing);
    drop(daemon);
    let news = open.look();
    assert!(matches!(news, News::Away(_)), "{news:?}");
}

#[test]
fn a_phones_answer_is_none_of_an_account_nor_the_other_way_round() {
    let answer = FromDaemon::Answer(Assertion {
        credential: vec![1],
        client_data: vec![1],
        authenticator_data: vec![1],
        signature: vec![1],
    });
    let reason = NoToken::Denied;
    let has_key = Cell::new(true);
    for (account, said) in [
        (true, answer.clone()),
        (false, token()),
        (false, FromDaemon::NoToken { reason }),
    ] {
        let (mut open, mut daemon) = opened(account.then_some(&has_key));
        say(&mut daemon, &said);
        let news = open.look();
        assert!(matches!(news, News::Away(_)), "{news:?}");
    }
    let (mut open, mut daemon) = opened(Some(&has_key));
    say(&mut daemon, &FromDaemon::NoToken { reason });
    assert_eq!(open.look(), News::NoToken(reason));
    say(&mut daemon, &FromDaemon::NotTheirs {});
    assert_eq!(open.look(), News::NotTheirs);
    let (mut open, mut daemon) = opened(None);
    say(&mut daemon, &answer);
    assert!(matches!(open.look(), News::Answer(_)));
}

//! Very many sign-ins that wait at once: what each costs the daemon, and how soon one of them hears its phone.

use std::thread;
use std::time::{Duration, Instant};

use antiphon_core::wire::FromDaemon;

use super::answered::Ways;
use super::handset::Handset;
use super::http::Web;
use super::person::Program;
use super::root::Root;
use super::stage::Stage;
use crate::arguments::Arguments;
use crate::clock;
use crate::figures::say;
use crate::process::descriptors;
use crate::sample::Times;

/// Descriptors that are wanted for other things than those who wait.
const SPARE: usize = 512;
/// Answers while all the others wait.
const ANSWERS: usize = 1000;
/// Sign-ins that come and go before the memory is looked at: what the daemon makes once is then there.
const WARM_UP: usize = 100;

/// What was measured.
pub(super) struct Crowd {
    pub(super) waiting: usize,
    /// Phones enrolled in a second, one after the other.
    pub(super) enrolled: f64,
    /// Sign-ins that asked in a second, one after the other.
    pub(super) asked: f64,
    /// Bytes of the daemon's memory for each that waits.
    pub(super) each: f64,
    /// Pages opened besides, and bytes for each.
    pub(super) pages: (usize, f64),
    /// From the phone's POST to the answer at the other end of the socket, for approvals and for "It is not me".
    pub(super) approved: Times,
    pub(super) declined: Times,
    /// The same to the return of a real module, as in [`super::answered`].
    pub(super) returned: Times,
}

/// Measures.
pub(super) fn measure(stage: &Stage<'_>, arguments: &Arguments) -> Crowd {
    let waiting = arguments.waiting.min(descriptors() - SPARE);
    let all = waiting + arguments.phones;
    say(&format!("enrolling {all} phones"));
    let begun = Instant::now();
    let mut web = Web::connect();
    let mut phones: Vec<Handset> = (0..all)
        .map(|number| Handset::enrol(&mut web, &format!("crowd{number}"), number + 100))
        .collect();
    let enrolled = rate(all, begun);
    phones.truncate(waiting);
    for _ in 0..2 {
        let all: Vec<_> = phones.iter().take(WARM_UP).map(ask).collect();
        drop(all);
    }
    settle();
    say(&format!("{waiting} sign-ins wait"));
    let before = stage.daemon.resident();
    let begun = Instant::now();
    let mut asked: Vec<Option<Root>> = phones.iter().map(|phone| Some(ask(phone))).collect();
    let rate_of_asking = rate(waiting, begun);
    settle();
    let all_wait = stage.daemon.resident();
    let free = descriptors().saturating_sub(waiting + SPARE);
    let listen = free.min(waiting / 2);
    let pages: Vec<_> = phones[..listen].iter().map(Handset::look).collect();
    settle();
    let all_listen = stage.daemon.resident();
    drop(pages);
    settle();
    let (mut approved, mut declined) = (Vec::new(), Vec::new());
    let answers = ANSWERS.min(waiting / 2);
    let step = waiting / answers;
    for (turn, place) in (0..waiting).step_by(step).enumerate() {
        let root = asked[place].take().unwrap();
        let says_yes = turn % 2 == 0;
        let spent = wake(&phones[place], root, &mut web, says_yes);
        if says_yes {
            approved.push(spent);
        } else {
            declined.push(spent);
        }
        // Somebody else waits instead.
        asked[place] = Some(ask(&phones[place]));
    }
    let mut ways = Ways::open(stage, Program::Sudo);
    let returned = (0..arguments.rounds.min(ANSWERS)).map(|_| ways.approve());
    let returned = Times::of(returned.collect());
    assert!(asked.iter().all(Option::is_some));
    Crowd {
        waiting,
        enrolled,
        asked: rate_of_asking,
        each: share(all_wait - before, waiting),
        pages: (listen, share(all_listen - all_wait, listen)),
        approved: Times::of(approved),
        declined: Times::of(declined),
        returned,
    }
}

fn ask(phone: &Handset) -> Root {
    phone.ask().0
}

/// One of those who wait hears its phone, whose page has just been opened; nanoseconds from the POST.
fn wake(phone: &Handset, mut root: Root, web: &mut Web, says_yes: bool) -> u64 {
    let (mut inbox, waits) = phone.look();
    let shown = &waits[0];
    let body = phone.signed(shown, "42");
    let begun = clock::monotonic();
    if says_yes {
        phone.answer(web, shown, &body);
    } else {
        phone.decline(web, shown);
    }
    let heard = root.hear();
    let spent = clock::monotonic() - begun;
    assert_eq!(web.receive().0, 202);
    match heard {
        Some(FromDaemon::Answer(_)) if says_yes => {}
        Some(FromDaemon::Declined {}) if !says_yes => {}
        other => panic!("{other:?}"),
    }
    let outcome = if says_yes { "accepted" } else { "reported" };
    root.outcome(outcome);
    assert_eq!(inbox.gone(shown), outcome);
    spent
}

/// What ends is over, and what allocators give back is given back.
fn settle() {
    thread::sleep(Duration::from_millis(500));
}

#[allow(clippy::cast_precision_loss)] // far fewer than 2^52
fn rate(count: usize, since: Instant) -> f64 {
    count as f64 / since.elapsed().as_secs_f64()
}

#[allow(clippy::cast_precision_loss)] // far fewer than 2^52
fn share(bytes: i64, count: usize) -> f64 {
    bytes as f64 / count.max(1) as f64
}

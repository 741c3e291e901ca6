//! How many phones whose pages are closed can be called in a second, by a push service that takes its time.

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use antiphon_tests::until;

use super::handset::Handset;
use super::http::Web;
use super::server::{Reply, Server};
use super::stage::Stage;
use crate::arguments::Arguments;
use crate::clock;
use crate::figures::say;

/// How long the push service takes for each.
const EACH_TAKES: Duration = Duration::from_millis(200);
/// The most phones that are called: each sign-in that waits takes a descriptor, and so does each push that is on its way.
const PHONES: usize = 2000;
/// The most that are called before: as many as one service has at a time (`OF_HOST` of the daemon's lanes), whose connections
/// then are there.
const FIRST: usize = 768;

/// What was measured.
pub(super) struct Pushes {
    pub(super) sent: usize,
    /// Pushes answered in a second.
    pub(super) rate: f64,
    /// Microseconds of a core that the daemon used for one, its sign-in included.
    pub(super) used: f64,
}

/// Everybody signs in at once, each with a phone of their own at the same push service, to which connections are kept.
pub(super) fn measure(stage: &Stage<'_>, service: &Server, arguments: &Arguments) -> Pushes {
    let count = arguments.waiting.min(PHONES);
    let first = FIRST.min(count);
    say(&format!("{count} phones are called, and {first} before"));
    let arrivals = Arc::new(Mutex::new(Vec::with_capacity(count)));
    let noted = Arc::clone(&arrivals);
    service.answer_with(move |_| {
        noted.lock().unwrap().push(clock::monotonic());
        thread::sleep(EACH_TAKES);
        Reply::Keep("201 Created".into())
    });
    let mut web = Web::connect();
    let phones: Vec<Handset> = (0..first + count)
        .map(|number| {
            let phone = Handset::enrol(&mut web, &format!("called{number}"), number + 100);
            phone.subscribe(&mut web, &format!("{}/push/{number}", service.origin()));
            phone
        })
        .collect();
    let wait_for = |number| {
        until("the last push", || {
            (arrivals.lock().unwrap().len() >= number).then_some(())
        });
        thread::sleep(EACH_TAKES);
    };
    let (before, phones) = phones.split_at(first);
    let mut asked: Vec<_> = before.iter().map(Handset::ask).collect();
    wait_for(first);
    arrivals.lock().unwrap().clear();
    let used = stage.daemon.used();
    asked.extend(phones.iter().map(Handset::ask));
    wait_for(count);
    let used = stage.daemon.used() - used;
    let arrivals = arrivals.lock().unwrap();
    let (begun, last) = (arrivals[0], arrivals[count - 1]);
    let lasted = Duration::from_nanos(last - begun) + EACH_TAKES;
    drop(asked);
    #[allow(clippy::cast_precision_loss)] // far fewer than 2^52
    let sent = count as f64;
    Pushes {
        sent: count,
        rate: sent / lasted.as_secs_f64(),
        used: used * 1e6 / sent,
    }
}

//! As many approvals as can be had: people who sign in again and again, each with a phone that signs.

use std::thread;
use std::time::{Duration, Instant};

use antiphon_core::approval::{Number, verify};
use antiphon_core::wire::FromDaemon;

use super::answered::Ways;
use super::handset::Handset;
use super::http::Web;
use super::person::Program;
use super::stage::{PEOPLE, Stage};
use crate::arguments::Arguments;
use crate::figures::say;
use crate::stage::Place;

/// People at once.
const CROWDS: [usize; 3] = [1, 4, PEOPLE];

/// What was measured.
pub(super) struct Stream {
    pub(super) place: Place,
    /// Whether a real module decided, in a process of its own for each person; else the load client plays root's side.
    pub(super) modules: bool,
    pub(super) people: usize,
    /// Whole approvals in a second.
    pub(super) rate: f64,
    /// Microseconds of a core that the daemon used for one.
    pub(super) used: f64,
}

/// With the real module: record, state, fdatasync and all.
pub(super) fn with_modules(stage: &Stage<'_>, arguments: &Arguments) -> Vec<Stream> {
    run(stage, arguments, true, |phone, until| {
        let mut ways = Ways::of(stage, phone, Program::Sudo);
        move || {
            ways.approve();
            Instant::now() < until
        }
    })
}

/// Without: what the daemon can carry. The load client checks each signature as the module does.
pub(super) fn without_modules(stage: &Stage<'_>, arguments: &Arguments) -> Vec<Stream> {
    run(stage, arguments, false, |phone, until| {
        let ((mut inbox, _), mut web) = (phone.look(), Web::connect());
        let record = phone.passkey.phone();
        move || {
            let (mut root, request) = phone.ask();
            let shown = inbox.request();
            let body = phone.signed(&shown, "42");
            phone.answer(&mut web, &shown, &body);
            let Some(FromDaemon::Answer(assertion)) = root.hear() else {
                panic!("no answer")
            };
            verify(&assertion, &record, &request.digest(&Number::new(42)), 0).unwrap();
            root.outcome("accepted");
            assert_eq!(web.receive().0, 202);
            assert_eq!(inbox.gone(&shown), "accepted");
            Instant::now() < until
        }
    })
}

/// Lets people sign in, each in a thread, by what `prepare` gives: one sign-in, and whether to go on.
fn run<'stage, Go: FnMut() -> bool>(
    stage: &'stage Stage<'_>,
    arguments: &Arguments,
    modules: bool,
    prepare: impl Fn(&'stage Handset, Instant) -> Go + Sync,
) -> Vec<Stream> {
    let lasts = Duration::from_secs(arguments.seconds);
    CROWDS
        .into_iter()
        .map(|people| {
            say(&format!(
                "{people} people approve for {} s",
                arguments.seconds
            ));
            let (begun, used) = (Instant::now(), stage.daemon.used());
            let until = begun + lasts;
            let prepare = &prepare;
            let approved: usize = thread::scope(|scope| {
                let threads: Vec<_> = stage.phones[..people]
                    .iter()
                    .map(|phone| {
                        scope.spawn(move || {
                            let mut go = prepare(phone, until);
                            let mut approved = 1;
                            while go() {
                                approved += 1;
                            }
                            approved
                        })
                    })
                    .collect();
                threads
                    .into_iter()
                    .map(|thread| thread.join().unwrap())
                    .sum()
            });
            #[allow(clippy::cast_precision_loss)] // far fewer than 2^52
            let approved = approved as f64;
            Stream {
                place: stage.place,
                modules,
                people,
                rate: approved / begun.elapsed().as_secs_f64(),
                used: (stage.daemon.used() - used) * 1e6 / approved,
            }
        })
        .collect()
}

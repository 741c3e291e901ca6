//! Times: every subject once, then every subject again, so that what else the machine does meets them all alike.

use serde::Serialize;

use crate::subject::{Guest, Subject};

/// A heavy subject signs in this many times less often, after all others.
const HEAVY: usize = 20;

/// What a number of times come to, in microseconds.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Times {
    #[serde(rename = "median_us")]
    pub(crate) median: f64,
    #[serde(rename = "p99_us")]
    pub(crate) p99: f64,
}

impl Times {
    pub(crate) fn of(mut nanoseconds: Vec<u64>) -> Self {
        nanoseconds.sort_unstable();
        let at = |percent: usize| {
            let place = (nanoseconds.len() * percent / 100).min(nanoseconds.len() - 1);
            #[allow(clippy::cast_precision_loss)] // far fewer than 2^52 nanoseconds
            let microseconds = nanoseconds[place] as f64 / 1000.0;
            microseconds
        };
        Self {
            median: at(50),
            p99: at(99),
        }
    }
}

/// Warm sign-ins: one process a subject, the module loaded before.
pub(crate) fn warm(subjects: &[Subject<'_>], rounds: usize) -> Vec<Times> {
    let mut guests: Vec<Guest> = subjects.iter().map(Subject::invite_warm).collect();
    in_turn(subjects, rounds, |place| {
        guests[place].sign_in(&subjects[place])
    })
}

/// Cold sign-ins: a new process each.
pub(crate) fn cold(subjects: &[Subject<'_>], rounds: usize) -> Vec<Times> {
    in_turn(subjects, rounds, |place| {
        subjects[place].invite().sign_in(&subjects[place])
    })
}

fn in_turn(
    subjects: &[Subject<'_>],
    rounds: usize,
    mut sign_in: impl FnMut(usize) -> u64,
) -> Vec<Times> {
    let mut samples = vec![Vec::new(); subjects.len()];
    for _ in 0..rounds {
        for place in (0..subjects.len()).filter(|place| !subjects[*place].is_heavy()) {
            samples[place].push(sign_in(place));
        }
    }
    // What was written is not for the next ones to wait for.
    nix::unistd::sync();
    for _ in 0..rounds.div_ceil(HEAVY) {
        for place in 0..subjects.len() {
            // The others sign in here too, so that the heavy ones meet what the others met.
            let spent = sign_in(place);
            if subjects[place].is_heavy() {
                samples[place].push(spent);
            }
        }
    }
    nix::unistd::sync();
    samples.into_iter().map(Times::of).collect()
}

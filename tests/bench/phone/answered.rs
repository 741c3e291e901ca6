//! From the phone to the sign-in: the answer's POST leaves the phone, and `pam_authenticate` returns.

use super::handset::Handset;
use super::http::Web;
use super::inbox::Inbox;
use super::person::{Person, Program};
use super::probe::Probe;
use super::stage::Stage;
use crate::arguments::Arguments;
use crate::clock;
use crate::figures::say;
use crate::sample::Times;
use crate::stage::Place;

/// Sign-ins before those that count.
const WARM_UP: usize = 10;

/// What was measured.
pub(super) struct Answered {
    pub(super) place: Place,
    pub(super) program: Program,
    pub(super) times: Times,
    /// What writing one slot and its fdatasync take by themselves.
    pub(super) sync: Times,
}

/// Measures one person after the other kind of program.
pub(super) fn measure(stage: &Stage<'_>, arguments: &Arguments) -> Vec<Answered> {
    Program::ALL
        .into_iter()
        .map(|program| {
            let (rounds, service) = (arguments.rounds, program.service());
            say(&format!("{rounds} approvals, {service}"));
            let mut probe = Probe::new(&stage.folder);
            let mut ways = Ways::open(stage, program);
            let (mut times, mut syncs) = (Vec::new(), Vec::new());
            for round in 0..WARM_UP + rounds {
                let (spent, sync) = (ways.approve(), probe.sync());
                if round >= WARM_UP {
                    times.push(spent);
                    syncs.push(sync);
                }
            }
            Answered {
                place: stage.place,
                program,
                times: Times::of(times),
                sync: Times::of(syncs),
            }
        })
        .collect()
}

/// A person, and the phone in their hand with the page open.
pub(super) struct Ways<'stage> {
    phone: &'stage Handset,
    person: Person,
    web: Web,
    inbox: Inbox,
}

impl<'stage> Ways<'stage> {
    /// The first person before `program`.
    pub(super) fn open(stage: &'stage Stage<'_>, program: Program) -> Self {
        Self::of(stage, &stage.phones[0], program)
    }

    /// The person with this phone before `program`.
    pub(super) fn of(stage: &'stage Stage<'_>, phone: &'stage Handset, program: Program) -> Self {
        Self {
            phone,
            person: Person::sit_down(&stage.module, program, &phone.user),
            web: Web::connect(),
            inbox: phone.look().0,
        }
    }

    /// A whole sign-in; the nanoseconds from the answer to its end.
    pub(super) fn approve(&mut self) -> u64 {
        let number = self.person.begin();
        let shown = self.inbox.request();
        let body = self.phone.signed(&shown, &number);
        let sent = clock::monotonic();
        self.phone.answer(&mut self.web, &shown, &body);
        let returned = self.person.returned();
        let (status, said) = self.web.receive();
        assert_eq!(status, 202, "{said}");
        assert_eq!(self.inbox.gone(&shown), "accepted");
        returned - sent
    }
}

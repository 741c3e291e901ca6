//! From the phone to the sign-in: the answer's POST leaves the phone, and `pam_authenticate` returns.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::time::Instant;

use super::handset::Handset;
use super::http::Web;
use super::inbox::Inbox;
use super::person::{Person, Program};
use super::stage::Stage;
use crate::arguments::Arguments;
use crate::clock;
use crate::figures::say;
use crate::sample::Times;
use crate::stage::Place;

/// Sign-ins before those that count.
const WARM_UP: usize = 10;
/// What a state's slot has (see `antiphon_core::state`).
const SLOT: usize = 4096;

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
            let mut probe = Probe::new(stage);
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

/// A file as a state is, on the same file system.
struct Probe {
    file: File,
    turn: u64,
}

impl Probe {
    fn new(stage: &Stage<'_>) -> Self {
        let mut options = OpenOptions::new();
        let path = stage.folder.join("probe");
        let file = options
            .write(true)
            .create(true)
            .truncate(true)
            .open(path)
            .unwrap();
        file.write_all_at(&[1; 2 * SLOT], 0).unwrap();
        file.sync_all().unwrap();
        Self { file, turn: 0 }
    }

    /// Writes one slot; the nanoseconds until it is durable.
    fn sync(&mut self) -> u64 {
        self.turn += 1;
        let slot = [u8::try_from(self.turn % 251).unwrap(); SLOT];
        let place = self.turn % 2 * u64::try_from(SLOT).unwrap();
        let begun = Instant::now();
        self.file.write_all_at(&slot, place).unwrap();
        self.file.sync_data().unwrap();
        u64::try_from(begun.elapsed().as_nanos()).unwrap()
    }
}

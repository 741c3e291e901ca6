use std::cell::RefCell;
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use antiphon_core::config::Config;
use antiphon_core::disk::{Changed, Unwritten};
use antiphon_core::origin::Origin;
use antiphon_core::person::Edit;
use antiphon_core::record::Phone;
use antiphon_core::wire::{FromDaemon, Unwilling, encode};

use super::ticket::OpenTicket;
use super::trial::{Passed, Trial};
use super::{Addition, NotAdded, Reason, Sitting, Step};
use crate::approval::Asker;
use crate::connection::{Away, Link};
use crate::interrupt::Never;

const ASKER: Asker<'static> = Asker {
    user: "alice",
    host: "web1",
    service: "",
    origin: Origin {
        caller: "root",
        remote_host: "",
        terminal: "",
    },
};

/// Waits, and remembers what was shown.
#[derive(Default)]
struct Patient {
    is_opened: bool,
    again: Vec<Reason>,
}

impl Sitting for Patient {
    fn show(&mut self, step: &Step<'_>) -> Result<(), NotAdded> {
        match step {
            Step::Opened => self.is_opened = true,
            Step::Again { reason } => self.again.push(*reason),
            Step::Ticket { .. } | Step::Passkey { .. } | Step::Trial { .. } => {}
        }
        Ok(())
    }

    fn patience(&mut self) -> Result<Duration, NotAdded> {
        Ok(Duration::from_secs(3600))
    }

    fn write(&mut self, _: Edit<'_>) -> Result<Changed, NotAdded> {
        Err(NotAdded::Here)
    }

    fn take_back(&mut self, _: &[u8], _: &Changed) -> Result<(), Unwritten> {
        Ok(())
    }
}

/// Runs trials of at most one second against a daemon that says `words` on each connection; returns the reasons given
/// for further trials.
fn tried(words: &[FromDaemon]) -> (Result<Passed, NotAdded>, Vec<Reason>) {
    // Kept open for the whole trial; a daemon that disconnects is another case.
    let daemon: RefCell<Vec<UnixStream>> = RefCell::default();
    let connect = || -> Result<Link, Away> {
        let (link, mut theirs) = Link::pair();
        for word in words {
            theirs.write_all(&encode(word).unwrap()).unwrap();
        }
        daemon.borrow_mut().push(theirs);
        Ok(link)
    };
    let trial = Trial {
        addition: &Addition {
            asker: ASKER,
            config: &Config::default(),
            record: None,
            name: None,
            language: None,
            by_enter: false,
            busy_patience: Duration::from_secs(1),
            interrupt: &Never,
            connect: &connect,
        },
        phone: &Phone {
            name: "Pixel 9".into(),
            credential: vec![1],
            public_key: Vec::new(),
            origin: "https://mfa.example.org".into(),
            backup_eligible: false,
            enrolled: "2026-11-22T20:00:00Z".parse().unwrap(),
        },
        lifetime: 1,
    };
    let mut sitting = Patient::default();
    (trial.run(&mut sitting), sitting.again)
}

#[test]
fn a_phone_that_is_silent_three_times_is_not_added() {
    let (ended, again) = tried(&[FromDaemon::Waiting { phones: 0 }]);
    assert!(matches!(ended, Err(NotAdded::NoTrialRight)));
    assert_eq!(again, [Reason::NoAnswer; 3]);
}

#[test]
fn another_sign_in_is_waited_for_but_not_for_ever_and_costs_no_try() {
    let reason = Unwilling::Busy;
    let (ended, again) = tried(&[FromDaemon::Unwilling { reason }]);
    assert!(matches!(ended, Err(NotAdded::Busy)));
    assert!(again.len() <= 1);
}

#[test]
fn a_trial_whose_place_a_sign_in_has_taken_is_tried_again() {
    let reason = Unwilling::Busy;
    let (ended, again) = tried(&[
        FromDaemon::Waiting { phones: 1 },
        FromDaemon::Unwilling { reason },
    ]);
    assert!(matches!(ended, Err(NotAdded::NoTrialRight)));
    assert_eq!(again, [Reason::Busy; 3]);
}

#[test]
fn a_phone_that_says_no_and_a_daemon_that_babbles_end_it_at_once() {
    let reason = Unwilling::NoPhone;
    let flood = vec![FromDaemon::Waiting { phones: 1 }; 100];
    let asked = FromDaemon::Waiting { phones: 1 };
    let (ended, again) = tried(&[asked.clone(), FromDaemon::Declined {}]);
    assert!(matches!(ended, Err(NotAdded::Declined)));
    assert_eq!(again, []);
    let (ended, again) = tried(&[asked.clone(), FromDaemon::Mistake {}]);
    assert!(matches!(ended, Err(NotAdded::Left)));
    assert_eq!(again, []);
    for words in [
        &[FromDaemon::Unwilling { reason }][..],
        &[FromDaemon::Kept {}],
        &[asked.clone(), FromDaemon::Kept {}],
        &[asked, FromDaemon::Unwilling { reason }],
        &flood,
    ] {
        let (ended, again) = tried(words);
        assert!(matches!(ended, Err(NotAdded::Away(_))));
        assert_eq!(again, []);
    }
}

#[test]
fn a_ticket_that_no_phone_answers_in_time_ends() {
    let (link, mut daemon) = Link::pair();
    for word in [FromDaemon::TicketOpen {}, FromDaemon::TicketSeen {}] {
        daemon.write_all(&encode(&word).unwrap()).unwrap();
    }
    let mut ticket = OpenTicket::draw(link).unwrap();
    ticket.open(ASKER, None, &Never).unwrap();
    ticket.end_now();
    let mut sitting = Patient::default();
    let ended = ticket.wait(&mut sitting, &Never);
    assert!(matches!(ended, Err(NotAdded::Late)));
    assert!(sitting.is_opened, "what came at the last moment is told");
}

//! `antiphon status --prometheus`: how people stand and what happened, in figures, for the textfile collector of `node_exporter`.
//!
//! Whatever can be read is shown, also where the configuration or a record is broken: the figures are there to tell of it.

use std::path::Path;

use antiphon_core::activity::{ACCEPTED, Event};
use antiphon_core::disk::{activity_file, record_file};
use antiphon_core::exposition::{Exposition, Kind};
use antiphon_core::record::Record;
use antiphon_core::state::{FEW_CODES, Gate};
use antiphon_core::time::UnixTime;

use crate::clock;
use crate::doctor;
use crate::failure::Failure;
use crate::finding::Severity;
use crate::house::House;
use crate::roll;
use crate::screen::Screen;
use crate::standing::{self, Standing};

/// Which sign-ins are of late, in seconds.
const LATELY: u64 = 24 * 60 * 60;

/// Endings of sign-ins, by the activity's words.
const OUTCOMES: [&str; 8] = [
    ACCEPTED, "exempt", "wrong", "refused", "reported", "locked", "unusable", UNFINISHED,
];
/// All of those that went away.
const UNFINISHED: &str = "unfinished";

/// A number for each word.
type Figures<const N: usize> = [(&'static str, u64); N];

/// Prints the figures.
pub(crate) fn run(named: Option<&Path>, screen: &mut Screen) -> Result<(), Failure> {
    let doctor::Diagnosis {
        house, findings, ..
    } = doctor::diagnose(named, screen.zone())?;
    let mut text = Exposition::default();
    let family =
        |text: &mut Exposition, name: &str, help: &str, label: &str, figures: &[(&str, u64)]| {
            text.family(name, Kind::Gauge, help);
            for (word, value) in figures {
                text.labelled(name, label, word, *value);
            }
        };
    let version = [(env!("CARGO_PKG_VERSION"), 1)];
    family(
        &mut text,
        "antiphon_build_info",
        "The version of this command",
        "version",
        &version,
    );
    let found = [Severity::Fault, Severity::Warning].map(|severity| {
        let word = match severity {
            Severity::Fault => "fault",
            Severity::Warning => "warning",
        };
        (word, findings.count(severity) as u64)
    });
    let help = "What antiphon doctor finds wrong";
    family(&mut text, "antiphon_findings", help, "severity", &found);
    let usable = "antiphon_configuration_usable";
    text.family(
        usable,
        Kind::Gauge,
        "Whether the configuration can be used; without it sign-ins are refused",
    );
    text.figure(usable, house.is_some().into());
    if let Some(house) = &house {
        let people = People::look(house, clock::now())?;
        let enrolled = "antiphon_people_enrolled";
        text.family(enrolled, Kind::Gauge, "People who have a second factor");
        text.figure(enrolled, people.enrolled);
        family(
            &mut text,
            "antiphon_people_with",
            "People who have it among their ways to sign in",
            "way",
            &people.ways,
        );
        family(
            &mut text,
            "antiphon_people_locked",
            "People whose codes are refused after wrong ones, for a while or until an approval, a recovery code or root opens them",
            "until",
            &people.locked,
        );
        for (name, help, value) in [
            (
                "antiphon_people_unusable",
                "People whose record or state cannot be read",
                people.unusable,
            ),
            (
                "antiphon_people_few_recovery_codes",
                "People with two recovery codes left at most",
                people.few_codes,
            ),
        ] {
            text.family(name, Kind::Gauge, help);
            text.figure(name, value);
        }
        let help =
            "Sign-ins of the last 24 hours that are still in the activity, by how they ended";
        family(
            &mut text,
            "antiphon_sign_ins_last_day",
            help,
            "outcome",
            &sign_ins(house, clock::now())?,
        );
    }
    screen.line(text.into_text().trim_end())
}

/// How people stand.
struct People {
    enrolled: u64,
    ways: Figures<4>,
    locked: Figures<2>,
    unusable: u64,
    few_codes: u64,
}

impl People {
    fn look(house: &House, now: UnixTime) -> Result<Self, Failure> {
        let users = match house.users()? {
            Some(users) => roll::call(&users, record_file::SUFFIX)?.users,
            None => Vec::new(),
        };
        let all: Vec<Standing> = users.iter().map(|user| Standing::of(user, house)).collect();
        let count =
            |is: &dyn Fn(&Standing) -> bool| all.iter().filter(|one| is(one)).count() as u64;
        let with = |has: fn(&Record) -> bool| {
            count(&|one| matches!(&one.record, Ok(Some(record)) if has(record)))
        };
        let is_enrolled =
            |one: &Standing| matches!(&one.record, Ok(Some(record)) if record.is_enrolled());
        Ok(Self {
            enrolled: count(&is_enrolled),
            ways: [
                ("code", with(|record| record.code.is_some())),
                ("phone", with(|record| !record.phones.is_empty())),
                ("account", with(|record| !record.accounts.is_empty())),
                ("number", with(|record| !record.numbers.is_empty())),
            ],
            locked: [
                (
                    "time",
                    count(&|one| matches!(one.gate(house, now), Gate::LockedUntil(_))),
                ),
                (
                    "unlocked",
                    count(&|one| matches!(one.gate(house, now), Gate::Closed)),
                ),
            ],
            unusable: count(&|one| one.record.is_err() || one.state.is_err()),
            few_codes: count(&|one| is_enrolled(one) && one.recovery().0 <= FEW_CODES),
        })
    }
}

/// How the sign-ins of the last day ended. Activity that cannot be read is one of the doctor's findings.
fn sign_ins(house: &House, now: UnixTime) -> Result<Figures<8>, Failure> {
    let mut figures = OUTCOMES.map(|outcome| (outcome, 0));
    let users = match house.activity()? {
        Some(folder) => roll::call(&folder, activity_file::SUFFIX)?.users,
        None => Vec::new(),
    };
    for user in &users {
        for event in standing::events(user, house).unwrap_or_default() {
            let Some(outcome) = lately(&event, now) else {
                continue;
            };
            for (word, figure) in &mut figures {
                if *word == outcome {
                    *figure += u64::from(event.times());
                }
            }
        }
    }
    Ok(figures)
}

/// How it ended, if it is a sign-in of late.
fn lately(event: &Event, now: UnixTime) -> Option<&str> {
    let is_late = UnixTime::read(&event.time).is_some_and(|time| time.until(now) <= LATELY);
    if !is_late || !event.is_sign_in() {
        return None;
    }
    Some(if event.is_unfinished() {
        UNFINISHED
    } else {
        &event.outcome
    })
}

#[cfg(test)]
mod tests {
    use antiphon_core::activity::Event;
    use antiphon_core::time::UnixTime;

    use super::lately;

    #[test]
    fn a_sign_in_of_the_last_day_is_counted_by_how_it_ended() {
        let now = UnixTime::read("2026-11-22T20:00:00Z").unwrap();
        for (time, service, outcome, counted) in [
            ("2026-11-22T19:00:00Z", "sshd", "accepted", Some("accepted")),
            ("2026-11-21T20:00:00Z", "sshd", "wrong", Some("wrong")),
            ("2026-11-22T19:00:00Z", "sshd", "called", Some("unfinished")),
            (
                "2026-11-22T19:00:00Z",
                "sshd",
                "cancelled",
                Some("unfinished"),
            ),
            ("2026-11-21T19:59:59Z", "sshd", "accepted", None),
            ("yesterday", "sshd", "accepted", None),
            ("2026-11-22T19:00:00Z", "antiphon unlock", "unlocked", None),
        ] {
            let event = Event {
                time: time.to_owned(),
                service: service.to_owned(),
                outcome: outcome.to_owned(),
                ..Event::default()
            };
            assert_eq!(lately(&event, now), counted, "{event:?}");
        }
    }
}

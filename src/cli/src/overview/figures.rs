//! What is counted, week by week. Weeks begin on Monday, in UTC.

use std::collections::BTreeMap;

use antiphon_core::activity::{ACCEPTED, Event};
use antiphon_core::disk::activity_file;
use antiphon_core::time::UnixTime;

use crate::failure::Failure;
use crate::house::House;
use crate::people::{Progress, Row};
use crate::roll;
use crate::standing;

/// The most weeks that are shown.
const MOST_WEEKS: u64 = 53;
const DAY: u64 = 24 * 3600;
/// 1970 began on a Thursday: this many days after a Monday.
const FIRST_WEEKDAY: u64 = 3;

/// A week, counted from the one in which 1970 began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Week(u64);

impl Week {
    pub(super) fn of(time: UnixTime) -> Self {
        Self((time.0 / DAY + FIRST_WEEKDAY) / 7)
    }

    /// Its Monday: `2026-11-23`.
    pub(super) fn monday(self) -> String {
        let days = (self.0 * 7).saturating_sub(FIRST_WEEKDAY);
        let mut written = UnixTime(days * DAY).to_string();
        written.truncate("2026-11-23".len());
        written
    }
}

/// Why a sign-in was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Why {
    Wrong,
    Used,
    Locked,
    Reported,
    NotEnrolled,
    Phone,
    NotAllowed,
    Program,
    Fault,
    Other,
}

impl Why {
    pub(super) const ALL: [Self; 10] = [
        Self::Wrong,
        Self::Used,
        Self::Locked,
        Self::Reported,
        Self::NotEnrolled,
        Self::Phone,
        Self::NotAllowed,
        Self::Program,
        Self::Fault,
        Self::Other,
    ];

    /// `None` for an event that is no refusal.
    fn of(event: &Event) -> Option<Self> {
        Some(match (event.outcome.as_str(), event.reason.as_str()) {
            ("wrong", _) => Self::Wrong,
            ("locked", _) => Self::Locked,
            ("reported", _) => Self::Reported,
            ("unusable", _) => Self::Fault,
            ("refused", reason) => match reason {
                "used" | "use-unknown" | "expired-code" => Self::Used,
                "mistake" | "not-theirs" => Self::Reported,
                "not-enrolled" | "nothing-to-ask" | "unconfirmed" => Self::NotEnrolled,
                "phone-away" | "phone-not-asked" | "account-away" | "account-not-asked" => {
                    Self::Phone
                }
                "no-method-allowed" | "method-not-allowed" => Self::NotAllowed,
                "password-answered" | "blind-password-method" | "name-answered" | "cannot-ask" => {
                    Self::Program
                }
                "clock-was-ahead" | "read-only-disk" | "recovery-closed" | "not-sent" => {
                    Self::Fault
                }
                _ if reason.starts_with("enrolment-") => Self::NotEnrolled,
                _ => Self::Other,
            },
            _ => return None,
        })
    }
}

/// The ways that are counted, by their words in the activity.
pub(super) const WAYS: [&str; 8] = [
    "approval",
    "account",
    "code",
    "sms",
    "call",
    "recovery",
    "bypass",
    "enrolment",
];

/// One week's counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Counted {
    /// People who were enrolled in this week.
    pub(super) enrolled: u64,
    /// Accepted sign-ins, in the order of [`WAYS`].
    pub(super) ways: [u64; WAYS.len()],
    /// Refusals, in the order of [`Why::ALL`].
    pub(super) refused: [u64; Why::ALL.len()],
    /// Sign-ins that had the first factor and were not finished.
    pub(super) unfinished: u64,
    /// Sign-ins let in without a second factor.
    pub(super) exempt: u64,
}

/// Everything that the page shows.
#[derive(Debug)]
pub(super) struct Figures {
    weeks: BTreeMap<Week, Counted>,
    now: UnixTime,
    /// People who are enrolled, of whom it is not known since when.
    pub(super) enrolled_at_some_time: u64,
    /// The earliest and the latest event.
    pub(super) span: Option<(UnixTime, UnixTime)>,
    /// People whose activity was read.
    pub(super) files: usize,
    /// People whose activity could not be read.
    pub(super) unreadable: usize,
}

impl Figures {
    pub(super) fn new(now: UnixTime) -> Self {
        Self {
            weeks: BTreeMap::new(),
            now,
            enrolled_at_some_time: 0,
            span: None,
            files: 0,
            unreadable: 0,
        }
    }

    /// Counts a person who is enrolled.
    pub(super) fn add_person(&mut self, row: &Row) {
        if !row.enrolled {
            return;
        }
        let since = row.since.as_deref().and_then(UnixTime::read);
        match since.filter(|since| *since <= self.now) {
            Some(since) => self.week(since).enrolled += 1,
            None => self.enrolled_at_some_time += 1,
        }
    }

    /// Counts everybody's sign-ins.
    pub(super) fn read_activity(&mut self, house: &House) -> Result<(), Failure> {
        let Some(folder) = house.activity()? else {
            return Ok(());
        };
        let people = roll::call(&folder, activity_file::SUFFIX)?.users;
        let mut progress = Progress::begin(people.len());
        for user in &people {
            progress.step();
            match standing::events(user, house) {
                Ok(events) => {
                    self.files += 1;
                    for event in &events {
                        self.add_event(event);
                    }
                }
                Err(_) => self.unreadable += 1,
            }
        }
        Ok(())
    }

    /// Counts an event, as often as it happened, in the week in which it last did. One of the future, which a clock that
    /// ran ahead has left, is not counted.
    fn add_event(&mut self, event: &Event) {
        let time = UnixTime::read(&event.time).filter(|time| *time <= self.now);
        let Some(time) = time.filter(|_| event.is_sign_in()) else {
            return;
        };
        let (first, last) = self.span.unwrap_or((time, time));
        self.span = Some((first.min(time), last.max(time)));
        let times = u64::from(event.times());
        let way = WAYS.iter().position(|way| *way == event.method);
        let why = Why::of(event).and_then(|why| Why::ALL.iter().position(|known| *known == why));
        let counted = self.week(time);
        if event.is_unfinished() {
            counted.unfinished += times;
        } else if event.outcome == ACCEPTED {
            if let Some(count) = way.and_then(|way| counted.ways.get_mut(way)) {
                *count += times;
            }
        } else if event.outcome == "exempt" {
            counted.exempt += times;
        } else if let Some(count) = why.and_then(|why| counted.refused.get_mut(why)) {
            *count += times;
        }
    }

    fn week(&mut self, time: UnixTime) -> &mut Counted {
        self.weeks.entry(Week::of(time)).or_default()
    }

    /// The weeks to show, without gaps, from the first of which something is known to the present one.
    pub(super) fn weeks(&self) -> Vec<(Week, Counted)> {
        let this = Week::of(self.now);
        let first = self.weeks.keys().next().copied().unwrap_or(this);
        let first = first.0.max((this.0 + 1).saturating_sub(MOST_WEEKS));
        (first..=this.0)
            .map(Week)
            .map(|week| (week, self.weeks.get(&week).cloned().unwrap_or_default()))
            .collect()
    }

    /// How many were enrolled at the end of each week that is shown.
    pub(super) fn enrolled(&self) -> Vec<u64> {
        let shown = self.weeks();
        let first = shown.first().map(|(week, _)| *week);
        let before = self.weeks.iter().filter(|(week, _)| Some(**week) < first);
        let mut sum = self.enrolled_at_some_time;
        sum += before.map(|(_, counted)| counted.enrolled).sum::<u64>();
        shown
            .iter()
            .map(|(_, counted)| {
                sum += counted.enrolled;
                sum
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use antiphon_core::activity::Event;
    use antiphon_core::time::UnixTime;

    use super::{Counted, Figures, Week, Why};

    /// A Sunday.
    const NOW: &str = "2026-11-29T15:00:00Z";

    fn figures(events: &[(&str, &str, &str, &str, u32)]) -> Figures {
        let mut figures = Figures::new(UnixTime::read(NOW).unwrap());
        for (time, outcome, reason, method, count) in events {
            figures.add_event(&Event {
                time: (*time).to_owned(),
                outcome: (*outcome).to_owned(),
                reason: (*reason).to_owned(),
                method: (*method).to_owned(),
                service: "sshd".to_owned(),
                count: *count,
                ..Event::default()
            });
        }
        figures
    }

    #[test]
    fn a_week_begins_on_monday_at_midnight_utc() {
        for (time, monday) in [
            ("2026-11-29T23:59:59Z", "2026-11-23"),
            ("2026-11-30T00:00:00Z", "2026-11-30"),
            ("2027-01-01T12:00:00Z", "2026-12-28"),
            ("2024-02-29T12:00:00Z", "2024-02-26"),
        ] {
            let week = Week::of(UnixTime::read(time).unwrap());
            assert_eq!(week.monday(), monday, "{time}");
        }
    }

    #[test]
    fn an_event_counts_as_often_as_it_happened_in_the_week_in_which_it_last_did() {
        let figures = figures(&[
            ("2026-11-16T08:00:00Z", "accepted", "", "code", 0),
            ("2026-11-29T08:00:00Z", "accepted", "", "approval", 0),
            ("2026-11-28T08:00:00Z", "asked", "", "", 4),
            ("2026-11-28T09:00:00Z", "refused", "no-answer", "", 0),
            ("2026-11-28T09:00:00Z", "wrong", "", "", 2),
            ("2026-11-28T09:00:00Z", "refused", "enrolment-over", "", 0),
            ("2026-11-28T09:00:00Z", "exempt", "rehearsed", "", 3),
            // Neither a sign-in of the future nor what cannot be read.
            ("2026-12-01T09:00:00Z", "accepted", "", "code", 0),
            ("yesterday", "accepted", "", "code", 0),
        ]);
        let weeks = figures.weeks();
        let counts: Vec<_> = weeks.iter().map(|(week, _)| week.monday()).collect();
        assert_eq!(counts, ["2026-11-16", "2026-11-23"]);
        assert_eq!(weeks[0].1.ways, [0, 0, 1, 0, 0, 0, 0, 0]);
        let last = &weeks[1].1;
        assert_eq!(last.ways, [1, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!((last.unfinished, last.exempt), (5, 3));
        assert_eq!(last.refused, [2, 0, 0, 0, 1, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn at_most_a_year_is_shown_and_who_enrolled_before_is_counted_from_its_first_week() {
        let mut figures = figures(&[]);
        figures.enrolled_at_some_time = 2;
        for time in ["2020-01-01T00:00:00Z", "2026-11-20T00:00:00Z"] {
            figures.week(UnixTime::read(time).unwrap()).enrolled += 1;
        }
        let weeks = figures.weeks();
        assert_eq!(weeks.len(), 53);
        assert!(
            weeks[..51]
                .iter()
                .all(|(_, counted)| *counted == Counted::default())
        );
        let enrolled = figures.enrolled();
        assert_eq!((enrolled[0], enrolled[51], enrolled[52]), (3, 4, 4));
    }

    #[test]
    fn every_reason_of_a_refusal_has_its_place() {
        let why = |outcome: &str, reason: &str| {
            Why::of(&Event {
                outcome: outcome.to_owned(),
                reason: reason.to_owned(),
                ..Event::default()
            })
        };
        for (outcome, reason, expected) in [
            ("wrong", "", Some(Why::Wrong)),
            ("refused", "used", Some(Why::Used)),
            ("locked", "wrong-codes", Some(Why::Locked)),
            ("reported", "", Some(Why::Reported)),
            ("refused", "not-enrolled", Some(Why::NotEnrolled)),
            ("refused", "enrolment-group", Some(Why::NotEnrolled)),
            ("refused", "cannot-ask", Some(Why::Program)),
            ("refused", "something-new", Some(Why::Other)),
            ("unusable", "state", Some(Why::Fault)),
            ("accepted", "", None),
            ("exempt", "observed", None),
        ] {
            assert_eq!(why(outcome, reason), expected, "{outcome} {reason}");
        }
    }
}

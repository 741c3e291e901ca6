//! A table for the terminal, of columns that are as wide for the first line as for the last.

use antiphon_core::config::Mode;

use super::Counts;
use super::row::{Missing, Row};
use crate::arguments::Status;
use crate::house::House;
use crate::screen::Screen;
use crate::status::counted;

/// The cells of a line; the last one is as long as it likes.
struct Cells<'a> {
    user: &'a str,
    ways: &'a str,
    since: &'a str,
    last: &'a str,
    left: &'a str,
    rule: &'a str,
}

impl Cells<'_> {
    fn line(&self) -> String {
        let Self {
            user,
            ways,
            since,
            last,
            left,
            rule,
        } = self;
        let line = format!("{user:16} {ways:20} {since:10} {last:12} {left:>5}  {rule}");
        line.trim_end().to_owned()
    }
}

pub(super) fn head() -> String {
    let head = Cells {
        user: "USER",
        ways: "WAYS",
        since: "SINCE",
        last: "LAST SUCCESS",
        left: "CODES",
        rule: "WHAT HAPPENS",
    };
    head.line()
}

pub(super) fn line(row: &Row, house: &House, screen: &Screen) -> String {
    let zone = screen.zone();
    let day = |time: &Option<String>| {
        let time = time.as_ref();
        time.map_or_else(|| "-".to_owned(), |time| zone.show_day(time))
    };
    let last = if row.untried {
        "never".to_owned()
    } else {
        day(&row.last_success)
    };
    let ways = if row.ways.is_empty() {
        "-".to_owned()
    } else {
        row.ways.join(", ")
    };
    let left = if row.enrolled {
        row.recovery_left.to_string()
    } else {
        "-".to_owned()
    };
    let line = Cells {
        user: &row.user,
        ways: &ways,
        since: &day(&row.since),
        last: &last,
        left: &left,
        rule: &what_happens(row, house, screen),
    }
    .line();
    match row.missing {
        Some(Missing::Unusable | Missing::NoWay) => screen.red(&line),
        Some(Missing::NotEnrolled) => screen.yellow(&line),
        None => line,
    }
}

/// What happens at a sign-in, by which rule, and what will, from which date.
fn what_happens(row: &Row, house: &House, screen: &Screen) -> String {
    if row.exempt {
        return "exempt".to_owned();
    }
    match row.missing {
        Some(Missing::Unusable) => "refused: the record cannot be used".to_owned(),
        Some(Missing::NoWay) => "refused: none of their ways is allowed".to_owned(),
        None => {
            let asked = match house.config.mode {
                Mode::EnforceAfterSuccess if row.untried => "rehearses until the first success",
                Mode::Rehearse => "rehearses",
                Mode::Observe => "observed",
                Mode::Enforce | Mode::EnforceAfterSuccess => "asked",
            };
            format!("{}{asked}", row.rule.of_group())
        }
        Some(Missing::NotEnrolled) => row.rule.in_words(screen.zone()),
    }
}

/// The last line.
pub(super) fn end(counts: &Counts, wanted: &Status) -> String {
    let people = match counts.people {
        1 => "1 person".to_owned(),
        people => format!("{people} people"),
    };
    if wanted.missing && counts.missing == 0 {
        return format!(
            "Nobody of {people} is missing: everybody could sign in with a second factor."
        );
    }
    format!(
        "{people}: {} enrolled, {} who could not sign in if everybody had to have a second factor.",
        counts.enrolled,
        counted(counts.missing, "person").replace("persons", "people")
    )
}

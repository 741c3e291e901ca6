//! The table of how long it takes from an answer until the sign-in that waits for it has returned.

use std::fmt::Write as _;

use crate::sample::Times;
use crate::stage::Place;

/// One kind of sign-in.
pub(crate) struct Row {
    pub(crate) place: Place,
    pub(crate) kind: &'static str,
    pub(crate) columns: Vec<Column>,
}

/// Times, and what of.
pub(crate) struct Column {
    pub(crate) of: &'static str,
    pub(crate) times: Times,
}

impl Column {
    /// The columns of all kinds: the whole, what writing one slot and its fdatasync take by themselves, and the rest.
    pub(crate) fn of_sign_in(times: Times, sync: Times) -> Vec<Self> {
        let beside = Times {
            median: times.median - sync.median,
            p99: times.p99 - sync.median,
        };
        let columns = [
            ("", times),
            ("fdatasync: ", sync),
            ("beside that: ", beside),
        ];
        columns.map(|(of, times)| Self { of, times }).into()
    }
}

/// Adds the table, in microseconds.
pub(crate) fn write_table(text: &mut String, rows: &[Row]) {
    let _ = write!(text, "{:18}", "");
    for Column { of, .. } in rows.first().map_or(&[][..], |row| &row.columns) {
        let _ = write!(text, "{:>22}{:>10}", format!("{of}median"), "p99");
    }
    for Row {
        place,
        kind,
        columns,
    } in rows
    {
        let _ = write!(text, "\n{:<8}{kind:<10}", place.name());
        for Column { times, .. } in columns {
            let _ = write!(text, "{:>22.0}{:>10.0}", times.median, times.p99);
        }
    }
    text.push_str("\n\n");
}

//! `antiphon status --table`, `--missing` and `--csv`: everybody with a sign-in shell, one line each, as it is read. For a
//! host with 100,000 people nothing is kept but the user database and the names of records.

mod csv;
mod groups;
mod progress;
mod row;
mod table;

use std::collections::{BTreeSet, HashSet};

use antiphon_core::disk::record_file;
use antiphon_core::name::UserName;

use crate::arguments::Status;
use crate::clock;
use crate::failure::Failure;
use crate::house::House;
use crate::roll;
use crate::screen::Screen;
use crate::user_database::{Entry, UserDatabase};
use groups::Groups;
pub(crate) use progress::Progress;
use row::Facts;
pub(crate) use row::{Row, last_success, since};

/// How many there are.
#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) people: usize,
    pub(crate) enrolled: usize,
    /// Who could not sign in if everybody had to have a second factor.
    pub(crate) missing: usize,
    /// Who are enrolled and have never succeeded.
    pub(crate) untried: usize,
}

/// The form of the lines.
enum Form {
    Table,
    Csv,
    Json {
        /// Whether one has been written, so that a comma comes first.
        has_begun: bool,
    },
}

/// Shows everybody, or with `--missing` only those who could not sign in.
pub(crate) fn run(wanted: &Status, house: &House, screen: &mut Screen) -> Result<(), Failure> {
    let mut form = match (wanted.csv, screen.is_json()) {
        (true, _) => Form::Csv,
        (false, true) => Form::Json { has_begun: false },
        (false, false) => Form::Table,
    };
    form.begin(screen)?;
    let counts = each(house, |row| {
        if wanted.missing && row.missing.is_none() {
            return Ok(());
        }
        form.line(row, house, screen)
    })?;
    form.end(&counts, wanted, screen)
}

/// Hands over the row of each person: those of the user database who have a shell, in its order, and then those who have
/// a record but are not in it.
pub(crate) fn each(
    house: &House,
    mut show: impl FnMut(&Row) -> Result<(), Failure>,
) -> Result<Counts, Failure> {
    let database = UserDatabase::read();
    let hashes = database.hashes();
    let recorded = match house.users()? {
        Some(users) => roll::call(&users, record_file::SUFFIX)?.users,
        None => Vec::new(),
    };
    let recorded: BTreeSet<&str> = recorded.iter().map(UserName::as_str).collect();
    // A name counts once, as its first line has it.
    let mut people: Vec<Entry<'_>> = Vec::new();
    let mut known: HashSet<&str> = HashSet::new();
    for entry in database.entries() {
        let is_wanted = entry.has_shell() || recorded.contains(entry.name);
        if is_wanted && known.insert(entry.name) {
            people.push(entry);
        }
    }
    let strangers: Vec<&str> = recorded
        .iter()
        .filter(|name| !known.contains(*name))
        .copied()
        .collect();
    let now = clock::now();
    let groups = Groups::of(&house.config);
    let mut counts = Counts::default();
    let mut progress = Progress::begin(people.len() + strangers.len());
    let listed = people.iter().map(|entry| Facts {
        name: entry.name,
        account: entry.account(),
        is_local: hashes.contains_key(entry.name),
        has_password: entry.has_password(&hashes),
        has_record: recorded.contains(entry.name),
    });
    // Directories do not always list everybody whom they know.
    let others = strangers.iter().map(|name| Facts {
        name,
        account: None,
        is_local: false,
        has_password: false,
        has_record: true,
    });
    for facts in listed.chain(others) {
        let row = Row::new(facts, &groups, house, now);
        counts.people += 1;
        counts.enrolled += usize::from(row.enrolled);
        counts.missing += usize::from(row.missing.is_some());
        counts.untried += usize::from(row.untried);
        progress.step();
        show(&row)?;
    }
    Ok(counts)
}

impl Form {
    fn begin(&self, screen: &mut Screen) -> Result<(), Failure> {
        match self {
            Self::Table => screen.line(&screen.bold(&table::head())),
            Self::Csv => screen.record(&csv::head()),
            Self::Json { .. } => screen.raw("{\"people\":["),
        }
    }

    fn line(&mut self, row: &Row, house: &House, screen: &mut Screen) -> Result<(), Failure> {
        match self {
            Self::Table => screen.line(&table::line(row, house, screen)),
            Self::Csv => screen.record(&csv::line(row)),
            Self::Json { has_begun } => {
                if std::mem::replace(has_begun, true) {
                    screen.raw(",")?;
                }
                screen.part(row)
            }
        }
    }

    fn end(&self, counts: &Counts, wanted: &Status, screen: &mut Screen) -> Result<(), Failure> {
        match self {
            Self::Table => screen.line(&table::end(counts, wanted)),
            Self::Csv => Ok(()),
            Self::Json { .. } => screen.line("]}"),
        }
    }
}

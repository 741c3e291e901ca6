//! `antiphon import accounts`: accounts at providers, by root's word, from a table. Nobody signs in.

use std::process::ExitCode;

use antiphon_core::disk::Unwritten;
use antiphon_core::name::UserName;
use antiphon_core::person::{Edit, NewAccount, Refused};
use antiphon_core::record::Account;
use antiphon_core::visible::visible;
use antiphon_link::Interrupt;
use serde::Serialize;

use super::file;
use crate::arguments::ImportAccounts;
use crate::enroll::account_of;
use crate::failure::{self, Failure, Kind};
use crate::folders;
use crate::house::House;
use crate::interrupt::Interrupts;
use crate::lock::files;
use crate::log::{self, Done};
use crate::owners::{Owners, also_in_words};
use crate::person;
use crate::plain_file;
use crate::progress::Progress;
use crate::providers;
use crate::publish;
use crate::refusal;
use crate::screen::Screen;
use crate::table::{self, Row};

/// The largest table that is read, in bytes.
const LARGEST: u64 = 16 * 1024 * 1024;
/// The longest text in the report, in bytes.
const LONGEST: usize = 256;
/// The columns that mean something here.
const COLUMNS: [&str; 5] = ["name", "provider", "subject", "tenant", "display_name"];

/// What becomes of a row.
enum Outcome {
    /// It can be imported; and who else has the account.
    Ready(Vec<String>),
    /// It has been.
    Imported(Vec<String>),
    /// The person has the account already.
    DoneBefore,
    /// It is not, and why.
    LeftOut(String),
}

/// The object of `--json`.
#[derive(Serialize)]
struct Object {
    written: bool,
    people: Vec<PersonObject>,
}

#[derive(Serialize)]
struct PersonObject {
    user: String,
    line: u64,
    provider: String,
    subject: String,
    /// `ready`, `imported`, `done-before` or `left-out`.
    outcome: &'static str,
    reason: Option<String>,
    /// Who else has the account, or will have it by an earlier line.
    also_of: Vec<String>,
}

/// Shows what would be imported, or imports it.
pub(super) fn run(
    wanted: &ImportAccounts,
    house: &House,
    screen: &mut Screen,
) -> Result<ExitCode, Failure> {
    let rows = rows(wanted, screen)?;
    if wanted.yes && !rows.is_empty() {
        folders::make_ready(&house.config.paths)?;
    }
    let interrupts = Interrupts::hold()?;
    let mut progress = Progress::new(rows.len());
    let mut left = rows.len();
    let mut owners = Owners::read(house);
    let mut people = Vec::new();
    for row in &rows {
        if interrupts.came() {
            break;
        }
        left -= 1;
        progress.step(row.get("name"));
        let outcome = one(row, wanted.yes, &mut owners, house, screen);
        let outcome = outcome.unwrap_or_else(Outcome::LeftOut);
        people.push(PersonObject::new(row, outcome));
    }
    drop(progress);
    drop(interrupts);
    let is_whole = people.iter().all(|person| person.reason.is_none());
    show(people, wanted.yes, screen)?;
    if left > 0 {
        let what = format!("stopped, with {left} still to do: run the same command again to go on");
        return Err(Failure::new(Kind::TryAgain, what));
    }
    Ok(if is_whole {
        ExitCode::SUCCESS
    } else {
        failure::partly()
    })
}

fn rows(wanted: &ImportAccounts, screen: &mut Screen) -> Result<Vec<Row>, Failure> {
    let path = &wanted.file;
    let failed = |kind, why: &dyn std::fmt::Display| {
        Failure::new(kind, format!("{}: {why}", path.display()))
    };
    let bytes = if path.as_os_str() == "-" {
        let read = file::standard_input(LARGEST).map_err(|why| failed(Kind::NoInput, &why))?;
        read.to_vec()
    } else {
        plain_file::bytes(path, LARGEST).map_err(|unread| failed(Kind::NoInput, &unread))?
    };
    let table = table::read(&bytes, &COLUMNS).map_err(|why| failed(Kind::Data, &why))?;
    if !table.ignored.is_empty() {
        let ignored = table.ignored.join(", ");
        screen.note(&format!("note: columns that mean nothing here: {ignored}"));
    }
    Ok(table.rows)
}

/// Looks at one row, and writes it if that is wanted.
///
/// # Errors
/// Why it is left out.
fn one(
    row: &Row,
    yes: bool,
    owners: &mut Owners<'_>,
    house: &House,
    screen: &mut Screen,
) -> Result<Outcome, String> {
    let said = |failure: Failure| failure.to_string();
    row.sound()?;
    let user = person::canonical(row.get("name")).map_err(said)?;
    let provider = providers::named(row.get("provider"), house).map_err(said)?;
    let name = Some(row.get("display_name")).filter(|name| !name.is_empty());
    let account = account_of(provider, row.get("subject"), Some(row.get("tenant")), name)?;
    let record = house.record(&user).map_err(said)?;
    let mut known = record.iter().flat_map(|record| &record.accounts);
    if known.any(|known| known.is_same_as(&account)) {
        return Ok(Outcome::DoneBefore);
    }
    let others = owners.besides(&user, &account);
    let outcome = if yes {
        write(&user, &account, others, house, screen)?
    } else {
        Outcome::Ready(others)
    };
    owners.add(&account, &user);
    Ok(outcome)
}

fn write(
    user: &UserName,
    account: &Account,
    others: Vec<String>,
    house: &House,
    screen: &mut Screen,
) -> Result<Outcome, String> {
    let new = NewAccount {
        account,
        trial: None,
        recovery: None,
        language: None,
    };
    let changed = files(user, house, false).and_then(|files| files.change(Edit::AddAccount(&new)));
    let changed = match changed {
        Ok(changed) => changed,
        Err(Unwritten::Refused(Refused::KnownAccount)) => return Ok(Outcome::DoneBefore),
        Err(why) => return Err(refusal::in_words(why, user, "").to_string()),
    };
    let done = Done {
        outcome: "imported",
        reason: "by-root",
        method: "account",
        provider: &account.provider,
        detail: &account.subject.id,
        command: "import",
        ..Done::default()
    };
    log::write_down(done, user, house, screen);
    publish::note(changed.unseen.as_ref(), user, screen);
    Ok(Outcome::Imported(others))
}

fn show(people: Vec<PersonObject>, written: bool, screen: &mut Screen) -> Result<(), Failure> {
    if screen.is_json() {
        return screen.object(&Object { written, people });
    }
    let count = |word: &str| people.iter().filter(|one| one.outcome == word).count();
    for person in &people {
        screen.say(&person.in_words())?;
    }
    let going_on = count("ready") + count("imported");
    let before = match count("done-before") {
        0 => String::new(),
        before => format!("{before} done before, "),
    };
    let left_out = count("left-out");
    screen.line("")?;
    screen.line(&if written {
        format!("{going_on} imported, {before}{left_out} left out.")
    } else {
        format!(
            "{going_on} can be imported, {before}{left_out} left out. Nothing was written; to import: --yes"
        )
    })?;
    if written && going_on > 0 {
        screen.line("Who has no recovery codes yet: antiphon recovery USER")?;
    }
    Ok(())
}

impl PersonObject {
    fn new(row: &Row, outcome: Outcome) -> Self {
        let (outcome, reason, also_of) = match outcome {
            Outcome::Ready(others) => ("ready", None, others),
            Outcome::Imported(others) => ("imported", None, others),
            Outcome::DoneBefore => ("done-before", None, Vec::new()),
            Outcome::LeftOut(why) => ("left-out", Some(why), Vec::new()),
        };
        let shown = |column: &str| visible(row.get(column), LONGEST);
        Self {
            user: shown("name"),
            line: row.line,
            provider: shown("provider"),
            subject: shown("subject"),
            outcome,
            reason,
            also_of,
        }
    }

    fn in_words(&self) -> String {
        let Self {
            user,
            line,
            provider,
            subject,
            ..
        } = self;
        let said = match (&self.reason, self.outcome) {
            (Some(reason), _) => format!("left out: {reason}"),
            (None, "done-before") => "has this account already".to_owned(),
            (None, _) if self.also_of.is_empty() => format!("{subject} at {provider}"),
            (None, _) => format!("{subject} at {provider}; {}", also_in_words(&self.also_of)),
        };
        format!("{user} (line {line}): {said}")
    }
}

//! `antiphon enroll --group` and `--from`: gives many people codes, and writes a letter to print for each.
//!
//! For each person a letter is put aside, then the record is written, then the letter gets its name
//! ([`letter_file`]). So at any instant a record has a durable letter, and a run that was cut off is run again: whom it
//! finds with a letter of their record is done, and a letter put aside whose record was written gets its name then.

mod letter;
mod letters;
mod list;
mod show;
mod table;
mod words;

use std::collections::HashSet;
use std::io::{self, IsTerminal};
use std::process::ExitCode;

use antiphon_core::disk::{Unwritten, letter_file};
use antiphon_core::draft::Draft;
use antiphon_core::name::UserName;
use antiphon_core::person::Refused;
use antiphon_link::{Interrupt, random};
use nix::unistd::User;

use super::code::{self, Terms};
use super::show::who_else;
use crate::arguments::Enroll;
use crate::failure::{self, Failure, Kind};
use crate::house::House;
use crate::interrupt::Interrupts;
use crate::log::{self, Done};
use crate::number;
use crate::person;
use crate::progress::Progress;
use crate::refusal;
use crate::screen::Screen;
use letters::{Letters, Locked, Standing, unwritten};
use list::Entry;
use show::{Outcome, Report};
use table::Wish;

/// A person of the list who can be enrolled, or is.
struct Candidate {
    user: UserName,
    wish: Wish,
}

pub(super) fn run(
    wanted: &Enroll,
    house: &House,
    screen: &mut Screen,
) -> Result<ExitCode, Failure> {
    let Some(path) = &wanted.letters else {
        // The definition of the options requires it.
        return Err(Failure::new(Kind::Usage, "--letters is missing"));
    };
    let list = list::read(wanted, screen)?;
    let mut letters = Letters::look(path)?;
    let mut report = Report::new(letters.path());
    let mut due = Vec::new();
    let mut seen = HashSet::new();
    for entry in list {
        let (name, line) = (entry.name.clone(), entry.line);
        let outcome = match candidate(entry, &mut seen) {
            Err(why) => Outcome::LeftOut(why),
            Ok(candidate) => {
                let outcome = outlook(&candidate.user, &letters, wanted.replace, house);
                let is_out = matches!(outcome, Outcome::LeftOut(_));
                if !is_out {
                    due.push((report.len(), candidate));
                }
                outcome
            }
        };
        report.add(name, line, outcome);
    }
    if due.is_empty() || !is_wanted(wanted, &report, screen)? {
        report.show(false, screen)?;
        return Ok(status(&report));
    }

    let interrupts = Interrupts::hold()?;
    let work = Work {
        locked: letters.lock()?,
        letters,
        wanted,
        house,
    };
    let mut progress = Progress::new(due.len());
    let mut left = due.len();
    let mut stopped = None;
    for (place, candidate) in &due {
        if interrupts.came() {
            break;
        }
        progress.step(candidate.user.as_str());
        match work.enrol(candidate, screen) {
            Ok(outcome) => report.set(*place, outcome),
            Err(failure) => {
                stopped = Some(failure);
                break;
            }
        }
        left -= 1;
    }
    drop(progress);
    drop(interrupts);
    if left > 0 {
        let why = stopped
            .as_ref()
            .map_or("stopped".to_owned(), Failure::to_string);
        let kind = stopped.as_ref().map_or(Kind::TryAgain, Failure::kind);
        let what = format!("{why}, with {left} still to do: run the same command again to go on");
        return Err(Failure::new(kind, what));
    }
    let done = due
        .into_iter()
        .filter(|(place, _)| report.has_letter(*place));
    let users: Vec<UserName> = done.map(|(_, candidate)| candidate.user).collect();
    if !users.is_empty() {
        work.locked.write_all(&users, house.config.language)?;
    }
    report.show(true, screen)?;
    if !screen.is_json() {
        who_else(house, screen)?;
    }
    Ok(status(&report))
}

fn status(report: &Report) -> ExitCode {
    if report.is_whole() {
        ExitCode::SUCCESS
    } else {
        failure::partly()
    }
}

/// Whether to go on.
fn is_wanted(wanted: &Enroll, report: &Report, screen: &mut Screen) -> Result<bool, Failure> {
    if wanted.yes {
        return Ok(true);
    }
    let anybody_there = io::stdin().is_terminal() && screen.size().is_some();
    if screen.is_json() || !anybody_there || !report.has_ready() {
        return Ok(false);
    }
    report.preview(screen)?;
    let question = format!(
        "Enrol them, and write their letters to {}? [y/N] ",
        report.folder()
    );
    Ok(matches!(
        screen.ask(&question).as_deref(),
        Some(b"y" | b"Y" | b"yes")
    ))
}

/// The person whom an entry of the list means.
fn candidate(entry: Entry, seen: &mut HashSet<String>) -> Result<Candidate, String> {
    let wish = entry.wish?;
    let user = person::canonical(&entry.name).map_err(|failure| failure.to_string())?;
    let known = User::from_name(user.as_str()).ok().flatten();
    if known.is_some_and(|known| known.uid.is_root()) {
        let word = user.shell_word();
        return Err(format!(
            "is root, and a letter is no place for that; run: antiphon enroll {word}"
        ));
    }
    if !seen.insert(user.as_str().to_owned()) {
        return Err("is on the list already".to_owned());
    }
    Ok(Candidate { user, wish })
}

/// What can become of this person.
fn outlook(user: &UserName, letters: &Letters, replace: bool, house: &House) -> Outcome {
    let looked = house.record(user).and_then(|record| {
        let standing = letters.standing(user, record.as_ref())?;
        Ok((record.is_some(), standing))
    });
    match looked {
        Err(failure) => Outcome::LeftOut(failure.to_string()),
        Ok((_, Standing::Issued)) => Outcome::DoneBefore,
        Ok((_, Standing::Foreign)) => Outcome::LeftOut(format!(
            "{} is there already, and not of this person's record; move it away, or name another folder",
            letters.path().join(letter_file::name_of(user)).display()
        )),
        Ok((true, Standing::Missing)) if !replace => Outcome::LeftOut(
            "has a record already, which stays as it is; for a new secret: --replace".to_owned(),
        ),
        Ok((_, Standing::Aside | Standing::Missing)) => Outcome::Ready,
    }
}

/// What the enrolments have in common.
struct Work<'a> {
    letters: Letters,
    locked: Locked,
    wanted: &'a Enroll,
    house: &'a House,
}

impl Work<'_> {
    /// Enrols one person, or goes on where a run was cut off.
    ///
    /// # Errors
    /// [`Failure`] if letters cannot be written: then nobody can be enrolled.
    fn enrol(&self, candidate: &Candidate, screen: &mut Screen) -> Result<Outcome, Failure> {
        let Candidate { user, wish } = candidate;
        // Again, under the lock of the folder: it may have changed while the question was asked.
        let outlook = outlook(user, &self.letters, self.wanted.replace, self.house);
        let outcome = match outlook {
            Outcome::Ready if self.is_half_done(user)? => {
                self.resume(user, screen)?;
                Outcome::Enrolled
            }
            Outcome::Ready => self.enrol_anew(user, wish, screen)?,
            other => other,
        };
        Ok(match (outcome, &wish.number) {
            (outcome @ (Outcome::Enrolled | Outcome::DoneBefore), Some(number)) => {
                match number::give(number, user, self.house, screen) {
                    Ok(()) | Err(Unwritten::Refused(Refused::KnownNumber)) => outcome,
                    Err(why) => {
                        let why = refusal::in_words(why, user, &number.masked());
                        Outcome::WithoutNumber(why.to_string())
                    }
                }
            }
            (outcome, _) => outcome,
        })
    }

    fn enrol_anew(
        &self,
        user: &UserName,
        wish: &Wish,
        screen: &mut Screen,
    ) -> Result<Outcome, Failure> {
        let language = wish.language.or(self.wanted.language);
        let draft = Draft::new(&*random::bytes()?);
        let shown = language.unwrap_or(self.house.config.language);
        let letter = letter::write(user, &draft, shown, self.house, screen)?;
        letter_file::put_aside(&self.locked.folder, user, &letter).map_err(unwritten)?;
        let terms = Terms {
            replace: self.wanted.replace,
            language,
        };
        match code::write(user, &draft, None, &terms, self.house) {
            Ok(written) => {
                written.write_down(user, self.house, screen);
                self.issue(user)?;
            }
            // The new record may stand although it could not be made durable.
            Err(failure) => match self.is_half_done(user) {
                Ok(true) => self.resume(user, screen)?,
                Ok(false) => {
                    letter_file::discard(&self.locked.folder, user).map_err(unwritten)?;
                    return Ok(Outcome::LeftOut(failure.to_string()));
                }
                // The letter stays aside, and the next run decides.
                Err(_) => return Ok(Outcome::LeftOut(failure.to_string())),
            },
        }
        Ok(Outcome::Enrolled)
    }

    /// Goes on after the record was written, which may not be in the log yet: there twice is better than unseen.
    fn resume(&self, user: &UserName, screen: &mut Screen) -> Result<(), Failure> {
        let done = Done {
            outcome: "enrolled",
            reason: "resumed",
            method: "code",
            command: "enroll",
            ..Done::default()
        };
        log::write_down(done, user, self.house, screen);
        self.issue(user)
    }

    /// Whether the letter put aside is that of the record.
    fn is_half_done(&self, user: &UserName) -> Result<bool, Failure> {
        let record = self.house.record(user)?;
        let standing = self.letters.standing(user, record.as_ref())?;
        Ok(matches!(standing, Standing::Aside))
    }

    fn issue(&self, user: &UserName) -> Result<(), Failure> {
        letter_file::issue(&self.locked.folder, user).map_err(unwritten)
    }
}

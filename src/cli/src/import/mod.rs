//! `antiphon import`: takes over the secrets that another module has checked so far, so that everybody goes on with the
//! app that they have.
//!
//! Nothing is written without `--yes`, and the files that are read are never changed. Each person is read and written at
//! once, so that little is used meanwhile; a run that was cut off is run again, and leaves alone who is done.

mod accounts;
mod file;
mod google_authenticator;
mod oath;
mod show;

use std::path::PathBuf;
use std::process::ExitCode;

use antiphon_core::disk::Unwritten;
use antiphon_core::import::Found;
use antiphon_core::name::UserName;
use antiphon_core::person::{Edit, Imported};
use antiphon_link::Interrupt;

use crate::arguments::{Import, ImportFrom};
use crate::failure::{self, Failure, Kind};
use crate::folders;
use crate::house::House;
use crate::interrupt::Interrupts;
use crate::lock::files;
use crate::log::{self, Done};
use crate::person;
use crate::progress::Progress;
use crate::publish;
use crate::refusal;
use crate::screen::Screen;
use show::{Outcome, Report};

/// One secret that another program keeps.
struct Secret {
    /// Whose it is, as it is written there.
    name: String,
    /// The file.
    path: PathBuf,
    /// The line, in a file of several people.
    line: Option<usize>,
}

/// Where the secrets are.
trait Source {
    /// The word in the log.
    fn word(&self) -> &'static str;

    /// All secrets, in the order of the report.
    ///
    /// # Errors
    /// [`Failure`] if the list of them cannot be made.
    fn secrets(&self) -> Result<Vec<Secret>, Failure>;

    /// Reads one of them, which is `user`'s, as it is now.
    ///
    /// # Errors
    /// Why it cannot be taken over.
    fn read(&self, secret: &Secret, user: &UserName) -> Result<Found, String>;
}

/// Shows what would be imported, or imports it.
pub(crate) fn run(
    wanted: &Import,
    house: &House,
    screen: &mut Screen,
) -> Result<ExitCode, Failure> {
    match &wanted.from {
        ImportFrom::GoogleAuthenticator(from) => {
            let source = google_authenticator::Files::new(&from.files);
            import(&source, from.yes, house, screen)
        }
        ImportFrom::Accounts(from) => accounts::run(from, house, screen),
        ImportFrom::Oath(from) => {
            let source = oath::File::new(&from.file);
            import(&source, from.yes, house, screen)
        }
    }
}

fn import(
    source: &dyn Source,
    yes: bool,
    house: &House,
    screen: &mut Screen,
) -> Result<ExitCode, Failure> {
    let secrets = source.secrets()?;
    if yes && !secrets.is_empty() {
        folders::make_ready(&house.config.paths)?;
    }
    let interrupts = Interrupts::hold()?;
    let mut progress = Progress::new(secrets.len());
    let mut report = Report::new(yes);
    let mut left = secrets.len();
    for secret in secrets {
        if interrupts.came() {
            break;
        }
        left -= 1;
        progress.step(&secret.name);
        let outcome = one(source, &secret, yes, house, screen);
        report.add(secret, outcome);
    }
    drop(progress);
    drop(interrupts);
    report.show(house, screen)?;
    if left > 0 {
        let what = format!("stopped, with {left} still to do: run the same command again to go on");
        return Err(Failure::new(Kind::TryAgain, what));
    }
    Ok(if report.is_whole() {
        ExitCode::SUCCESS
    } else {
        failure::partly()
    })
}

/// Reads one secret, and writes it if that is wanted.
fn one(
    source: &dyn Source,
    secret: &Secret,
    yes: bool,
    house: &House,
    screen: &mut Screen,
) -> Outcome {
    let left_out = |why: Failure| Outcome::LeftOut(why.to_string());
    let user = &match person::canonical(&secret.name) {
        Ok(user) => user,
        Err(failure) => return left_out(failure),
    };
    let record = match house.record(user) {
        Err(failure) => return left_out(failure),
        Ok(record) => record.filter(|record| !record.is_beginning()),
    };
    let found = match (source.read(secret, user), record) {
        (Ok(found), Some(record)) if record.code.as_ref() == Some(&found.code) => {
            return Outcome::DoneBefore;
        }
        (_, Some(_)) => {
            return Outcome::LeftOut("has a record already, which stays as it is".to_owned());
        }
        (Ok(found), None) => found,
        (Err(why), None) => return Outcome::LeftOut(why),
    };
    if !yes {
        return Outcome::Ready(found);
    }
    let imported = Imported {
        code: &found.code,
        used: &found.used,
    };
    let changed = files(user, house, false).and_then(|files| files.change(Edit::Import(&imported)));
    match changed {
        Ok(changed) => {
            let done = Done {
                outcome: "imported",
                reason: source.word(),
                method: "code",
                command: "import",
                ..Done::default()
            };
            log::write_down(done, user, house, screen);
            publish::note(changed.unseen.as_ref(), user, screen);
            Outcome::Imported(found)
        }
        Err(why @ Unwritten::Refused(_)) => left_out(refusal::in_words(why, user, "")),
        Err(why) => left_out(why.into()),
    }
}

//! What an import would do or has done, a line per person.

use antiphon_core::config::Config;
use antiphon_core::import::{Found, Remark};
use antiphon_core::visible::visible;
use serde::Serialize;

use super::Secret;
use crate::failure::Failure;
use crate::house::House;
use crate::screen::Screen;

/// The longest name in the report, in bytes.
const LONGEST: usize = 256;

/// What becomes of one secret.
pub(super) enum Outcome {
    /// It can be imported.
    Ready(Found),
    /// It has been.
    Imported(Found),
    /// It stands in the person's record already.
    DoneBefore,
    /// It is not, and why.
    LeftOut(String),
}

impl Outcome {
    fn is_left_out(&self) -> bool {
        matches!(self, Self::LeftOut(_))
    }
}

/// All of them.
pub(super) struct Report {
    /// Whether anything was to be written.
    writes: bool,
    people: Vec<Person>,
}

struct Person {
    secret: Secret,
    outcome: Outcome,
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
    file: String,
    line: Option<usize>,
    /// `ready`, `imported`, `done-before` or `left-out`.
    outcome: &'static str,
    reason: Option<String>,
    bits: Option<usize>,
    digits: Option<u8>,
    period: Option<u64>,
    notes: Vec<String>,
}

impl Report {
    pub(super) fn new(writes: bool) -> Self {
        Self {
            writes,
            people: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, secret: Secret, outcome: Outcome) {
        self.people.push(Person { secret, outcome });
    }

    /// Whether nobody was left out.
    pub(super) fn is_whole(&self) -> bool {
        self.count(Outcome::is_left_out) == 0
    }

    pub(super) fn show(&self, house: &House, screen: &mut Screen) -> Result<(), Failure> {
        let objects = self
            .people
            .iter()
            .map(|person| person.object(&house.config));
        if screen.is_json() {
            return screen.object(&Object {
                written: self.writes,
                people: objects.collect(),
            });
        }
        if self.people.is_empty() {
            return screen.line("No file was found: nobody has one.");
        }
        for person in objects {
            screen.say(&person.in_words())?;
        }
        let going_on =
            self.count(|outcome| matches!(outcome, Outcome::Ready(_) | Outcome::Imported(_)));
        let before = match self.count(|outcome| matches!(outcome, Outcome::DoneBefore)) {
            0 => String::new(),
            before => format!("{before} done before, "),
        };
        let left_out = self.count(Outcome::is_left_out);
        screen.line("")?;
        screen.line(&if self.writes {
            format!("{going_on} imported, {before}{left_out} left out.")
        } else {
            format!("{going_on} can be imported, {before}{left_out} left out. Nothing was written; to import: --yes")
        })?;
        if self.writes && going_on > 0 {
            screen.line(
                "They go on with the app that they have. None of them has recovery codes here yet: antiphon recovery USER",
            )?;
        }
        Ok(())
    }

    fn count(&self, is_meant: impl Fn(&Outcome) -> bool) -> usize {
        let people = self.people.iter();
        people.filter(|person| is_meant(&person.outcome)).count()
    }
}

impl Person {
    fn object(&self, config: &Config) -> PersonObject {
        let Self { secret, outcome } = self;
        let (outcome, reason, found) = match outcome {
            Outcome::Ready(found) => ("ready", None, Some(found)),
            Outcome::Imported(found) => ("imported", None, Some(found)),
            Outcome::DoneBefore => ("done-before", None, None),
            Outcome::LeftOut(why) => ("left-out", Some(why.clone()), None),
        };
        let code = found.map(|found| &found.code);
        PersonObject {
            user: visible(&secret.name, LONGEST),
            file: secret.path.display().to_string(),
            line: secret.line,
            outcome,
            reason,
            bits: code.map(|code| code.secret().expose().len() * 8),
            digits: code.map(|code| code.digits().get()),
            period: code.map(|code| code.period().get()),
            notes: found.map(|found| notes(found, config)).unwrap_or_default(),
        }
    }
}

impl PersonObject {
    fn in_words(&self) -> String {
        let place = match self.line {
            Some(line) => format!("{}, line {line}", self.file),
            None => self.file.clone(),
        };
        let said = match (&self.reason, self.bits, self.digits, self.period) {
            (None, Some(bits), Some(digits), Some(period)) => {
                let kept = format!("a secret of {bits} bits, {digits} digits every {period} s");
                std::iter::once(kept)
                    .chain(self.notes.iter().cloned())
                    .collect::<Vec<_>>()
                    .join("; ")
            }
            (Some(reason), ..) => format!("left out: {reason}"),
            (None, ..) => "has this secret already".to_owned(),
        };
        format!("{} ({place}): {said}", self.user)
    }
}

/// What the administrator should know.
fn notes(found: &Found, config: &Config) -> Vec<String> {
    let period = found.code.period().get();
    let tolerated = u64::from(config.code.window) * period;
    let mut notes: Vec<String> = Vec::new();
    if !found.used.is_empty() {
        notes.push("what was used there stays used".to_owned());
    }
    let said = found.remarks.iter().filter_map(|remark| {
        Some(match remark {
            Remark::EmergencyCodes(count) => {
                format!("its {count} emergency codes of 8 digits are not taken over")
            }
            Remark::RateLimit => "its limit on sign-ins gives way to [throttle]".to_owned(),
            Remark::Window(seconds) if *seconds > tolerated => {
                format!("a clock could be {seconds} s off there, and {tolerated} s here ([code] window)")
            }
            Remark::Window(_) => return None,
            Remark::ClockSkew(steps) => format!(
                "the app's clock was {} s off there, which is not taken over: set the phone's clock",
                steps.unsigned_abs().saturating_mul(period)
            ),
            Remark::UsedCodesUnknown => {
                "which codes were used was not kept there: one of the last minutes may be accepted once more".to_owned()
            }
            Remark::Pin => "its PIN is not taken over".to_owned(),
            Remark::OtherSecrets(count) => {
                format!("{count} more of this person's lines are not taken over")
            }
            Remark::RefusedThere => "the other module refuses the file as it is written".to_owned(),
        })
    });
    notes.extend(said);
    if found.code.is_weak() {
        notes.push("RFC 4226 asks for 128 bits".to_owned());
    }
    notes
}

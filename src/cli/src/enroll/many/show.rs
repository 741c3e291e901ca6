//! What becomes of the people on a list, a line for each who is left out.

use std::path::{Path, PathBuf};

use antiphon_core::disk::letter_file;
use antiphon_core::shell;
use antiphon_core::visible::visible;
use serde::Serialize;

use crate::failure::Failure;
use crate::screen::Screen;

/// The longest name in the report, in bytes.
const LONGEST: usize = 256;

/// The most people named before the question.
const MOST_NAMED: usize = 30;

/// What becomes of one of them.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Can be enrolled.
    Ready,
    /// Is enrolled, and has a letter.
    Enrolled,
    /// The same, but the telephone number was not added, and why.
    WithoutNumber(String),
    /// Has a letter of the record that stands.
    DoneBefore,
    /// Is not enrolled by this, and why.
    LeftOut(String),
}

/// All of them, in the order of the list.
pub(super) struct Report {
    folder: PathBuf,
    people: Vec<Person>,
}

struct Person {
    name: String,
    line: Option<u64>,
    outcome: Outcome,
}

/// The object of `--json`.
#[derive(Serialize)]
struct Object<'a> {
    written: bool,
    folder: String,
    people: Vec<PersonObject<'a>>,
}

#[derive(Serialize)]
struct PersonObject<'a> {
    user: String,
    line: Option<u64>,
    outcome: &'a str,
    reason: Option<&'a str>,
}

impl Report {
    pub(super) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            people: Vec::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.people.len()
    }

    pub(super) fn add(&mut self, name: String, line: Option<u64>, outcome: Outcome) {
        self.people.push(Person {
            name,
            line,
            outcome,
        });
    }

    pub(super) fn set(&mut self, place: usize, outcome: Outcome) {
        if let Some(person) = self.people.get_mut(place) {
            person.outcome = outcome;
        }
    }

    /// The folder, for a message.
    pub(super) fn folder(&self) -> String {
        shell::word(&self.folder)
    }

    /// Whether nobody was left out, and nothing was.
    pub(super) fn is_whole(&self) -> bool {
        let is_out =
            |outcome: &Outcome| matches!(outcome, Outcome::LeftOut(_) | Outcome::WithoutNumber(_));
        self.count(is_out) == 0
    }

    /// Whether this one has a letter now.
    pub(super) fn has_letter(&self, place: usize) -> bool {
        self.people.get(place).is_some_and(|person| {
            matches!(
                person.outcome,
                Outcome::Enrolled | Outcome::WithoutNumber(_) | Outcome::DoneBefore
            )
        })
    }

    /// Whether there is anybody to enrol.
    pub(super) fn has_ready(&self) -> bool {
        self.count(|outcome| *outcome == Outcome::Ready) > 0
    }

    fn count(&self, is_meant: impl Fn(&Outcome) -> bool) -> usize {
        let people = self.people.iter();
        people.filter(|person| is_meant(&person.outcome)).count()
    }

    /// Before the question: who would be enrolled, and who is left out.
    pub(super) fn preview(&self, screen: &mut Screen) -> Result<(), Failure> {
        self.left_out(screen)?;
        let ready = self
            .people
            .iter()
            .filter(|person| person.outcome == Outcome::Ready);
        let names: Vec<&str> = ready.map(|person| person.name.as_str()).collect();
        let before = self.count(|outcome| *outcome == Outcome::DoneBefore);
        let (first, rest) = names.split_at(names.len().min(MOST_NAMED));
        let more = match rest.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        screen.say(&format!(
            "{} people: {}{more}",
            names.len(),
            first.join(", ")
        ))?;
        if before > 0 {
            screen.line(&format!("{before} more have their letter already."))?;
        }
        Ok(())
    }

    /// At the end; `written` if anything was to be.
    pub(super) fn show(&self, written: bool, screen: &mut Screen) -> Result<(), Failure> {
        if screen.is_json() {
            return screen.object(&Object {
                written,
                folder: self.folder.display().to_string(),
                people: self.people.iter().map(Person::object).collect(),
            });
        }
        self.left_out(screen)?;
        let enrolled =
            self.count(|outcome| matches!(outcome, Outcome::Enrolled | Outcome::WithoutNumber(_)));
        let ready = self.count(|outcome| *outcome == Outcome::Ready);
        let before = self.count(|outcome| *outcome == Outcome::DoneBefore);
        let out = self.count(|outcome| matches!(outcome, Outcome::LeftOut(_)));
        let counts = format!("{before} done before, {out} left out.");
        if !written {
            let how = if ready > 0 {
                " Nothing was written; to enrol them: --yes"
            } else {
                ""
            };
            return screen.line(&format!("{ready} can be enrolled, {counts}{how}"));
        }
        screen.line(&format!("{enrolled} enrolled, {counts}"))?;
        if enrolled + before == 0 {
            return Ok(());
        }
        let all = shell::word(self.folder.join(letter_file::ALL));
        let folder = self.folder();
        screen.line("")?;
        screen.line(&format!("Print {all}: each letter has a page of its own."))?;
        screen.line(&format!(
            "Whoever has a letter has that second factor: hand it to the person, and then run: rm -r {folder}"
        ))
    }

    fn left_out(&self, screen: &mut Screen) -> Result<(), Failure> {
        for person in &self.people {
            let line = person
                .line
                .map(|line| format!("line {line}: "))
                .unwrap_or_default();
            match &person.outcome {
                Outcome::LeftOut(why) => {
                    screen.say(&format!("{line}{}: left out: {why}", person.name))?;
                }
                Outcome::WithoutNumber(why) => {
                    screen.say(&format!(
                        "{line}{}: enrolled, but without the number: {why}",
                        person.name
                    ))?;
                }
                Outcome::Ready | Outcome::Enrolled | Outcome::DoneBefore => {}
            }
        }
        Ok(())
    }
}

impl Person {
    fn object(&self) -> PersonObject<'_> {
        let (outcome, reason) = match &self.outcome {
            Outcome::Ready => ("ready", None),
            Outcome::Enrolled => ("enrolled", None),
            Outcome::WithoutNumber(why) => ("enrolled", Some(why.as_str())),
            Outcome::DoneBefore => ("done-before", None),
            Outcome::LeftOut(why) => ("left-out", Some(why.as_str())),
        };
        PersonObject {
            user: visible(&self.name, LONGEST),
            line: self.line,
            outcome,
            reason,
        }
    }
}

//! `antiphon enable` and `antiphon disable`: whether services ask, changed so that nobody is locked out by it.
//!
//! [`own_files`] and [`common_files`] say what the files would be, [`judge`] follows the result as `antiphon doctor` does
//! and refuses what is wrong with it, and [`crate::changes`] makes the change and takes it back unless it is confirmed.

mod common_files;
mod judge;
mod own_files;

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use antiphon_core::shell;
use antiphon_core::visible::visible;
use serde::Serialize;

use crate::arguments::{Check, Switch};
use crate::changes::{self, Change, Changed, Difference, Outcome, Stays, Taken, Why};
use crate::check;
use crate::doctor::{self, Folder, Host, show_findings};
use crate::failure::{Failure, Kind};
use crate::finding::Finding;
use crate::screen::Screen;
use judge::Judged;

/// Whether services are to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Towards {
    On,
    Off,
}

impl Towards {
    /// The command.
    fn word(self) -> &'static str {
        match self {
            Self::On => "enable",
            Self::Off => "disable",
        }
    }
}

/// What is to become of the files.
struct Plan {
    files: Vec<Changed>,
    /// All files of pam.d with them.
    folder: Folder,
    /// The services that change.
    services: Vec<String>,
    /// Those that are as wanted already.
    already: Vec<String>,
}

/// The object of `--json`.
#[derive(Serialize)]
struct Object {
    /// Those that change.
    services: Vec<String>,
    files: Vec<FileObject>,
    /// `kept`, `waiting`, `taken-back`, `left`, `refused`, `possible` or `unchanged`.
    result: &'static str,
    /// Until when it is waiting.
    until: Option<String>,
    findings: Vec<Finding>,
}

#[derive(Serialize)]
struct FileObject {
    file: String,
    /// Null if there was no such file, or nothing was changed.
    backup: Option<String>,
    /// Its lines before, and after; empty where the whole file is new.
    removed: Vec<String>,
    added: Vec<String>,
}

impl FileObject {
    fn new(file: &Changed, backup: Option<PathBuf>) -> Self {
        let differences = match (&file.before, &file.after) {
            (Some(before), Some(after)) => changes::differences(before, after),
            _ => Vec::new(),
        };
        let (added, removed): (Vec<_>, Vec<_>) = differences.iter().partition(|line| line.is_added);
        let shown = |lines: Vec<&Difference>| lines.into_iter().map(Difference::line).collect();
        Self {
            file: file.path.display().to_string(),
            backup: backup.map(|backup| backup.display().to_string()),
            removed: shown(removed),
            added: shown(added),
        }
    }
}

/// Changes whether services ask.
pub(crate) fn run(
    towards: Towards,
    wanted: &Switch,
    named: Option<&Path>,
    screen: &mut Screen,
) -> Result<ExitCode, Failure> {
    if !wanted.yes && !wanted.later && !wanted.dry_run && !io::stdin().is_terminal() {
        let what = "nobody is there to say whether it works; to say so by antiphon confirm, add --later; to make the change \
                    for good without a question, add --yes";
        return Err(Failure::new(Kind::Usage, what));
    }
    let looked = check::look(&Check { fix: false }, named, screen.zone())?;
    let host = Host::read(looked.house.as_ref(), named);
    let plan = if wanted.all {
        common_files::plan(towards, &host)?
    } else {
        own_files::plan(towards, &wanted.services, &host)?
    };
    if plan.files.is_empty() {
        return unchanged(towards, plan, screen);
    }
    if towards == Towards::On {
        judge::enrolled(&looked, &host)?;
    }
    let judged = judge::judge(towards, &plan, looked.findings, host);
    if judged.is_refused() {
        return refused(towards, &plan, judged, screen);
    }
    let change = Change::new(
        command_of(towards, wanted),
        wanted.revert,
        plan.files.clone(),
    );
    if wanted.dry_run {
        return possible(plan, judged, screen);
    }
    if !screen.is_json() {
        show(&plan, &judged, screen)?;
    }
    let time = Duration::from_secs(wanted.revert);
    let stays = match (wanted.yes, wanted.later) {
        (true, _) => Stays::ForGood,
        (false, true) => Stays::ForLater(time),
        (false, false) => Stays::For(time),
    };
    let outcome = changes::carry_out(&change, stays, &try_it(towards, &plan), screen)?;
    report(towards, &plan, &change, outcome, judged.shown, screen)
}

/// As it was typed, as far as that matters.
fn command_of(towards: Towards, wanted: &Switch) -> String {
    let services: Vec<String> = wanted.services.iter().map(shell::word).collect();
    let what = if wanted.all {
        "--all".to_owned()
    } else {
        services.join(" ")
    };
    format!("antiphon {} {what}", towards.word())
}

fn try_it(towards: Towards, plan: &Plan) -> String {
    let services = doctor::listed(&plan.services);
    match towards {
        Towards::On => format!(
            "Leave this terminal open. Sign in from a second one, by {services}, and see that you are asked and get in."
        ),
        Towards::Off => {
            format!("Leave this terminal open. Sign in from a second one, by {services}.")
        }
    }
}

fn unchanged(towards: Towards, plan: Plan, screen: &mut Screen) -> Result<ExitCode, Failure> {
    if screen.is_json() {
        screen.object(&Object {
            services: Vec::new(),
            files: Vec::new(),
            result: "unchanged",
            until: None,
            findings: Vec::new(),
        })?;
    } else {
        let is = match towards {
            Towards::On => "asks already",
            Towards::Off => "does not ask",
        };
        for name in plan.already {
            screen.say(&format!("{name} {is}; nothing to do."))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Says why nothing was changed.
fn refused(
    towards: Towards,
    plan: &Plan,
    judged: Judged,
    screen: &mut Screen,
) -> Result<ExitCode, Failure> {
    if screen.is_json() {
        screen.object(&Object {
            services: plan.services.clone(),
            files: Vec::new(),
            result: "refused",
            until: None,
            findings: judged.refusals,
        })?;
    } else {
        show_findings(judged.refusals.iter(), screen)?;
        screen.line("")?;
    }
    let what = format!(
        "nothing was changed; when that is fixed, run antiphon {} again",
        towards.word()
    );
    Err(Failure::new(Kind::Config, what))
}

/// Says what would be changed.
fn possible(plan: Plan, judged: Judged, screen: &mut Screen) -> Result<ExitCode, Failure> {
    if screen.is_json() {
        let files = plan.files.iter().map(|file| FileObject::new(file, None));
        screen.object(&Object {
            files: files.collect(),
            services: plan.services,
            result: "possible",
            until: None,
            findings: judged.shown,
        })?;
    } else {
        show(&plan, &judged, screen)?;
        screen.line("Nothing was changed.")?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What is about to be.
fn show(plan: &Plan, judged: &Judged, screen: &mut Screen) -> Result<(), Failure> {
    show_findings(judged.shown.iter(), screen)?;
    for file in &plan.files {
        screen.say(&file.path.display().to_string())?;
        let (Some(before), Some(after)) = (&file.before, &file.after) else {
            screen.line("  is made")?;
            continue;
        };
        for difference in changes::differences(before, after) {
            screen.say(&format!("  {difference}"))?;
        }
    }
    Ok(())
}

fn report(
    towards: Towards,
    plan: &Plan,
    change: &Change,
    outcome: Outcome,
    findings: Vec<Finding>,
    screen: &mut Screen,
) -> Result<ExitCode, Failure> {
    let (result, taken, code) = match outcome {
        Outcome::Kept => ("kept", Vec::new(), ExitCode::SUCCESS),
        Outcome::Waits => ("waiting", Vec::new(), ExitCode::SUCCESS),
        Outcome::TakenBack(taken, _) if !changes::left(&taken).is_empty() => {
            ("left", taken, Kind::Config.exit_code())
        }
        Outcome::TakenBack(taken, Why::Late) => ("taken-back", taken, Kind::TryAgain.exit_code()),
        Outcome::TakenBack(taken, _) => ("taken-back", taken, Kind::Data.exit_code()),
    };
    if screen.is_json() {
        let files = change.files.iter().map(|file| {
            let backup = file.before.as_ref().map(|_| change.backup_of(&file.path));
            FileObject::new(file, backup)
        });
        screen.object(&Object {
            services: plan.services.clone(),
            files: files.collect(),
            result,
            until: (result == "waiting").then(|| change.until.to_string()),
            findings,
        })?;
        return Ok(code);
    }
    if result == "waiting" {
        let until = screen.zone().show(&change.until.to_string());
        screen.line(&try_it(towards, plan))?;
        screen.line("Then run: antiphon confirm")?;
        screen.line(&format!("Without it, everything is as before at {until}."))?;
        return Ok(code);
    }
    if result == "kept" {
        let verb = match towards {
            Towards::On => "now asks for the second factor",
            Towards::Off => "no longer asks for the second factor",
        };
        for name in &plan.services {
            screen.say(&format!("{} {verb}.", visible(name, 200)))?;
        }
        let backups = Path::new(changes::FOLDER).join(&change.id);
        screen.say(&format!(
            "What was there before is in {}.",
            shell::word(backups)
        ))?;
        return Ok(code);
    }
    say_taken(&taken, screen)?;
    Ok(code)
}

/// What became of each file of a change that was taken back.
pub(crate) fn say_taken(taken: &[Taken], screen: &mut Screen) -> Result<(), Failure> {
    let is_whole = changes::left(taken).is_empty();
    screen.line(if is_whole {
        "The change is taken back."
    } else {
        "The change could not be taken back everywhere."
    })?;
    for taken in taken {
        screen.say(&format!("{taken}."))?;
    }
    if !is_whole {
        screen.line("What is to be done about that is said by: antiphon doctor")?;
    }
    Ok(())
}

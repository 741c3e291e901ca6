//! `antiphon edit`: the configuration in an editor, on a copy that is checked before it takes the file's place.

mod draft;
mod editor;

use std::fs;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use antiphon_core::config::Paths;
use antiphon_core::shell;
use serde::Serialize;

use crate::arguments::{Check, Edit};
use crate::changes::{self, Bytes, Change, Changed, Outcome, Stays, Why};
use crate::check;
use crate::doctor::show_findings;
use crate::enable::say_taken;
use crate::failure::{Failure, Kind};
use crate::finding::{Finding, Findings, Severity};
use crate::plain_file;
use crate::screen::Screen;
use draft::Draft;

/// What a new configuration begins with, where the package has put it.
const SHIPPED: &str = "/usr/share/antiphon/antiphon.toml";

/// The copy that is checked, where no editor is opened.
const CHECKED: &str = ".checked";

/// The object of `--json`.
#[derive(Serialize)]
struct Object<'a> {
    file: String,
    /// `kept`, `taken-back`, `left` or `unchanged`.
    result: &'a str,
    /// Null if nothing was changed, or there was no file before.
    backup: Option<String>,
}

/// The object of `--check --json`.
#[derive(Serialize)]
struct CheckObject {
    /// Whether there is no fault.
    ok: bool,
    findings: Vec<Finding>,
}

/// Edits the configuration.
pub(crate) fn run(
    wanted: &Edit,
    named: Option<&Path>,
    screen: &mut Screen,
) -> Result<ExitCode, Failure> {
    let path = named.unwrap_or(Path::new(Paths::CONFIG));
    let path = std::path::absolute(path)
        .map_err(|error| Failure::new(Kind::NoInput, format!("{}: {error}", path.display())))?;
    if let Some(file) = &wanted.check {
        return check_only(file, &path, screen);
    }
    if !io::stdin().is_terminal() {
        let what = "an editor needs a terminal; from a script, write a new file, run: antiphon edit --check FILE, and give it \
                    the name of the old one";
        return Err(Failure::new(Kind::Usage, what));
    }
    let before = changes::read(&path)?;
    let begin = match &before {
        Some(before) => before.clone(),
        None => Bytes(fs::read(SHIPPED).unwrap_or_default()),
    };
    let draft = Draft::lock(&path)?;
    draft.begin(&begin, screen)?;
    let after = loop {
        editor::open(draft.path())?;
        let after = draft.read()?;
        if before.as_ref() == Some(&after) {
            draft.remove()?;
            return report(&path, "unchanged", None, screen);
        }
        let findings = look(&draft, &path, screen)?;
        show_findings(findings.iter(), screen)?;
        if findings.count(Severity::Fault) == 0 {
            break after;
        }
        if !again(&draft, screen)? {
            draft.remove()?;
            return Err(Failure::new(
                Kind::Data,
                format!("the draft was thrown away; {} is as it was", path.display()),
            ));
        }
    };
    put_in_place(wanted, &path, before, after, &draft, screen)
}

/// Says whether what stands in `file`, anybody's, could take the place of the configuration at `path`.
fn check_only(file: &Path, path: &Path, screen: &mut Screen) -> Result<ExitCode, Failure> {
    let bytes = plain_file::bytes(file, changes::LARGEST)
        .map_err(|unread| Failure::new(Kind::NoInput, format!("{}: {unread}", file.display())))?;
    // Not by the name of a draft, which may be kept.
    let draft = Draft::lock(Path::new(CHECKED))?;
    draft.put(&bytes)?;
    let findings = look(&draft, path, screen);
    draft.remove()?;
    let findings = findings?;
    let faults = findings.count(Severity::Fault);
    if screen.is_json() {
        screen.object(&CheckObject {
            ok: faults == 0,
            findings: findings.into_list(),
        })?;
    } else {
        show_findings(findings.iter(), screen)?;
    }
    if faults > 0 {
        let what = format!(
            "{} cannot take the place of {}",
            shell::word(file),
            path.display()
        );
        return Err(Failure::new(Kind::Config, what));
    }
    Ok(ExitCode::SUCCESS)
}

/// What is wrong with the draft and was not with the file, as `antiphon check` finds it.
fn look(draft: &Draft, path: &Path, screen: &Screen) -> Result<Findings, Failure> {
    let check = |path: &Path| check::look(&Check { fix: false }, Some(path), screen.zone());
    let before = check(path)
        .map(|looked| looked.findings)
        .unwrap_or_default();
    let (from, to) = (
        draft.path().display().to_string(),
        path.display().to_string(),
    );
    let mut findings = Findings::default();
    for finding in check(draft.path())?.findings.sorted().into_list() {
        let says = finding.says.replace(&from, &to);
        if !before.iter().any(|known| known.says == says) {
            // What mends the draft is the editor, which asks next: a command would have the lines of the draft and the name of
            // the file.
            let says = finding.sentence().replace(&from, &to);
            findings.add(Finding {
                says,
                at: None,
                fix: None,
                services: Vec::new(),
                ..finding
            });
        }
    }
    Ok(findings)
}

/// Whether to edit again; else the draft is thrown away.
fn again(draft: &Draft, screen: &mut Screen) -> Result<bool, Failure> {
    loop {
        match screen
            .ask("Edit again, or throw the draft away? [e/t] ")
            .as_deref()
        {
            Some(b"e" | b"E" | b"edit" | b"") => return Ok(true),
            Some(b"t" | b"T" | b"throw") => return Ok(false),
            Some(_) => {}
            None => {
                screen.note("");
                return Err(draft.kept("nobody answered"));
            }
        }
    }
}

fn put_in_place(
    wanted: &Edit,
    path: &Path,
    before: Option<Bytes>,
    after: Bytes,
    draft: &Draft,
    screen: &mut Screen,
) -> Result<ExitCode, Failure> {
    let had_one = before.is_some();
    let file = Changed {
        path: path.to_owned(),
        before,
        after: Some(after),
    };
    let seconds = wanted.revert.unwrap_or_default();
    let change = Change::new("antiphon edit".to_owned(), seconds, vec![file]);
    let stays = match wanted.revert {
        None => Stays::ForGood,
        Some(seconds) => Stays::For(Duration::from_secs(seconds)),
    };
    let try_it =
        "Leave this terminal open. Sign in from a second one, and see that it is as you meant.";
    let outcome = changes::carry_out(&change, stays, try_it, screen).map_err(|failure| {
        let kept = draft.kept(&failure.to_string());
        Failure::new(failure.kind(), kept)
    })?;
    let backup = had_one.then(|| change.backup_of(path));
    match outcome {
        Outcome::Kept | Outcome::Waits => {
            // The file is changed, whatever becomes of the draft; one that stays is the same, and asked about no more.
            if let Err(failure) = draft.remove() {
                screen.note(&format!("note: {failure}"));
            }
            let result = if matches!(outcome, Outcome::Kept) {
                "kept"
            } else {
                "waiting"
            };
            report(path, result, backup, screen)
        }
        Outcome::TakenBack(taken, why) => {
            let is_left = !changes::left(&taken).is_empty();
            if screen.is_json() {
                let result = if is_left { "left" } else { "taken-back" };
                report(path, result, backup, screen)?;
            } else {
                say_taken(&taken, screen)?;
                screen.say(&format!(
                    "{}.",
                    draft.kept("What you have edited is not lost")
                ))?;
            }
            Ok(match why {
                _ if is_left => Kind::Config.exit_code(),
                Why::Late => Kind::TryAgain.exit_code(),
                Why::Asked | Why::Reverted => Kind::Data.exit_code(),
            })
        }
    }
}

fn report(
    path: &Path,
    result: &str,
    backup: Option<PathBuf>,
    screen: &mut Screen,
) -> Result<ExitCode, Failure> {
    let file = path.display().to_string();
    if screen.is_json() {
        screen.object(&Object {
            file,
            result,
            backup: backup.map(|backup| backup.display().to_string()),
        })?;
        return Ok(ExitCode::SUCCESS);
    }
    if result == "unchanged" {
        screen.say(&format!("{file} is unchanged."))?;
        return Ok(ExitCode::SUCCESS);
    }
    screen.say(&format!(
        "{file} is changed. antiphond reads it when it starts: systemctl restart antiphond"
    ))?;
    if let Some(backup) = backup {
        screen.say(&format!(
            "What was there before is in {}.",
            shell::word(backup)
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

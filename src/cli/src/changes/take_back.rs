//! Takes a change back, and leaves alone what somebody has edited meanwhile.

use std::fmt;
use std::path::PathBuf;

use antiphon_core::shell;

use super::bytes::Bytes;
use super::open::{Change, Changed, Changes, Difference};
use super::place;
use crate::doctor::OURS;
use crate::failure::{Failure, Kind};

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Became {
    /// It is as before.
    AsBefore,
    /// Somebody has edited it: only our line was taken out.
    WithoutOurs,
    /// Somebody has edited it: only our line was put back.
    WithOurs,
    /// Somebody has edited it, and our line is not in it or cannot be told apart.
    Left,
}

impl Became {
    /// Whether it is not as before.
    pub(crate) fn is_odd(self) -> bool {
        self != Self::AsBefore
    }
}

/// A file, and what became of it. `Display` is a sentence.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) path: PathBuf,
    pub(crate) became: Became,
    backup: PathBuf,
}

impl fmt::Display for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = shell::word(&self.path);
        let backup = shell::word(&self.backup);
        match self.became {
            Became::AsBefore => write!(f, "{path} is as before"),
            Became::WithoutOurs => write!(
                f,
                "{path} was edited by somebody else: the line of {OURS} was taken out, and the rest is as it was edited"
            ),
            Became::WithOurs => write!(
                f,
                "{path} was edited by somebody else: the line of {OURS} was put back, and the rest is as it was edited"
            ),
            Became::Left => write!(
                f,
                "{path} was edited by somebody else and stays as it is; what was there before is in {backup}"
            ),
        }
    }
}

/// Takes `change` back and ends it.
///
/// # Errors
/// The first file that could not be written; the change stays open then, so that it is tried again, and all other files
/// are as they should be.
pub(crate) fn take_back(changes: &Changes, change: &Change) -> Result<Vec<Taken>, Failure> {
    let mut failures = Vec::new();
    let mut all = Vec::new();
    for file in change.files.iter().rev() {
        match taken_back(file) {
            Ok(became) => all.push(Taken {
                path: file.path.clone(),
                became,
                backup: change.backup_of(&file.path),
            }),
            Err(failure) => failures.push((file, failure)),
        }
    }
    if let Some((file, failure)) = failures.first() {
        let what = format!(
            "{failure}; it is not taken back yet: run antiphon revert again, or copy {} to its place",
            shell::word(change.backup_of(&file.path))
        );
        return Err(Failure::new(Kind::Io, what));
    }
    changes.close(change)?;
    Ok(all)
}

fn taken_back(file: &Changed) -> Result<Became, Failure> {
    let now = match place::read(&file.path) {
        Ok(now) => now,
        // A link or a folder in its place is somebody's edit, too.
        Err(failure) if failure.kind() == Kind::Config => return Ok(Became::Left),
        Err(failure) => return Err(failure),
    };
    if now == file.before {
        return Ok(Became::AsBefore);
    }
    if now == file.after {
        place::put_back(&file.path, file.before.as_ref())?;
        return Ok(Became::AsBefore);
    }
    let now = now.as_ref();
    let (edited, became) = match (without_ours(file, now), with_ours(file, now)) {
        (Some(without), _) => (without, Became::WithoutOurs),
        (None, Some(with)) => (with, Became::WithOurs),
        (None, None) => return Ok(Became::Left),
    };
    place::put(&file.path, Some(&edited))?;
    Ok(became)
}

/// What stands there `now` with the line that the change has removed, if it has removed nothing but one line of ours: at its
/// old place, behind the line that stood before it or in front of the one after it.
fn with_ours(file: &Changed, now: Option<&Bytes>) -> Option<Bytes> {
    let Difference { removed, added } = file.difference()?;
    let [ours] = removed.as_slice() else {
        return None;
    };
    let now = now?.text();
    if !added.is_empty() || !ours.contains(OURS) || now.contains(OURS) {
        return None;
    }
    let before = file.before.as_ref()?.text();
    let before: Vec<&str> = before.lines().collect();
    let place = before.iter().position(|line| line == ours)?;
    let mut lines: Vec<&str> = now.lines().collect();
    let only = |wanted: Option<&&str>| {
        let mut places = (0..lines.len()).filter(|place| lines.get(*place) == wanted);
        places
            .next()
            .filter(|_| wanted.is_some() && places.next().is_none())
    };
    let behind = only(place.checked_sub(1).and_then(|place| before.get(place)));
    let in_front = only(before.get(place + 1));
    lines.insert(behind.map(|place| place + 1).or(in_front)?, ours);
    Bytes::of_text(&(lines.join("\n") + "\n"))
}

/// What stands there `now` without the lines that the change has added, if it has added nothing but lines of ours and each
/// of them is still there.
fn without_ours(file: &Changed, now: Option<&Bytes>) -> Option<Bytes> {
    let Difference { removed, added } = file.difference()?;
    let now = now?.text();
    let are_ours = added.iter().all(|line| line.contains(OURS));
    if added.is_empty() || !removed.is_empty() || !are_ours {
        return None;
    }
    let mut kept: Vec<&str> = now.split_inclusive('\n').collect();
    for line in added {
        let is_it = |kept: &&str| kept.trim_end_matches('\n') == line;
        // Twice is not ours alone.
        let [place] = kept
            .iter()
            .enumerate()
            .filter(|(_, kept)| is_it(kept))
            .map(|(place, _)| place)
            .collect::<Vec<_>>()[..]
        else {
            return None;
        };
        kept.remove(place);
    }
    Bytes::of_text(&kept.concat())
}

#[cfg(test)]
mod tests {
    use super::{with_ours, without_ours};
    use crate::changes::{Bytes, Changed};

    const LINE: &str = "auth required pam_antiphon.so\n";

    fn left(before: &str, after: &str, now: &str) -> Option<String> {
        let bytes = |text: &str| Some(Bytes(text.as_bytes().to_vec()));
        let file = Changed {
            path: "/etc/pam.d/sshd".into(),
            before: bytes(before),
            after: bytes(after),
        };
        let without = without_ours(&file, bytes(now).as_ref())?;
        Some(String::from_utf8(without.0).unwrap())
    }

    #[test]
    fn in_an_edited_file_our_line_is_put_back_where_it_stood_if_that_can_be_told() {
        let bytes = |text: &str| Some(Bytes(text.as_bytes().to_vec()));
        let file = Changed {
            path: "/etc/pam.d/sshd".into(),
            before: bytes(&format!("a\n{LINE}b\n")),
            after: bytes("a\nb\n"),
        };
        for (now, expected) in [
            ("# new\na\nb\n", Some(format!("# new\na\n{LINE}b\n"))),
            ("c\nb\na\nc\n", Some(format!("c\nb\na\n{LINE}c\n"))),
            ("a\na\nb\n", Some(format!("a\na\n{LINE}b\n"))),
            ("b", Some(format!("{LINE}b\n"))),
            // Neither neighbour is there, or each twice; or somebody has written a line of ours.
            ("c\n", None),
            ("a\nb\na\nb\n", None),
            ("a\nb\nauth requisite pam_antiphon.so\n", None),
        ] {
            let with = with_ours(&file, bytes(now).as_ref());
            let with = with.map(|with| String::from_utf8(with.0).unwrap());
            assert_eq!(with, expected, "{now:?}");
        }
    }

    #[test]
    fn of_an_edited_file_our_line_alone_is_taken_out_and_every_other_byte_stays() {
        let (before, after) = ("a\nb\n", format!("a\n{LINE}b\n"));
        for (now, expected) in [
            (format!("a\nb\nå\n{LINE}c"), Some("a\nb\nå\nc")),
            (LINE.to_owned(), Some("")),
            (
                "a\n\nauth required pam_antiphon.so".to_owned(),
                Some("a\n\n"),
            ),
            // Not there, changed, or there twice.
            ("a\nb\nc\n".to_owned(), None),
            ("a\nauth requisite pam_antiphon.so\nb\n".to_owned(), None),
            (format!("a\n{LINE}{LINE}"), None),
        ] {
            assert_eq!(left(before, &after, &now).as_deref(), expected, "{now:?}");
        }
        // A change that took something away, or added what is not ours.
        assert_eq!(left(&after, before, "a\nb\nc\n"), None);
        assert_eq!(left("a\n", "a\nb\n", "a\nb\nc\n"), None);
        assert_eq!(
            left("a\nb\n", &format!("a\n{LINE}"), &format!("a\n{LINE}c\n")),
            None
        );
    }
}

//! An edit of pam.d: applied to a copy to see its effect, and as a `sed` command to type.

use std::collections::BTreeMap;

use antiphon_core::shell;

use crate::finding::At;

/// An edit of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Edit {
    pub(crate) at: At,
    pub(crate) change: Change,
}

/// The kind of edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// Replace the line.
    Write(String),
    Delete,
    /// Comment it out.
    Comment,
    /// Add a line after it.
    Append(String),
    /// Add a line before it.
    Insert(String),
}

impl Edit {
    pub(crate) fn new(at: &At, change: Change) -> Self {
        Self {
            at: at.clone(),
            change,
        }
    }

    /// `text`, the file at `path`, with those of `edits` that concern it.
    pub(crate) fn apply(edits: &[Self], path: &str, text: &str) -> String {
        let mut changed = String::new();
        for (number, line) in (1..).zip(text.split_inclusive('\n')) {
            let bare = line.trim_end_matches('\n');
            let mut kept = Some(bare.to_owned());
            let (mut before, mut after) = (Vec::new(), Vec::new());
            for edit in edits
                .iter()
                .filter(|edit| edit.at.file == path && edit.at.line == number)
            {
                match &edit.change {
                    Change::Write(text) => kept = Some(text.clone()),
                    Change::Delete => kept = None,
                    Change::Comment => kept = Some(format!("#{bare}")),
                    Change::Append(text) => after.push(text.clone()),
                    Change::Insert(text) => before.push(text.clone()),
                }
            }
            for line in before.into_iter().chain(kept).chain(after) {
                changed.push_str(&line);
                changed.push('\n');
            }
        }
        changed
    }

    /// The command that makes all of `edits`; `None` if sed would misread one of them.
    pub(crate) fn command(edits: &[Self]) -> Option<String> {
        let mut files: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for edit in edits {
            let line = edit.at.line;
            let script = match &edit.change {
                Change::Write(text) => format!("{line}c {}", plain(text)?),
                Change::Delete => format!("{line}d"),
                Change::Comment => format!("{line}s/^/#/"),
                Change::Append(text) => format!("{line}a {}", plain(text)?),
                Change::Insert(text) => format!("{line}i {}", plain(text)?),
            };
            files.entry(&edit.at.file).or_default().push(script);
        }
        let commands = files.into_iter().map(|(file, scripts)| {
            let scripts: Vec<String> = scripts
                .iter()
                .map(|script| format!("-e {}", shell::word(script)))
                .collect();
            // A single script needs no `-e`.
            let scripts = match scripts.as_slice() {
                [one] => one.trim_start_matches("-e ").to_owned(),
                more => more.join(" "),
            };
            format!("sed -i {scripts} {}", shell::word(file))
        });
        Some(commands.collect::<Vec<_>>().join(" && "))
    }
}

/// Text that sed writes literally.
fn plain(text: &str) -> Option<&str> {
    let is_plain = !text.is_empty()
        && !text.starts_with([' ', '\t'])
        && !text.contains('\\')
        && !text.contains(char::is_control);
    is_plain.then_some(text)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Change, Edit};
    use crate::finding::At;
    use crate::scratch::Scratch;

    const TEXT: &str = "one\n two\nthree [a b]\nfour\nfive\n";

    #[test]
    fn sed_makes_of_a_file_what_was_foreseen() {
        let scratch = Scratch::new();
        let path = scratch.join("a file");
        let file = path.to_str().unwrap();
        let edit = |line, change| Edit {
            at: At {
                file: file.to_owned(),
                line,
            },
            change,
        };
        let write = |text: &str| Change::Write(text.to_owned());
        let append = |text: &str| Change::Append(text.to_owned());
        for (edits, expected) in [
            (
                vec![edit(2, Change::Delete), edit(3, append("auth 'x' $y"))],
                "one\nthree [a b]\nauth 'x' $y\nfour\nfive\n",
            ),
            (
                vec![
                    edit(5, write("[success=1 default=die] z")),
                    edit(1, Change::Comment),
                ],
                "#one\n two\nthree [a b]\nfour\n[success=1 default=die] z\n",
            ),
            (
                vec![edit(4, append("x"))],
                "one\n two\nthree [a b]\nfour\nx\nfive\n",
            ),
            (
                vec![edit(1, Change::Insert("y".to_owned()))],
                "y\none\n two\nthree [a b]\nfour\nfive\n",
            ),
        ] {
            assert_eq!(Edit::apply(&edits, file, TEXT), expected);
            fs::write(&path, TEXT).unwrap();
            scratch.run(&Edit::command(&edits).unwrap());
            assert_eq!(fs::read_to_string(&path).unwrap(), expected);
        }
    }

    #[test]
    fn what_sed_would_read_otherwise_is_no_command() {
        let at = At {
            file: "/etc/pam.d/sudo".to_owned(),
            line: 1,
        };
        for text in ["", " x", "a\\b", "a\nb"] {
            let edit = Edit::new(&at, Change::Write(text.to_owned()));
            assert_eq!(Edit::command(&[edit]), None, "{text:?}");
        }
    }
}

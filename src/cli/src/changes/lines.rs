//! Files line by line: what a change of one has done, and the same undone where somebody has edited the file since.

use std::fmt;

use antiphon_core::visible::visible;
use similar::{ChangeTag, MergeResolution, TextDiff, TextMerge};

use super::bytes::Bytes;
use super::open::Changed;

/// The longest displayed line, in bytes.
const LONGEST: usize = 200;

/// A line that only one side has. `Display` is the line behind the sign of its side, as it may be shown.
pub(crate) struct Difference {
    /// Whether the new side has it.
    pub(crate) is_added: bool,
    /// Without its end.
    line: String,
}

impl Difference {
    /// The line, as it may be shown.
    pub(crate) fn line(&self) -> String {
        visible(&self.line, LONGEST)
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.is_added { '+' } else { '-' };
        write!(f, "{sign} {}", self.line())
    }
}

/// What turns `old` into `new`, in the order of the lines.
pub(crate) fn differences(old: &Bytes, new: &Bytes) -> Vec<Difference> {
    let (old, new) = (old.text(), new.text());
    let diff = TextDiff::from_lines(&old, &new);
    let lines = diff.iter_all_changes().filter_map(|change| {
        let is_added = match change.tag() {
            ChangeTag::Equal => return None,
            ChangeTag::Delete => false,
            ChangeTag::Insert => true,
        };
        let line = change.value().trim_end_matches(['\n', '\r']).to_owned();
        Some(Difference { is_added, line })
    });
    lines.collect()
}

/// What stands there `now` with the change of `file` taken back and every other edit kept; `None` where an edit touches what
/// the change is about: what is put back could then mean something else than it did, and so could the edit.
pub(super) fn without_change(file: &Changed, now: &Bytes) -> Option<Bytes> {
    let [before, after, now] =
        [file.before.as_ref()?, file.after.as_ref()?, now].map(|bytes| whole_lines(bytes.text()));
    let merge = TextMerge::from_lines(&after, &before, &now);
    let mut text = String::new();
    // Whose the last difference was, until a line follows that nobody has touched.
    let mut beside = None;
    for region in merge.regions() {
        let theirs = region.theirs_range().filter_map(|at| merge.theirs_line(at));
        match region.resolution() {
            MergeResolution::Unchanged => {
                for line in theirs {
                    if !line.trim().is_empty() {
                        beside = None;
                    }
                    text.push_str(line);
                }
            }
            MergeResolution::Both => text.extend(theirs),
            side @ (MergeResolution::Ours | MergeResolution::Theirs) => {
                if beside.is_some_and(|beside| beside != side) {
                    return None;
                }
                beside = Some(side);
                if side == MergeResolution::Theirs {
                    text.extend(theirs);
                } else {
                    text.extend(region.ours_range().filter_map(|at| merge.ours_line(at)));
                }
            }
            _ => return None,
        }
    }
    let is_undone = differences(&Bytes::of_text(&before)?, &Bytes::of_text(&after)?)
        .iter()
        .all(|changed| stands_as_often(&changed.line, &before, &text));
    if is_undone {
        Bytes::of_text(&text)
    } else {
        None
    }
}

/// Somebody may have added an end to the last line, or taken it away.
fn whole_lines(mut text: String) -> String {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// A line that somebody has moved or doubled is there more often than before the change, or less. Empty ones tell nothing.
fn stands_as_often(line: &str, before: &str, text: &str) -> bool {
    let count = |text: &str| text.lines().filter(|other| *other == line).count();
    line.trim().is_empty() || count(before) == count(text)
}

#[cfg(test)]
mod tests {
    use super::{differences, without_change};
    use crate::changes::{Bytes, Changed};

    const LINE: &str = "auth required pam_antiphon.so\n";

    fn bytes(text: &str) -> Bytes {
        Bytes(text.as_bytes().to_vec())
    }

    /// What stands there now, without the change.
    fn without(before: &str, after: &str, now: &str) -> Option<String> {
        let file = Changed {
            path: "/etc/pam.d/sshd".into(),
            before: Some(bytes(before)),
            after: Some(bytes(after)),
        };
        let without = without_change(&file, &bytes(now))?;
        Some(String::from_utf8(without.0).unwrap())
    }

    #[test]
    fn a_line_that_was_added_is_taken_out_and_one_that_was_taken_out_is_put_back_and_edits_stay() {
        let (with, bare) = (format!("a\n{LINE}b\n"), "a\nb\n");
        for (front, behind) in [("# \u{e5}\n", ""), ("", "c\n"), ("c\n", "\n# mine\n")] {
            let edited = |middle: &str| format!("{front}a\n{middle}b\n{behind}");
            assert_eq!(without(bare, &with, &edited(LINE)), Some(edited("")));
            assert_eq!(without(&with, bare, &edited("")), Some(edited(LINE)));
        }
    }

    #[test]
    fn an_edit_that_touches_what_the_change_is_about_is_left() {
        let (with, bare) = (format!("a\n{LINE}b\n"), "a\nb\n");
        for now in [
            format!("a\n{LINE}mine\nb\n"),
            format!("a\nmine\n{LINE}b\n"),
            format!("a\n\nmine\n\n{LINE}b\n"),
            format!("other\n{LINE}b\n"),
            format!("a\n{LINE}other\n"),
            // Moved by somebody.
            format!("a\nb\n{LINE}c\n"),
            LINE.to_owned(),
        ] {
            assert_eq!(without(bare, &with, &now), None, "{now:?}");
        }
        for now in ["a\nmine\nb\n", "a\nother\n", "other\nb\n"] {
            assert_eq!(without(&with, bare, now), None, "{now:?}");
        }
        // Blank lines in between are nothing that keeps them apart.
        let (bare, with) = ("a\n\nb\n", format!("a\n{LINE}\nb\n"));
        assert_eq!(without(bare, &with, &format!("a\n{LINE}\nmine\nb\n")), None);
        // What was put at the end, and something below it.
        assert_eq!(
            without("a\n", &format!("a\n{LINE}"), &format!("a\n{LINE}mine\n")),
            None
        );
    }

    #[test]
    fn what_was_taken_back_already_stays_so() {
        let with = format!("a\n{LINE}b\n");
        for now in ["a\nb\nc\n", "c\na\nb\n"] {
            assert_eq!(without("a\nb\n", &with, now).as_deref(), Some(now));
        }
        let now = format!("a\n{LINE}b\nc\n");
        assert_eq!(without(&with, "a\nb\n", &now), Some(now));
    }

    #[test]
    fn a_line_of_ours_that_somebody_has_changed_or_doubled_is_left_to_them() {
        let with = format!("a\n{LINE}b\n");
        for now in [
            "a\nauth requisite pam_antiphon.so\nb\n".to_owned(),
            format!("a\n{LINE}{LINE}b\n"),
            format!("a\n{LINE}b\n{LINE}"),
            // Something else stands in its place.
            "a\nother\nb\n".to_owned(),
        ] {
            assert_eq!(without("a\nb\n", &with, &now), None, "{now:?}");
        }
        for now in [
            format!("a\nb\nc\n{LINE}"),
            "other\n".to_owned(),
            String::new(),
        ] {
            assert_eq!(without(&with, "a\nb\n", &now), None, "{now:?}");
        }
    }

    #[test]
    fn a_setting_that_was_changed_is_as_before_and_other_settings_are_as_edited() {
        let before = "# x\nmode = \"enforce\"\n# z\nlanguage = \"sv\"\n";
        let after = "# x\nmode = \"observe\"\n# z\nlanguage = \"sv\"\n";
        let now = "# x\nmode = \"observe\"\n# z\nlanguage = \"en\"\n# y\n";
        let expected = "# x\nmode = \"enforce\"\n# z\nlanguage = \"en\"\n# y\n";
        assert_eq!(without(before, after, now).as_deref(), Some(expected));
        assert_eq!(without(before, after, expected).as_deref(), Some(expected));
        let theirs = "# x\nmode = \"rehearse\"\n# z\nlanguage = \"sv\"\n";
        assert_eq!(without(before, after, theirs), None);
    }

    #[test]
    fn bytes_that_are_no_text_come_through() {
        let file = Changed {
            path: "/etc/pam.d/sshd".into(),
            before: Some(Bytes(b"# caf\xe9\nb\n".to_vec())),
            after: Some(Bytes([b"# caf\xe9\n", LINE.as_bytes(), b"b\n"].concat())),
        };
        let now = Bytes([b"# caf\xe9\n", LINE.as_bytes(), b"b\n\xff\n"].concat());
        let without = without_change(&file, &now).unwrap();
        assert_eq!(without.0, b"# caf\xe9\nb\n\xff\n");
    }

    #[test]
    fn a_difference_is_shown_line_by_line_in_its_order() {
        let shown: Vec<String> = differences(&bytes("a\nb\nc\n"), &bytes("a\nB\nc\nd"))
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(shown, ["- b", "+ B", "+ d"]);
    }
}

//! Files line by line: what a change of one has done, and the same undone where somebody has edited the file since.

use std::fmt;

use antiphon_core::visible::visible;
use similar::{ChangeTag, MergeRegion, MergeResolution, TextDiff, TextMerge};

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

/// What stands there `now` with the change of `file` taken back and every other edit kept; `None` where both are about the
/// same lines, and neither can be had without the other.
pub(super) fn without_change(file: &Changed, now: &Bytes) -> Option<Bytes> {
    let [before, after, now] =
        [file.before.as_ref()?, file.after.as_ref()?, now].map(|bytes| whole_lines(bytes.text()));
    let merge = TextMerge::from_lines(&after, &before, &now);
    let mut text = String::new();
    for region in merge.regions() {
        let sides = Sides::of(region, &merge);
        let lines = match region.resolution() {
            MergeResolution::Unchanged | MergeResolution::Theirs | MergeResolution::Both => {
                sides.now
            }
            MergeResolution::Ours => sides.before,
            _ => sides.settled()?,
        };
        text.extend(lines);
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

/// Lines in a place where both have changed something: as the change has left them, before it, and now.
struct Sides<'t> {
    after: Vec<&'t str>,
    before: Vec<&'t str>,
    now: Vec<&'t str>,
}

impl<'t> Sides<'t> {
    fn of(region: &MergeRegion, merge: &'t TextMerge<'_, '_, '_, str>) -> Self {
        Self {
            after: region
                .base_range()
                .filter_map(|at| merge.base_line(at))
                .collect(),
            before: region
                .ours_range()
                .filter_map(|at| merge.ours_line(at))
                .collect(),
            now: region
                .theirs_range()
                .filter_map(|at| merge.theirs_line(at))
                .collect(),
        }
    }

    /// The lines with the change taken back, if what the change has written is still there as one piece; or if it has
    /// written nothing here, but taken something away, where its place can be told.
    fn settled(mut self) -> Option<Vec<&'t str>> {
        let (mut first, mut last) = (0, 0);
        while self
            .after
            .first()
            .is_some_and(|line| self.before.first() == Some(line))
        {
            self.after.remove(0);
            self.before.remove(0);
            first += 1;
        }
        while self
            .after
            .last()
            .is_some_and(|line| self.before.last() == Some(line))
        {
            self.after.pop();
            self.before.pop();
            last += 1;
        }
        let place = match only_place(&self.after, &self.now) {
            Some(place) => place,
            // By somebody, or by whoever was killed then.
            None if only_place(&self.before, &self.now).is_some() => return Some(self.now),
            None if !self.after.is_empty() => return None,
            None if first == 0 => 0,
            None if last == 0 => self.now.len(),
            None => return None,
        };
        let written = place..place + self.after.len();
        self.now.splice(written, self.before);
        Some(self.now)
    }
}

/// Where `piece`, which is not empty, stands among `lines`, if it stands there once.
fn only_place(piece: &[&str], lines: &[&str]) -> Option<usize> {
    let mut places = lines
        .windows(piece.len().max(1))
        .enumerate()
        .filter(|(_, window)| *window == piece);
    let (place, _) = places.next()?;
    places.next().is_none().then_some(place)
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
        for edit in ["# å\nX", "Xc\n", "X#mine\n", "X\n\nb\n", "c\nX"] {
            // X stands for what the change is about.
            let edited = |middle: &str| {
                let around = format!("a\n{middle}b\n");
                match edit.split_once('X') {
                    Some(("", behind)) => format!("{around}{behind}"),
                    Some((front, "")) => format!("{front}{around}"),
                    _ => unreachable!(),
                }
            };
            assert_eq!(
                without(bare, &with, &edited(LINE)),
                Some(edited("")),
                "{edit}"
            );
            assert_eq!(
                without(&with, bare, &edited("")),
                Some(edited(LINE)),
                "{edit}"
            );
        }
    }

    #[test]
    fn an_edit_beside_our_line_is_no_edit_of_it() {
        for (now, expected) in [
            (format!("a\n{LINE}# mine\nb\n"), "a\n# mine\nb\n"),
            (format!("a\n# mine\n{LINE}b\n"), "a\n# mine\nb\n"),
            (format!("other\n{LINE}b\n"), "other\nb\n"),
            (format!("a\n{LINE}other\n"), "a\nother\n"),
            // Moved by somebody.
            (format!("a\nb\n{LINE}c\n"), "a\nb\nc\n"),
            (LINE.to_owned(), ""),
            (LINE.trim_end().to_owned(), ""),
        ] {
            let after = format!("a\n{LINE}b\n");
            assert_eq!(
                without("a\nb\n", &after, &now).as_deref(),
                Some(expected),
                "{now:?}"
            );
        }
        let before = format!("a\n{LINE}b\n");
        for (now, expected) in [
            // Behind the line that it stood behind, so that nothing of theirs comes between.
            ("a\n# mine\nb\n", format!("a\n{LINE}# mine\nb\n")),
            ("a\nother\n", format!("a\n{LINE}other\n")),
            ("other\nb\n", format!("other\n{LINE}b\n")),
        ] {
            assert_eq!(without(&before, "a\nb\n", now), Some(expected), "{now:?}");
        }
    }

    #[test]
    fn what_was_taken_back_already_stays_so() {
        let with = format!("a\n{LINE}b\n");
        for now in ["a\nb\nc\n", "c\na\nb\n"] {
            assert_eq!(without("a\nb\n", &with, now).as_deref(), Some(now));
        }
        for now in [format!("a\n{LINE}b\nc\n"), format!("a\n{LINE}# mine\nb\n")] {
            assert_eq!(without(&with, "a\nb\n", &now), Some(now));
        }
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
        let before = "# x\nmode = \"enforce\"\nlanguage = \"sv\"\n";
        let after = "# x\nmode = \"observe\"\nlanguage = \"sv\"\n";
        let now = "# x\nmode = \"observe\"\nlanguage = \"en\"\n# y\n";
        let expected = "# x\nmode = \"enforce\"\nlanguage = \"en\"\n# y\n";
        assert_eq!(without(before, after, now).as_deref(), Some(expected));
        assert_eq!(without(before, after, expected).as_deref(), Some(expected));
        let theirs = "# x\nmode = \"rehearse\"\nlanguage = \"sv\"\n";
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

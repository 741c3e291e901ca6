//! sshd's configuration as written: the files in order, where each setting is, and the Match blocks.

use std::collections::BTreeMap;

use crate::finding::At;

/// How deep includes are followed; sshd has the same limit.
const DEEPEST: usize = 16;
/// The most inclusions: a file that includes itself twice would double them at each level.
const MOST_FILES: usize = 500;

/// A setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting {
    pub(crate) at: At,
    /// In lower case.
    pub(crate) keyword: String,
    pub(crate) value: String,
    /// The Match block it belongs to, if any.
    pub(crate) block: Option<usize>,
}

/// A Match block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) at: At,
    /// What follows `Match`.
    pub(crate) criteria: String,
}

/// All of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) settings: Vec<Setting>,
    pub(crate) blocks: Vec<Block>,
    /// How many settings come before the drop-ins, if those are included.
    pub(crate) before_drop_ins: Option<usize>,
}

impl Text {
    /// Reads `files`, by path, starting with the one at `main`.
    pub(crate) fn of(main: &str, files: &BTreeMap<String, String>) -> Self {
        let mut reading = Reading {
            files,
            text: Self::default(),
            block: None,
            depth: 0,
            count: 0,
        };
        reading.add(main);
        reading.text
    }

    /// The setting of `keyword` that takes effect: the first in this block, or outside all blocks.
    pub(crate) fn setting(&self, keyword: &str, block: Option<usize>) -> Option<&Setting> {
        let is_it = |setting: &&Setting| setting.keyword == keyword && setting.block == block;
        self.settings.iter().find(is_it)
    }

    /// The position of that setting outside all blocks.
    pub(crate) fn index(&self, keyword: &str) -> Option<usize> {
        let is_it = |setting: &Setting| setting.keyword == keyword && setting.block.is_none();
        self.settings.iter().position(is_it)
    }
}

struct Reading<'a> {
    files: &'a BTreeMap<String, String>,
    text: Text,
    block: Option<usize>,
    depth: usize,
    /// How many inclusions there have been.
    count: usize,
}

impl Reading<'_> {
    fn add(&mut self, path: &str) {
        let Some(text) = self.files.get(path).filter(|_| self.count < MOST_FILES) else {
            return;
        };
        self.count += 1;
        for (line, text) in (1..).zip(text.lines()) {
            let at = At {
                file: path.to_owned(),
                line,
            };
            if let Some((keyword, value)) = keyword_and_value(text) {
                self.add_line(at, keyword, value);
            }
        }
    }

    fn add_line(&mut self, at: At, keyword: String, value: String) {
        match keyword.as_str() {
            "match" => {
                self.block = Some(self.text.blocks.len());
                self.text.blocks.push(Block {
                    at,
                    criteria: value,
                });
            }
            "include" => self.include(&value),
            _ => self.text.settings.push(Setting {
                at,
                keyword,
                value,
                block: self.block,
            }),
        }
    }

    fn include(&mut self, patterns: &str) {
        if self.depth >= DEEPEST {
            return;
        }
        for pattern in patterns.split_whitespace() {
            let pattern = absolute(pattern.trim_matches('"'));
            if pattern == super::DROP_INS && self.block.is_none() {
                let before = self.text.settings.len();
                self.text.before_drop_ins.get_or_insert(before);
            }
            let paths: Vec<String> = self
                .files
                .keys()
                .filter(|path| matches(&pattern, path))
                .cloned()
                .collect();
            // A block that begins in an included file ends with the file.
            let block = self.block;
            self.depth += 1;
            for path in paths {
                self.add(&path);
                self.block = block;
            }
            self.depth -= 1;
        }
    }
}

pub(crate) fn absolute(pattern: &str) -> String {
    if pattern.starts_with('/') {
        pattern.to_owned()
    } else {
        format!("/etc/ssh/{pattern}")
    }
}

/// `Keyword value`, or `Keyword=value`.
fn keyword_and_value(line: &str) -> Option<(String, String)> {
    let line = line.trim();
    let line = line.split(" #").next().unwrap_or_default().trim_end();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let end = line
        .find(|character: char| character.is_whitespace() || character == '=')
        .unwrap_or(line.len());
    let (keyword, value) = line.split_at(end);
    let value =
        value.trim_start_matches(|character: char| character.is_whitespace() || character == '=');
    let keyword = match keyword.to_ascii_lowercase().as_str() {
        // Its name until OpenSSH 8.7.
        "challengeresponseauthentication" => "kbdinteractiveauthentication".to_owned(),
        other => other.to_owned(),
    };
    Some((keyword, value.to_owned()))
}

/// Whether `pattern` matches `path`; `*` and `?` do not match a slash.
pub(crate) fn matches(pattern: &str, path: &str) -> bool {
    let (mut pattern, mut path) = (pattern.chars(), path.chars());
    // The pattern after the last asterisk, and where in the path it was last tried.
    let mut again = None;
    loop {
        let (wanted, letter) = (pattern.clone().next(), path.clone().next());
        match (wanted, letter) {
            (Some('*'), _) => {
                pattern.next();
                again = Some((pattern.clone(), path.clone()));
                continue;
            }
            (None, None) => return true,
            (Some(wanted), Some(letter))
                if wanted == letter || (wanted == '?' && letter != '/') =>
            {
                pattern.next();
                path.next();
                continue;
            }
            _ => {}
        }
        let Some((after, mut rest)) = again.take() else {
            return false;
        };
        if rest.next().is_none_or(|letter| letter == '/') {
            return false;
        }
        (pattern, path) = (after.clone(), rest.clone());
        again = Some((after, rest));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Text, matches};

    const MAIN: &str = "/etc/ssh/sshd_config";

    fn text(files: &[(&str, &str)]) -> Text {
        let file = |(path, text): &(&str, &str)| ((*path).to_owned(), (*text).to_owned());
        let files: BTreeMap<_, _> = files.iter().map(file).collect();
        Text::of(MAIN, &files)
    }

    #[test]
    fn included_files_stand_in_their_place_and_the_first_setting_counts() {
        let text = text(&[
            (
                MAIN,
                "Port 22\nInclude /etc/ssh/sshd_config.d/*.conf\nUsePAM=yes # why\nport 23\n",
            ),
            ("/etc/ssh/sshd_config.d/50-b.conf", "usepam no\n"),
            ("/etc/ssh/sshd_config.d/10-a.conf", "# UsePAM yes\n"),
            ("/etc/ssh/sshd_config.d/old", "UsePAM maybe\n"),
        ]);
        assert_eq!(text.before_drop_ins, Some(1));
        let pam = text.setting("usepam", None).unwrap();
        assert_eq!((pam.value.as_str(), pam.at.line), ("no", 1));
        assert_eq!(text.index("usepam"), Some(1));
        assert_eq!(text.settings[2].value, "yes");
    }

    #[test]
    fn a_block_lasts_to_the_next_one_and_not_beyond_its_file() {
        let text = text(&[
            (
                MAIN,
                "Include x\nUsePAM yes\nMatch User anna\n  PasswordAuthentication yes\nMatch all\nPort 1\n",
            ),
            ("/etc/ssh/x", "Match Address 10.0.0.0/8\nUsePAM no\n"),
        ]);
        let blocks: Vec<_> = text.settings.iter().map(|setting| setting.block).collect();
        assert_eq!(blocks, [Some(0), None, Some(1), Some(2)]);
        assert_eq!(text.blocks[1].criteria, "User anna");
        assert!(text.setting("passwordauthentication", None).is_none());
    }

    #[test]
    fn files_that_include_each_other_have_an_end() {
        let text = text(&[(MAIN, "Include /etc/ssh/sshd_config\nPort 22\n")]);
        assert_eq!(text.settings.len(), 17);
    }

    #[test]
    fn an_asterisk_stands_for_anything_but_a_slash() {
        for (pattern, path, fits) in [
            ("/a/*.conf", "/a/x.conf", true),
            ("/a/*.conf", "/a/.conf", true),
            ("/a/*.conf", "/a/b/x.conf", false),
            ("/a/?.conf", "/a/xy.conf", false),
            ("/a/?.conf", "/a/x.conf", true),
            ("/a/b", "/a/bc", false),
            ("/a/*b*c", "/a/abxbc", true),
            ("/a/*b*c", "/a/abxb", false),
            ("/*/x", "/a/x", true),
            ("/*/x", "/a/b/x", false),
            ("/a*", "/a", true),
        ] {
            assert_eq!(matches(pattern, path), fits, "{pattern} {path}");
        }
    }
}

//! Commands that change one key of the configuration, as fixes of findings.

use std::path::{Path, PathBuf};

use antiphon_core::config::Paths;
use antiphon_core::shell;

use crate::plain_file;

/// The largest file that is read, in bytes.
const LARGEST: u64 = 1024 * 1024;

/// The configuration's text.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

/// A key of it.
#[derive(Clone, Copy)]
pub(crate) struct Key<'a> {
    /// Empty for the top level.
    pub(crate) table: &'a str,
    pub(crate) name: &'a str,
}

/// The position of a key, in lines from 1.
struct Found {
    /// The header of its table; 0 for the top level.
    head: Option<usize>,
    key: Option<usize>,
    /// Whether the value continues on the next line.
    goes_on: bool,
}

impl Settings {
    /// The file at `named`, or at its usual place; without text if there is none.
    pub(crate) fn read(named: Option<&Path>) -> Self {
        let path = named.unwrap_or(Path::new(Paths::CONFIG));
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let text = plain_file::text(&path, LARGEST).unwrap_or_default();
        Self { path, text }
    }

    /// The command that sets `key` to `value`, which is TOML.
    pub(crate) fn set(&self, key: Key<'_>, value: &str) -> String {
        let path = shell::word(&self.path);
        let line = format!("{} = {value}", key.name);
        let sed = |script: String| format!("sed -i {} {path}", shell::word(script));
        match self.find(key) {
            Found { goes_on: true, .. } => self.open(key),
            Found { key: Some(at), .. } => sed(format!("{at}c {line}")),
            Found { head: Some(0), .. } if !self.text.is_empty() => sed(format!("1i {line}")),
            Found { head: Some(0), .. } => format!("echo {} > {path}", shell::word(line)),
            Found { head: Some(at), .. } => sed(format!("{at}a {line}")),
            Found { .. } => {
                let (head, line) = (shell::word(format!("[{}]", key.table)), shell::word(line));
                format!("printf '%s\\n' '' {head} {line} >> {path}")
            }
        }
    }

    /// The command that opens the file at `key`, or at its table.
    pub(crate) fn open(&self, key: Key<'_>) -> String {
        let found = self.find(key);
        self.open_at(found.key.or(found.head).unwrap_or(1))
    }

    /// The command that opens the file at a line.
    pub(crate) fn open_at(&self, line: usize) -> String {
        format!("${{EDITOR:-vi}} +{line} {}", shell::word(&self.path))
    }

    fn find(&self, key: Key<'_>) -> Found {
        let mut table = String::new();
        let mut found = Found {
            head: key.table.is_empty().then_some(0),
            key: None,
            goes_on: false,
        };
        for (number, line) in (1..).zip(self.text.lines()) {
            let line = line.trim();
            if line.starts_with('[') {
                let name = line.split(']').next().unwrap_or_default();
                name.trim_start_matches('[').clone_into(&mut table);
                if table == key.table {
                    found.head.get_or_insert(number);
                }
            } else if table == key.table
                && let Some((name, value)) = line.split_once('=')
                && name.trim() == key.name
            {
                found.key.get_or_insert(number);
                found.goes_on = value.contains('[') && !value.contains(']');
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use antiphon_core::config::{Config, Mode};

    use super::{Key, Settings};
    use crate::scratch::Scratch;

    const MODE: Key<'static> = Key {
        table: "",
        name: "mode",
    };
    const SERVICES: Key<'static> = Key {
        table: "exempt",
        name: "services",
    };

    fn carried_out(text: &str, key: Key<'_>, value: &str) -> String {
        let scratch = Scratch::new();
        let path = scratch.join("a file.toml");
        fs::write(&path, text).unwrap();
        let settings = Settings {
            path: path.clone(),
            text: text.to_owned(),
        };
        scratch.run(&settings.set(key, value));
        fs::read_to_string(path).unwrap()
    }

    #[test]
    fn the_command_sets_the_key_whether_it_is_there_or_not() {
        let observe = Config::parse("mode = \"observe\"\n").unwrap();
        assert_eq!(observe.mode, Mode::Observe);
        for text in [
            "",
            "# nothing\n",
            "mode = \"observe\"\n",
            "# first\nlanguage = \"sv\"\nmode=\"observe\"  # for now\n[code]\nwindow = 1\n",
            "[code]\nwindow = 1\n",
        ] {
            let changed = carried_out(text, MODE, "\"enforce\"");
            let config =
                Config::parse(&changed).unwrap_or_else(|error| panic!("{changed}: {error}"));
            assert_eq!(config.mode, Mode::Enforce, "{changed}");
            assert!(changed.contains("mode = \"enforce\""), "{changed}");
        }
        for text in [
            "",
            "language = \"sv\"\n",
            "[exempt]\n#: services = []\n[code]\nwindow = 1\n",
            "[exempt]\ngroups = [\"robots\"]\nservices = [\"cron\"]\n",
        ] {
            let changed = carried_out(text, SERVICES, "[\"i3lock\"]");
            let config =
                Config::parse(&changed).unwrap_or_else(|error| panic!("{changed}: {error}"));
            assert_eq!(config.exempt.services, ["i3lock"], "{changed}");
        }
    }

    #[test]
    fn a_value_of_several_lines_is_left_to_an_editor() {
        let settings = Settings {
            path: "/etc/antiphon/antiphon.toml".into(),
            text: "\n[exempt]\nservices = [\n  \"cron\",\n]\n".to_owned(),
        };
        let opened = "${EDITOR:-vi} +3 /etc/antiphon/antiphon.toml";
        assert_eq!(settings.set(SERVICES, "[]"), opened);
        assert_eq!(settings.open(SERVICES), opened);
    }
}

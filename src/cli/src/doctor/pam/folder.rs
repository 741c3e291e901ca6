//! The files of pam.d and the installed modules, as they were read.

use std::collections::{BTreeMap, BTreeSet};

use super::edit::Edit;
use super::line::{Line, Says, lines};
use crate::finding::At;

/// What libpam finds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Folder {
    /// By name, or by path if a line includes it that way.
    pub(crate) files: BTreeMap<String, File>,
    /// Why others could not be read, by the same names.
    pub(crate) unread: BTreeMap<String, String>,
    /// Whether libpam knows `@include`, which only Debian's does.
    pub(crate) knows_at_include: bool,
    /// The modules that exist, as lines name them.
    pub(crate) modules: BTreeSet<String>,
    /// Configurations that our lines name but that do not exist.
    pub(crate) absent_configurations: BTreeSet<String>,
    /// Where libpam looks for modules without a path.
    pub(crate) modules_at: String,
}

/// One of its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct File {
    /// Its path.
    pub(crate) path: String,
    text: String,
    /// Its lines as libpam parses them.
    lines: Vec<Line>,
}

impl File {
    pub(crate) fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            path: path.into(),
            lines: lines(&text),
            text,
        }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Its lines that skip others, as written.
    pub(crate) fn jumps(&self) -> Vec<&str> {
        let jumps = self.lines.iter().filter(|line| match &line.says {
            Says::Module(module) => module.control.jumps(),
            Says::Nonsense { control, .. } => control.jumps(),
            _ => false,
        });
        jumps.map(|line| line.text.as_str()).collect()
    }

    pub(crate) fn lines(&self) -> &[Line] {
        &self.lines
    }
}

impl Folder {
    pub(crate) fn has(&self, module: &str) -> bool {
        self.modules.contains(module)
    }

    /// The line that begins at `at`.
    pub(crate) fn line(&self, at: &At) -> Option<&Line> {
        let file = self.files.values().find(|file| file.path == at.file)?;
        file.lines.iter().find(|line| line.number == at.line)
    }

    /// A copy with these edits made.
    pub(crate) fn with(&self, edits: &[Edit]) -> Self {
        let mut changed = self.clone();
        for file in changed.files.values_mut() {
            if edits.iter().any(|edit| edit.at.file == file.path) {
                let text = Edit::apply(edits, &file.path, &file.text);
                *file = File::new(&file.path, text);
            }
        }
        changed
    }
}

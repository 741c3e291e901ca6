//! The files of pam.d and the modules that there are, as they were read.

use std::collections::{BTreeMap, BTreeSet};

use super::edit::Edit;
use super::line::{Line, lines};
use crate::finding::At;

/// What libpam would find.
#[derive(Debug, Clone, Default)]
pub(crate) struct Folder {
    /// By their names, or their paths where a line names one.
    pub(crate) files: BTreeMap<String, File>,
    /// Why others were not read, by the same names.
    pub(crate) unread: BTreeMap<String, String>,
    /// Whether `@include` is understood: by Debian's libpam and its heirs alone.
    pub(crate) knows_at_include: bool,
    /// The modules whose files are there, as lines name them.
    pub(crate) modules: BTreeSet<String>,
    /// Configurations that lines of ours name and that are not there.
    pub(crate) absent_configurations: BTreeSet<String>,
    /// Where modules without a path are looked for.
    pub(crate) modules_at: String,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct File {
    /// Where it is.
    pub(crate) path: String,
    text: String,
    /// The same as libpam reads it.
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

    /// The same with these changes made.
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

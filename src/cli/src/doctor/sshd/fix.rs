//! The command that changes settings of sshd: each where it is set, or else in a drop-in that comes before the others. sshd
//! must accept the result before it is reloaded.

use antiphon_core::shell;

use super::text::{Setting, Text};
use super::{DROP_IN, MAIN};

/// A setting as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Spelled as in the manual.
    pub(super) keyword: &'static str,
    pub(super) value: String,
}

impl Wanted {
    pub(super) fn new(keyword: &'static str, value: impl Into<String>) -> Self {
        Self {
            keyword,
            value: value.into(),
        }
    }

    fn line(&self) -> String {
        format!("{} {}", self.keyword, self.value)
    }
}

/// Where settings are to be changed.
pub(super) struct Fix<'a> {
    pub(super) text: &'a Text,
    pub(super) block: Option<usize>,
    pub(super) has_drop_in: bool,
    pub(super) unit: &'a str,
}

impl Fix<'_> {
    pub(super) fn command(&self, wanted: &[Wanted]) -> String {
        let mut commands: Vec<String> = Vec::new();
        let mut new: Vec<&Wanted> = Vec::new();
        for wanted in wanted {
            match self.written(wanted.keyword) {
                Some(setting) => commands.push(changed(setting, wanted)),
                None => new.push(wanted),
            }
        }
        if !new.is_empty() {
            commands.push(self.added(&new));
        }
        commands.push("sshd -t".to_owned());
        commands.push(format!("systemctl reload {}", self.unit));
        commands.join(" && ")
    }

    /// The existing line that must be changed, since no added line would come before it.
    fn written(&self, keyword: &str) -> Option<&Setting> {
        let keyword = keyword.to_ascii_lowercase();
        if self.block.is_some() {
            return self.text.setting(&keyword, self.block);
        }
        let setting = self.text.setting(&keyword, None)?;
        let Some(before_drop_ins) = self.text.before_drop_ins else {
            return Some(setting);
        };
        let comes_first = self.text.index(&keyword)? < before_drop_ins;
        let is_earlier_drop_in = setting.at.file != MAIN && setting.at.file.as_str() <= DROP_IN;
        (comes_first || is_earlier_drop_in).then_some(setting)
    }

    fn added(&self, wanted: &[&Wanted]) -> String {
        let lines: Vec<String> = wanted.iter().map(|wanted| wanted.line()).collect();
        let quoted = lines.iter().map(shell::word).collect::<Vec<_>>().join(" ");
        if let Some(block) = self.block.and_then(|block| self.text.blocks.get(block)) {
            let scripts = lines
                .iter()
                .map(|line| format!("-e {}", shell::word(format!("{}a {line}", block.at.line))));
            let scripts = scripts.collect::<Vec<_>>().join(" ");
            return format!("sed -i {scripts} {}", shell::word(&block.at.file));
        }
        if self.text.before_drop_ins.is_some() {
            let to = if self.has_drop_in { ">>" } else { ">" };
            return format!("printf '%s\\n' {quoted} {to} {DROP_IN}");
        }
        let scripts = lines
            .iter()
            .map(|line| format!("-e {}", shell::word(format!("1i {line}"))));
        let scripts = scripts.collect::<Vec<_>>().join(" ");
        format!("sed -i {scripts} {MAIN}")
    }
}

fn changed(setting: &Setting, wanted: &Wanted) -> String {
    let script = shell::word(format!("{}c {}", setting.at.line, wanted.line()));
    format!("sed -i {script} {}", shell::word(&setting.at.file))
}

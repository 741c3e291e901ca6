//! sshd: whether it uses PAM, with a method that can show a prompt, and who signs in without.

mod effective;
mod fix;
mod look;
mod problems;
mod read;
mod text;

use std::collections::BTreeMap;

pub(crate) use look::{Beside, look};
pub(crate) use read::read;

use effective::Effective;
use text::Text;

/// Its own file.
pub(crate) const MAIN: &str = "/etc/ssh/sshd_config";
/// The pattern by which drop-ins are included.
pub(crate) const DROP_INS: &str = "/etc/ssh/sshd_config.d/*.conf";
/// Our drop-in.
const DROP_IN: &str = "/etc/ssh/sshd_config.d/00-antiphon.conf";

/// The facts that the findings are based on.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    /// The files of its configuration, by their paths.
    pub(crate) files: BTreeMap<String, String>,
    /// What `sshd -T` prints, or why it does not.
    pub(crate) output: Result<String, String>,
    /// The same for a connection that matches each Match block, in order; shorter if sshd was not asked.
    pub(crate) by_block: Vec<Result<String, String>>,
    /// Its unit for systemd: `ssh` or `sshd`.
    pub(crate) unit: String,
    /// Whether there is a Kerberos keytab, without which nobody can sign in with a ticket.
    pub(crate) has_keytab: bool,
}

/// The settings for everybody, or in a Match block.
struct Sight {
    block: Option<usize>,
    settings: Effective,
}

impl Facts {
    fn text(&self) -> Text {
        Text::of(MAIN, &self.files)
    }

    /// The patterns of the files with people's keys.
    pub(crate) fn key_files(&self) -> Vec<String> {
        let sights = self.sights(&self.text());
        let settings = sights
            .first()
            .map(|all| all.settings.get("authorizedkeysfile"));
        let patterns = settings.unwrap_or_default().split_whitespace();
        patterns
            .filter(|pattern| *pattern != "none")
            .map(str::to_owned)
            .collect()
    }

    fn sights(&self, text: &Text) -> Vec<Sight> {
        let of = |output: Option<&Result<String, String>>, block| match output {
            Some(Ok(output)) => Effective::of_output(output),
            _ => Effective::of_text(text, block),
        };
        let blocks = (0..text.blocks.len()).map(|index| Sight {
            block: Some(index),
            settings: of(self.by_block.get(index), Some(index)),
        });
        let all = Sight {
            block: None,
            settings: of(Some(&self.output), None),
        };
        [all].into_iter().chain(blocks).collect()
    }
}

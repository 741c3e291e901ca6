//! Our module in a line of another type than `auth`, where it does nothing.

use antiphon_core::shell;

use super::line::{Kind, Says};
use super::module::{OURS, Role};
use super::repair::by_hand;
use super::view::View;
use crate::finding::{At, Finding, Findings};

pub(super) fn look(view: &View<'_>, findings: &mut Findings) {
    for file in view.folder.files.values() {
        for line in file.lines() {
            let Says::Module(module) = &line.says else {
                continue;
            };
            let Some(kind) = line.kind.filter(|kind| *kind != Kind::Auth) else {
                continue;
            };
            if module.role != Role::Ours {
                continue;
            }
            let at = At {
                file: file.path.clone(),
                line: line.number,
            };
            let fix = format!("sed -i {}d {}", line.number, shell::word(&file.path));
            findings.add(
                Finding::warning(format_args!(
                    "{OURS} does nothing in a line of type {}: it belongs in `auth` alone",
                    kind.word()
                ))
                .fix(if line.rows == 1 { fix } else { by_hand(&at) })
                .at(at),
            );
        }
    }
}

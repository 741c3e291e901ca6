//! Whether module, command and daemon have the same version: an older one refuses a newer one's state.

use std::path::Path;

use antiphon_core::version;

use super::package::{Package, Part};
use super::program;
use crate::finding::{Finding, Findings};
use crate::plain_file;

/// The daemon's path.
const DAEMON: &str = "/usr/sbin/antiphond";
/// The largest module to read, in bytes.
const LARGEST: u64 = 64 * 1024 * 1024;

/// The versions; `None` if missing or unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) command: String,
    pub(crate) module: Option<String>,
    pub(crate) daemon: Option<String>,
    /// The path of the module that lines call.
    pub(crate) module_path: String,
}

/// Reads them; `module` is the file that lines in pam.d call.
pub(crate) fn read(module: &Path) -> Facts {
    let bytes = plain_file::bytes(module, LARGEST).ok();
    let daemon = Path::new(DAEMON)
        .exists()
        .then(|| program::run(DAEMON, &["--version"]).ok());
    Facts {
        command: env!("CARGO_PKG_VERSION").to_owned(),
        module: bytes.as_deref().and_then(version::of_module),
        daemon: daemon
            .flatten()
            .and_then(|ran| ran.out.split_whitespace().nth(1).map(str::to_owned)),
        module_path: module.display().to_string(),
    }
}

pub(crate) fn look(facts: &Facts, package: Package, findings: &mut Findings) {
    let parts = [
        (
            Part::Module,
            "pam_antiphon.so",
            &facts.module,
            facts.module_path.as_str(),
        ),
        (Part::Daemon, "antiphond", &facts.daemon, DAEMON),
    ];
    for (part, name, version, path) in parts {
        if let Some(version) = version
            && *version != facts.command
        {
            findings.add(
                Finding::warning(format_args!(
                    "{path}: {name} is version {version}, and this command is {}: they may not understand each other's \
                     files",
                    facts.command
                ))
                .fix(package.brings(part, path)),
            );
        }
    }
}

//! How Antiphon was installed, and so how to reinstall a missing part.

use std::path::Path;

use antiphon_core::shell;

use super::program;

/// The package manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Package {
    Deb,
    Rpm,
    /// From a clone, as in the README.
    ByHand,
}

/// A file of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Module,
    Daemon,
}

impl Package {
    pub(crate) fn read() -> Self {
        if Path::new("/var/lib/dpkg/info/antiphon.list").exists() {
            Self::Deb
        } else if Path::new("/usr/bin/rpm").exists()
            && program::run("rpm", &["-q", "antiphon"]).is_ok_and(|ran| ran.succeeded)
        {
            Self::Rpm
        } else {
            Self::ByHand
        }
    }

    /// The command that reinstalls `part` at `path`.
    pub(crate) fn brings(self, part: Part, path: &str) -> String {
        match self {
            Self::Deb => "apt-get install --reinstall antiphon".to_owned(),
            Self::Rpm => "dnf reinstall antiphon".to_owned(),
            Self::ByHand => {
                let path = shell::word(path);
                match part {
                    Part::Module => {
                        format!("install -D -m 644 target/release/libpam_antiphon.so {path}")
                    }
                    Part::Daemon => format!("install -m 755 target/release/antiphond {path}"),
                }
            }
        }
    }
}

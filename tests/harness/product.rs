//! What is tested: the module and the command, as they are built for release.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;

/// Where the built files are.
#[derive(Debug, Clone)]
pub struct Product {
    /// `libpam_antiphon.so`.
    pub module: PathBuf,
    /// `antiphon`.
    pub command: PathBuf,
    /// `pam_host`, built by cargo beside the tests.
    pub pam_host: PathBuf,
}

impl Product {
    /// Builds module and command, once in a process; not at all if `ANTIPHON_BUILT` says that it has been done.
    pub fn build() {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            if env::var_os("ANTIPHON_BUILT").is_some() {
                return;
            }
            // One at a time: built together, features that only the command wants could get into the module.
            for package in ["pam_antiphon", "antiphon"] {
                let built = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
                    .args(["build", "--quiet", "--release", "--package", package])
                    .current_dir(env!("CARGO_MANIFEST_DIR"))
                    .status()
                    .expect("cargo");
                assert!(built.success(), "{package} does not build");
            }
        });
    }

    /// Where the build puts them, by where this program stands: `target/PROFILE/` or `target/PROFILE/deps/`.
    #[must_use]
    pub fn built() -> Self {
        let here = env::current_exe().unwrap();
        let folder = here.parent().unwrap();
        let profile = if folder.ends_with("deps") {
            folder.parent().unwrap()
        } else {
            folder
        };
        let release: &Path = &profile.parent().unwrap().join("release");
        Self {
            module: release.join("libpam_antiphon.so"),
            command: release.join("antiphon"),
            pam_host: profile.join("pam_host"),
        }
    }
}

//! What is tested: the module and the command, as they are built for release.

use std::env;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Once;

use crate::private::is_inside;

/// Where the built files are.
#[derive(Debug, Clone)]
pub struct Product {
    /// `libpam_antiphon.so`.
    pub module: PathBuf,
    /// `antiphon`.
    pub command: PathBuf,
    /// `pam_host`, built by cargo beside the tests.
    pub pam_host: PathBuf,
    /// `antiphond`.
    pub daemon: PathBuf,
}

impl Product {
    /// Builds module and command, once in a process; not at all if `ANTIPHON_BUILT` says that it has been done.
    pub fn build() {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            // One at a time: built together, features that only the command wants could get into the module.
            build("pam_antiphon", &["--release"]);
            build("antiphon", &["--release"]);
        });
    }

    /// The same for the daemon, which is built beside the tests, to be checked for overflows as they are.
    pub fn build_daemon() {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| build("antiphond", &[]));
    }

    /// Where the build puts them.
    #[must_use]
    pub fn built() -> Self {
        let release = target().join("release");
        Self {
            module: release.join("libpam_antiphon.so"),
            command: release.join("antiphon"),
            pam_host: profile().join("pam_host"),
            daemon: profile().join("antiphond"),
        }
    }
}

fn build(package: &str, how: &[&str]) {
    // In a world there is no network, should cargo want something; who made it has built.
    if env::var_os("ANTIPHON_BUILT").is_some() || is_inside() {
        return;
    }
    let built = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--quiet", "--package", package])
        .args(how)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .expect("cargo");
    assert!(built.success(), "{package} does not build");
}

/// Cargo's folder, by where this program stands: `target/PROFILE/` or `target/PROFILE/deps/`.
pub(crate) fn target() -> PathBuf {
    profile().parent().unwrap().to_owned()
}

fn profile() -> PathBuf {
    let here = env::current_exe().unwrap();
    let folder = here.parent().unwrap();
    let deps = folder.ends_with("deps");
    if deps {
        folder.parent().unwrap()
    } else {
        folder
    }
    .to_owned()
}

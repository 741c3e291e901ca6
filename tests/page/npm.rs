//! What npm installs for these tests, each once.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// The folder in whose `node_modules` `package` is, a name with its version. The first call must come from where there is a
/// network.
pub(crate) fn installed(package: &str) -> PathBuf {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(package);
    // Written last: what was interrupted is installed again.
    let whole = folder.join("whole");
    if !whole.exists() {
        fs::create_dir_all(&folder).unwrap();
        let npm = Command::new("npm")
            .args([
                "install",
                "--no-audit",
                "--no-fund",
                "--ignore-scripts",
                "--prefix",
                ".",
                package,
            ])
            .current_dir(&folder)
            .output()
            .expect("npm");
        assert!(npm.status.success(), "{npm:?}");
        fs::write(&whole, "").unwrap();
    }
    folder
}

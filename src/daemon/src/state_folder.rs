//! The daemon's own folder: where the store stands, closed to everybody else.

use std::env;
use std::fs::{self, DirBuilder};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::PathBuf;

use antiphon_core::shell;

/// Where it is if systemd names no other (`StateDirectory=`, systemd.exec(5)).
const USUAL: &str = "/var/lib/antiphond";

/// The folder, made if there was none, checked to be ours alone.
///
/// # Errors
/// One sentence, with the mend.
pub(crate) fn find() -> Result<PathBuf, String> {
    let named = env::var_os("STATE_DIRECTORY").filter(|named| !named.is_empty());
    let path = named.map_or_else(|| PathBuf::from(USUAL), PathBuf::from);
    check(path)
}

fn check(path: PathBuf) -> Result<PathBuf, String> {
    let shown = shell::word(&path);
    if !path.exists() {
        DirBuilder::new()
            .mode(0o700)
            .create(&path)
            .map_err(|error| {
                format!("{shown}: {error}; make it, owned by the daemon's user, mode 0700")
            })?;
    }
    let found = fs::metadata(&path).map_err(|error| format!("{shown}: {error}"))?;
    let own = nix::unistd::geteuid().as_raw();
    if !found.is_dir() {
        return Err(format!("{shown}: is not a folder"));
    }
    if found.uid() != own {
        let owner = found.uid();
        return Err(format!(
            "{shown}: belongs to user id {owner}; run: chown -R {own} {shown}"
        ));
    }
    if found.mode() & 0o077 != 0 {
        return Err(format!(
            "{shown}: others can look into it; run: chmod 0700 {shown}"
        ));
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::check;
    use crate::scratch::Scratch;

    #[test]
    fn the_folder_is_ours_alone() {
        let folder = Scratch::new();
        let path = folder.join("state");
        check(path.clone()).unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        fs::set_permissions(&path, Permissions::from_mode(0o750)).unwrap();
        assert!(check(path.clone()).unwrap_err().contains("chmod 0700"));
        fs::remove_dir(&path).unwrap();
        fs::write(&path, "").unwrap();
        assert!(check(path).unwrap_err().contains("not a folder"));
    }
}

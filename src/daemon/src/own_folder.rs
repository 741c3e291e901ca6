//! The daemon's own folders, to which nobody else can add anything.

use std::env;
use std::fs::{self, DirBuilder};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use antiphon_core::shell;

/// The store's folder, unless systemd sets another (`StateDirectory=`, systemd.exec(5)).
const USUAL: &str = "/var/lib/antiphond";

/// The store's folder, created if necessary and checked to be ours alone.
///
/// # Errors
/// One sentence, with the fix.
pub(crate) fn for_store() -> Result<PathBuf, String> {
    let named = env::var_os("STATE_DIRECTORY").filter(|named| !named.is_empty());
    let path = named.map_or_else(|| PathBuf::from(USUAL), PathBuf::from);
    // Root may have moved it to another disk with a symbolic link.
    let path = fs::canonicalize(&path).unwrap_or(path);
    make_or_check(&path, 0o700)?;
    Ok(path)
}

/// Creates the folder if it does not exist, and checks that it is ours and no more open than `mode`.
///
/// # Errors
/// One sentence, with the fix.
pub(crate) fn make_or_check(folder: &Path, mode: u32) -> Result<(), String> {
    let shown = shell::word(folder);
    if fs::symlink_metadata(folder).is_err() {
        let result = DirBuilder::new().mode(mode).create(folder);
        result.map_err(|error| {
            format!("{shown}: {error}; make it, owned by the daemon's user, mode {mode:04o}")
        })?;
    }
    // Not a link's target, which the link's owner could change.
    let found = fs::symlink_metadata(folder).map_err(|error| format!("{shown}: {error}"))?;
    let own = nix::unistd::geteuid().as_raw();
    if !found.is_dir() {
        return Err(format!("{shown}: is not a folder"));
    }
    if found.uid() != own {
        let owner = found.uid();
        return Err(format!(
            "{shown}: belongs to user id {owner}, who could change what is in it; run: chown -R {own} {shown}"
        ));
    }
    if found.mode() & 0o077 & !mode != 0 {
        return Err(format!(
            "{shown}: is open to others; run: chmod {mode:04o} {shown}"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::make_or_check;
    use crate::scratch::Scratch;

    #[test]
    fn a_folder_is_ours_alone_and_no_more_open_than_it_should_be() {
        let scratch = Scratch::new();
        let folder = scratch.join("state");
        for (mode, too_open) in [(0o700, 0o750), (0o755, 0o775)] {
            make_or_check(&folder, mode).unwrap();
            let found = fs::metadata(&folder).unwrap().permissions().mode();
            assert_eq!(found & 0o777, mode);
            fs::set_permissions(&folder, Permissions::from_mode(too_open)).unwrap();
            let said = make_or_check(&folder, mode).unwrap_err();
            assert!(said.contains(&format!("chmod {mode:04o}")), "{said}");
            fs::remove_dir(&folder).unwrap();
        }
        fs::write(&folder, "").unwrap();
        let is_none = |said: String| said.contains("not a folder");
        assert!(is_none(make_or_check(&folder, 0o700).unwrap_err()));
        fs::remove_file(&folder).unwrap();
        fs::create_dir(scratch.join("elsewhere")).unwrap();
        symlink(scratch.join("elsewhere"), &folder).unwrap();
        assert!(is_none(make_or_check(&folder, 0o700).unwrap_err()));
    }
}

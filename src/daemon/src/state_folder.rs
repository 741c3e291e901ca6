//! The folder of the daemon's store.

use std::env;
use std::fs;
use std::path::PathBuf;

use crate::own_folder;

/// The default, unless systemd sets another (`StateDirectory=`, systemd.exec(5)).
const USUAL: &str = "/var/lib/antiphond";

/// The folder, created if necessary and checked to be ours alone.
///
/// # Errors
/// One sentence, with the fix.
pub(crate) fn find() -> Result<PathBuf, String> {
    let named = env::var_os("STATE_DIRECTORY").filter(|named| !named.is_empty());
    let path = named.map_or_else(|| PathBuf::from(USUAL), PathBuf::from);
    // Root may have moved it to another disk with a symbolic link.
    let path = fs::canonicalize(&path).unwrap_or(path);
    own_folder::make_or_check(&path, 0o700)?;
    Ok(path)
}

//! A listening socket in the file system.

use std::fs::{self, Permissions};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::Path;

use antiphon_core::shell;
use nix::sys::socket::{Backlog, listen};
use tokio::net::UnixListener;

use crate::own_folder;

/// The kernel's accept queue.
const BACKLOG: i32 = 4096;

/// Who may connect to a socket.
#[derive(Clone, Copy)]
pub(crate) enum Open {
    /// Root, whom file modes do not restrict, and nobody else.
    ToRoot,
    /// Every user of this host.
    ToAll,
}

impl Open {
    fn mode(self) -> u32 {
        match self {
            Self::ToRoot => 0o600,
            Self::ToAll => 0o666,
        }
    }
}

/// Creates the folder if it does not exist, checks that only we can change it, and listens at `path`.
///
/// # Errors
/// One sentence, with the fix.
pub(crate) fn bind(path: &Path, open: Open) -> Result<UnixListener, String> {
    let shown = shell::word(path);
    let folder = path
        .parent()
        .ok_or_else(|| format!("{shown}: is not the path of a socket"))?;
    // 0755: the module has to see who owns the socket.
    own_folder::make_or_check(folder, 0o755)?;
    match fs::symlink_metadata(path) {
        Ok(found) if !found.file_type().is_socket() => {
            return Err(format!("{shown}: is not a socket; remove it"));
        }
        // If somebody is listening, it is another daemon, which keeps its socket.
        Ok(_) if std::os::unix::net::UnixStream::connect(path).is_ok() => {
            return Err(format!("{shown}: another antiphond listens there"));
        }
        Ok(_) => fs::remove_file(path).map_err(|error| format!("{shown}: {error}"))?,
        Err(_) => {}
    }
    let listener = UnixListener::bind(path).map_err(|error| format!("{shown}: {error}"))?;
    // More than the usual 128: thousands may sign in within a second.
    let backlog = Backlog::new(BACKLOG).unwrap_or(Backlog::MAXCONN);
    listen(&listener, backlog).map_err(|errno| format!("{shown}: {errno}"))?;
    fs::set_permissions(path, Permissions::from_mode(open.mode()))
        .map_err(|error| format!("{shown}: {error}"))?;
    Ok(listener)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::{Open, bind};
    use crate::scratch::Scratch;

    #[tokio::test]
    async fn a_socket_left_behind_is_replaced_and_one_in_use_is_not() {
        let folder = Scratch::new();
        let path = folder.join("sub/antiphond.sock");
        let first = bind(&path, Open::ToRoot).unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let said = bind(&path, Open::ToRoot).unwrap_err();
        assert!(said.contains("another antiphond"), "{said}");
        drop(first);
        drop(bind(&path, Open::ToRoot).unwrap());
        fs::remove_file(&path).unwrap();
        fs::write(&path, "a file").unwrap();
        assert!(
            bind(&path, Open::ToRoot)
                .unwrap_err()
                .contains("not a socket")
        );
        fs::remove_file(&path).unwrap();
        fs::set_permissions(folder.join("sub"), Permissions::from_mode(0o777)).unwrap();
        assert!(bind(&path, Open::ToRoot).unwrap_err().contains("chmod"));
    }
}

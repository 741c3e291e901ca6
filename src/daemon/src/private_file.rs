//! A file that holds secrets: root's or our own, and nobody else can read it.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use antiphon_core::shell;
use nix::fcntl::OFlag;
use zeroize::Zeroizing;

/// The largest accepted file, in bytes.
const MAX_SIZE: u64 = 16 * 1024;

/// Its text.
///
/// # Errors
/// One sentence with the fix, which quotes nothing from the file.
pub(crate) fn read(path: &Path) -> Result<Zeroizing<String>, String> {
    let shown = shell::word(path);
    let said = |error: std::io::Error| format!("{shown}: {error}");
    let file = File::options()
        .read(true)
        .custom_flags((OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK).bits())
        .open(path)
        .map_err(said)?;
    let found = file.metadata().map_err(said)?;
    if !found.is_file() {
        return Err(format!("{shown}: is not a plain file"));
    }
    let own = nix::unistd::geteuid().as_raw();
    if ![0, own].contains(&found.uid()) {
        let owner = found.uid();
        return Err(format!(
            "{shown}: belongs to user id {owner}; run: chown root {shown}"
        ));
    }
    if found.mode() & 0o027 != 0 {
        return Err(format!(
            "{shown}: others can read it or its group can write it; run: chmod o=,g-w {shown}, and take new \
             credentials if somebody may have read these"
        ));
    }
    if found.size() > MAX_SIZE {
        return Err(format!("{shown}: is larger than {MAX_SIZE} bytes"));
    }
    // Allocated at full size: a string that grows leaves an unwiped copy behind.
    let room = usize::try_from(MAX_SIZE).unwrap_or_default() + 1;
    let mut text = Zeroizing::new(String::with_capacity(room));
    file.take(MAX_SIZE)
        .read_to_string(&mut text)
        .map_err(said)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::read;
    use crate::scratch::Scratch;

    #[test]
    fn a_file_that_others_can_read_is_refused_with_its_fix_and_without_its_words() {
        let folder = Scratch::new();
        let path = folder.join("credentials");
        fs::write(&path, "password = \"hunter2\"").unwrap();
        for (mode, fine) in [
            (0o600, true),
            (0o400, true),
            (0o440, true),
            (0o640, true),
            (0o644, false),
            (0o620, false),
            (0o601, false),
        ] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let result = read(&path);
            assert_eq!(result.is_ok(), fine, "{mode:o}");
            if let Err(said) = result {
                assert!(
                    said.contains("chmod") && !said.contains("hunter2"),
                    "{said}"
                );
            }
        }
        let link = folder.join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(read(&link).is_err());
        assert!(read(folder.path()).unwrap_err().contains("plain file"));
    }
}

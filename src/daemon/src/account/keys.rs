//! "Root, please fetch the providers' keys": a file that systemd watches (`antiphon-providers.path`).
//!
//! The module asks for it when a token names a key that root's file does not have. That a refresh is wanted is all that
//! can be said this way: what is fetched, and from where, is in root's configuration.

use std::fs::File;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use nix::fcntl::OFlag;

use crate::seldom::Seldom;

/// Its name, in the daemon's runtime directory.
const NAME: &str = "refresh-keys";
/// The least time between two of them: tokens with keys of their own can be had at no cost.
const EVERY: Duration = Duration::from_secs(300);

pub(crate) struct KeyRefresh {
    file: PathBuf,
    last: Mutex<Option<Instant>>,
}

impl KeyRefresh {
    /// Beside the daemon's socket.
    pub(crate) fn beside(socket: &Path) -> Self {
        Self {
            file: socket.with_file_name(NAME),
            last: Mutex::default(),
        }
    }

    /// Asks for a refresh, unless it was asked for lately.
    pub(crate) fn ask(&self, now: Instant) {
        static SELDOM: Seldom = Seldom::once_a_minute();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_some_and(|last| now.saturating_duration_since(last) < EVERY) {
            return;
        }
        *last = Some(now);
        match touch(&self.file) {
            Ok(()) => SELDOM.note(format_args!(
                "an account's token names a key that is not known: root is asked to fetch the keys"
            )),
            Err(error) => SELDOM.fail(format_args!(
                "{}: {error}; an account's token names a key that is not known; run: antiphon providers refresh",
                self.file.display()
            )),
        }
    }
}

/// Closing a file that was open for writing is what systemd sees.
fn touch(file: &Path) -> io::Result<()> {
    File::options()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o644)
        .custom_flags((OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK).bits())
        .open(file)
        .map(drop)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Instant;

    use super::{EVERY, KeyRefresh};
    use crate::scratch::Scratch;

    #[test]
    fn root_is_asked_for_keys_at_most_every_five_minutes() {
        let folder = Scratch::new();
        let keys = KeyRefresh::beside(&folder.join("antiphond.sock"));
        let file = folder.join("refresh-keys");
        let start = Instant::now();
        keys.ask(start);
        assert_eq!(fs::read(&file).unwrap(), b"");
        fs::remove_file(&file).unwrap();
        keys.ask(start + EVERY / 2);
        assert!(!file.exists());
        keys.ask(start + EVERY);
        assert!(file.exists());
    }

    #[test]
    fn a_link_in_the_files_place_is_not_followed() {
        let folder = Scratch::new();
        let target = folder.join("target");
        fs::write(&target, "kept").unwrap();
        std::os::unix::fs::symlink(&target, folder.join("refresh-keys")).unwrap();
        KeyRefresh::beside(&folder.join("antiphond.sock")).ask(Instant::now());
        assert_eq!(fs::read(&target).unwrap(), b"kept");
    }
}

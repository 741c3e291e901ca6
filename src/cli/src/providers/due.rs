//! One refresh at a time, and when one is due that nobody has called for by hand: once an hour; and when antiphond has
//! met a key that nobody knows here, at most every five minutes, whatever antiphond says.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use antiphon_core::config::Paths;
use antiphon_core::disk::Folder;
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg, OFlag};

use crate::failure::{Failure, Kind};

/// The lock, whose time is that of the last attempt.
const TRIED: &str = ".tried";
/// Its time is that of the last attempt that antiphond has asked for.
const ASKED: &str = ".asked";
/// What antiphond touches, in its own folder. Nothing but its time is looked at.
const MARK: &str = "refresh-keys";

/// How often the keys are fetched anyway: the timer's hour, and what a timer may be early.
const USUALLY: Duration = Duration::from_secs(55 * 60);
/// How often antiphond may have them fetched.
const AT_MOST: Duration = Duration::from_secs(5 * 60);
/// How long to wait for another refresh.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often to try.
const PAUSE: Duration = Duration::from_millis(50);

/// The turn of this process, until dropped.
pub(super) struct Turn {
    tried: Flock<File>,
    times: Times,
}

/// When the keys were last fetched, or were to be.
#[derive(Debug, Clone, Copy, Default)]
struct Times {
    tried: Option<SystemTime>,
    asked: Option<SystemTime>,
    /// The mark's.
    mark: Option<SystemTime>,
}

/// Why keys are to be fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// It is time.
    Time,
    /// Antiphond asks for it.
    Asked,
}

impl Turn {
    /// Waits for it.
    pub(super) fn take(folder: &Folder, paths: &Paths) -> Result<Self, Failure> {
        let path = folder.path_of(TRIED);
        let failed = |why: &dyn std::fmt::Display| {
            Failure::new(Kind::CannotCreate, format!("{}: {why}", path.display()))
        };
        // As it was before this process has touched it.
        let tried = modified(&path);
        let mut file = open(&path).map_err(|error| failed(&error))?;
        let until = std::time::Instant::now() + PATIENCE;
        let tried_by_me = loop {
            match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
                Ok(locked) => break locked,
                Err((back, Errno::EAGAIN)) if std::time::Instant::now() < until => {
                    file = back;
                    std::thread::sleep(PAUSE);
                }
                Err((_, Errno::EAGAIN)) => {
                    let what = "another refresh of the providers' keys is under way; try again";
                    return Err(Failure::new(Kind::TryAgain, what));
                }
                Err((_, errno)) => return Err(failed(&errno.desc())),
            }
        };
        let times = Times {
            // By now, if there was somebody else; a new file has been tried never.
            tried: tried.and_then(|_| modified(&path)),
            asked: modified(&folder.path_of(ASKED)),
            mark: modified(&paths.socket.with_file_name(MARK)),
        };
        Ok(Self {
            tried: tried_by_me,
            times,
        })
    }

    /// Why keys are to be fetched now, unless somebody calls for it by hand; `None` if they need not be.
    pub(super) fn why(&self) -> Option<Why> {
        self.times.why(SystemTime::now())
    }

    /// Remembers that they are fetched now, before it is tried: what fails is not tried again at once.
    pub(super) fn begin(&self, folder: &Folder, why: Option<Why>) -> Result<(), Failure> {
        let now = SystemTime::now();
        let mark = |path: &Path, file: io::Result<&File>| {
            file.and_then(|file| file.set_modified(now))
                .map_err(|error| {
                    Failure::new(Kind::CannotCreate, format!("{}: {error}", path.display()))
                })
        };
        mark(&folder.path_of(TRIED), Ok(&self.tried))?;
        if why == Some(Why::Asked) {
            let path = folder.path_of(ASKED);
            match open(&path) {
                Ok(file) => mark(&path, Ok(&file))?,
                Err(error) => mark(&path, Err(error))?,
            }
        }
        Ok(())
    }
}

impl Times {
    fn why(self, now: SystemTime) -> Option<Why> {
        // A time to come is a clock that was wrong.
        let is_past = |time: Option<SystemTime>, by: Duration| {
            time.is_none_or(|time| now.duration_since(time).map_or(true, |since| since >= by))
        };
        if is_past(self.tried, USUALLY) {
            return Some(Why::Time);
        }
        let asks = self
            .mark
            .is_some_and(|mark| self.tried.is_none_or(|tried| mark > tried));
        (asks && is_past(self.asked, AT_MOST)).then_some(Why::Asked)
    }
}

/// Nobody but root can open it, and so nobody else can hold the lock.
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .mode(0o600)
        .custom_flags(OFlag::O_NOFOLLOW.bits())
        .open(path)
}

/// When it was last written or touched. A link's own time, not that of what it leads to.
fn modified(path: &Path) -> Option<SystemTime> {
    path.symlink_metadata()
        .and_then(|found| found.modified())
        .ok()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::{Times, Why};

    /// So many minutes ago.
    fn ago(minutes: u64) -> Option<SystemTime> {
        SystemTime::now().checked_sub(Duration::from_secs(60 * minutes))
    }

    fn ahead(minutes: u64) -> Option<SystemTime> {
        SystemTime::now().checked_add(Duration::from_secs(60 * minutes))
    }

    #[test]
    fn keys_are_fetched_each_hour_and_when_antiphond_asks_at_most_every_five_minutes() {
        for (tried, asked, mark, why) in [
            (None, None, None, Some(Why::Time)),
            (ago(60), None, None, Some(Why::Time)),
            (ago(60), ago(1), ago(1), Some(Why::Time)),
            (ago(50), None, None, None),
            (ago(50), None, ago(51), None),
            (ago(50), None, ago(1), Some(Why::Asked)),
            // Just now by the timer, and a new key since.
            (ago(2), ago(30), ago(1), Some(Why::Asked)),
            (ago(4), ago(4), ago(1), None),
            (ago(6), ago(6), ago(1), Some(Why::Asked)),
            // A mark from the future is no more than a mark.
            (ago(4), ago(4), ahead(60), None),
            (ago(6), ago(6), ahead(60), Some(Why::Asked)),
            // A clock that was wrong keeps no key from being fetched.
            (ahead(60), ahead(60), None, Some(Why::Time)),
        ] {
            let times = Times { tried, asked, mark };
            assert_eq!(times.why(SystemTime::now()), why, "{times:?}");
        }
    }
}

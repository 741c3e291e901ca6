//! One refresh at a time, and when one is due that nobody has called for by hand: when the keys on file are an hour old, or
//! none of them counts; and when antiphond has met a key that nobody knows here. At most every five minutes, whatever
//! antiphond says, and whatever fails.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use antiphon_core::account::KeySet;
use antiphon_core::config::{Paths, Provider};
use antiphon_core::disk::Folder;
use antiphon_core::time::UnixTime;
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg, OFlag};

use crate::failure::{Failure, Kind};

/// The lock, whose time is that of the last attempt.
const TRIED: &str = ".tried";
/// Its time is that of the last attempt that antiphond has asked for.
const ASKED: &str = ".asked";
/// What antiphond touches, in its own folder. Nothing but its time is looked at.
const MARK: &str = "refresh-keys";

/// How old the keys of a provider become, in seconds: the timer's hour, and what a timer may be early.
const USUALLY: u64 = 55 * 60;
/// How often they are fetched at most, unless root calls for it: also what is waited after a failure.
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

    /// Why keys are to be fetched now, unless somebody calls for it by hand; `None` if they need not be. `is_old` says
    /// whether those of some provider [are](is_old).
    pub(super) fn why(&self, is_old: bool) -> Option<Why> {
        self.times.why(is_old, SystemTime::now())
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
    fn why(self, is_old: bool, now: SystemTime) -> Option<Why> {
        // A time to come is a clock that was wrong.
        let is_past = |time: Option<SystemTime>, by: Duration| {
            time.is_none_or(|time| now.duration_since(time).map_or(true, |since| since >= by))
        };
        if is_old && is_past(self.tried, AT_MOST) {
            return Some(Why::Time);
        }
        let asks = self
            .mark
            .is_some_and(|mark| self.tried.is_none_or(|tried| mark > tried));
        (asks && is_past(self.asked, AT_MOST)).then_some(Why::Asked)
    }
}

/// Whether the keys of `provider` are to be fetched: an attempt that failed has fetched nothing.
pub(super) fn is_old(provider: &Provider, on_file: Option<&KeySet>, now: UnixTime) -> bool {
    on_file.is_none_or(|keys| {
        let is_its = keys.issuer == provider.issuer && keys.keys.iter().any(|key| key.counts(now));
        // A time to come is a clock that was wrong.
        !is_its || keys.fetched > now || keys.fetched.until(now) >= USUALLY
    })
}

/// Nobody but root can open it, and so nobody else can hold the lock. A pipe in its place is not waited for.
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .mode(0o600)
        .custom_flags((OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK).bits())
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

    use antiphon_core::account::{Key, KeySet, PublicKey};
    use antiphon_core::config::Config;
    use antiphon_core::time::UnixTime;

    use super::{Times, Why, is_old};

    /// So many minutes ago.
    fn ago(minutes: u64) -> Option<SystemTime> {
        SystemTime::now().checked_sub(Duration::from_secs(60 * minutes))
    }

    fn ahead(minutes: u64) -> Option<SystemTime> {
        SystemTime::now().checked_add(Duration::from_secs(60 * minutes))
    }

    #[test]
    fn old_keys_are_fetched_and_others_when_antiphond_asks_at_most_every_five_minutes() {
        for (is_old, tried, asked, mark, why) in [
            (true, None, None, None, Some(Why::Time)),
            (true, ago(60), ago(1), ago(1), Some(Why::Time)),
            // What has failed is tried again soon, but not at once.
            (true, ago(6), None, None, Some(Why::Time)),
            (true, ago(4), None, None, None),
            (false, ago(60), None, None, None),
            (false, ago(50), None, ago(51), None),
            (false, ago(50), None, ago(1), Some(Why::Asked)),
            // Just now by the timer, and a new key since.
            (false, ago(2), ago(30), ago(1), Some(Why::Asked)),
            (false, ago(4), ago(4), ago(1), None),
            (false, ago(6), ago(6), ago(1), Some(Why::Asked)),
            // A mark from the future is no more than a mark.
            (false, ago(4), ago(4), ahead(60), None),
            (false, ago(6), ago(6), ahead(60), Some(Why::Asked)),
            // A clock that was wrong keeps no key from being fetched.
            (true, ahead(60), ahead(60), None, Some(Why::Time)),
        ] {
            let times = Times { tried, asked, mark };
            assert_eq!(times.why(is_old, SystemTime::now()), why, "{times:?}");
        }
    }

    #[test]
    fn keys_are_old_by_when_they_were_fetched_and_not_by_when_that_was_tried() {
        let config = Config::parse(
            "[[provider]]\nname = \"kmh\"\nissuer = \"https://id.example.org\"\nclient_id = \"a\"\n\
             label = { sv = \"KMH-konto\", en = \"KMH account\" }\n",
        );
        let provider = &config.unwrap().providers[0];
        let now = UnixTime(1_795_377_600);
        let keys = |fetched: u64, seen: u64, issuer: &str| KeySet {
            provider: "kmh".into(),
            issuer: issuer.into(),
            fetched: UnixTime(fetched),
            keys: vec![Key {
                kid: "a".into(),
                key: PublicKey::ed25519(&[7; 32]).unwrap(),
                issuer: None,
                first_seen: UnixTime(seen),
                last_seen: UnixTime(seen),
            }],
        };
        let own = "https://id.example.org";
        assert!(is_old(provider, None, now));
        for (fetched, seen, issuer, expected) in [
            (now.0 - 54 * 60, now.0 - 54 * 60, own, false),
            (now.0 - 55 * 60, now.0 - 55 * 60, own, true),
            (now.0 - 60, now.0 - 25 * 3600, own, true),
            (now.0 + 3600, now.0, own, true),
            (now.0, now.0, "https://old.example.org", true),
        ] {
            let keys = keys(fetched, seen, issuer);
            assert_eq!(is_old(provider, Some(&keys), now), expected, "{keys:?}");
        }
    }
}

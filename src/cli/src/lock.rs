//! One command at a time changes records: a lock on their folder, held while files are written and never while anybody
//! is asked.

use std::fs::File;
use std::time::Duration;

use antiphon_core::disk::Folder;
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};

use crate::failure::{Failure, Kind};

const PAUSE: Duration = Duration::from_millis(50);
const TRIES: u32 = 100;

/// The lock; dropping it lets it go.
pub(crate) struct RecordsLock(#[expect(dead_code, reason = "held, never looked at")] Flock<File>);

impl RecordsLock {
    /// Takes the lock on the folder of records, which only root can open.
    pub(crate) fn take(users: &Folder) -> Result<Self, Failure> {
        let path = users.path().display();
        let failed =
            |what: &dyn std::fmt::Display| Failure::new(Kind::Io, format!("{path}: {what}"));
        let mut wait = patience();
        loop {
            let handle = File::open(users.path()).map_err(|error| failed(&error))?;
            match Flock::lock(handle, FlockArg::LockExclusiveNonblock) {
                Ok(locked) => return Ok(Self(locked)),
                Err((_, Errno::EAGAIN | Errno::EINTR)) => {}
                Err((_, errno)) => return Err(failed(&errno.desc())),
            }
            if !wait() {
                return Err(Failure::new(
                    Kind::TryAgain,
                    format!(
                        "{path}: another command is changing records; see which with: fuser -v {path}"
                    ),
                ));
            }
        }
    }
}

/// Says "try again" for five seconds, with a pause each time.
pub(crate) fn patience() -> impl FnMut() -> bool {
    let mut left = TRIES;
    move || {
        left = left.saturating_sub(1);
        std::thread::sleep(PAUSE);
        left > 0
    }
}

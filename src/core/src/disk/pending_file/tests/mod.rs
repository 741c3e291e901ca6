mod answers;
mod files;
mod swept;

use std::cell::Cell;
use std::fs;
use std::path::PathBuf;

use nix::fcntl::{Flock, FlockArg};
use zeroize::Zeroizing;

use super::{PendingFile, folder};
use crate::code::code_at;
use crate::disk::Folder;
use crate::disk::contest::AtOnce;
use crate::disk::fixture::{Host, NOW};
use crate::pending::{Beginning, Begun, SECRET_BYTES, Sitting, SittingId, Typed};
use crate::record::CodeSecret;
use crate::time::UnixTime;
use crate::trouble::Trouble;

/// The sittings that there are here, and from where.
const ONE: (SittingId, &str) = ([1; 16], "203.0.113.5");
const OTHER: (SittingId, &str) = ([2; 16], "198.51.100.7");
const SECRET: [u8; SECRET_BYTES] = [7; SECRET_BYTES];

/// Enrolments of alice, and what time it is at them.
struct Desk {
    host: Host,
    pending: Folder,
    now: Cell<UnixTime>,
}

impl Desk {
    fn new() -> Self {
        let host = Host::new();
        Self {
            pending: folder(&host.config.paths.pending).unwrap(),
            host,
            now: Cell::new(NOW),
        }
    }

    /// One where `ONE` has begun.
    fn begun() -> Self {
        let desk = Self::new();
        assert_eq!(desk.begin(ONE, SECRET, None).unwrap(), Beginning::Begun);
        desk
    }

    fn path(&self) -> PathBuf {
        self.pending.path_of("alice")
    }

    fn bytes(&self) -> Vec<u8> {
        fs::read(self.path()).unwrap()
    }

    /// Does something in a sitting. The time is asked under the lock, whatever is done.
    fn within<T>(
        &self,
        (id, from): (SittingId, &str),
        act: impl FnOnce(PendingFile<'_>) -> T,
    ) -> T {
        let clock = || {
            let file = fs::File::open(self.path()).unwrap();
            let free = Flock::lock(file, FlockArg::LockSharedNonblock);
            assert!(free.is_err(), "the time is asked under the lock");
            Ok(self.now.get())
        };
        let user = &self.host.alice;
        act(PendingFile {
            folder: &self.pending,
            sitting: Sitting { user, from, id },
            clock: &clock,
        })
    }

    fn begin(
        &self,
        sitting: (SittingId, &str),
        secret: [u8; SECRET_BYTES],
        instead_of: Option<SittingId>,
    ) -> Result<Beginning, Trouble> {
        self.within(sitting, |file| {
            file.begin(Zeroizing::new(secret), instead_of, &mut AtOnce)
        })
    }

    /// What somebody who comes back sees.
    fn look(&self) -> Option<Begun> {
        self.within(OTHER, |file| file.look(&mut AtOnce)).unwrap()
    }

    fn later(&self, seconds: u64) {
        self.now.set(self.now.get().plus(seconds));
    }

    /// The code that an app with the secret shows now.
    fn code(&self) -> String {
        code_at(&secret(), self.now.get()).to_string()
    }
}

fn secret() -> CodeSecret {
    CodeSecret::usual(SECRET)
}

fn typed(digits: &str) -> Typed<'_> {
    Typed { digits, window: 1 }
}

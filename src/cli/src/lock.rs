//! How a command waits for the locks of records and states, and what it reads under them.

use std::time::{Duration, Instant};

use antiphon_core::config::Config;
use antiphon_core::disk::{Folder, Holder, Opened, Patience, StateFile};
use antiphon_core::name::UserName;
use antiphon_core::record::Record;

use crate::clock;
use crate::failure::Failure;
use crate::journal;

const PAUSE: Duration = Duration::from_millis(50);
/// Whoever holds a lock is ended long before: see `antiphon_core::disk`.
const LONGEST: Duration = Duration::from_secs(10);

/// Ten seconds, with a pause between two tries. What held up the command for longer than it may is written down.
pub(crate) fn patience() -> impl Patience {
    Waiting(Instant::now())
}

struct Waiting(Instant);

impl Patience for Waiting {
    fn pause(&mut self) -> Option<Duration> {
        std::thread::sleep(PAUSE);
        Some(self.0.elapsed()).filter(|waited| *waited < LONGEST)
    }

    fn ended(&mut self, holder: &Holder) {
        journal::log_line(&holder.log_line());
    }
}

/// The state of `user` under its lock, by `record`, which must have been read under the lock of the records.
pub(crate) fn open_state(
    states: &Folder,
    user: &UserName,
    record: &Record,
    config: &Config,
) -> Result<Opened, Failure> {
    let locked = StateFile::lock(states, user, &mut patience())?;
    Ok(locked.open(record, config, clock::moment())?)
}

//! How long a command waits for the locks of records and states.

use std::time::Duration;

const PAUSE: Duration = Duration::from_millis(50);
const TRIES: u32 = 100;

/// Says "try again" for five seconds, with a pause each time.
pub(crate) fn patience() -> impl FnMut() -> bool {
    let mut left = TRIES;
    move || {
        left = left.saturating_sub(1);
        std::thread::sleep(PAUSE);
        left > 0
    }
}

//! The same work, done by several threads for a while.

use std::thread;
use std::time::{Duration, Instant};

/// What they have done.
pub(super) struct Done {
    pub(super) count: f64,
    pub(super) seconds: f64,
}

/// Has a thread for each of `workers` work for so many seconds, once at least.
pub(super) fn work<Go: FnMut() + Send>(workers: Vec<Go>, seconds: u64) -> Done {
    let begun = Instant::now();
    let until = begun + Duration::from_secs(seconds);
    let count: u32 = thread::scope(|scope| {
        let threads: Vec<_> = workers
            .into_iter()
            .map(|mut go| {
                scope.spawn(move || {
                    let mut count = 0;
                    while count == 0 || Instant::now() < until {
                        go();
                        count += 1;
                    }
                    count
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .sum()
    });
    Done {
        count: count.into(),
        seconds: begun.elapsed().as_secs_f64(),
    }
}

//! Several processes, none of which is answered before all have asked.
#![allow(unsafe_code)]

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process;
use std::rc::Rc;

use nix::sys::wait::wait;
use nix::unistd::{ForkResult, fork, pipe};

/// One process's place in the meeting.
#[derive(Clone)]
pub(crate) struct Meeting(Rc<Place>);

struct Place {
    arrived: File,
    go: File,
}

impl Meeting {
    /// Says that this process has asked, and waits until all have.
    pub(crate) fn arrive(&self) {
        (&self.0.arrived).write_all(&[1]).unwrap();
        // The end comes when the parent lets go.
        let _ = (&self.0.go).read(&mut [0]).unwrap();
    }
}

/// Runs `part` in so many processes, and waits for their ends.
pub(crate) fn hold(processes: u32, part: impl Fn(u32, Meeting)) {
    let (arrivals, arrived) = pipe().unwrap();
    let (go, starter) = pipe().unwrap();
    for number in 0..processes {
        // SAFETY: there is one thread.
        if let ForkResult::Child = unsafe { fork() }.unwrap() {
            drop(starter);
            let last = arrived.try_clone().unwrap();
            part(
                number,
                Meeting(Rc::new(Place {
                    arrived: arrived.into(),
                    go: go.into(),
                })),
            );
            drop::<OwnedFd>(last);
            process::exit(0);
        }
    }
    drop(arrived);
    // As many bytes as processes, or less if some were refused unasked: they end, and with the last one the pipe.
    let mut seats = vec![0; usize::try_from(processes).unwrap()];
    let _ = File::from(arrivals).read_exact(&mut seats);
    drop(starter);
    for _ in 0..processes {
        wait().unwrap();
    }
}

//! Why nothing was written, in words and for the log.

use std::path::Path;

use nix::errno::Errno;

use super::Unwritten;
use crate::disk::{Distrust, LockTrouble, StateTrouble};
use crate::person::Refused;
use crate::trouble::Trouble;

const PATH: &str = "/etc/antiphon/users/alice.toml";

#[test]
fn each_reason_is_said_and_logged_under_the_file_that_it_is_about() {
    let distrust = || Distrust::system(Path::new(PATH), Errno::EROFS);
    let busy = StateTrouble::Busy(PATH.into());
    let clock = Trouble::new("clock", &"it has stopped");
    for (why, what, words) in [
        (
            Unwritten::Lock(LockTrouble::Busy(PATH.into())),
            "record",
            "another command",
        ),
        (Unwritten::State(busy), "state", "another process"),
        (
            Unwritten::StateNotWritten(StateTrouble::Distrusted(distrust())),
            "state",
            "mount its file system for writing",
        ),
        (
            Unwritten::Record(distrust()),
            "record",
            "mount its file system for writing",
        ),
        (
            Unwritten::Changed,
            "record",
            "changed meanwhile; begin again",
        ),
        (
            Unwritten::Refused(Refused::KnownPhone),
            "record",
            "the person has this phone already",
        ),
        (
            Unwritten::Unreadable(Trouble::new("record", &"spoilt")),
            "record",
            "spoilt",
        ),
        (Unwritten::System(clock), "clock", "it has stopped"),
    ] {
        let said = why.to_string();
        assert!(said.contains(words), "{said}");
        let trouble = Trouble::from(why);
        assert_eq!((trouble.what, trouble.detail), (what, said));
    }
}

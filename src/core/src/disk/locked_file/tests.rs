use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::thread::{self, sleep};
use std::time::Duration;

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg, OFlag};

use super::{Opening, StateTrouble, lock_and_read};
use crate::disk::contest::AtOnce;
use crate::disk::distrust::Fault;
use crate::disk::fixture::{Host, Other, STRANGER, Waits, apart, own, put};
use crate::disk::{Folder, Patience};

const ALONE: Opening = Opening {
    flags: OFlag::O_RDWR,
    lock: FlockArg::LockExclusiveNonblock,
};
const TOGETHER: Opening = Opening {
    flags: OFlag::O_RDONLY,
    lock: FlockArg::LockSharedNonblock,
};

/// Locks the file `alice` of the states and reads its first eight bytes.
fn read(
    states: &Folder,
    opening: Opening,
    patience: &mut dyn Patience,
) -> Result<Option<(Flock<File>, String)>, StateTrouble> {
    let mut bytes = Vec::with_capacity(8);
    let locked = lock_and_read(states, "alice", opening, &mut bytes, patience)?;
    Ok(locked.map(|locked| {
        let text = String::from_utf8(bytes).unwrap();
        (locked, text)
    }))
}

fn text_of(read: Result<Option<(Flock<File>, String)>, StateTrouble>) -> Option<String> {
    read.ok().unwrap().map(|(_, text)| text)
}

#[test]
fn it_is_read_from_its_beginning_as_far_as_there_is_room() {
    let host = Host::new();
    for (content, expected) in [
        ("", ""),
        ("short", "short"),
        ("eight by", "eight by"),
        ("nine byte", "nine byt"),
    ] {
        put(host.state_path(), content, 0o600);
        let read = read(&host.states, ALONE, &mut AtOnce);
        assert_eq!(text_of(read).as_deref(), Some(expected));
    }
    fs::remove_file(host.state_path()).unwrap();
    assert_eq!(text_of(read(&host.states, ALONE, &mut AtOnce)), None);
}

#[test]
fn those_who_look_do_it_together_and_who_changes_it_is_alone() {
    let host = Host::new();
    put(host.state_path(), "", 0o600);
    let taken = |opening| read(&host.states, opening, &mut AtOnce);
    let looking = taken(TOGETHER).ok().unwrap();
    assert!(taken(TOGETHER).is_ok());
    assert!(matches!(taken(ALONE), Err(StateTrouble::Busy(_))));
    drop(looking);
    let changing = taken(ALONE).ok().unwrap();
    assert!(matches!(taken(TOGETHER), Err(StateTrouble::Busy(_))));
    assert!(matches!(taken(ALONE), Err(StateTrouble::Busy(_))));
    drop(changing);
    assert!(taken(ALONE).is_ok());
}

#[test]
fn a_holder_that_does_not_let_go_for_two_seconds_is_ended_and_the_lock_is_had() {
    apart(|| {
        let host = Host::new();
        put(host.state_path(), "hers", 0o600);
        let other = Other::holding(&host.state_path());
        let mut patience = Waits::at([200, 2199]);
        let busy = read(&host.states, ALONE, &mut patience);
        assert!(matches!(busy, Err(StateTrouble::Busy(_))) && patience.ended.is_empty());
        // The lock is let go when the process has come to its end.
        let mut patience = Waits::at([200, 2200]);
        let _ = read(&host.states, ALONE, &mut patience);
        assert_eq!(patience.ended[0].pid, other.pid());
        other.killed();
        let read = read(&host.states, ALONE, &mut AtOnce);
        assert_eq!(text_of(read).as_deref(), Some("hers"));
    });
}

/// Waits for the lock that this process itself has. Meanwhile, `meanwhile` is done to the file, and then the lock is let go.
fn read_after(host: &Host, meanwhile: impl FnOnce(&Path)) -> Option<String> {
    let path = host.state_path();
    put(&path, "old", 0o600);
    let held = Flock::lock(File::open(&path).unwrap(), FlockArg::LockExclusive).unwrap();
    let inode = format!(":{} ", held.metadata().unwrap().ino());
    let states = &host.states;
    thread::scope(|scope| {
        let waiting = scope.spawn(move || {
            // So that the file can be another one between its opening and its lock.
            let opening = Opening {
                lock: FlockArg::LockExclusive,
                ..ALONE
            };
            text_of(read(states, opening, &mut Waits::at([0])))
        });
        let is_waited_for = |line: &str| line.contains("-> FLOCK") && line.contains(&inode);
        for _ in 0..2000 {
            let locks = fs::read_to_string("/proc/locks").unwrap();
            if locks.lines().any(is_waited_for) || waiting.is_finished() {
                break;
            }
            sleep(Duration::from_millis(1));
        }
        meanwhile(&path);
        drop(held);
        waiting.join().unwrap()
    })
}

#[test]
fn one_that_was_replaced_or_removed_while_its_lock_was_waited_for_is_nobodys() {
    let host = Host::new();
    let replaced = read_after(&host, |path| {
        let other = path.with_extension("new");
        put(&other, "new", 0o600);
        fs::rename(other, path).unwrap();
    });
    assert_eq!(replaced.as_deref(), Some("new"));
    let removed = read_after(&host, |path| fs::remove_file(path).unwrap());
    assert_eq!(removed, None);
    assert_eq!(read_after(&host, |_| {}).as_deref(), Some("old"));
}

#[test]
fn what_cannot_be_trusted_or_read_is_said_to_be_so() {
    let host = Host::new();
    let fault = |read| match read {
        Err(StateTrouble::Distrusted(distrust)) => distrust.fault,
        _ => panic!("trusted"),
    };
    put(host.state_path(), "", 0o600);
    own(host.state_path(), STRANGER);
    let anothers = read(&host.states, ALONE, &mut AtOnce).map(drop);
    assert_eq!(fault(anothers), Fault::Owner(STRANGER));
    // Nothing is mapped at the beginning of a process.
    let process = format!("/proc/{}", std::process::id());
    let process = Folder::open(Path::new(&process)).unwrap();
    let failing = lock_and_read(
        &process,
        "mem",
        TOGETHER,
        &mut Vec::with_capacity(8),
        &mut AtOnce,
    )
    .map(drop);
    assert_eq!(fault(failing), Fault::System(Errno::EIO));
}

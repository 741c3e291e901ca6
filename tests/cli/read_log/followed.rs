//! `antiphon log --follow`.

use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::Stdio;

use antiphon_tests::{PamHost, in_world, until};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use super::{LOG, accepted, stamped};
use crate::command::{command, sh};
use crate::journald::Journald;

/// `antiphon log --follow --json`, and what it prints.
struct Follower {
    child: std::process::Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Follower {
    fn start(world: &antiphon_tests::World) -> Self {
        let mut child = command(world, &["log", "--follow", "--json"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    fn user(&mut self) -> String {
        let line = self.lines.next().unwrap().unwrap();
        let line: Value = serde_json::from_str(&line).unwrap();
        line["fields"]["user"].as_str().unwrap().to_owned()
    }

    /// As Ctrl-C does.
    fn stop(mut self) {
        let id = Pid::from_raw(self.child.id().try_into().unwrap());
        kill(id, Signal::SIGINT).unwrap();
        self.child.wait().unwrap();
    }
}

fn append(text: &str) {
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .open(LOG)
        .unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

#[test]
fn new_lines_are_followed_also_after_the_file_is_rotated_or_emptied() {
    in_world(|world| {
        fs::write(LOG, stamped(5, &accepted("one"))).unwrap();
        let mut follower = Follower::start(world);
        assert_eq!(follower.user(), "one");
        let two = stamped(0, &accepted("two"));
        let (begin, end) = two.split_at(40);
        append(begin);
        append(end);
        assert_eq!(follower.user(), "two");
        // What is written between is not lost.
        append(&stamped(0, &accepted("three")));
        fs::rename(LOG, format!("{LOG}.1")).unwrap();
        append(&stamped(
            0,
            &accepted("four").replace(" method=code", " method=recovery"),
        ));
        assert_eq!(follower.user(), "three");
        assert_eq!(follower.user(), "four");
        // Emptied in its place, as by copytruncate.
        fs::write(LOG, "").unwrap();
        append(&stamped(0, &accepted("five")));
        assert_eq!(follower.user(), "five");
        follower.stop();
    });
}

#[test]
fn the_journal_is_followed_and_journalctl_ends_with_it() {
    in_world(|world| {
        let journal = Journald::start(world);
        let alice = world.enrol_with_long_codes("alice");
        // The first entry makes the journal's file.
        sh("logger -p authpriv.notice x");
        journal.folder();
        let mut follower = Follower::start(world);
        let played = PamHost::new(world, "alice").answer(alice.code()).play();
        assert_eq!(played.result(), "PAM_SUCCESS");
        assert_eq!(follower.user(), "alice");
        follower.stop();
        let is_running = || {
            fs::read_dir("/proc").unwrap().flatten().any(|process| {
                let name = fs::read_to_string(process.path().join("comm"));
                name.is_ok_and(|name| name.trim() == "journalctl")
                    && !fs::read_to_string(process.path().join("stat"))
                        .is_ok_and(|stat| stat.contains(") Z "))
            })
        };
        until("the end of journalctl", || (!is_running()).then_some(()));
        assert!(Path::new("/run/log/journal").exists());
    });
}

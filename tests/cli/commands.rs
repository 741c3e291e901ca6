//! What the command tells people to run: as it stands, by a shell, it means the person that it names.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::process::Command;

use antiphon_tests::in_world;

use crate::command::antiphon_with as antiphon;

/// What nobody should be called, and somebody is.
const NAMES: [&str; 6] = [
    "a b",
    "HARBOUR\\bob",
    "it's",
    "$HOME",
    "a;reboot",
    "åsa \"x\"",
];

fn add(name: &str, id: u32) {
    let mut passwd = OpenOptions::new().append(true).open("/etc/passwd").unwrap();
    writeln!(passwd, "{name}:x:{id}:{id}::/:/bin/sh").unwrap();
}

/// What a shell hands on to `antiphon` of each command in `text`, from its second word on.
fn told(text: &str) -> Vec<Vec<String>> {
    let antiphon = |line: &str| line.find("antiphon ").map(|start| line[start..].to_owned());
    let commands = text.lines().filter_map(antiphon);
    commands
        .map(|command| {
            let script = command.replacen("antiphon", "printf '%s\\n'", 1);
            let read = Command::new("sh").args(["-c", &script]).output().unwrap();
            assert!(read.status.success(), "{command}");
            let words = String::from_utf8(read.stdout).unwrap();
            words.lines().map(str::to_owned).collect()
        })
        .collect()
}

#[test]
fn each_command_that_is_named_reaches_the_person_whatever_they_are_called() {
    in_world(|world| {
        for (id, name) in (2000..).zip(NAMES) {
            add(name, id);
            let failed = antiphon(world, &["recovery", name]);
            assert_eq!(told(&failed.err), [["enroll", name]], "{failed:#?}");
            let failed = antiphon(world, &["number", "add", name, "+46701234521"]);
            assert_eq!(told(&failed.err), [["enroll", name]], "{failed:#?}");
            antiphon(world, &["enroll", name, "--no-confirm", "--json"]).done();
            let said = antiphon(world, &["bypass", name]).done();
            assert_eq!(told(&said.out), [["bypass", name, "--end"]], "{said:#?}");
            fs::remove_dir_all("/var/lib/antiphon/state").unwrap();
            let found = antiphon(world, &["check"]);
            let recovery = ["recovery", name].map(str::to_owned).to_vec();
            assert!(told(&found.out).contains(&recovery), "{found:#?}");
            let said = antiphon(world, &["status", name]).done();
            assert!(told(&said.out).contains(&recovery), "{said:#?}");
            antiphon(world, &["remove", name, "--yes", "--purge"]).done();
        }
    });
}

/// As where a directory gives back whatever form of a name was typed.
#[test]
fn who_is_given_a_factor_by_a_second_name_is_told_whose_user_id_it_is() {
    in_world(|world| {
        add("HARBOUR\\alice", 1000);
        let enroll = |name| antiphon(world, &["enroll", name, "--no-confirm", "--json"]).done();
        enroll("HARBOUR\\alice").warns("alice has the same user id as HARBOUR\\alice");
        let said = enroll("alice");
        assert!(!said.err.contains("same user id"), "{said:#?}");
    });
}

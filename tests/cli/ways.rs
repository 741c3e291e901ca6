//! What people may see of their own ways to sign in, as the command writes it down.

use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};

use antiphon_tests::{World, in_world};
use nix::unistd::Group;
use serde_json::Value;

use crate::command::{antiphon, enroll, recovery_codes, signs_in};

const FOLDER: &str = "/var/lib/antiphon/activity";
const FILE: &str = "/var/lib/antiphon/activity/alice.json";

fn shown() -> Value {
    serde_json::from_str(&fs::read_to_string(FILE).unwrap()).unwrap()
}

/// The record, with what an administrator has written into it by hand.
fn add_number(world: &World) {
    let path = world.record_path("alice");
    let text = fs::read_to_string(&path).unwrap();
    let number = "[[number]]\ntel = \"+46701234521\"\nuses = [\"sms\"]\n\n[recovery]";
    fs::write(&path, text.replacen("[recovery]", number, 1)).unwrap();
}

fn files() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(FOLDER)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn each_change_of_a_record_is_shown_at_once_and_the_daemon_alone_can_read_it() {
    in_world(|world| {
        let alice = enroll(world, "alice");
        let found = fs::metadata(FILE).unwrap();
        let group = Group::from_name("antiphon").unwrap().unwrap();
        assert_eq!(
            (found.uid(), found.gid(), found.mode() & 0o7777),
            (0, group.gid.as_raw(), 0o640)
        );
        let text = fs::read_to_string(FILE).unwrap();
        assert!(!text.contains(&alice.secret) && !text.contains(&alice.recovery[0]));
        assert_eq!(
            shown(),
            serde_json::json!({"code": true, "phones": [], "accounts": [], "numbers": [], "recovery_left": 10})
        );
        assert!(signs_in(world, &alice.recovery[0], 0));
        assert_eq!(shown()["recovery_left"], 9);
        antiphon(world, "recovery alice").done();
        assert_eq!(shown()["recovery_left"], 10);
        assert_eq!(files(), ["alice.json", "alice.jsonl"]);
        antiphon(world, "remove alice --yes").done();
        assert_eq!(files(), ["alice.jsonl"]);
        let _ = enroll(world, "alice");
        antiphon(world, "remove alice --yes --purge").done();
        assert_eq!(files(), [""; 0]);
    });
}

#[test]
fn check_says_what_is_out_of_step_and_fixes_it_when_told_to() {
    in_world(|world| {
        let _ = enroll(world, "alice");
        add_number(world);
        antiphon(world, "check").done().says("antiphon check --fix");
        assert_eq!(shown()["numbers"], serde_json::json!([]));
        let record = fs::read(world.record_path("alice")).unwrap();
        let state = world.state("alice");
        antiphon(world, "check --fix").done().says_no("--fix");
        assert_eq!(
            shown()["numbers"],
            serde_json::json!([{"ending": "21", "uses": ["sms"]}])
        );
        assert_eq!(fs::read(world.record_path("alice")).unwrap(), record);
        assert_eq!(world.state("alice"), state);

        fs::remove_file(world.record_path("alice")).unwrap();
        antiphon(world, "check").done().says("has no record");
        // As it was called before.
        antiphon(world, "check --mend").done();
        assert_eq!(files(), ["alice.jsonl"]);
    });
}

#[test]
fn nothing_planted_in_its_place_is_followed_or_hinders_an_enrolment_or_a_sign_in() {
    in_world(|world| {
        let alice = enroll(world, "alice");
        let target = world.folder().join("target");
        fs::write(&target, "untouched").unwrap();
        for name in ["alice.json", ".alice.new"] {
            let planted = format!("{FOLDER}/{name}");
            let _ = fs::remove_file(&planted);
            symlink(&target, &planted).unwrap();
            antiphon(world, "recovery alice").done();
            assert_eq!(fs::read_to_string(&target).unwrap(), "untouched");
            assert_eq!(shown()["recovery_left"], 10);
            assert_eq!(files(), ["alice.json", "alice.jsonl"]);
        }
        fs::remove_file(FILE).unwrap();
        fs::create_dir(FILE).unwrap();
        let said = antiphon(world, "recovery alice --json").done();
        let recovery = recovery_codes(&said.warns("check --fix").object());
        assert!(signs_in(world, &recovery[0], 0));
        assert!(signs_in(world, &alice.code(), 0));
        fs::remove_dir(FILE).unwrap();
        let _ = nix::unistd::mkfifo(FILE, nix::sys::stat::Mode::S_IRUSR);
        assert!(signs_in(world, &recovery[1], 0));
    });
}

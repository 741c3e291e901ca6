//! A disk that cannot be written to, and one that is full: said before a sign-in finds out, with the fix.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use antiphon_tests::{PamHost, World, in_world};

use crate::check::is_well;
use crate::command::{Enrolment, Said, antiphon, enroll, sh};
use crate::fix::status;

const FOLDER: &str = "/var/lib/antiphon";

/// The line of `said` that contains `words`, without what follows the command that fixes it, and that command.
fn finding<'s>(said: &'s Said, words: &str) -> (&'s str, &'s str) {
    let line = said.out.lines().find(|line| line.contains(words));
    let line = line.unwrap_or_else(|| panic!("no {words:?} in {said:#?}"));
    line.rsplit_once("run: ").unwrap()
}

fn alice_and_root(world: &World) -> Enrolment {
    let _ = enroll(world, "root");
    let alice = enroll(world, "alice");
    is_well(world);
    alice
}

fn signs_in(world: &World, answer: &str) {
    let played = PamHost::new(world, "alice").answer(answer).play();
    assert_eq!(played.result(), "PAM_SUCCESS", "{played:#?}");
}

#[test]
fn a_read_only_disk_is_said_loudly_and_the_fix_that_is_named_fixes_it() {
    in_world(|world| {
        sh(&format!("mount -t tmpfs -o mode=755 own {FOLDER}"));
        let alice = alice_and_root(world);
        sh(&format!("mount -o remount,ro {FOLDER}"));
        signs_in(world, &alice.code());
        let said = antiphon(world, "check").exits(78);
        let (found, fix) = finding(&said, "READ-ONLY");
        let words = format!("fault    the file system at {FOLDER} is READ-ONLY: ");
        assert!(found.starts_with(&words), "{found}");
        // One finding for all that is there, and none that blames the recovery codes or the page.
        assert_eq!(said.out.lines().count(), 2, "{said:#?}");
        let all = antiphon(world, "status --json").done().object();
        assert_eq!(all["read_only"], serde_json::json!([FOLDER]));
        assert_eq!(all["users"][0]["in_memory"], true);
        let shown = antiphon(world, "status").done();
        assert_eq!(finding(&shown, "READ-ONLY").1, fix);
        shown.says_no("antiphon recovery");

        sh(fix);
        let said = antiphon(world, "check").done();
        let (found, fix) = finding(&said, "still kept in memory");
        assert!(found.starts_with("warning  alice: "), "{found}");
        assert_eq!(fix, "antiphon unlock alice");
        antiphon(world, "unlock alice").done();
        let known = status(world);
        assert_eq!(
            (&known["in_memory"], &known["recovery_left"]),
            (&false.into(), &10.into())
        );
        let all = antiphon(world, "status --json").done().object();
        assert_eq!(all["read_only"], serde_json::json!([]));
        is_well(world);
    });
}

#[test]
fn records_that_cannot_be_changed_are_warned_of_and_refuse_nobody() {
    in_world(|world| {
        let alice = enroll(world, "alice");
        sh("mount --bind /etc/antiphon /etc/antiphon; mount -o remount,bind,ro /etc/antiphon");
        let said = antiphon(world, "check").done();
        let (found, _) = finding(&said, "READ-ONLY");
        let words = "warning  the file system at /etc/antiphon is READ-ONLY: nobody's record";
        assert!(found.starts_with(words), "{found}");
        signs_in(world, &alice.code());
    });
}

/// A small file system for what is ours, and alice enrolled there.
fn alice_on(world: &World, options: &str) -> Enrolment {
    sh(&format!(
        "mount -t tmpfs -o mode=755,{options} small {FOLDER}; cd {FOLDER}; install -d -m 700 state; \
         install -d -m 750 -g antiphon activity"
    ));
    alice_and_root(world)
}

/// Holds that the file system is warned of when `fill` has taken all in a folder, and that sign-ins go on.
fn is_warned_of(world: &World, alice: &Enrolment, fill: impl FnOnce(&Path)) {
    let ballast = Path::new(FOLDER).join("ballast");
    fs::create_dir(&ballast).unwrap();
    fill(&ballast);
    let said = antiphon(world, "check").done();
    let (found, look) = finding(&said, "has room for 0");
    let words = format!("warning  the file system at {FOLDER} ");
    assert!(found.starts_with(&words), "{found}");
    sh(&format!("{look} | grep -q ballast"));
    signs_in(world, &alice.code());
    fs::remove_dir_all(&ballast).unwrap();
    is_well(world);
}

#[test]
fn a_full_disk_is_warned_of() {
    in_world(|world| {
        let alice = alice_on(world, "size=256k");
        is_warned_of(world, &alice, |ballast| {
            let mut file = File::create(ballast.join("0")).unwrap();
            while file.write_all(&[0xff; 512]).is_ok() {}
        });
    });
}

#[test]
fn a_disk_that_takes_no_more_files_is_warned_of() {
    in_world(|world| {
        let alice = alice_on(world, "size=4m,nr_inodes=40");
        is_warned_of(world, &alice, |ballast| {
            let mut names = (0..).map(|name: u32| ballast.join(name.to_string()));
            while File::create(names.next().unwrap()).is_ok() {}
        });
    });
}

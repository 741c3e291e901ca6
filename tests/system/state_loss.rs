//! A state that is lost, whole or in part: what was accepted stays used, nobody is let in by the loss, and a later code
//! signs in.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;

use antiphon_core::recovery::{SALT_LENGTH, hashes_of};
use antiphon_core::state::{FILE_LENGTH, SLOT_LENGTH};
use antiphon_tests::{PamHost, World, in_world};

use crate::script::thrice;
use crate::unusable::no_secret_was_logged;

/// Signs in by each kind of code, spoils the state, and holds that neither is taken again, nor another code that could
/// have been used by now; and that a later one is. Twice, so that each slot is once the newer one.
fn is_safe_after(world: &World, what: &str, spoil: impl Fn(&Path)) {
    // Shown where a test fails.
    println!("{what}");
    for extra in [0, 1] {
        let alice = world.enrol_with_long_codes("alice");
        for wrong in [alice.wrong_code()].iter().take(extra) {
            let _ = PamHost::new(world, "alice").answer(wrong).play();
        }
        let [now, next, later] = [0, 1, 2].map(|steps| alice.code_in(steps));
        for used in [&alice.recovery[0], &now, &alice.recovery[1]] {
            thrice(world, used, 0, "PAM_SUCCESS");
        }
        let record = world.record_path("alice");
        let inode = || fs::metadata(&record).unwrap().ino();
        let before = (fs::read(&record).unwrap(), inode());
        spoil(&world.state_path("alice"));

        let logged = world.log().ours().len();
        for used in [&now, &next, &alice.recovery[0], &alice.recovery[1]] {
            thrice(world, used, 0, "PAM_AUTH_ERR");
        }
        let repaired = &world.log().ours()[logged].text;
        let begin = "state=repaired user=alice detail=";
        assert!(repaired.starts_with(begin), "{what}: {repaired}");
        assert_eq!((fs::read(&record).unwrap(), inode()), before, "{what}");
        let state = fs::metadata(world.state_path("alice")).unwrap();
        assert_eq!((state.mode() & 0o7777, state.uid()), (0o600, 0), "{what}");

        // One step is over: the code of two steps ahead is now within the window.
        thrice(world, &later, 300, "PAM_SUCCESS");
        thrice(world, &later, 300, "PAM_AUTH_ERR");
    }
}

#[test]
fn a_state_lost_or_cut_off_between_two_sign_ins_lets_nothing_be_used_twice() {
    in_world(|world| {
        is_safe_after(world, "removed", |path| fs::remove_file(path).unwrap());
        let (slot, file) = (SLOT_LENGTH, FILE_LENGTH);
        let cuts = [
            0,
            1,
            23,
            24,
            31,
            32,
            60,
            300,
            slot - 1,
            slot,
            slot + 32,
            file - 1,
        ];
        for length in cuts {
            is_safe_after(world, &format!("cut at {length}"), |path| {
                let file = File::options().write(true).open(path).unwrap();
                file.set_len(length as u64).unwrap();
            });
        }
    });
}

#[test]
fn a_state_with_one_slot_or_both_torn_lets_nothing_be_used_twice() {
    in_world(|world| {
        for slots in [0..1, 1..2, 0..2] {
            // At its beginning, in its checksum, in its payload, and all of it.
            for bytes in [0..8, 28..34, 36..90, 0..SLOT_LENGTH] {
                let what = format!("bytes {bytes:?} of slots {slots:?}");
                is_safe_after(world, &what, |path| {
                    let mut state = fs::read(path).unwrap();
                    for slot in slots.clone() {
                        let start = slot * SLOT_LENGTH;
                        state[start + bytes.start..start + bytes.end].fill(0xa5);
                    }
                    fs::write(path, state).unwrap();
                });
            }
        }
    });
}

#[test]
fn a_state_of_foreign_bytes_lets_nothing_be_used_twice() {
    in_world(|world| {
        let zeros = vec![0; FILE_LENGTH];
        let half = "ANTIPHON".repeat(FILE_LENGTH / 16).into_bytes();
        let text = b"version = 1\nuser = \"alice\"\n".to_vec();
        for bytes in [zeros, half, text] {
            is_safe_after(world, "foreign bytes", |path| {
                fs::write(path, &bytes).unwrap();
            });
        }
        is_safe_after(world, "1 GiB of nothing", |path| {
            File::create(path).unwrap().set_len(1 << 30).unwrap();
        });
        // Bob's: sound, and of another secret and another salt.
        let salted = hashes_of(&[], [8; SALT_LENGTH]);
        world
            .enrol("bob")
            .change(|record| record.recovery = Some(salted));
        let of_bob = fs::read(world.state_path("bob")).unwrap();
        let alice = world.enrol_with_long_codes("alice");
        thrice(world, &alice.code(), 0, "PAM_SUCCESS");
        fs::write(world.state_path("alice"), of_bob).unwrap();
        for used in [alice.code(), alice.code_in(1), alice.recovery[0].clone()] {
            thrice(world, &used, 0, "PAM_AUTH_ERR");
        }
        thrice(world, &alice.code_in(2), 300, "PAM_SUCCESS");
    });
}

#[test]
fn after_a_loss_recovery_codes_are_closed_until_root_makes_new_ones() {
    in_world(|world| {
        let alice = world.enrol("alice");
        fs::remove_file(world.state_path("alice")).unwrap();
        for code in &alice.recovery {
            thrice(world, code, 0, "PAM_AUTH_ERR");
            let line = world.ended("refused reason=recovery-closed user=alice");
            assert!(line.contains("run: antiphon recovery alice"), "{line}");
        }
        let printed = world.antiphon(&["--json", "recovery", "alice"]);
        let new: serde_json::Value = serde_json::from_str(&printed).unwrap();
        let new = new["recovery_codes"][9].as_str().unwrap();
        thrice(world, &alice.recovery[9], 0, "PAM_AUTH_ERR");
        thrice(world, new, 0, "PAM_SUCCESS");
        thrice(world, new, 0, "PAM_AUTH_ERR");
        no_secret_was_logged(world, &alice);
    });
}

#[test]
fn wrong_codes_are_counted_on_where_one_slot_is_lost() {
    in_world(|world| {
        let alice = world.enrol("alice");
        let wrong = alice.wrong_code();
        thrice(world, &wrong, 0, "PAM_AUTH_ERR");
        // What the older slot knows is at most one wrong code less.
        for slot in [0, 1] {
            let mut state = world.state("alice").unwrap();
            state[slot * SLOT_LENGTH] ^= 1;
            fs::write(world.state_path("alice"), state).unwrap();
            let _ = PamHost::new(world, "alice").play();
        }
        thrice(world, &wrong, 0, "PAM_MAXTRIES");
    });
}

/// What `antiphon-breakglass(7)` says to do after a state from a backup was put back.
#[test]
fn after_a_restored_backup_what_the_page_says_lets_nothing_be_used_twice() {
    in_world(|world| {
        let page = include_str!("../../packaging/man/antiphon-breakglass.7");
        let (_, restore) = page.split_once(".SH RESTORE\n").unwrap();
        let (_, commands) = restore.split_once(".nf\n").unwrap();
        let first = commands.lines().next().unwrap().replace('\\', "");

        let alice = world.enrol_with_long_codes("alice");
        let backup = world.state("alice").unwrap();
        let [now, next, later] = [0, 1, 2].map(|steps| alice.code_in(steps));
        for used in [&alice.recovery[0], &now] {
            thrice(world, used, 0, "PAM_SUCCESS");
        }
        let bypass = world.antiphon(&["--json", "bypass", "alice"]);
        fs::write(world.state_path("alice"), &backup).unwrap();
        let done = Command::new("sh").args(["-ec", &first]).status().unwrap();
        assert!(done.success() && world.state("alice").is_none(), "{first}");

        let bypass: serde_json::Value = serde_json::from_str(&bypass).unwrap();
        let bypass = bypass["bypass_code"].as_str().unwrap();
        for used in [
            &now,
            &next,
            &alice.recovery[0],
            &alice.recovery[1],
            &bypass.to_owned(),
        ] {
            thrice(world, used, 0, "PAM_AUTH_ERR");
        }
        thrice(world, &later, 300, "PAM_SUCCESS");
        // What it says next, and who is named there.
        assert!(commands.contains("antiphon check\n"));
        let checked = world
            .command(&world.product().command)
            .arg("check")
            .output()
            .unwrap();
        let checked = String::from_utf8(checked.stdout).unwrap();
        assert!(
            checked.contains("run: antiphon recovery alice\n"),
            "{checked}"
        );
    });
}

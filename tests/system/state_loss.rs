//! A state that is lost, whole or in part: what was accepted stays used, nobody is let in by the loss, and a later code
//! signs in.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use antiphon_core::recovery::{SALT_LENGTH, hashes_of};
use antiphon_core::state::{FILE_LENGTH, SLOT_LENGTH};
use antiphon_tests::{Enrolled, PamHost, Played, World, in_world};

/// What `alice` answers to each of three prompts, `ahead` seconds from now.
fn answers(world: &World, answer: &str, ahead: i64) -> Played {
    let host = PamHost::new(world, "alice").option(&format!("--clock={ahead}"));
    host.answer(answer).answer(answer).answer(answer).play()
}

fn last_line(world: &World) -> String {
    world.log().ours().pop().unwrap().text
}

/// Signs in by each kind of code, spoils the state, and holds that neither is taken again, nor another code that could
/// have been used by now; and that a later one is. Twice, so that each slot is once the newer one.
fn is_safe_after(world: &World, what: &str, spoil: impl Fn(&Path)) {
    for extra in [0, 1] {
        let mut alice = world.enrol("alice");
        alice.set_period(300);
        for wrong in [alice.wrong_code()].iter().take(extra) {
            let _ = PamHost::new(world, "alice").answer(wrong).play();
        }
        let [now, next, later] = [0, 1, 2].map(|steps| alice.code_in(steps));
        for used in [&alice.recovery[0], &now, &alice.recovery[1]] {
            assert_eq!(answers(world, used, 0).result(), "PAM_SUCCESS", "{what}");
        }
        let record = world.record_path("alice");
        let inode = || fs::metadata(&record).unwrap().ino();
        let before = (fs::read(&record).unwrap(), inode());
        spoil(&world.state_path("alice"));

        let logged = world.log().ours().len();
        for used in [&now, &next, &alice.recovery[0], &alice.recovery[1]] {
            let played = answers(world, used, 0);
            assert_eq!(played.result(), "PAM_AUTH_ERR", "{what}: {played:#?}");
        }
        let repaired = &world.log().ours()[logged].text;
        assert!(
            repaired.starts_with("state=repaired user=alice detail="),
            "{what}: {repaired}"
        );
        assert_eq!((fs::read(&record).unwrap(), inode()), before, "{what}");
        let state = fs::metadata(world.state_path("alice")).unwrap();
        assert_eq!((state.mode() & 0o7777, state.uid()), (0o600, 0), "{what}");

        // One step is over: the code of two steps ahead is now within the window.
        let played = answers(world, &later, 300);
        assert_eq!(played.result(), "PAM_SUCCESS", "{what}: {played:#?}");
        assert_eq!(
            answers(world, &later, 300).result(),
            "PAM_AUTH_ERR",
            "{what}"
        );
    }
}

#[test]
fn a_state_lost_or_cut_off_between_two_sign_ins_lets_nothing_be_used_twice() {
    in_world(|world| {
        is_safe_after(world, "removed", |path| fs::remove_file(path).unwrap());
        let cuts = [
            0,
            1,
            23,
            24,
            31,
            32,
            300,
            SLOT_LENGTH - 1,
            SLOT_LENGTH,
            SLOT_LENGTH + 32,
            FILE_LENGTH - 1,
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
        let mut alice = world.enrol("alice");
        alice.set_period(300);
        assert_eq!(answers(world, &alice.code(), 0).result(), "PAM_SUCCESS");
        fs::write(world.state_path("alice"), of_bob).unwrap();
        for used in [alice.code(), alice.code_in(1), alice.recovery[0].clone()] {
            assert_eq!(answers(world, &used, 0).result(), "PAM_AUTH_ERR");
        }
        let later = alice.code_in(2);
        assert_eq!(answers(world, &later, 300).result(), "PAM_SUCCESS");
    });
}

#[test]
fn after_a_loss_recovery_codes_are_closed_until_root_makes_new_ones() {
    in_world(|world| {
        let alice = world.enrol("alice");
        fs::remove_file(world.state_path("alice")).unwrap();
        for code in &alice.recovery {
            let played = answers(world, code, 0);
            assert_eq!(played.result(), "PAM_AUTH_ERR", "{played:#?}");
            let line = last_line(world);
            assert!(
                line.starts_with("outcome=refused reason=recovery-closed user=alice"),
                "{line}"
            );
            assert!(line.contains("run: antiphon recovery alice"), "{line}");
        }
        let new = new_recovery_codes(world);
        assert_eq!(new.len(), 10);
        assert_eq!(
            answers(world, &alice.recovery[9], 0).result(),
            "PAM_AUTH_ERR"
        );
        assert_eq!(answers(world, &new[9], 0).result(), "PAM_SUCCESS");
        assert_eq!(answers(world, &new[9], 0).result(), "PAM_AUTH_ERR");
        crate::unusable::no_secret_was_logged(world, &alice);
    });
}

fn new_recovery_codes(world: &World) -> Vec<String> {
    let output = world
        .command(&world.product().command)
        .args(["--json", "recovery", "alice"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let object: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let codes = object["recovery_codes"].as_array().unwrap();
    codes
        .iter()
        .map(|code| code.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn wrong_codes_are_counted_on_where_one_slot_is_lost() {
    in_world(|world| {
        let alice: Enrolled = world.enrol("alice");
        let wrong = alice.wrong_code();
        assert_eq!(answers(world, &wrong, 0).result(), "PAM_AUTH_ERR");
        // What the older slot knows is at most one wrong code less.
        for slot in [0, 1] {
            let mut state = world.state("alice").unwrap();
            state[slot * SLOT_LENGTH] ^= 1;
            fs::write(world.state_path("alice"), state).unwrap();
            let _ = PamHost::new(world, "alice").play();
        }
        assert_eq!(answers(world, &wrong, 0).result(), "PAM_MAXTRIES");
    });
}

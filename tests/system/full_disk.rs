//! A disk that takes no more: the state is written in place and goes on, and where it cannot be written, nobody is let
//! in.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::Path;

use antiphon_core::disk::read_only::MARKS;
use antiphon_tests::{Enrolled, World, in_world};

use crate::script::thrice;
use crate::unusable::is_refused;

const FOLDER: &str = "/var/lib/antiphon";
const STATE: &str = "/var/lib/antiphon/state/alice";
const BALLAST: &str = "/var/lib/antiphon/ballast";
/// tmpfs gives out whole pages.
const PAGE: u64 = 4096;

/// A small file system for state and activity, and Alice's new state on it.
fn alice_on_a_small_disk(world: &World) -> Enrolled {
    mount(
        world,
        &["-t", "tmpfs", "-o", "size=64k,mode=755", "small", FOLDER],
    );
    for folder in ["state", "activity"] {
        let mode = if folder == "state" { 0o700 } else { 0o750 };
        let mut builder = fs::DirBuilder::new();
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, mode);
        builder.create(Path::new(FOLDER).join(folder)).unwrap();
    }
    chown(Path::new(FOLDER).join("activity"), Some(0), Some(990)).unwrap();
    world.enrol_with_long_codes("alice")
}

pub(crate) fn mount(world: &World, arguments: &[&str]) {
    let status = world.command("mount").args(arguments).status().unwrap();
    assert!(status.success(), "mount {arguments:?}");
}

/// Takes all room but that of so many pages.
fn fill_up_to(pages: u64) {
    let mut ballast = File::create(BALLAST).unwrap();
    while ballast.write_all(&[0xff; 512]).is_ok() {}
    let size = ballast.metadata().unwrap().len();
    ballast.set_len(size - pages * PAGE).unwrap();
}

#[test]
fn on_a_full_disk_a_code_signs_in_once_and_the_activity_is_said_to_be_lost() {
    in_world(|world| {
        let alice = alice_on_a_small_disk(world);
        fill_up_to(0);
        let inode = || fs::metadata(STATE).unwrap().ino();
        let before = inode();
        for (answer, result) in [
            (alice.code(), "PAM_SUCCESS"),
            (alice.code(), "PAM_AUTH_ERR"),
            (alice.recovery[0].clone(), "PAM_SUCCESS"),
            (alice.recovery[0].clone(), "PAM_AUTH_ERR"),
        ] {
            thrice(world, &answer, 0, result);
            let line = world.log().last_ending();
            let lost = "activity=\"/var/lib/antiphon/activity/alice.jsonl: ";
            assert!(line.contains(lost), "{line}");
            assert!(line.contains("free some space there"), "{line}");
        }
        assert_eq!(inode(), before);
    });
}

#[test]
fn a_wrong_code_is_counted_on_a_full_disk() {
    in_world(|world| {
        let alice = alice_on_a_small_disk(world);
        fill_up_to(0);
        let wrong = alice.wrong_code();
        thrice(world, &wrong, 0, "PAM_AUTH_ERR");
        thrice(world, &wrong, 0, "PAM_MAXTRIES");
    });
}

#[test]
fn a_state_lost_on_a_full_disk_lets_nobody_in_until_there_is_room_and_then_nothing_twice() {
    in_world(|world| {
        for room in [0, 1] {
            let alice = alice_on_a_small_disk(world);
            let (used, later) = (alice.code(), alice.code_in(2));
            thrice(world, &used, 0, "PAM_SUCCESS");
            thrice(world, &alice.recovery[0], 0, "PAM_SUCCESS");
            fs::remove_file(STATE).unwrap();
            // With room for one slot of two, the file is begun and left half.
            fill_up_to(room);
            let record = fs::read(world.record_path("alice")).unwrap();
            let words = ["state/alice: No space left on device; free some space there"];
            is_refused(world, &alice, "state", &words);
            assert_eq!(fs::read(world.record_path("alice")).unwrap(), record);
            fs::remove_file(BALLAST).unwrap();
            for answer in [
                &used,
                &alice.code_in(1),
                &alice.recovery[0],
                &alice.recovery[1],
            ] {
                thrice(world, answer, 0, "PAM_AUTH_ERR");
            }
            thrice(world, &later, 300, "PAM_SUCCESS");
        }
    });
}

#[test]
fn where_neither_the_disk_nor_the_memory_can_be_written_to_nobody_is_let_in_and_nothing_is_used_up()
{
    in_world(|world| {
        let alice = alice_on_a_small_disk(world);
        mount(world, &["-o", "remount,ro", FOLDER]);
        // A folder for the marks in which nothing can be made.
        fs::create_dir(MARKS).unwrap();
        mount(world, &["-t", "tmpfs", "-o", "ro,mode=700", "marks", MARKS]);
        let words = [
            "alice@",
            "Read-only file system; mount its file system for writing",
            "activity=",
        ];
        is_refused(world, &alice, "state", &words);
        mount(world, &["-o", "remount,rw", FOLDER]);
        thrice(world, &alice.code(), 0, "PAM_SUCCESS");
    });
}

//! A state that is not root's alone, or of another version, is no reason to begin afresh: it refuses the sign-in, and
//! neither it nor the record is touched.

use std::fs::{self, File, Permissions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Stdio;

use antiphon_core::state::{FILE_LENGTH, SLOT_LENGTH};
use antiphon_tests::{Enrolled, PamHost, World, in_world};
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use crate::unusable::{is_refused, no_secret_was_logged, signs_in};

/// Everything by which a file that was touched would show it.
#[derive(Debug, PartialEq, Eq)]
struct Traces {
    bytes: Vec<u8>,
    inode: u64,
    owner: u32,
    mode: u32,
    written: (i64, i64),
}

fn traces(path: &Path) -> Traces {
    let found = fs::metadata(path).unwrap();
    Traces {
        bytes: fs::read(path).unwrap(),
        inode: found.ino(),
        owner: found.uid(),
        mode: found.mode(),
        written: (found.mtime(), found.mtime_nsec()),
    }
}

/// Holds that the sign-in is refused because of the state as it stands, and that state and record stay as they are.
fn is_refused_untouched(world: &World, alice: &Enrolled, words: &[&str]) {
    let [record, state] = [world.record_path("alice"), world.state_path("alice")];
    let before = [traces(&record), traces(&state)];
    is_refused(world, alice, "state", words);
    assert_eq!([traces(&record), traces(&state)], before, "{words:?}");
}

#[test]
fn a_state_that_others_can_have_read_or_written_is_refused_and_left_alone() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        let path = world.state_path("alice");
        for mode in [0o604, 0o640, 0o644, 0o620, 0o602, 0o666, 0o4601] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let fix = format!("chmod {:04o} {}", mode & !0o077, path.display());
            is_refused_untouched(world, &alice, &["lets others in", &fix]);
        }
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        chown(&path, Some(1000), None).unwrap();
        is_refused_untouched(world, &alice, &["chown root /var/lib/antiphon/state/alice"]);
        chown(&path, Some(0), None).unwrap();
        signs_in(world, &alice);
    });
}

#[test]
fn what_is_no_regular_file_is_no_state_and_nothing_is_made_by_way_of_it() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        let path = world.state_path("alice");
        let elsewhere = world.folder().join("state");
        fs::copy(&path, &elsewhere).unwrap();
        fs::remove_file(&path).unwrap();
        let record = traces(&world.record_path("alice"));
        let aim = traces(&elsewhere);
        let nothing = world.folder().join("nothing");
        for target in [&elsewhere, &nothing, &path] {
            symlink(target, &path).unwrap();
            is_refused(world, &alice, "state", &["state/alice: is a symbolic link"]);
            assert_eq!(fs::read_link(&path).unwrap(), *target);
            fs::remove_file(&path).unwrap();
        }
        assert!(traces(&elsewhere) == aim && !nothing.exists());
        let no_file = &["state/alice: is not a regular file; run: rm -r /"];
        mkfifo(&path, Mode::S_IRWXU).unwrap();
        is_refused(world, &alice, "state", no_file);
        fs::remove_file(&path).unwrap();
        drop(UnixListener::bind(&path).unwrap());
        is_refused(world, &alice, "state", no_file);
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        is_refused(world, &alice, "state", no_file);
        assert_eq!(traces(&world.record_path("alice")), record);
        no_secret_was_logged(world, &alice);
    });
}

#[test]
fn a_state_of_another_version_is_refused_and_left_alone_also_if_only_one_slot_is() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        let path = world.state_path("alice");
        let known = fs::read(&path).unwrap();
        let later = |slot: &[u8]| with_its_checksum(world, slot, |slot| slot[11] = 6);
        let (first, second) = known.split_at(SLOT_LENGTH);
        let torn: &[u8] = &[0; SLOT_LENGTH];
        for slots in [
            [&*later(first), &*later(second)],
            [first, &*later(second)],
            [&*later(first), second],
            [torn, &*later(second)],
        ] {
            fs::write(&path, slots.concat()).unwrap();
            let found = "state/alice: the state's version 6 is not known here";
            is_refused_untouched(world, &alice, &[found, "antiphon recovery"]);
        }
        // Sound, of this version, and yet not what this version writes.
        for spoil in [
            |slot: &mut [u8]| slot[32] = b'[',
            |slot: &mut [u8]| slot[15] -= 1,
        ] {
            let odd = with_its_checksum(world, second, spoil);
            fs::write(&path, [first, &*odd].concat()).unwrap();
            is_refused_untouched(world, &alice, &["the state is sound but not understood"]);
        }
        fs::write(&path, known).unwrap();
        signs_in(world, &alice);
    });
}

/// `slot` changed, and sound all the same: its checksum is over the header and the payload.
fn with_its_checksum(world: &World, slot: &[u8], change: impl Fn(&mut [u8])) -> Vec<u8> {
    let mut slot = slot.to_vec();
    change(&mut slot);
    let length = u32::from_be_bytes(slot[12..16].try_into().unwrap());
    let mut sum = world
        .command("xxhsum")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut summed = sum.stdin.take().unwrap();
    summed.write_all(&slot[..24]).unwrap();
    summed.write_all(&slot[32..32 + length as usize]).unwrap();
    drop(summed);
    let hexadecimal = sum.wait_with_output().unwrap().stdout;
    for (place, digits) in slot[24..32].iter_mut().zip(hexadecimal.chunks(2)) {
        *place = u8::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap();
    }
    slot
}

#[test]
fn bytes_after_the_state_are_neither_read_nor_taken_away() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        let path = world.state_path("alice");
        let mut file = File::options().append(true).open(&path).unwrap();
        file.write_all(b"ANTIPHON, and more").unwrap();
        file.set_len(1 << 40).unwrap();
        let (code, next) = (alice.code(), alice.code_in(1));
        for (answer, result) in [
            (&code, "PAM_SUCCESS"),
            (&code, "PAM_AUTH_ERR"),
            (&next, "PAM_SUCCESS"),
        ] {
            let host = PamHost::new(world, "alice").option("--measure");
            let played = host.answers([answer; 3]).ends(result);
            let resident = played.lines.last().unwrap()["resident_kib"].as_u64();
            assert!(resident.unwrap() < 64 * 1024, "{played:#?}");
        }
        assert_eq!(fs::metadata(&path).unwrap().len(), 1 << 40);
        assert!(fs::metadata(&path).unwrap().blocks() * 512 < 64 * FILE_LENGTH as u64);
    });
}

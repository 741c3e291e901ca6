//! A record that is not whole, or not root's alone, refuses the sign-in, also where the unenrolled are allowed: only
//! its absence is no record.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;

use antiphon_tests::{Enrolled, World, in_world};
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use crate::unusable::{is_refused, signs_in};

/// Alice, with a code that outlasts the test, where not being enrolled would let her in.
fn alice_where_the_unenrolled_are_allowed(world: &World) -> Enrolled {
    world.configure("unenrolled = \"allow\"\n");
    world.enrol_with_long_codes("alice")
}

/// Puts another thing in the place of the record.
fn instead(path: &Path, make: impl FnOnce(&Path)) {
    let _ = fs::remove_file(path);
    let _ = fs::remove_dir(path);
    make(path);
}

fn write_again(path: &Path, bytes: &[u8]) {
    instead(path, |path| {
        fs::write(path, bytes).unwrap();
        chmod(path, 0o600);
    });
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_record_that_others_can_have_read_or_written_is_refused() {
    in_world(|world| {
        let alice = alice_where_the_unenrolled_are_allowed(world);
        let path = world.record_path("alice");
        for mode in [0o604, 0o640, 0o644, 0o620, 0o602, 0o601, 0o777, 0o4610] {
            chmod(&path, mode);
            let found = format!("mode {mode:04o} lets others in");
            let fix = format!("chmod {:04o} {}", mode & !0o077, path.display());
            is_refused(world, &alice, "record", &[&found, &fix]);
        }
        chmod(&path, 0o600);
        for (uid, gid) in [(1000, 1000), (65534, 0)] {
            chown(&path, Some(uid), Some(gid)).unwrap();
            let found = format!("belongs to user id {uid}");
            let fix = format!("chown root {}", path.display());
            is_refused(world, &alice, "record", &[&found, &fix]);
        }
        chown(&path, Some(0), Some(0)).unwrap();
        signs_in(world, &alice);
    });
}

#[test]
fn what_is_no_regular_file_is_no_record_and_nobody_waits_for_it() {
    in_world(|world| {
        let alice = alice_where_the_unenrolled_are_allowed(world);
        let path = world.record_path("alice");
        let whole = fs::read(&path).unwrap();
        let elsewhere = world.folder().join("alice.toml");
        fs::copy(&path, &elsewhere).unwrap();
        let name = path.to_str().unwrap();
        for target in [&elsewhere, &world.folder().join("nothing"), &path] {
            instead(&path, |path| symlink(target, path).unwrap());
            let no_link = "is a symbolic link, which is not followed; put the real file";
            is_refused(world, &alice, "record", &[name, no_link]);
        }
        let no_file = &[name, "is not a regular file; run: rm -r /"];
        instead(&path, |path| mkfifo(path, Mode::S_IRWXU).unwrap());
        is_refused(world, &alice, "record", no_file);
        instead(&path, |path| fs::create_dir(path).unwrap());
        is_refused(world, &alice, "record", no_file);
        instead(&path, |path| drop(UnixListener::bind(path).unwrap()));
        is_refused(world, &alice, "record", no_file);
        write_again(&path, &whole);
        signs_in(world, &alice);
    });
}

#[test]
fn a_record_that_is_not_wholly_understood_is_refused_and_nothing_of_it_is_quoted() {
    in_world(|world| {
        let alice = alice_where_the_unenrolled_are_allowed(world);
        let path = world.record_path("alice");
        let whole = fs::read_to_string(&path).unwrap();
        let secret: &str = &alice.secret.base32();
        let name = path.to_str().unwrap();
        let fix = "fix it, or run: antiphon enroll alice --replace";
        // Each of the forms is tried in the core's tests.
        let with = |from: &str, to: &str| whole.replace(from, to).into_bytes();
        let cases: [(Vec<u8>, &str); 7] = [
            (Vec::new(), "the record is empty"),
            (b"\0".repeat(900), "does not end with a newline"),
            ([whole.as_bytes(), b"\xff\n"].concat(), "is not UTF-8"),
            (format!("{whole}{secret} = 1\n").into(), "line "),
            (with("[recovery]", "[Recovery]"), "a key that is not known"),
            (with("\"alice\"", "\"Alice\""), "names another person"),
            (with("version = 1", "version = 3"), "version 3 is not known"),
        ];
        for (bytes, found) in cases {
            write_again(&path, &bytes);
            is_refused(world, &alice, "record", &[name, found, fix]);
        }
        write_again(&path, whole.as_bytes());
        signs_in(world, &alice);
    });
}

#[test]
fn a_record_without_end_or_of_endless_depth_neither_fills_the_memory_nor_the_stack() {
    in_world(|world| {
        let alice = alice_where_the_unenrolled_are_allowed(world);
        let path = world.record_path("alice");
        let whole = fs::read(&path).unwrap();
        let name = path.to_str().unwrap();
        for size in [64 * 1024 + 1, 1 << 30, 1 << 40] {
            write_again(&path, &whole);
            let file = File::options().write(true).open(&path).unwrap();
            file.set_len(size).unwrap();
            let too_large = "is larger than 65536 bytes";
            is_refused(world, &alice, "record", &[name, too_large]);
        }
        let beginning = "version = 1\nuser = \"alice\"\n";
        for (unit, last) in [
            ("[", "\n"),
            ("a.", "a = 1\n"),
            ("{a=", "\n"),
            ("[[a]]\n", ""),
            ("[a.a]\n", ""),
        ] {
            let prefix = if unit.starts_with(['[', '{']) && last == "\n" {
                "x = "
            } else {
                ""
            };
            let units = unit.repeat((60_000 - beginning.len()) / unit.len());
            write_again(
                &path,
                format!("{beginning}{prefix}{units}{last}").as_bytes(),
            );
            is_refused(world, &alice, "record", &[name, "line "]);
        }
        let deep = format!("{beginning}[{}a]\n", "a.".repeat(29_000));
        write_again(&path, deep.as_bytes());
        is_refused(world, &alice, "record", &[name, "line 1: not TOML"]);
    });
}

//! The files of activity: whatever stands in their place, the sign-in ends as it would have, and the log says so.

use std::fs::{self, File, Permissions};
use std::io::Read;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::Path;
use std::process::Stdio;

use antiphon_tests::{Enrolled, PamHost, World, in_world};
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

const FILE: &str = "/var/lib/antiphon/activity/alice.jsonl";
const ROLLED: &str = "/var/lib/antiphon/activity/alice.jsonl.1";
const ROLLS_AT: u64 = 256 * 1024;
/// The daemon's user and group.
const DAEMON: u32 = 990;
/// Where links lead that must not be followed.
const SECRET: &str = "/run/secret";
const STATE_OF_BOB: &str = "/var/lib/antiphon/state/bob";

/// Signs alice in by a code and by nothing, and holds that both end as they should, and that the log names the `reason`.
fn decides_nothing(world: &World, alice: &mut Enrolled, reason: &str) {
    // A new state: the same code again.
    alice.change(|_| {});
    for result in ["PAM_SUCCESS", "PAM_ABORT"] {
        let played = world.sign_in("alice", [alice.code()], result);
        let line = world.log().last_ending();
        let names = line.contains(" activity=\"/var/lib/antiphon/activity");
        assert!(names && line.contains(reason), "{reason}: {line}");
        // The person has no part in it.
        assert!(!played.texts().concat().contains("activity"), "{played:#?}");
    }
}

#[test]
fn what_stands_in_the_place_of_the_activity_neither_stops_nor_alters_a_sign_in() {
    in_world(|world| {
        let mut alice = world.enrol_with_long_codes("alice");
        fs::write(SECRET, "not a word\n").unwrap();
        let places: [(fn(), &str); 4] = [
            (|| symlink(SECRET, FILE).unwrap(), "is a symbolic link"),
            (
                || symlink(STATE_OF_BOB, FILE).unwrap(),
                "is a symbolic link",
            ),
            (
                || mkfifo(FILE, Mode::S_IRWXU).unwrap(),
                "is not a regular file",
            ),
            (|| fs::create_dir(FILE).unwrap(), "is not a regular file"),
        ];
        for (make, reason) in places {
            make();
            decides_nothing(world, &mut alice, reason);
            fs::remove_file(FILE)
                .or_else(|_| fs::remove_dir(FILE))
                .unwrap();
        }
        assert!(!Path::new(STATE_OF_BOB).exists());
        assert_eq!(fs::read_to_string(SECRET).unwrap(), "not a word\n");
        // A pipe also where somebody reads from it.
        mkfifo(FILE, Mode::S_IRWXU).unwrap();
        let reader = File::options().read(true).write(true).open(FILE).unwrap();
        decides_nothing(world, &mut alice, "is not a regular file");
        drop(reader);
        fs::remove_file(FILE).unwrap();

        fs::write(FILE, "").unwrap();
        chown(FILE, Some(DAEMON), Some(DAEMON)).unwrap();
        decides_nothing(world, &mut alice, "belongs to user id 990; run: chown root");
        chown(FILE, Some(0), None).unwrap();
        for mode in [0o660, 0o642] {
            fs::set_permissions(FILE, Permissions::from_mode(mode)).unwrap();
            decides_nothing(world, &mut alice, "lets others in; run: chmod 0640");
        }
        assert_eq!(
            fs::metadata(FILE).unwrap().len(),
            0,
            "nothing was written there"
        );
    });
}

#[test]
fn a_folder_of_activity_that_is_missing_or_not_roots_alone_neither_stops_nor_alters_a_sign_in() {
    in_world(|world| {
        let mut alice = world.enrol_with_long_codes("alice");
        let folder = Path::new(FILE).parent().unwrap();
        let aside = folder.with_file_name("aside");
        fs::set_permissions(folder, Permissions::from_mode(0o770)).unwrap();
        decides_nothing(world, &mut alice, "lets others in; run: chmod 0750");
        fs::set_permissions(folder, Permissions::from_mode(0o750)).unwrap();
        chown(folder, Some(DAEMON), None).unwrap();
        decides_nothing(world, &mut alice, "belongs to user id 990");
        chown(folder, Some(0), None).unwrap();
        fs::rename(folder, &aside).unwrap();
        decides_nothing(
            world,
            &mut alice,
            "No such file or directory; put it in its place",
        );
        symlink(&aside, folder).unwrap();
        decides_nothing(world, &mut alice, "is a symbolic link");
        assert_eq!(fs::read_dir(aside).unwrap().count(), 0);
    });
}

#[test]
fn a_file_rolls_at_256_kib_and_nothing_grows_without_end() {
    in_world(|world| {
        let line = format!(
            "{{\"outcome\":\"accepted\",\"time\":\"{}\"}}\n",
            "0".repeat(100)
        );
        let lines = usize::try_from(ROLLS_AT).unwrap() / line.len();
        let alice = world.enrol("alice");
        let sign_in = |times: usize| {
            let host = PamHost::new(world, "alice").option(&format!("--count={times}"));
            let _ = host.answers(vec![alice.wrong_code(); times]).play();
        };
        fs::write(FILE, line.repeat(lines)).unwrap();
        fs::write(ROLLED, "of long ago\n").unwrap();
        let inode = fs::metadata(FILE).unwrap().ino();
        sign_in(1);
        assert_eq!(fs::read_to_string(ROLLED).unwrap(), line.repeat(lines));
        assert_eq!(fs::metadata(ROLLED).unwrap().ino(), inode);
        // The answer, and the sign-in.
        assert_eq!(world.activity("alice").len(), 2);
        let new = fs::metadata(FILE).unwrap();
        assert_eq!(
            (new.mode() & 0o7777, new.uid(), new.gid()),
            (0o640, 0, DAEMON)
        );

        // One that somebody has blown up rolls like any other.
        File::options()
            .write(true)
            .open(FILE)
            .unwrap()
            .set_len(1 << 40)
            .unwrap();
        sign_in(1);
        assert_eq!(world.activity("alice").len(), 2);
        sign_in(1500);
        assert!(fs::metadata(FILE).unwrap().len() <= ROLLS_AT);
        assert!(fs::metadata(ROLLED).unwrap().len() <= ROLLS_AT);
        assert_eq!(
            fs::read_dir("/var/lib/antiphon/activity").unwrap().count(),
            2
        );
    });
}

#[test]
fn a_lock_that_the_daemon_holds_is_not_waited_for() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        fs::write(FILE, "").unwrap();
        fs::set_permissions(FILE, Permissions::from_mode(0o640)).unwrap();
        chown(FILE, Some(0), Some(DAEMON)).unwrap();
        // As the daemon, whose group reads there: it sleeps for longer than the harness waits.
        let mut daemon = world
            .command_of("antiphon", "flock")
            .args([
                "--exclusive",
                FILE,
                "sh",
                "-c",
                "echo locked; exec sleep 1000",
            ])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut told = [0; 7];
        daemon.stdout.take().unwrap().read_exact(&mut told).unwrap();
        assert_eq!(&told, b"locked\n");
        world.sign_in("alice", [alice.code()], "PAM_SUCCESS");
        assert_eq!(world.activity("alice").len(), 1);
        assert_eq!(
            world.log().our_only_line(),
            "outcome=accepted method=code user=alice"
        );
        daemon.kill().unwrap();
        daemon.wait().unwrap();
    });
}

#[test]
fn no_control_character_from_outside_reaches_the_activity_the_log_or_the_person() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        let hostile = "\u{1b}]0;owned\u{7}\r\n\u{9b}31m\u{202e}\toutcome=accepted\"}\\";
        let host = || {
            PamHost::new(world, "alice")
                .option(&format!("--rhost=a{hostile}"))
                .option(&format!("--tty=b{hostile}"))
                .option(&format!("--ruser=c{hostile}"))
        };
        let _ = host().answer(alice.wrong_code()).play();
        let played = host().answer(alice.code()).ends("PAM_SUCCESS");
        let text = fs::read_to_string(FILE).unwrap();
        assert_eq!(text.lines().count(), 3, "{text}");
        let logged = world.log().texts("");
        for line in text.lines().chain(logged.iter().map(String::as_str)) {
            let hidden = |character: char| character.is_control() || character == '\u{202e}';
            assert!(!line.contains(hidden), "{line:?}");
        }
        // The notices of the wrong code and of the sign-in that was not finished name the place.
        let notices = &played.texts()[1..];
        let begins = [
            "1 wrong code since your last sign-in, from a?",
            "Since your last sign-in, 1 sign-in from a?",
        ];
        assert_eq!(notices.len(), begins.len(), "{notices:?}");
        for (notice, begin) in notices.iter().zip(begins) {
            assert!(notice.starts_with(begin), "{notice:?}");
            assert!(!notice.contains(char::is_control), "{notice:?}");
        }
        let events = world.activity("alice");
        let mut words: Vec<&str> = events.iter().map(|event| event.outcome.as_str()).collect();
        words.sort_unstable();
        assert_eq!(words, ["accepted", "answered", "cancelled"]);
        for event in events {
            assert!(event.remote_host.starts_with("a?]0;owned?"), "{event:?}");
        }
    });
}

#[test]
fn what_is_from_before_the_daemon_was_installed_is_open_to_it_from_the_next_sign_in_on() {
    in_world(|world| {
        let mut alice = world.enrol_with_long_codes("alice");
        let summary = "/var/lib/antiphon/activity/alice.json";
        let shown = [FILE, ROLLED, summary];
        let seen = |path: &&str| {
            let seen = fs::metadata(path).unwrap();
            (seen.mode() & 0o7777, seen.uid(), seen.gid())
        };
        for (group, mode) in [(0, 0o640), (0, 0o600), (DAEMON, 0o600), (DAEMON, 0o644)] {
            alice.change(|_| {});
            for path in shown {
                fs::write(path, "").unwrap();
                fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
                chown(path, Some(0), Some(group)).unwrap();
            }
            world.sign_in("alice", [alice.code()], "PAM_SUCCESS");
            assert_eq!(shown.each_ref().map(seen), [(0o640, 0, DAEMON); 3]);
            assert_eq!(world.activity("alice").len(), 1);
        }
        // Also one that rolls in that sign-in.
        let old = vec![b'x'; usize::try_from(ROLLS_AT).unwrap()];
        fs::write(FILE, old).unwrap();
        chown(FILE, Some(0), Some(0)).unwrap();
        let _ = PamHost::new(world, "alice").play();
        assert_eq!([FILE, ROLLED].each_ref().map(seen), [(0o640, 0, DAEMON); 2]);
    });
}

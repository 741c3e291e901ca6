//! The files of activity: whatever stands in their place, the sign-in ends as it would have, and the log says so.

use std::fs::{self, File, Permissions};
use std::io::Read;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::Path;
use std::process::Stdio;

use antiphon_tests::{Enrolled, PamHost, Played, World, in_world};
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

const FILE: &str = "/var/lib/antiphon/activity/alice.jsonl";
const ROLLED: &str = "/var/lib/antiphon/activity/alice.jsonl.1";
const ROLLS_AT: u64 = 256 * 1024;
/// The daemon's user and group.
const DAEMON: u32 = 990;

/// Signs alice in by a code and by nothing, and holds that both end as they should, and that the log names the `reason`.
fn decides_nothing(world: &World, alice: &mut Enrolled, reason: &str) {
    // A new state: the same code again.
    alice.change(|_| {});
    for (answer, result) in [(alice.code(), "PAM_SUCCESS"), (alice.code(), "PAM_ABORT")] {
        let played = PamHost::new(world, "alice").answer(answer).play();
        assert_eq!(played.result(), result, "{reason}: {played:#?}");
        let line = world.log().ours().pop().unwrap().text;
        assert!(
            line.contains(" activity=\"/var/lib/antiphon/activity"),
            "{line}"
        );
        assert!(line.contains(reason), "{line}");
        // The person has no part in it.
        assert!(
            !played
                .said()
                .iter()
                .any(|said| said.text.contains("activity"))
        );
    }
}

fn alice(world: &World) -> Enrolled {
    let mut alice = world.enrol("alice");
    alice.set_period(300);
    alice
}

#[test]
fn what_stands_in_the_place_of_the_activity_neither_stops_nor_alters_a_sign_in() {
    in_world(|world| {
        let mut alice = alice(world);
        let secret = world.folder().join("secret");
        fs::write(&secret, "not a word\n").unwrap();
        symlink(&secret, FILE).unwrap();
        decides_nothing(world, &mut alice, "is a symbolic link");
        fs::remove_file(FILE).unwrap();
        symlink("/var/lib/antiphon/state/bob", FILE).unwrap();
        decides_nothing(world, &mut alice, "is a symbolic link");
        assert!(!world.state_path("bob").exists());
        fs::remove_file(FILE).unwrap();
        assert_eq!(fs::read_to_string(&secret).unwrap(), "not a word\n");

        mkfifo(FILE, Mode::S_IRWXU).unwrap();
        decides_nothing(world, &mut alice, "is not a regular file");
        // Also where somebody reads from it.
        let reader = File::options().read(true).write(true).open(FILE).unwrap();
        decides_nothing(world, &mut alice, "is not a regular file");
        drop(reader);
        fs::remove_file(FILE).unwrap();
        fs::create_dir(FILE).unwrap();
        decides_nothing(world, &mut alice, "is not a regular file");
        fs::remove_dir(FILE).unwrap();

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
        let mut alice = alice(world);
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
        let sign_in = |times: usize| -> Played {
            let host = PamHost::new(world, "alice").option(&format!("--count={times}"));
            (0..times)
                .fold(host, |host, _| host.answer(alice.wrong_code()))
                .play()
        };
        fs::write(FILE, line.repeat(lines)).unwrap();
        fs::write(ROLLED, "of long ago\n").unwrap();
        let inode = fs::metadata(FILE).unwrap().ino();
        let _ = sign_in(1);
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
        let _ = sign_in(1);
        assert_eq!(world.activity("alice").len(), 2);
        let _ = sign_in(1500);
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
        let alice = alice(world);
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
        let played = PamHost::new(world, "alice").answer(alice.code()).play();
        assert_eq!(played.result(), "PAM_SUCCESS", "{played:#?}");
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
        let alice = alice(world);
        let hostile = "\u{1b}]0;owned\u{7}\r\n\u{9b}31m\u{202e}\toutcome=accepted\"}\\";
        let host = || {
            PamHost::new(world, "alice")
                .option(&format!("--rhost=a{hostile}"))
                .option(&format!("--tty=b{hostile}"))
                .option(&format!("--ruser=c{hostile}"))
        };
        let _ = host().answer(alice.wrong_code()).play();
        let played = host().answer(alice.code()).play();
        assert_eq!(played.result(), "PAM_SUCCESS", "{played:#?}");
        let text = fs::read_to_string(FILE).unwrap();
        assert_eq!(text.lines().count(), 3, "{text}");
        for line in text
            .lines()
            .chain(world.log().ours().iter().map(|line| line.text.as_str()))
        {
            let hidden = |character: char| character.is_control() || character == '\u{202e}';
            assert!(!line.contains(hidden), "{line:?}");
        }
        // The notice of the wrong code names the place.
        let [_, wrong, unfinished] = played.said().try_into().unwrap();
        assert!(
            wrong
                .text
                .starts_with("1 wrong code since your last sign-in, from a?"),
            "{wrong:?}"
        );
        assert!(
            unfinished
                .text
                .starts_with("Since your last sign-in, 1 sign-in from a?"),
            "{unfinished:?}"
        );
        for notice in [wrong, unfinished] {
            assert!(!notice.text.contains(char::is_control), "{notice:?}");
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
        let mut alice = alice(world);
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
            let played = PamHost::new(world, "alice").answer(alice.code()).play();
            assert_eq!(played.result(), "PAM_SUCCESS", "{played:#?}");
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

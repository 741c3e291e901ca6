//! A configuration that is not wholly understood, or not root's alone, refuses every sign-in: a misspelt key must not
//! quietly leave a door open.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::Path;

use antiphon_core::record::{TelephoneNumber, TelephoneUse};
use antiphon_tests::{Enrolled, PamHost, World, in_world};
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use crate::unusable::{is_refused, is_refused_when, signs_in};

const CONFIG: &str = "/etc/antiphon/antiphon.toml";

/// Alice, with a code that outlasts the test.
fn alice(world: &World) -> Enrolled {
    let mut alice = world.enrol("alice");
    alice.set_period(300);
    alice
}

/// The service `named`, whose line has these arguments.
fn with_arguments(world: &World, arguments: &str) -> PamHost {
    world.pam(
        "named",
        &format!("auth required pam_antiphon.so {arguments}\n"),
    );
    PamHost::of_service(world, "named", "alice")
}

#[test]
fn without_a_configuration_or_the_folder_of_it_the_defaults_hold() {
    in_world(|world| {
        let alice = alice(world);
        assert!(!Path::new(CONFIG).exists());
        let played = PamHost::new(world, "bob").play();
        assert_eq!(played.result(), "PAM_AUTH_ERR", "{played:#?}");
        signs_in(world, &alice);
        // Without its folder there are no records either.
        fs::rename("/etc/antiphon", "/etc/antiphon.old").unwrap();
        let missing = "/etc/antiphon: No such file or directory; put it in its place";
        is_refused(world, &alice, "record", &[missing]);
    });
}

#[test]
fn a_configuration_that_is_not_understood_refuses_everybody_and_the_log_names_the_line() {
    in_world(|world| {
        let alice = alice(world);
        for (text, found) in [
            (
                "mode = \"observe\"\nunenroled = \"allow\"\n",
                "line 2: unknown key `unenroled`; did you mean `unenrolled`?",
            ),
            (
                "mode = \"observe\"\n\n[throttle]\natempts = 3\n",
                "line 4: unknown key `throttle.atempts`; did you mean `attempts`?",
            ),
            (
                "mode = \"observe\"\n[exemp]\n",
                "line 2: unknown key `exemp`; did you mean `exempt`?",
            ),
            (
                "mode = \"Observe\"\n",
                "line 1: `mode` must be \\\"enforce\\\" or \\\"observe\\\"",
            ),
            ("mode = \"observe\"\nmode = \"enforce\"\n", "line 2: "),
            (
                "mode = \"observe\"\n[code]\nwindow = 1.5\n",
                "line 3: `code.window` must be",
            ),
            ("mode = \"observe\"\n[", "line 2: "),
            ("mode = \"observe\"\n\0", "line 2: "),
            (
                "mode = \"observe\"\n[paths]\nusers = \"/a/../b\"\n",
                "line 3: `paths.users` must be an absolute path",
            ),
            ("mode = \"observe\"\nunenrolled\u{1b}[2J = 1\n", "line 2: "),
        ] {
            world.configure(text);
            is_refused(
                world,
                &alice,
                "config",
                &[CONFIG, found, "test the fix with: antiphon check"],
            );
        }
        fs::write(CONFIG, b"mode = \"observe\" # \xff\n").unwrap();
        is_refused(world, &alice, "config", &[CONFIG, "is not UTF-8"]);
        File::create(CONFIG).unwrap().set_len(1 << 30).unwrap();
        is_refused(
            world,
            &alice,
            "config",
            &[CONFIG, "is larger than 65536 bytes"],
        );
        world.configure("");
        signs_in(world, &alice);
    });
}

#[test]
fn a_configuration_that_others_can_have_written_refuses_everybody() {
    in_world(|world| {
        let alice = alice(world);
        world.configure("mode = \"observe\"\n");
        for mode in [0o666, 0o664, 0o646, 0o602] {
            fs::set_permissions(CONFIG, Permissions::from_mode(mode)).unwrap();
            let fix = format!("chmod {:04o} {CONFIG}", mode & !0o022);
            is_refused(world, &alice, "config", &["lets others in", &fix]);
        }
        fs::set_permissions(CONFIG, Permissions::from_mode(0o644)).unwrap();
        chown(CONFIG, Some(1000), None).unwrap();
        is_refused(
            world,
            &alice,
            "config",
            &["chown root /etc/antiphon/antiphon.toml"],
        );
        fs::remove_file(CONFIG).unwrap();
        // A link is not the file's absence, wherever it leads.
        let elsewhere = world.folder().join("antiphon.toml");
        fs::write(&elsewhere, "mode = \"observe\"\n").unwrap();
        for target in [elsewhere.as_path(), Path::new("/nowhere")] {
            symlink(target, CONFIG).unwrap();
            is_refused(world, &alice, "config", &[CONFIG, "is a symbolic link"]);
            fs::remove_file(CONFIG).unwrap();
        }
        mkfifo(CONFIG, Mode::S_IRUSR).unwrap();
        is_refused(world, &alice, "config", &[CONFIG, "is not a regular file"]);
        fs::remove_file(CONFIG).unwrap();
        fs::create_dir(CONFIG).unwrap();
        is_refused(world, &alice, "config", &[CONFIG, "is not a regular file"]);
        fs::remove_dir(CONFIG).unwrap();
        signs_in(world, &alice);
    });
}

#[test]
fn a_configuration_that_pam_d_names_must_be_there() {
    in_world(|world| {
        let alice = alice(world);
        let refused = |arguments: &str, words: &[&str]| {
            let host = with_arguments(world, arguments);
            is_refused_when(host, (world, &alice), "config", words);
        };
        refused(
            "config=/etc/antiphon/ssh.toml",
            &["/etc/antiphon/ssh.toml: is named in pam.d but not there"],
        );
        refused(
            "config=/nowhere/ssh.toml",
            &["/nowhere/ssh.toml: is named in pam.d but not there"],
        );
        refused("config=", &["config=: is not the path of a file"]);
        refused("config=/", &["config=/: is not the path of a file"]);
        refused("config=antiphon.toml", &["must be an absolute path"]);
        refused(
            "config=/etc/antiphon/../antiphon/antiphon.toml",
            &["must be an absolute path"],
        );
        refused(
            "config=/etc/antiphon",
            &["/etc/antiphon: is not a regular file"],
        );
        // The usual one by its name is no different: who names it has written it.
        refused(
            "config=/etc/antiphon/antiphon.toml",
            &["is named in pam.d but not there"],
        );
        world.configure("");
        let played = with_arguments(world, "debug config=/etc/antiphon/antiphon.toml")
            .answer(alice.code())
            .play();
        assert_eq!(played.result(), "PAM_SUCCESS", "{played:#?}");
        crate::unusable::no_secret_was_logged(world, &alice);
    });
}

#[test]
fn an_argument_that_is_not_known_refuses_everybody() {
    in_world(|world| {
        let alice = alice(world);
        world.configure("mode = \"observe\"\n");
        for (arguments, shown) in [
            ("nullok", "unknown argument `nullok`"),
            ("debug Debug", "unknown argument `Debug`"),
            (
                "conf=/etc/antiphon/antiphon.toml",
                "unknown argument `conf=",
            ),
            ("try_first_pass", "unknown argument `try_first_pass`"),
            ("config", "unknown argument `config`"),
            (
                "config=config=/etc/antiphon/antiphon.toml",
                "must be an absolute path",
            ),
        ] {
            let what = if shown.starts_with("unknown") {
                "arguments"
            } else {
                "config"
            };
            let host = with_arguments(world, arguments);
            is_refused_when(host, (world, &alice), what, &[shown]);
        }
    });
}

#[test]
fn sshd_without_a_first_factor_is_refused_unless_the_configuration_says_that_another_module_asks() {
    in_world(|world| {
        let alice = alice(world);
        world.pam("sshd", "auth required pam_antiphon.so\n");
        let sshd = || {
            PamHost::of_service(world, "sshd", "alice")
                .option("--env=SSH_CONNECTION=203.0.113.5 40000 203.0.113.5 22")
                .option("--env=SSH_AUTH_INFO_0=")
        };
        let state = world.state("alice");
        // Before every exemption: an exempt sign-in without a password would ask for nothing at all.
        for exempting in [
            "",
            "[exempt]\nservices = [\"sshd\"]\n",
            "unenrolled = \"allow\"\n",
        ] {
            world.configure(exempting);
            let played = sshd().answer(alice.code()).play();
            assert_eq!(played.result(), "PAM_AUTH_ERR", "{played:#?}");
            assert_eq!(played.said(), [], "asked nothing, told nothing");
            let line = world.log().ours().pop().unwrap().text;
            assert!(
                line.starts_with("outcome=refused reason=no-first-factor user=alice"),
                "{line}"
            );
            assert!(
                line.contains("set first_factor = \\\"optional\\\""),
                "{line}"
            );
        }
        assert_eq!(world.state("alice"), state);
        world.configure("first_factor = \"optional\"\n");
        let played = sshd().answer(alice.code()).play();
        assert_eq!(played.result(), "PAM_SUCCESS", "{played:#?}");
    });
}

#[test]
fn a_record_with_nothing_to_ask_for_is_refused_also_where_the_unenrolled_are_allowed() {
    in_world(|world| {
        let mut alice = alice(world);
        alice.change(|record| {
            record.code = None;
            record.recovery = None;
            record.numbers.push(TelephoneNumber {
                tel: "+46701234521".to_owned(),
                uses: vec![TelephoneUse::Sms, TelephoneUse::Call],
            });
        });
        let numbers_only = fs::read_to_string(world.record_path("alice")).unwrap();
        let (head, _) = numbers_only.split_once("[[number]]").unwrap();
        let nothing = ("nothing-to-ask", "run: antiphon enroll alice");
        // No daemon runs here.
        let phone_away = ("phone-away", "look at antiphond");
        for (text, (reason, fix)) in [
            (&numbers_only, nothing),
            (&format!("{head}{PHONE}"), phone_away),
            (&head.to_owned(), nothing),
        ] {
            fs::write(world.record_path("alice"), text).unwrap();
            for config in ["", "unenrolled = \"allow\"\n"] {
                world.configure(config);
                let played = PamHost::new(world, "alice").answer("").play();
                assert_eq!(
                    played.result(),
                    "PAM_AUTH_ERR",
                    "{text} {config}: {played:#?}"
                );
                let line = world.log().ours().pop().unwrap().text;
                assert!(
                    line.starts_with(&format!("outcome=refused reason={reason} user=alice")),
                    "{line}"
                );
                assert!(line.contains(fix), "{line}");
            }
        }
    });
}

/// A phone.
const PHONE: &str = "\
[[phone]]
name = \"Pixel 9\"
credential = \"AQIDBA\"
public_key = \"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li_hp_m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q\"
origin = \"https://mfa.example.org\"
backup_eligible = true
enrolled = 2026-11-22T20:00:00Z
";

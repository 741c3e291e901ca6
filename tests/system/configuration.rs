//! A configuration that is not wholly understood, or not root's alone, refuses every sign-in: a misspelt key must not
//! quietly leave a door open.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::Path;

use antiphon_core::record::{TelephoneNumber, TelephoneUse};
use antiphon_tests::{PamHost, Passkey, World, in_world};
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use crate::unusable::{is_refused, is_refused_when, no_secret_was_logged, signs_in};

const CONFIG: &str = "/etc/antiphon/antiphon.toml";
/// The usual one, named in pam.d.
const NAMED: &str = "debug config=/etc/antiphon/antiphon.toml";

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
        let alice = world.enrol_with_long_codes("alice");
        assert!(!Path::new(CONFIG).exists());
        world.sign_in("bob", [""; 0], "PAM_AUTH_ERR");
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
        let alice = world.enrol_with_long_codes("alice");
        let refused = |words: &[&str]| is_refused(world, &alice, "config", words);
        for (rest, found) in [
            (
                "unenroled = \"allow\"\n",
                "line 2: unknown key `unenroled`; did you mean `unenrolled`?",
            ),
            ("mode = \"enforce\"\n", "line 2: "),
            ("\0", "line 2: "),
            ("unenrolled\u{1b}[2J = 1\n", "line 2: "),
        ] {
            world.configure(&format!("mode = \"observe\"\n{rest}"));
            refused(&[CONFIG, found, "test the fix with: antiphon check"]);
        }
        fs::write(CONFIG, b"mode = \"observe\" # \xff\n").unwrap();
        refused(&[CONFIG, "is not UTF-8"]);
        File::create(CONFIG).unwrap().set_len(1 << 30).unwrap();
        refused(&[CONFIG, "is larger than 65536 bytes"]);
        world.configure("");
        signs_in(world, &alice);
    });
}

#[test]
fn a_configuration_that_others_can_have_written_refuses_everybody() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        let refused = |words: &[&str]| is_refused(world, &alice, "config", words);
        world.configure("mode = \"observe\"\n");
        for mode in [0o666, 0o664, 0o646, 0o602] {
            fs::set_permissions(CONFIG, Permissions::from_mode(mode)).unwrap();
            let fix = format!("chmod {:04o} {CONFIG}", mode & !0o022);
            refused(&["lets others in", &fix]);
        }
        fs::set_permissions(CONFIG, Permissions::from_mode(0o644)).unwrap();
        chown(CONFIG, Some(1000), None).unwrap();
        refused(&["chown root /etc/antiphon/antiphon.toml"]);
        fs::remove_file(CONFIG).unwrap();
        // A link is not the file's absence, wherever it leads.
        let elsewhere = world.folder().join("antiphon.toml");
        fs::write(&elsewhere, "mode = \"observe\"\n").unwrap();
        for target in [elsewhere.as_path(), Path::new("/nowhere")] {
            symlink(target, CONFIG).unwrap();
            refused(&[CONFIG, "is a symbolic link"]);
            fs::remove_file(CONFIG).unwrap();
        }
        mkfifo(CONFIG, Mode::S_IRUSR).unwrap();
        refused(&[CONFIG, "is not a regular file"]);
        fs::remove_file(CONFIG).unwrap();
        fs::create_dir(CONFIG).unwrap();
        refused(&[CONFIG, "is not a regular file"]);
        fs::remove_dir(CONFIG).unwrap();
        signs_in(world, &alice);
    });
}

#[test]
fn a_configuration_that_pam_d_names_must_be_there() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        for (arguments, found) in [
            ("config=/nowhere/ssh.toml", "named in pam.d but not there"),
            ("config=", "config=: is not the path of a file"),
            ("config=/", "config=/: is not the path of a file"),
            ("config=antiphon.toml", "must be an absolute path"),
            ("config=config=/etc/ssh.toml", "must be an absolute path"),
            ("config=/etc/../ssh.toml", "must be an absolute path"),
            ("config=/etc/antiphon", "is not a regular file"),
            // Who names the usual one has written it.
            (NAMED, "named in pam.d but not there"),
        ] {
            let host = with_arguments(world, arguments);
            is_refused_when(host, (world, &alice), "config", &[found]);
        }
        world.configure("");
        let host = with_arguments(world, NAMED);
        host.answer(alice.code()).ends("PAM_SUCCESS");
        no_secret_was_logged(world, &alice);
    });
}

#[test]
fn an_argument_that_is_not_known_refuses_everybody() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        world.configure("mode = \"observe\"\n");
        for (arguments, found) in [
            ("debug nullok", "unknown argument `nullok`"),
            ("conf=/etc/antiphon.toml", "unknown argument `conf="),
        ] {
            let host = with_arguments(world, arguments);
            is_refused_when(host, (world, &alice), "arguments", &[found]);
        }
    });
}

#[test]
fn a_record_with_nothing_to_ask_for_is_refused_also_where_the_unenrolled_are_allowed() {
    in_world(|world| {
        let mut alice = world.enrol("alice");
        alice.change(|record| (record.code, record.recovery) = (None, None));
        let number = TelephoneNumber {
            tel: "+46701234521".into(),
            uses: vec![TelephoneUse::Sms, TelephoneUse::Call],
        };
        let phone = Passkey::new("Pixel 9", "https://mfa.example.org").phone();
        let nothing = ["nothing-to-ask", "run: antiphon enroll alice"];
        // No daemon runs here.
        let away = ["phone-away", "look at antiphond"];
        for (numbers, phones, [reason, fix]) in [
            (vec![], vec![], nothing),
            (vec![number], vec![], nothing),
            (vec![], vec![phone], away),
        ] {
            alice.change(|record| (record.numbers, record.phones) = (numbers, phones));
            for config in ["", "unenrolled = \"allow\"\n"] {
                world.configure(config);
                world.sign_in("alice", [""], "PAM_AUTH_ERR");
                let line = world.ended(&format!("refused reason={reason} user=alice"));
                assert!(line.contains(fix), "{line}");
            }
        }
    });
}

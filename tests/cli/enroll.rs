//! Enrolment: nothing before the code was right, and all of it after.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use antiphon_tests::{HOST, PamHost, Terminal, World, in_world};

use crate::command::{
    Enrolment, antiphon, code_of, command, enroll, enroll_answering, files, run, secret_of,
};

/// Whether PAM lets alice in by this answer, `seconds` from now.
pub(crate) fn signs_in(world: &World, answer: &str, seconds: i64) -> bool {
    let played = PamHost::new(world, "alice")
        .option(&format!("--clock={seconds}"))
        .answer(answer)
        .play();
    played.result() == "PAM_SUCCESS"
}

#[test]
fn the_object_holds_what_an_app_and_a_person_need() {
    in_world(|world| {
        let said = antiphon(world, "enroll alice --no-confirm --json").done();
        let object = said.object();
        let keys: Vec<_> = object.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["otpauth", "recovery_codes", "secret", "user"]);
        assert_eq!(object["user"], "alice");
        let secret = object["secret"].as_str().unwrap();
        assert_eq!(secret.len(), 32, "160 bits in base32");
        assert_eq!(
            object["otpauth"],
            format!(
                "otpauth://totp/{HOST}:alice@{HOST}?secret={secret}&issuer={HOST}&algorithm=SHA1&digits=6&period=30"
            )
        );
        assert_eq!(object["recovery_codes"].as_array().unwrap().len(), 10);
        assert!(said.err.is_empty(), "{said:?}");
    });
}

#[test]
fn the_issuer_is_the_configured_organisation() {
    in_world(|world| {
        world.configure("organisation = \"Räksmörgås AB\"\n");
        let alice = enroll(world, "alice");
        assert!(
            alice
                .otpauth
                .contains("/R%C3%A4ksm%C3%B6rg%C3%A5s%20AB:alice@harbour?"),
            "{}",
            alice.otpauth
        );
    });
}

#[test]
fn a_code_of_the_secret_that_was_shown_signs_in() {
    in_world(|world| {
        let alice = enroll(world, "alice");
        assert!(signs_in(world, &alice.code(), 0));
        assert!(!signs_in(world, &alice.code(), 0), "once");
    });
}

#[test]
fn every_recovery_code_that_was_shown_signs_in_once() {
    in_world(|world| {
        let alice = enroll(world, "alice");
        for code in &alice.recovery {
            assert!(signs_in(world, code, 0), "{code}");
            assert!(!signs_in(world, code, 0), "{code} again");
        }
    });
}

#[test]
fn the_confirming_code_counts_as_used() {
    in_world(|world| {
        let (alice, said) = enroll_answering(world, &["alice"], |draft| draft.code() + "\n");
        said.done();
        // Also where a step has passed meanwhile: it is within the window, and refused.
        let confirmed = alice.code();
        assert!(!signs_in(world, &confirmed, 0));
        assert!(signs_in(world, &alice.code_in(60), 60));
    });
}

#[test]
fn nothing_is_written_before_the_code_is_confirmed() {
    in_world(|world| {
        let before = files(world);
        assert!(before.is_empty());
        let nothing = |draft: &Enrolment| {
            assert_eq!(files(world), before, "while it asks");
            let _ = draft;
            String::new()
        };
        let (_, said) = enroll_answering(world, &["alice"], nothing);
        said.failed(66, "Nothing was written");
        let (_, said) = enroll_answering(world, &["alice"], |_| "12345\n".repeat(5));
        said.failed(65, "Nothing was written");
        let (_, said) = enroll_answering(world, &["alice"], |draft| {
            format!("{}\n", draft.code_in(3600)).repeat(5)
        });
        said.failed(65, "Nothing was written");
        assert_eq!(files(world), before);
    });
}

#[test]
fn a_slip_is_told_and_one_may_try_again() {
    in_world(|world| {
        let (_, said) = enroll_answering(world, &["alice"], |draft| {
            format!("\n1234\n{}\n{}\n", draft.code_in(150), draft.code())
        });
        let said = said.done();
        assert!(said.err.contains("A code has 6 digits."), "{said:#?}");
        assert!(said.err.contains("s ahead of this computer's"), "{said:#?}");
        said.object();
    });
}

#[test]
fn an_enrolment_whose_object_cannot_be_read_writes_nothing() {
    in_world(|world| {
        let mut command = command(world, &["enroll", "alice", "--no-confirm", "--json"]);
        let full = fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let status = command.stdout(full).status().unwrap();
        assert_eq!(status.code(), Some(74));
        assert!(files(world).is_empty());
    });
}

#[test]
fn enrolment_makes_the_folders_that_are_missing_with_their_owners_and_modes() {
    in_world(|world| {
        for folder in [
            "/etc/antiphon",
            "/var/lib/antiphon/state",
            "/var/lib/antiphon/activity",
        ] {
            fs::remove_dir_all(folder).unwrap();
        }
        let mut umasked = world.command("sh");
        umasked.args(["-c", "umask 077; exec \"$0\" \"$@\""]);
        umasked.arg(&world.product().command);
        run(umasked.args(["enroll", "alice", "--no-confirm"]), "").done();
        let daemon = nix::unistd::Group::from_name("antiphon").unwrap().unwrap();
        for (path, mode, group) in [
            ("/etc/antiphon", 0o755, 0),
            ("/etc/antiphon/users", 0o700, 0),
            ("/etc/antiphon/users/alice.toml", 0o600, 0),
            ("/var/lib/antiphon", 0o755, 0),
            ("/var/lib/antiphon/state", 0o700, 0),
            ("/var/lib/antiphon/state/alice", 0o600, 0),
            ("/var/lib/antiphon/activity", 0o750, daemon.gid.as_raw()),
            (
                "/var/lib/antiphon/activity/alice.jsonl",
                0o640,
                daemon.gid.as_raw(),
            ),
        ] {
            let found = fs::metadata(path).unwrap_or_else(|error| panic!("{path}: {error}"));
            assert_eq!(found.permissions().mode() & 0o7777, mode, "{path}");
            assert_eq!((found.uid(), found.gid()), (0, group), "{path}");
        }
    });
}

#[test]
fn the_folders_stand_where_the_configuration_says() {
    in_world(|world| {
        let config = world.folder().join("other.toml");
        fs::write(
            &config,
            "[paths]\nusers = \"/etc/a/b/users\"\nstate = \"/var/lib/c/state\"\nactivity = \"/var/lib/c/activity\"\n",
        )
        .unwrap();
        let option = config.display().to_string();
        antiphon(
            world,
            &format!("--config {option} enroll alice --no-confirm"),
        )
        .done();
        assert!(Path::new("/etc/a/b/users/alice.toml").exists());
        assert!(Path::new("/var/lib/c/state/alice").exists());
        assert!(files(world).is_empty());
    });
}

#[test]
fn replacing_voids_what_was_and_keeps_what_is_not_of_the_secret() {
    in_world(|world| {
        let (old, said) = enroll_answering(world, &["alice", "--language", "sv"], |draft| {
            draft.code() + "\n"
        });
        said.done();
        let mut record = fs::read_to_string(world.record_path("alice")).unwrap();
        record += "\n[[number]]\ntel = \"+46701234521\"\nuses = [\"sms\"]\n";
        fs::write(world.record_path("alice"), record).unwrap();

        let (new, said) =
            enroll_answering(world, &["alice", "--replace"], |draft| draft.code() + "\n");
        said.done();
        assert_ne!(old.secret, new.secret);
        assert!(!signs_in(world, &old.code_in(60), 60));
        assert!(!signs_in(world, &old.recovery[0], 60));
        assert!(signs_in(world, &new.recovery[0], 60));
        assert!(signs_in(world, &new.code_in(60), 60));
        let record = fs::read_to_string(world.record_path("alice")).unwrap();
        assert!(record.contains("language = \"sv\"") && record.contains("+46701234521"));
    });
}

#[test]
fn a_broken_record_is_replaced_and_the_loss_is_told() {
    in_world(|world| {
        let _ = enroll(world, "alice");
        fs::write(world.record_path("alice"), "version = 1\n").unwrap();
        antiphon(world, "enroll alice --no-confirm").failed(73, "--replace");
        let said = antiphon(world, "enroll alice --no-confirm --replace --json").done();
        assert!(said.err.contains("could not be read"), "{said:#?}");
        antiphon(world, "check").done();
    });
}

#[test]
fn a_crash_between_state_and_record_is_harmless() {
    in_world(|world| {
        let (old, said) = enroll_answering(world, &["alice"], |draft| draft.code() + "\n");
        said.done();
        let used = old.code();
        // Killed at the moment when the new record would take the old one's place.
        let mut killed = world.command("strace");
        killed.args([
            "-f",
            "-o",
            "/dev/null",
            "-e",
            "inject=rename,renameat,renameat2:signal=KILL",
        ]);
        killed.arg(&world.product().command);
        killed.args(["enroll", "alice", "--replace", "--no-confirm"]);
        assert_ne!(run(&mut killed, "").status, 0);

        let record = fs::read_to_string(world.record_path("alice")).unwrap();
        assert!(record.contains(&old.secret), "the old record stands");
        assert!(!signs_in(world, &used, 0), "what was used stays used");
        assert!(
            signs_in(world, &old.code_in(90), 90),
            "the old secret goes on"
        );
        let left = antiphon(world, "check");
        assert!(
            left.out.contains("an enrolment that was cut off left it"),
            "{left:#?}"
        );
        antiphon(world, "enroll alice --replace --no-confirm").done();
        let left = antiphon(world, "check").done();
        assert!(!left.out.contains("cut off"), "{left:#?}");
    });
}

#[test]
fn a_record_that_cannot_be_written_leaves_the_old_one_working_whole() {
    in_world(|world| {
        let (old, said) = enroll_answering(world, &["alice"], |draft| draft.code() + "\n");
        said.done();
        let used = old.code();
        let mut full = world.command("strace");
        full.args([
            "-f",
            "-o",
            "/dev/null",
            "-e",
            "inject=rename,renameat,renameat2:error=ENOSPC",
        ]);
        full.arg(&world.product().command);
        full.args(["enroll", "alice", "--replace", "--no-confirm"]);
        run(&mut full, "").failed(73, "No space left on device");
        assert!(!signs_in(world, &used, 0));
        assert!(signs_in(world, &old.recovery[0], 0), "recovery codes too");
        assert!(signs_in(world, &old.code_in(60), 60));
    });
}

#[test]
fn of_two_enrolments_at_once_one_is_refused() {
    in_world(|world| {
        let (_, slow) = enroll_answering(world, &["alice"], |draft| {
            let quick = enroll(world, "alice");
            assert_ne!(quick.secret, draft.secret);
            draft.code() + "\n"
        });
        slow.failed(73, "has a record already");
    });
}

#[test]
fn two_replacements_at_once_leave_one_of_them_whole() {
    in_world(|world| {
        let _ = enroll(world, "alice");
        for _ in 0..20 {
            let running: Vec<_> = (0..4)
                .map(|_| {
                    let mut command = command(
                        world,
                        &["enroll", "alice", "--replace", "--no-confirm", "--json"],
                    );
                    command
                        .stdout(std::process::Stdio::piped())
                        .spawn()
                        .unwrap()
                })
                .collect();
            let secrets: Vec<String> = running
                .into_iter()
                .map(|child| {
                    let output = child.wait_with_output().unwrap();
                    assert!(output.status.success());
                    let object: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
                    object["secret"].as_str().unwrap().to_owned()
                })
                .collect();
            let record = fs::read_to_string(world.record_path("alice")).unwrap();
            let winner = secrets
                .iter()
                .find(|secret| record.contains(*secret))
                .unwrap();
            // A state of another one's would refuse the codes of the present.
            assert!(signs_in(world, &code_of(&secret_of(winner), 0), 0));
        }
    });
}

#[test]
fn a_person_at_a_terminal_is_led_through() {
    in_world(|world| {
        let mut terminal = Terminal::start(&command(world, &["enroll", "alice"]));
        terminal.expect("A second factor for alice on harbour");
        terminal.expect("address  ");
        let shown = terminal.expect("Code that the app shows: ").shown();
        let secret = shown
            .split("secret=")
            .nth(1)
            .and_then(|rest| rest.split('&').next())
            .unwrap();
        let groups: Vec<&str> = secret
            .as_bytes()
            .chunks(4)
            .map(|group| std::str::from_utf8(group).unwrap())
            .collect();
        assert!(
            shown.contains(&groups.join(" ")),
            "the key in groups of four"
        );
        terminal.send_line("000000");
        terminal.expect("That is not the code");
        let code = code_of(&secret_of(secret), 0);
        terminal
            .expect("Code that the app shows: ")
            .send_line(&code);
        terminal
            .expect("alice is enrolled.")
            .expect("Recovery codes");
        let ended = terminal.end();
        assert!(ended.succeeded(), "{ended:?}");
        let dashed = ended
            .text
            .split_whitespace()
            .filter(|word| word.len() == 19 && word.matches('-').count() == 3)
            .count();
        assert_eq!(dashed, 10, "{}", ended.text);
    });
}

#[test]
fn root_without_a_second_factor_is_warned_of_and_so_is_the_caller_of_sudo() {
    in_world(|world| {
        let enrol = |user: &str| {
            let mut command = command(world, &["enroll", user, "--no-confirm"]);
            run(command.env("SUDO_USER", "bob"), "").done()
        };
        let said = enrol("alice");
        assert!(
            said.out.contains("root has no second factor yet"),
            "{said:#?}"
        );
        assert!(
            said.out.contains("bob has no second factor yet"),
            "{said:#?}"
        );
        let _ = enrol("root");
        let said = enrol("bob");
        assert!(!said.out.contains("no second factor yet"), "{said:#?}");
    });
}

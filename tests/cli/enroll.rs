//! Enrolment: what it gives, writes and keeps.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use antiphon_tests::{HOST, in_world};

use crate::command::{
    antiphon, antiphon_with, command, enroll, enroll_confirmed, files, run, sh, signs_in,
};

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
        let label = "/R%C3%A4ksm%C3%B6rg%C3%A5s%20AB:alice@harbour?";
        assert!(alice.otpauth.contains(label), "{}", alice.otpauth);
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
fn enrolment_makes_the_folders_that_are_missing_with_their_owners_and_modes() {
    in_world(|world| {
        sh("rm -r /etc/antiphon /var/lib/antiphon/state /var/lib/antiphon/activity");
        let antiphon = world.product().command.display();
        sh(&format!("umask 077; {antiphon} enroll alice --no-confirm"));
        let daemon = nix::unistd::Group::from_name("antiphon").unwrap();
        let daemon = daemon.unwrap().gid.as_raw();
        for (path, mode, group) in [
            ("/etc/antiphon", 0o755, 0),
            ("/etc/antiphon/users", 0o700, 0),
            ("/etc/antiphon/users/alice.toml", 0o600, 0),
            ("/var/lib/antiphon", 0o755, 0),
            ("/var/lib/antiphon/state", 0o700, 0),
            ("/var/lib/antiphon/state/alice", 0o600, 0),
            ("/var/lib/antiphon/activity", 0o750, daemon),
            ("/var/lib/antiphon/activity/alice.jsonl", 0o640, daemon),
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
        let paths = "[paths]\nusers = \"/etc/a/b/users\"\nstate = \"/var/lib/c/state\"\nactivity = \"/var/lib/c/activity\"\n";
        fs::write(&config, paths).unwrap();
        let config = config.to_str().unwrap();
        antiphon_with(
            world,
            &["--config", config, "enroll", "alice", "--no-confirm"],
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
        let (old, _) = enroll_confirmed(world, &["alice", "--language", "sv"]);
        let mut record = fs::read_to_string(world.record_path("alice")).unwrap();
        record += "\n[[number]]\ntel = \"+46701234521\"\nuses = [\"sms\"]\n";
        fs::write(world.record_path("alice"), record).unwrap();

        let (new, _) = enroll_confirmed(world, &["alice", "--replace"]);
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
        antiphon(world, "enroll alice --no-confirm --replace --json")
            .done()
            .warns("could not be read");
        antiphon(world, "check").done();
    });
}

#[test]
fn root_without_a_second_factor_is_warned_of_and_so_is_the_caller_of_sudo() {
    in_world(|world| {
        let enrol = |user: &str| {
            let mut command = command(world, &["enroll", user, "--no-confirm"]);
            run(command.env("SUDO_USER", "bob"), "").done()
        };
        enrol("alice")
            .says("root has no second factor yet")
            .says("bob has no second factor yet");
        let _ = enrol("root");
        enrol("bob").says_no("no second factor yet");
    });
}

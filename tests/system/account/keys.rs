//! The provider's keys: root's file and nothing else.

use std::fs::{self, Permissions};
use std::io::Read;
use std::os::unix::fs::{PermissionsExt, chown};

use antiphon_core::wire::ToDaemon;
use antiphon_tests::{CODE, LyingDaemon, Provider, in_world};

use super::alice_with_account;
use crate::phone::{Program, number_on};

#[test]
fn a_token_whose_key_is_not_there_yet_waits_for_it_while_the_prompt_stands() {
    in_world(|world| {
        let (_, _) = alice_with_account(world);
        let rotated = Provider::new("k2");
        let daemon = LyingDaemon::start();
        let mut terminal = Program::Sudo.start(world);
        let mut call = daemon.asked_by_account();
        let number = number_on(&mut terminal);
        let token = rotated.token(&call.asked, &number);
        call.token(token);
        assert_eq!(call.hear(), Some(ToDaemon::KeyUnknown {}));
        terminal
            .send_line("")
            .expect("The account's answer is still being checked.");
        let log = world.log().lines().join("\n");
        assert!(
            log.contains("account=waits user=alice provider=kmh"),
            "{log}"
        );
        rotated.store_key(0);
        assert_eq!(call.outcome().as_deref(), Some("accepted"));
        Program::Sudo.arrive(terminal);
    });
}

#[test]
fn without_fresh_keys_of_roots_own_nobody_is_asked_and_a_code_is_taken() {
    in_world(|world| {
        let (mut alice, provider) = alice_with_account(world);
        let daemon = LyingDaemon::start();
        let file = format!("{}/kmh.toml", Provider::FOLDER);
        let planted = provider.key_set(0).to_toml();
        let cases: [(&str, &dyn Fn()); 6] = [
            ("missing", &|| fs::remove_file(&file).unwrap()),
            ("too old", &|| provider.store_key(24 * 3600)),
            ("another's", &|| {
                chown(&file, Some(1000), Some(1000)).unwrap();
            }),
            ("writable", &|| {
                fs::set_permissions(&file, Permissions::from_mode(0o666)).unwrap();
            }),
            ("a link", &|| {
                fs::copy(&file, "/tmp/planted.toml").unwrap();
                fs::remove_file(&file).unwrap();
                std::os::unix::fs::symlink("/tmp/planted.toml", &file).unwrap();
            }),
            ("elsewhere", &|| {
                fs::remove_file(&file).unwrap();
                for folder in [
                    "/etc/antiphon",
                    "/run/antiphon",
                    "/var/lib/antiphon/activity",
                    "/tmp",
                ] {
                    for name in ["kmh.toml", "keys.toml", "providers.toml"] {
                        fs::write(format!("{folder}/{name}"), &planted).unwrap();
                    }
                }
            }),
        ];
        let mut seen = 0;
        for (name, spoil) in cases {
            let _ = fs::remove_file(&file);
            provider.store_key(0);
            spoil();
            let mut terminal = Program::Sudo.start(world);
            terminal.answer(CODE, &alice.code());
            Program::Sudo.arrive(terminal);
            // Keys that are not there are asked for, and nothing else is said; what is wrong with others is root's to look at.
            if ["missing", "too old", "elsewhere"].contains(&name) {
                let mut said = String::new();
                daemon.connection().read_to_string(&mut said).unwrap();
                assert!(said.ends_with(r#"{"key_unknown":{}}"#), "{name}: {said:?}");
                while daemon.was_called() {}
            } else {
                assert!(!daemon.was_called(), "{name}");
            }
            let log = world.log().lines();
            let away = log
                .iter()
                .filter(|line| line.contains("account=away user=alice provider=kmh"));
            seen += 1;
            assert_eq!(away.count(), seen, "{name}: {log:#?}");
            alice.change(|_| {});
        }
    });
}

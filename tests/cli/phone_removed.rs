//! A lost phone: what it answers is no longer valid, and its page shows nothing any more.

use std::io::Write;

use antiphon_core::base64url;
use antiphon_core::wire::{FromDaemon, Unwilling, encode};
use antiphon_tests::{LyingDaemon, Passkey, World, in_world};
use serde_json::json;

use crate::command::{antiphon, command, enroll};
use crate::daemon::in_house;
use crate::phone_added::add;
use crate::{Daemon, Inbox, Phone, Web};

fn opens(phone: &Phone) -> [u16; 2] {
    ["/api/me", "/api/activity"].map(|path| phone.get(path).status)
}

#[test]
fn the_page_of_a_removed_phone_ends_at_once_and_the_others_stay() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let (lost, _) = add(world, "lost");
        let (kept, _) = add(world, "kept");
        let (mut inbox, _) = Inbox::open(&Web::default(), &lost.token);
        assert_eq!((opens(&lost), opens(&kept)), ([200; 2], [200; 2]));
        let said = antiphon(world, "remove alice --phone lost --yes").done();
        assert!(!said.err.contains("note:"), "{said:#?}");
        assert_eq!(inbox.next(), None);
        assert_eq!((opens(&lost), opens(&kept)), ([401; 2], [200; 2]));
        let _ = enroll(world, "bob");
        antiphon(world, "remove bob --yes").done();
        assert_eq!(opens(&kept), [200; 2]);
        let object = antiphon(world, "remove alice --yes --json").done().object();
        assert_eq!(
            object,
            json!({"user": "alice", "removed": true, "purged": false, "forgotten": true})
        );
        assert_eq!(opens(&kept), [401; 2]);
    });
}

#[test]
fn with_the_daemon_away_a_phone_is_removed_all_the_same_and_its_page_ends_later() {
    in_house(|world| {
        let daemon = Daemon::start(world, "");
        let (lost, _) = add(world, "lost");
        let (kept, _) = add(world, "kept");
        assert!(daemon.terminate().success());
        let credential = base64url::encode(&lost.credential);
        let later = format!("antiphon remove alice --forget={credential}");
        let said = antiphon(world, "remove alice --phone lost --yes").done();
        assert!(said.out.contains("is no longer valid"), "{said:#?}");
        assert!(said.err.contains("recent activity"), "{said:#?}");
        assert!(said.err.contains(&later), "{said:#?}");
        let status = antiphon(world, "status alice").done();
        assert!(!status.out.contains("lost"), "{status:#?}");
        let later = later.strip_prefix("antiphon ").unwrap();
        antiphon(world, later).failed(69, "systemctl start antiphond");
        let _daemon = Daemon::start(world, "");
        assert_eq!((opens(&lost), opens(&kept)), ([200; 2], [200; 2]));
        let said = antiphon(world, later).done();
        assert!(said.out.contains("shows nothing any more"), "{said:#?}");
        assert_eq!((opens(&lost), opens(&kept)), ([401; 2], [200; 2]));
        // Said twice, or of a phone that still counts, or by a slip.
        antiphon(world, &format!("{later} --json")).done();
        let counts = base64url::encode(&kept.credential);
        antiphon(world, &format!("remove alice --forget={counts}")).failed(65, "--phone kept");
        antiphon(world, "remove alice --forget=no!").failed(65, "no credential");
        antiphon(world, &format!("remove bob --forget={counts}")).failed(65, "alice's phone");
        assert_eq!(opens(&kept), [200; 2]);
    });
}

/// Gives alice a phone beside her codes, without a daemon.
fn with_phone(world: &World) {
    let phone = Passkey::new("lost", "http://localhost:8470").phone();
    world
        .enrol("alice")
        .change(|record| record.phones.push(phone));
}

#[test]
fn no_lie_of_the_daemon_keeps_a_phone() {
    in_world(|world| {
        let garbage = b"\0\0\0\x02no".to_vec();
        let overloaded = FromDaemon::Unwilling {
            reason: Unwilling::Overloaded,
        };
        let lies = [
            encode(&overloaded).unwrap(),
            encode(&FromDaemon::Kept {}).unwrap(),
            garbage,
            Vec::new(),
        ];
        for lie in lies {
            with_phone(world);
            let daemon = LyingDaemon::start();
            let removed = std::thread::scope(|scope| {
                let command = scope.spawn(|| {
                    let arguments = ["remove", "alice", "--phone", "lost", "--yes", "--json"];
                    command(world, &arguments).output().unwrap()
                });
                let mut root = daemon.connection();
                root.write_all(&lie).unwrap();
                if lie.is_empty() {
                    drop(root);
                    return command.join().unwrap();
                }
                let removed = command.join().unwrap();
                drop(root);
                removed
            });
            assert!(removed.status.success(), "{removed:?}");
            let object: serde_json::Value = serde_json::from_slice(&removed.stdout).unwrap();
            assert_eq!(object["forgotten"], false, "{removed:?}");
            assert_eq!(object["credentials"].as_array().unwrap().len(), 1);
            let said = antiphon(world, "status alice --json").done().object();
            assert_eq!(said["users"][0]["phones"], json!([]));
        }
    });
}

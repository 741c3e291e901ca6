//! A lost phone: what it answers is no longer valid, and its page shows nothing any more.

use std::io::Write;

use antiphon_core::base64url;
use antiphon_core::wire::{FromDaemon, Unwilling, encode};
use antiphon_tests::{LyingDaemon, in_world};
use serde_json::json;

use crate::command::{antiphon, enroll};
use crate::daemon::in_house;
use crate::last_way::with_phone;
use crate::phone_added::add;
use crate::{Daemon, Phone};

fn opens(phone: &Phone) -> [u16; 2] {
    ["/api/me", "/api/activity"].map(|path| phone.get(path).status)
}

#[test]
fn the_page_of_a_removed_phone_ends_at_once_and_the_others_stay() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let (lost, _) = add(world, "lost");
        let (kept, _) = add(world, "kept");
        let (mut inbox, _) = lost.inbox();
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
        antiphon(world, "remove alice --phone lost --yes")
            .done()
            .says("is no longer valid")
            .warns("recent activity")
            .warns(&later);
        antiphon(world, "status alice").done().says_no("lost");
        let later = later.strip_prefix("antiphon ").unwrap();
        antiphon(world, later).failed(69, "systemctl start antiphond");
        let _daemon = Daemon::start(world, "");
        assert_eq!((opens(&lost), opens(&kept)), ([200; 2], [200; 2]));
        antiphon(world, later).done().says("shows nothing any more");
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
            let _ = with_phone(world);
            let daemon = LyingDaemon::start();
            let remove = "remove alice --phone Pixel --yes --json";
            let object = std::thread::scope(|scope| {
                let removed = scope.spawn(|| antiphon(world, remove).done().object());
                let mut root = daemon.connection();
                root.write_all(&lie).unwrap();
                // What says nothing has gone; what lies stays.
                let _open = (!lie.is_empty()).then_some(root);
                removed.join().unwrap()
            });
            assert_eq!(object["forgotten"], false, "{lie:?}");
            assert_eq!(object["credentials"].as_array().unwrap().len(), 1);
            let said = antiphon(world, "status alice --json").done().object();
            assert_eq!(said["users"][0]["phones"], json!([]));
        }
    });
}

//! Phones that root has removed.

use antiphon_core::wire::{FromDaemon, ToDaemon, Unwilling};
use serde_json::json;

use crate::daemon::in_house;
use crate::enrolment::enrol;
use crate::root::request;
use crate::{Daemon, Inbox, Root, Web};

fn forget(credentials: &[&[u8]]) -> Option<FromDaemon> {
    let credentials = credentials.iter().map(|bytes| bytes.to_vec()).collect();
    Root::say(&ToDaemon::Forget { credentials }).hear()
}

#[test]
fn a_removed_phones_token_inboxes_and_renewal_end_at_once_and_no_other_phones() {
    in_house(|world| {
        let daemon = Daemon::start(world, "");
        let web = Web::default();
        let mut lost = enrol(&web, "alice", "lost");
        let kept = enrol(&web, "alice", "kept");
        let (mut at_lost, _) = Inbox::open(&web, &lost.token);
        let (mut at_lost_too, _) = Inbox::open(&web, &lost.token);
        let (mut at_kept, _) = Inbox::open(&web, &kept.token);
        // A sign-in that is open goes on with the other.
        let both = [&lost.credential[..], &kept.credential];
        let _root = Root::ask(&request("alice", 60), &both, 2);
        let shown = at_lost.request();
        assert_eq!(at_kept.request(), shown);
        at_lost_too.request();
        // One that nobody knows is none to stumble over.
        let said = forget(&[&lost.credential, &[7; 32]]);
        assert_eq!(said, Some(FromDaemon::Forgotten {}));
        assert_eq!((at_lost.next(), at_lost_too.next()), (None, None));
        for path in ["/api/me", "/api/activity", "/api/inbox"] {
            assert_eq!(lost.get(path).status, 401, "{path}");
        }
        assert_eq!(lost.approve(&shown, "42").status, 401);
        let push = web.call("PUT", "/api/push", Some(&lost.token), Some("{}"));
        assert_eq!(push.status, 401);
        assert_eq!(lost.renew(|_| {}).status, 403);
        let phones = kept.get("/api/me").json()["phones"].clone();
        assert_eq!(phones.as_array().unwrap().len(), 1);
        assert_eq!(phones[0]["name"], json!("kept"));
        assert_eq!(kept.approve(&shown, "42").status, 202);
        assert_eq!(forget(&[&lost.credential]), Some(FromDaemon::Forgotten {}));
        // Also for a daemon that starts anew.
        assert!(daemon.terminate().success());
        let _daemon = Daemon::start(world, "");
        assert_eq!(lost.get("/api/me").status, 401);
        assert_eq!(kept.get("/api/me").status, 200);
    });
}

#[test]
fn a_removal_of_nothing_or_of_too_much_is_not_understood() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let (long, short) = ([1; 1024], [1; 1]);
        let many = [&short[..]; 65];
        for credentials in [&[][..], &[&[][..]], &[&long[..]], &many] {
            let reason = Unwilling::NotUnderstood;
            assert_eq!(forget(credentials), Some(FromDaemon::Unwilling { reason }));
        }
    });
}

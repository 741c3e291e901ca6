//! Phones that root has removed.

use antiphon_core::wire::FromDaemon;
use serde_json::json;

use crate::daemon::in_house;
use crate::enrolment::enrol;
use crate::root::request;
use crate::{Daemon, Root};

#[test]
fn a_removed_phones_token_inboxes_and_renewal_end_at_once_and_no_other_phones() {
    in_house(|world| {
        let daemon = Daemon::start(world, "");
        let mut lost = enrol("alice", "lost");
        let kept = enrol("alice", "kept");
        let (mut at_lost, _) = lost.inbox();
        let (mut at_lost_too, _) = lost.inbox();
        let (mut at_kept, _) = kept.inbox();
        // A sign-in that is open goes on with the other.
        let both = [&lost.credential[..], &kept.credential];
        let _root = Root::ask(&request("alice", 60), &both, 2);
        let shown = at_lost.request();
        assert_eq!(at_kept.request(), shown);
        at_lost_too.request();
        // One that nobody knows is none to stumble over.
        let said = Root::forget(&[&lost.credential, &[7; 32]]);
        assert_eq!(said, Some(FromDaemon::Forgotten {}));
        assert_eq!((at_lost.next(), at_lost_too.next()), (None, None));
        for path in ["/api/me", "/api/activity", "/api/inbox"] {
            assert_eq!(lost.get(path).status, 401, "{path}");
        }
        assert_eq!(lost.approve(&shown, "42").status, 401);
        assert_eq!(lost.put_push(&json!({})).status, 401);
        assert_eq!(lost.renew(|_| {}).status, 403);
        let phones = kept.get("/api/me").json()["phones"].clone();
        assert_eq!(phones.as_array().unwrap().len(), 1);
        assert_eq!(phones[0]["name"], json!("kept"));
        assert_eq!(kept.approve(&shown, "42").status, 202);
        let again = Root::forget(&[&lost.credential]);
        assert_eq!(again, Some(FromDaemon::Forgotten {}));
        // Also for a daemon that starts anew.
        assert!(daemon.terminate().success());
        let _daemon = Daemon::start(world, "");
        assert_eq!(lost.get("/api/me").status, 401);
        assert_eq!(kept.get("/api/me").status, 200);
    });
}

//! The pause that "It's not me" begins: shown to its person, and ended by their passkey alone.

use antiphon_core::approval::{ApprovalRequest, TakenBack, verify};
use antiphon_core::time::UnixTime;
use antiphon_core::wire::{FromDaemon, Silence, Suspicion, ToDaemon};
use serde_json::{Value, json};

use crate::daemon::in_house;
use crate::enrolment::enrol;
use crate::root::request;
use crate::sign_in::{id, recorded};
use crate::{Daemon, Inbox, Phone, Root, Web};

#[test]
fn a_pause_is_shown_to_its_person_and_what_takes_it_back_goes_to_the_next_sign_in() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let web = Web::default();
        let (alice, bob) = (
            enrol(&web, "alice", "Pixel 9"),
            enrol(&web, "bob", "Pixel 8"),
        );
        let asked = request("alice", 60);
        let pause = Silence {
            since: asked.issued,
            until: asked.issued.plus(900),
        };
        let (mut inbox, _) = Inbox::open(&web, &alice.token);
        let mut root = Root::ask(&asked, &[&alice.credential], 1);
        let shown = inbox.request();
        assert_eq!(alice.decline(id(&shown)).status, 202);
        assert_eq!(root.hear(), Some(FromDaemon::Declined {}));
        let paused = |phone: &Phone| web.get("/api/me", &phone.token).json()["pause"].clone();
        assert_eq!(paused(&alice), Value::Null);
        root.send(&ToDaemon::Outcome {
            outcome: "reported".into(),
            pause: Some(pause),
        });
        assert_eq!(inbox.gone(id(&shown)), "reported");
        assert_eq!(
            paused(&alice),
            json!({"since": pause.since, "until": pause.until, "ended": false})
        );
        assert_eq!(paused(&bob), Value::Null);

        let still = || {
            let mut root = Root::say(&ToDaemon::Paused {
                user: "alice".into(),
                host: "web1".into(),
                pause,
            });
            root.hear().unwrap()
        };
        assert_eq!(still(), FromDaemon::StillPaused {});
        let digest = |since| {
            let taken_back = TakenBack {
                user: "alice",
                host: "web1",
                since,
            };
            taken_back.digest()
        };
        let end = |phone: &Phone, signer: &Phone, since| {
            let signed = signer.sign(&digest(since));
            web.post("/api/pause/end", Some(&phone.token), &signed)
                .status
        };
        // Another's pause there is none of; another's passkey, or another pause, is not this one.
        assert_eq!(end(&bob, &bob, pause.since), 404);
        assert_eq!(end(&alice, &bob, pause.since), 422);
        assert_eq!(end(&alice, &alice, pause.since.plus(1)), 422);
        assert_eq!(still(), FromDaemon::StillPaused {});
        assert_eq!(end(&alice, &alice, pause.since), 200);
        assert_eq!(paused(&alice)["ended"], json!(true));
        let FromDaemon::TakenBack(assertion) = still() else {
            panic!("nothing was taken back")
        };
        let phone = recorded(&alice);
        assert!(verify(&assertion, &phone, &digest(pause.since), 0).is_ok());
        // Handed over once: the module keeps what it makes of it.
        assert_eq!(still(), FromDaemon::StillPaused {});
    });
}

#[test]
fn it_is_not_me_of_a_sign_in_that_hung_up_pauses_and_the_next_one_is_told_instead_of_asking() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let web = Web::default();
        let phone = enrol(&web, "alice", "Pixel 9");
        let (mut inbox, _) = Inbox::open(&web, &phone.token);
        let paused = || phone.get("/api/me").json()["pause"].clone();
        let mut declined = |asked: &ApprovalRequest| {
            let mut root = Root::ask(asked, &[&phone.credential], 1);
            let shown = inbox.request();
            assert_eq!(phone.decline(id(&shown)).status, 202);
            assert_eq!(root.hear(), Some(FromDaemon::Declined {}));
            drop(root);
            assert_eq!(inbox.gone(id(&shown)), "cancelled");
        };
        let asked = ApprovalRequest {
            caller: "bob".into(),
            ..request("alice", 60)
        };
        let trial = ApprovalRequest {
            service: "antiphon enroll".into(),
            ..asked.clone()
        };
        declined(&trial);
        assert_eq!(paused(), Value::Null);
        declined(&asked);
        let pause = paused();
        let since = pause["since"].as_u64().unwrap();
        assert_eq!(
            pause,
            json!({"since": since, "until": since + 900, "ended": false})
        );
        // The test of a phone goes on all the same.
        drop(Root::ask(&trial, &[&phone.credential], 1));
        let shown = inbox.request();
        inbox.gone(id(&shown));
        let mut root = Root::approve(&asked, &[&phone.credential]);
        let suspicion = Suspicion {
            since: UnixTime(since),
            remote_host: "203.0.113.5".into(),
            caller: "bob".into(),
        };
        assert_eq!(root.hear(), Some(FromDaemon::Suspected(suspicion)));
        assert_eq!(root.hear(), None);
        // The module begins the pause; the one that a phone takes back is the same.
        let pause = Silence {
            since: UnixTime(since),
            until: UnixTime(since + 900),
        };
        let taken_back = TakenBack {
            user: "alice",
            host: "web1",
            since: pause.since,
        };
        let signed = phone.sign(&taken_back.digest());
        assert_eq!(phone.post("/api/pause/end", &signed).status, 200);
        let mut root = Root::say(&ToDaemon::Paused {
            user: "alice".into(),
            host: "web1".into(),
            pause,
        });
        assert!(matches!(root.hear(), Some(FromDaemon::TakenBack(_))));
        assert_eq!(paused(), Value::Null);
        // Told once: of another place the phone is asked.
        let _root = Root::ask(&asked, &[&phone.credential], 1);
        inbox.request();
    });
}

//! The pause that "It's not me" begins: shown to its person, and ended by their passkey alone.

use antiphon_core::approval::{ApprovalRequest, TakenBack, verify};
use antiphon_core::time::UnixTime;
use antiphon_core::wire::{FromDaemon, Silence, Suspicion, ToDaemon};
use serde_json::{Value, json};

use crate::daemon::in_house;
use crate::enrolment::{enrol, qr_code};
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

/// Tells of a pause of alice's from now on; what has taken it back.
fn tell(pause: Silence) -> FromDaemon {
    let mut root = Root::say(&ToDaemon::Paused {
        user: "alice".into(),
        host: "web1".into(),
        pause,
    });
    root.hear().unwrap()
}

/// What ends a pause of alice's that began at `since`.
fn signed(by: &Phone, since: UnixTime) -> Value {
    let taken_back = TakenBack {
        user: "alice",
        host: "web1",
        since,
    };
    by.sign(&taken_back.digest())
}

#[test]
fn nobody_ends_or_sees_a_pause_without_a_token_that_counts_or_from_another_page() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let web = Web::default();
        let mut alice = enrol(&web, "alice", "Pixel 9");
        let since = request("alice", 60).issued;
        let pause = Silence {
            since,
            until: since.plus(900),
        };
        assert_eq!(tell(pause), FromDaemon::StillPaused {});
        let word = signed(&alice, since);
        let path = "/api/pause/end";
        let end = |token: Option<&str>| web.post(path, token, &word).status;

        assert_eq!((end(None), end(Some("x"))), (401, 401));
        let _root = Root::ticket([1; 16], "alice", &[]);
        let provisional = Phone::enrol(&web, &qr_code([1; 16]), "x").unwrap();
        assert_eq!(end(Some(&provisional.token)), 403);
        assert_eq!(provisional.get("/api/me").json()["pause"], Value::Null);
        let more = format!("Authorization: Bearer {}\r\n", alice.token);
        for origin in ["https://evil.example", "null", "http://localhost"] {
            let more = format!("{more}Origin: {origin}\r\n");
            let refused = web.say("POST", path, &more, Some(&word.to_string()));
            assert_eq!(refused.status, 403, "{origin}");
        }
        for method in ["GET", "PUT", "DELETE", "HEAD"] {
            let refused = web.say(method, path, &more, Some(&word.to_string()));
            assert_eq!(refused.status, 405, "{method}");
        }
        let mut odd = word.clone();
        odd["since"] = json!(since);
        let approval = alice.answer_to(
            &json!({"nonce": "AAAA", "user": "alice", "host": "web1", "service": "", "caller": "",
                    "remote_host": "", "terminal": "", "issued": since, "expires": since}),
            "42",
        );
        for (body, status) in [
            (odd.to_string(), 422),
            (approval.to_string(), 422),
            ("[]".into(), 422),
            (String::new(), 422),
            ("[".repeat(10_000), 422),
            (" ".repeat(17 * 1024), 413),
        ] {
            let refused = web.call("POST", path, Some(&alice.token), Some(&body));
            assert_eq!(refused.status, status, "{body}");
        }
        assert_eq!(tell(pause), FromDaemon::StillPaused {});

        // A token that was renewed ends it; of a phone that root has removed none does.
        assert_eq!(alice.renew(|_| {}).status, 200);
        assert_eq!(end(Some(&alice.token)), 200);
        assert!(matches!(tell(pause), FromDaemon::TakenBack(_)));
        assert_eq!(tell(pause), FromDaemon::StillPaused {});
        let mut root = Root::say(&ToDaemon::Forget {
            credentials: vec![alice.credential.clone()],
        });
        assert_eq!(root.hear(), Some(FromDaemon::Forgotten {}));
        assert_eq!(end(Some(&alice.token)), 401);
        assert_eq!(tell(pause), FromDaemon::StillPaused {});
    });
}

#[test]
fn each_place_has_a_pause_of_its_own_and_what_is_left_to_be_ended_is_shown() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let web = Web::default();
        let (one, two) = (enrol(&web, "alice", "one"), enrol(&web, "alice", "two"));
        let now = request("alice", 60).issued;
        let from = |since| Silence {
            since,
            until: now.plus(900),
        };
        let (home, stranger) = (from(now), from(UnixTime(now.0 - 5)));
        let shown = || one.get("/api/me").json()["pause"].clone();
        assert_eq!(tell(home), FromDaemon::StillPaused {});
        let end = |phone: &Phone, since| phone.post("/api/pause/end", &signed(phone, since)).status;
        // Any of the person's phones ends it.
        assert_eq!(end(&two, home.since), 200);
        assert_eq!(shown()["ended"], true);
        // A stranger tries meanwhile.
        assert_eq!(tell(stranger), FromDaemon::StillPaused {});
        assert_eq!(
            shown(),
            json!({"since": stranger.since, "until": stranger.until, "ended": false})
        );
        assert!(matches!(tell(home), FromDaemon::TakenBack(_)));
        assert_eq!(tell(stranger), FromDaemon::StillPaused {});
        assert_eq!(end(&one, stranger.since), 200);
        assert!(matches!(tell(stranger), FromDaemon::TakenBack(_)));
        assert_eq!(shown(), Value::Null);
    });
}

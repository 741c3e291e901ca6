//! The pause that "It's not me" begins: shown to its person, and ended by their passkey alone.

use antiphon_core::approval::{ApprovalRequest, TakenBack, verify};
use antiphon_core::time::UnixTime;
use antiphon_core::wire::{FromDaemon, Silence, Suspicion, ToDaemon};
use serde_json::{Value, json};

use crate::daemon::in_house;
use crate::enrolment::{enrol, qr_code};
use crate::root::request;
use crate::sign_in::recorded;
use crate::{Daemon, Phone, Root, Web};

/// What a phone signs to end a pause of alice's that began at `since`.
fn digest(since: UnixTime) -> [u8; 32] {
    let taken_back = TakenBack {
        user: "alice",
        host: "web1",
        since,
    };
    taken_back.digest()
}

/// A pause of a quarter of an hour.
fn pause_from(since: UnixTime) -> Silence {
    let until = since.plus(900);
    Silence { since, until }
}

/// The pause that this phone is shown.
fn shown(phone: &Phone) -> Value {
    phone.get("/api/me").json()["pause"].clone()
}

/// What is shown of a pause that has not been ended.
fn not_ended(pause: Silence) -> Value {
    json!({"host": "web1", "since": pause.since, "until": pause.until, "ended": false})
}

/// What comes of it when `phone` sends what `signer` has signed.
fn end(phone: &Phone, signer: &Phone, since: UnixTime) -> u16 {
    let proof = signer.sign(&digest(since));
    phone.post("/api/pause/end", &proof).status
}

#[test]
fn a_pause_is_shown_to_its_person_and_what_takes_it_back_goes_to_the_next_sign_in() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let (alice, bob) = (enrol("alice", "Pixel 9"), enrol("bob", "Pixel 8"));
        let tablet = enrol("alice", "tablet");
        let asked = request("alice", 60);
        let pause = pause_from(asked.issued);
        let (mut inbox, _) = alice.inbox();
        let mut root = Root::ask(&asked, &[&alice.credential], 1);
        let request = inbox.request();
        assert_eq!(alice.decline(&request).status, 202);
        assert_eq!(root.hear(), Some(FromDaemon::Declined {}));
        assert_eq!(shown(&alice), Value::Null);
        root.send(&ToDaemon::Outcome {
            outcome: "reported".into(),
            pause: Some(pause),
        });
        assert_eq!(inbox.gone(&request), "reported");
        assert_eq!(shown(&alice), not_ended(pause));
        assert_eq!(shown(&bob), Value::Null);

        assert_eq!(Root::tell(pause), FromDaemon::StillPaused {});
        // Another's pause there is none of; another's passkey, or another pause, is not this one.
        assert_eq!(end(&bob, &bob, pause.since), 404);
        assert_eq!(end(&alice, &bob, pause.since), 422);
        assert_eq!(end(&alice, &alice, pause.since.plus(1)), 422);
        assert_eq!(Root::tell(pause), FromDaemon::StillPaused {});
        // Any of the person's phones ends it.
        assert_eq!(end(&tablet, &tablet, pause.since), 200);
        assert_eq!(shown(&alice)["ended"], json!(true));
        let FromDaemon::TakenBack(assertion) = Root::tell(pause) else {
            panic!("nothing was taken back")
        };
        let phone = recorded(&tablet);
        assert!(verify(&assertion, &phone, &digest(pause.since), 0).is_ok());
        // Handed over once: the module keeps what it makes of it.
        assert_eq!(Root::tell(pause), FromDaemon::StillPaused {});
    });
}

#[test]
fn it_is_not_me_of_a_sign_in_that_hung_up_pauses_and_the_next_one_is_told_instead_of_asking() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let phone = enrol("alice", "Pixel 9");
        let (mut inbox, _) = phone.inbox();
        let mut declined = |asked: &ApprovalRequest| {
            let mut root = Root::ask(asked, &[&phone.credential], 1);
            let request = inbox.request();
            assert_eq!(phone.decline(&request).status, 202);
            assert_eq!(root.hear(), Some(FromDaemon::Declined {}));
            drop(root);
            assert_eq!(inbox.gone(&request), "cancelled");
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
        assert_eq!(shown(&phone), Value::Null);
        declined(&asked);
        let since = UnixTime(shown(&phone)["since"].as_u64().unwrap());
        let pause = pause_from(since);
        assert_eq!(shown(&phone), not_ended(pause));
        // The test of a phone goes on all the same.
        drop(Root::ask(&trial, &[&phone.credential], 1));
        let request = inbox.request();
        inbox.gone(&request);
        let mut root = Root::approve(&asked, &[&phone.credential]);
        let suspicion = Suspicion {
            since,
            remote_host: "203.0.113.5".into(),
            caller: "bob".into(),
        };
        assert_eq!(root.hear(), Some(FromDaemon::Suspected(suspicion)));
        assert_eq!(root.hear(), None);
        // The module begins the pause; the one that a phone takes back is the same.
        assert_eq!(end(&phone, &phone, since), 200);
        assert!(matches!(Root::tell(pause), FromDaemon::TakenBack(_)));
        assert_eq!(shown(&phone), Value::Null);
        // Told once: of another place the phone is asked.
        let _root = Root::ask(&asked, &[&phone.credential], 1);
        inbox.request();
    });
}

#[test]
fn nobody_ends_or_sees_a_pause_without_a_token_that_counts_or_from_another_page() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let web = Web::default();
        let mut alice = enrol("alice", "Pixel 9");
        let since = request("alice", 60).issued;
        let pause = pause_from(since);
        assert_eq!(Root::tell(pause), FromDaemon::StillPaused {});
        let word = alice.sign(&digest(since));
        let path = "/api/pause/end";
        let end = |token: Option<&str>| web.post(path, token, &word).status;

        assert_eq!((end(None), end(Some("x"))), (401, 401));
        let _root = Root::ticket([1; 16], "alice", &[]);
        let provisional = Phone::enrol(&qr_code([1; 16]), "x").unwrap();
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
        assert_eq!(Root::tell(pause), FromDaemon::StillPaused {});

        // A token that was renewed ends it; of a phone that root has removed none does.
        assert_eq!(alice.renew(|_| {}).status, 200);
        assert_eq!(end(Some(&alice.token)), 200);
        assert!(matches!(Root::tell(pause), FromDaemon::TakenBack(_)));
        assert_eq!(Root::tell(pause), FromDaemon::StillPaused {});
        let forgotten = Root::forget(&[&alice.credential]);
        assert_eq!(forgotten, Some(FromDaemon::Forgotten {}));
        assert_eq!(end(Some(&alice.token)), 401);
        assert_eq!(Root::tell(pause), FromDaemon::StillPaused {});
    });
}

//! Phones are enrolled, and only as root's command wants it.

use antiphon_core::invitation::{address, proves};
use antiphon_core::wire::{Enrolled, FromDaemon, Ticket, ToDaemon, Unwilling};
use antiphon_tests::until;
use serde_json::{Value, json};

use crate::daemon::in_house;
use crate::http::Answer;
use crate::phone::{base64url, bytes, random};
use crate::root::{approve, request, ticket, unwilling};
use crate::{Daemon, Inbox, Phone, Root, Web};

pub(crate) const ORIGIN: &str = "http://localhost:8470";
pub(crate) const SECRET: [u8; 32] = [9; 32];

pub(crate) fn qr_code(name: [u8; 16]) -> String {
    address(ORIGIN, &name, &SECRET).to_string()
}

/// Enrols a phone of `user` to the end, as the command does it.
pub(crate) fn enrol(user: &str, name: &str) -> Phone {
    let ticket: [u8; 16] = random(16).try_into().unwrap();
    let mut root = Root::ticket(ticket, user, &[]);
    let phone = Phone::enrol(&qr_code(ticket), name).unwrap();
    assert_eq!(root.hear(), Some(FromDaemon::TicketSeen {}));
    assert!(matches!(root.hear(), Some(FromDaemon::Enrolled(_))));
    root.send(&ToDaemon::Keep {});
    assert_eq!(root.hear(), Some(FromDaemon::Kept {}));
    phone
}

fn heard_enrolled(root: &mut Root) -> Enrolled {
    match root.hear() {
        Some(FromDaemon::Enrolled(enrolled)) => enrolled,
        other => panic!("{other:?}"),
    }
}

/// What a page sends of a passkey of its own making.
fn made(ticket: [u8; 16], credential: &[u8]) -> Value {
    json!({
        "ticket": base64url(&ticket), "name": "Pixel 9", "credential": base64url(credential),
        "public_key": base64url(&key()), "backup_eligible": true, "proof": base64url(&[0; 32]),
    })
}

/// A key in the right form.
fn key() -> Vec<u8> {
    let mut key = bytes("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE");
    key.extend([7; 64]);
    key
}

#[test]
fn a_phone_is_enrolled_by_ticket_proof_and_test_approval() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let mut root = Root::ticket([1; 16], "alice", &[]);
        let phone = Phone::enrol(&qr_code([1; 16]), "Åsas Pixel").unwrap();
        assert_eq!(root.hear(), Some(FromDaemon::TicketSeen {}));
        let enrolled = heard_enrolled(&mut root);
        assert!(proves(&enrolled, &SECRET, "alice", "web1", ORIGIN));
        assert!(!proves(&enrolled, &[8; 32], "alice", "web1", ORIGIN));

        // Provisional, it can do what the test approval needs and sees nothing of the person's.
        let (mut inbox, waits) = phone.inbox();
        assert!(waits.is_empty());
        assert_eq!(phone.get("/api/activity").status, 403);
        let me = phone.get("/api/me").json();
        assert_eq!(me["phones"].as_array().unwrap().len(), 1);
        let mut trial = Root::ask(&request("alice", 60), &[&phone.credential], 1);
        let shown = inbox.request();
        assert_eq!(phone.approve(&shown, "42").status, 202);
        assert!(matches!(trial.hear(), Some(FromDaemon::Answer(_))));
        trial.outcome("accepted");
        assert_eq!(inbox.gone(&shown), "accepted");

        root.send(&ToDaemon::Keep {});
        assert_eq!(root.hear(), Some(FromDaemon::Kept {}));
        assert_eq!(root.hear(), None);
        assert_eq!(phone.get("/api/activity").status, 200);
        // The stream that stood before goes on.
        let _next = Root::ask(&request("alice", 60), &[&phone.credential], 1);
        inbox.request();
    });
}

#[test]
fn a_phone_that_root_does_not_keep_is_nobody() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let root = Root::ticket([1; 16], "alice", &[]);
        let phone = Phone::enrol(&qr_code([1; 16]), "Pixel 9").unwrap();
        let (mut inbox, _) = phone.inbox();
        drop(root);
        assert_eq!(inbox.next(), None);
        assert_eq!(phone.get("/api/me").status, 401);
        let mut asked = Root::approve(&request("alice", 60), &[&phone.credential]);
        assert_eq!(asked.hear(), Some(unwilling(Unwilling::NoPhone)));
    });
}

#[test]
fn a_phone_that_has_not_heard_its_token_says_the_same_again_and_no_other_takes_its_place() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let web = Web::default();
        let mut root = Root::ticket([1; 16], "alice", &[]);
        let made = made([1; 16], &[4; 32]);
        let send = |made: &Value| web.post("/api/enroll", None, made);
        let token = |answer: Answer| answer.json()["token"].as_str().unwrap().to_owned();
        let first = token(send(&made));
        for (field, value) in [
            ("name", json!("Pixel 8")),
            ("credential", json!(base64url(&[5; 32]))),
            ("backup_eligible", json!(false)),
            ("proof", json!(base64url(&[1; 32]))),
        ] {
            let mut other = made.clone();
            other[field] = value;
            assert!([409, 422].contains(&send(&other).status), "{field}");
            assert_eq!(web.get("/api/me", &first).status, 200);
        }
        // What the first token has open ends with it.
        let _inbox = Inbox::open(web.connect(), &first);
        drop(Root::ask(&request("alice", 60), &[&[4; 32]], 1));
        let second = token(send(&made));
        listens_nobody(&[4; 32]);
        assert_eq!(web.get("/api/me", &first).status, 401);
        assert_eq!(web.get("/api/me", &second).status, 200);
        // Root hears of one phone, once.
        assert_eq!(heard_enrolled(&mut root).name, "Pixel 9");
        root.send(&ToDaemon::Keep {});
        assert_eq!(root.hear(), Some(FromDaemon::Kept {}));
        assert_eq!(send(&made).status, 404);
    });
}

/// That no page of alice's phone with this credential is open.
fn listens_nobody(credential: &[u8]) {
    until("its end", || {
        let mut root = Root::approve(&request("alice", 60), &[credential]);
        let said = root.hear();
        // The one before is still on its way out.
        (said != Some(unwilling(Unwilling::Busy))).then(|| {
            assert_eq!(said, Some(FromDaemon::Waiting { phones: 0 }));
        })
    });
}

#[test]
fn what_is_not_the_form_is_refused_and_leaves_the_ticket_open() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let web = Web::default();
        let known = [3; 32];
        let _root = Root::ticket([1; 16], "alice", &[&known]);
        let right = made([1; 16], &[4; 32]);
        for (field, value) in [
            ("name", json!("")),
            ("name", json!(" ")),
            ("name", json!("x".repeat(65))),
            ("name", json!("a\u{202e}b")),
            ("name", json!(7)),
            ("credential", json!("")),
            ("credential", json!("no base64url!")),
            ("credential", json!(base64url(&known))),
            ("credential", json!(base64url(&[4; 1024]))),
            ("public_key", json!(base64url(&[4; 91]))),
            ("public_key", json!(base64url(&key()[..90]))),
            ("backup_eligible", json!("true")),
            ("proof", json!(base64url(&[0; 31]))),
            ("more", json!(1)),
        ] {
            let mut wrong = right.clone();
            wrong[field] = value;
            let refused = web.post("/api/enroll", None, &wrong);
            assert_eq!(refused.status, 422, "{field}: {refused:?}");
            assert!(!refused.error().is_empty());
        }
        for body in ["", "{", "[]", "{}", "null", "{\"ticket\": 1}"] {
            let refused = web.call("POST", "/api/enroll", None, Some(body));
            assert_eq!(refused.status, 422, "{body}");
        }
        assert_eq!(web.post("/api/enroll", None, &right).status, 200);
    });
}

#[test]
fn a_provisional_phone_cannot_take_the_name_of_anothers_passkey() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let web = Web::default();
        let hers = enrol("alice", "Pixel 9");
        let (mut inbox, _) = hers.inbox();
        // Also of one person, should root's record not name the first phone any more.
        for (number, user) in (1..).zip(["bob", "alice"]) {
            let root = Root::ticket([number; 16], user, &[]);
            let made = made([number; 16], &hers.credential);
            let refused = web.post("/api/enroll", None, &made);
            assert_eq!(refused.status, 422, "{refused:?}");
            assert_eq!(refused.error(), "this passkey is enrolled already");
            drop(root);
        }
        // Her page is not hung up.
        let _asked = Root::ask(&request("alice", 60), &[&hers.credential], 1);
        inbox.request();
    });
}

#[test]
fn root_can_neither_keep_before_a_phone_came_nor_open_what_is_no_ticket() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let not_understood = Some(unwilling(Unwilling::NotUnderstood));
        let mut root = Root::ticket([1; 16], "alice", &[]);
        root.send(&ToDaemon::Keep {});
        assert_eq!(root.hear(), not_understood);
        let mut root = Root::ticket([2; 16], "alice", &[]);
        root.send(&approve(&request("alice", 60), &[&[1]]));
        assert_eq!(root.hear(), not_understood);
        let _first = Root::ticket([3; 16], "alice", &[]);
        let mut second = Root::say(&ticket([3; 16], "alice", &[]));
        assert!(matches!(second.hear(), Some(FromDaemon::Unwilling { .. })));
        let mut short = Root::say(&ToDaemon::Ticket(Ticket {
            ticket: vec![4; 15],
            user: "alice".into(),
            host: "web1".into(),
            credentials: Vec::new(),
        }));
        assert!(matches!(short.hear(), Some(FromDaemon::Unwilling { .. })));
    });
}

//! A sign-in that waits for a phone, and every way in which it ends.

use antiphon_core::approval::{Assertion, Number, verify};
use antiphon_core::record;
use antiphon_core::wire::{FromDaemon, Unwilling};
use serde_json::{Value, json};

use crate::daemon::in_house;
use crate::enrolment::{ORIGIN, enrol};
use crate::phone::base64url;
use crate::root::request;
use crate::{Daemon, Inbox, Phone, Root, Web};

fn heard_answer(root: &mut Root) -> Assertion {
    match root.hear() {
        Some(FromDaemon::Answer(assertion)) => assertion,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn id(request: &Value) -> &str {
    request["id"].as_str().unwrap()
}

/// Root's record of a phone that [`crate::phone`] plays.
pub(crate) fn recorded(phone: &Phone) -> record::Phone {
    record::Phone {
        name: "Pixel 9".into(),
        credential: phone.credential.clone(),
        public_key: phone.public_key(),
        origin: ORIGIN.into(),
        backup_eligible: false,
        enrolled: "2026-11-22T20:00:00Z".parse().unwrap(),
    }
}

#[test]
fn another_client_written_from_the_apis_page_alone_enrols_and_approves() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let web = Web::default();
        let phone = enrol(&web, "alice", "Pixel 9");
        let (mut inbox, _) = Inbox::open(&web, &phone.token);
        let asked = request("alice", 60);
        for (typed, outcome) in [("42", "accepted"), ("43", "wrong")] {
            let mut root = Root::ask(&asked, &[&phone.credential], 1);
            let shown = inbox.request();
            assert_eq!(shown["remote_host"], "203.0.113.5");
            assert_eq!(shown["digits"], 2);
            assert_eq!(phone.approve(&shown, typed).status, 202);
            let digest = asked.digest(&Number::new(42));
            let right = verify(&heard_answer(&mut root), &recorded(&phone), &digest, 0).is_ok();
            assert_eq!(right, outcome == "accepted");
            root.outcome(outcome);
            assert_eq!(inbox.gone(id(&shown)), outcome);
            assert_eq!(phone.approve(&shown, typed).status, 404);
        }
    });
}

#[test]
fn a_sign_in_that_goes_away_takes_its_prompt_with_it() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let web = Web::default();
        let phone = enrol(&web, "alice", "Pixel 9");
        let (mut inbox, _) = Inbox::open(&web, &phone.token);
        let root = Root::ask(&request("alice", 60), &[&phone.credential], 1);
        let shown = inbox.request();
        drop(root);
        assert_eq!(inbox.gone(id(&shown)), "cancelled");
        assert_eq!(phone.decline(id(&shown)).status, 404);
        let (_, waits) = Inbox::open(&web, &phone.token);
        assert!(waits.is_empty());
    });
}

#[test]
fn it_is_not_me_is_handed_on_and_both_are_told() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let web = Web::default();
        let phone = enrol(&web, "alice", "Pixel 9");
        let mut root = Root::ask(&request("alice", 60), &[&phone.credential], 0);
        // A page that is opened now begins with what waits.
        let (mut inbox, waits) = Inbox::open(&web, &phone.token);
        let shown = &waits[0];
        assert_eq!(phone.decline(id(shown)).status, 202);
        assert_eq!(root.hear(), Some(FromDaemon::Declined {}));
        root.outcome("reported");
        assert_eq!(inbox.gone(id(shown)), "reported");
    });
}

#[test]
fn a_mistake_is_handed_on_as_one() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let web = Web::default();
        let phone = enrol(&web, "alice", "Pixel 9");
        let (mut inbox, _) = Inbox::open(&web, &phone.token);
        let mut root = Root::ask(&request("alice", 60), &[&phone.credential], 1);
        let shown = inbox.request();
        let path = format!("/api/requests/{}/decline", id(&shown));
        let said = json!({"mistake": true});
        assert_eq!(web.post(&path, Some(&phone.token), &said).status, 202);
        assert_eq!(root.hear(), Some(FromDaemon::Mistake {}));
        root.outcome("mistake");
        assert_eq!(inbox.gone(id(&shown)), "mistake");
    });
}

#[test]
fn of_two_phones_the_quicker_one_answers_and_only_once() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let web = Web::default();
        let (one, two) = (enrol(&web, "alice", "one"), enrol(&web, "alice", "two"));
        let other = enrol(&web, "bob", "three");
        let (mut at_one, _) = Inbox::open(&web, &one.token);
        let (mut at_two, _) = Inbox::open(&web, &two.token);
        let credentials = [&one.credential[..], &two.credential];
        let mut root = Root::ask(&request("alice", 60), &credentials, 2);
        let shown = at_one.request();
        assert_eq!(at_two.request(), shown);
        assert_eq!(other.approve(&shown, "42").status, 404);
        assert_eq!(one.approve(&shown, "42").status, 202);
        assert_eq!(at_two.gone(id(&shown)), "answered");
        assert_eq!(one.approve(&shown, "42").status, 409);
        assert_eq!(two.approve(&shown, "42").status, 409);
        assert_eq!(two.decline(id(&shown)).status, 409);
        assert_eq!(heard_answer(&mut root).credential, one.credential);
        root.outcome("accepted");
        assert_eq!(at_one.gone(id(&shown)), "accepted");
        assert_eq!(root.hear(), None);
    });
}

#[test]
fn a_removed_phone_gets_nothing() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let web = Web::default();
        let (kept, removed) = (
            enrol(&web, "alice", "kept"),
            enrol(&web, "alice", "removed"),
        );
        let (mut at_kept, _) = Inbox::open(&web, &kept.token);
        let (mut at_removed, _) = Inbox::open(&web, &removed.token);
        // What root's record does not name is not asked.
        let root = Root::ask(&request("alice", 60), &[&kept.credential], 1);
        let shown = at_kept.request();
        assert_eq!(removed.approve(&shown, "42").status, 404);
        drop(root);
        at_kept.gone(id(&shown));
        let _both = Root::ask(
            &request("alice", 60),
            &[&kept.credential, &removed.credential],
            2,
        );
        // The first thing that it ever sees is the second sign-in.
        assert_ne!(id(&at_removed.request()), id(&shown));
    });
}

#[test]
fn a_person_has_one_open_request_and_others_do_not_wait_for_it() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let web = Web::default();
        let (alice, bob) = (enrol(&web, "alice", "a"), enrol(&web, "bob", "b"));
        let first = Root::ask(&request("alice", 60), &[&alice.credential], 0);
        let mut second = Root::approve(&request("alice", 60), &[&alice.credential]);
        let busy = Some(FromDaemon::Unwilling {
            reason: Unwilling::Busy,
        });
        assert_eq!(second.hear(), busy);
        assert_eq!(second.hear(), None);
        let _others = Root::ask(&request("bob", 60), &[&bob.credential], 0);
        drop(first);
        // The end of a connection is noticed at once, but not by us: so until then.
        while Root::approve(&request("alice", 60), &[&alice.credential]).hear() == busy {}
    });
}

#[test]
fn a_request_that_is_over_is_taken_away_by_the_daemons_own_clock() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let web = Web::default();
        let phone = enrol(&web, "alice", "Pixel 9");
        let (mut inbox, _) = Inbox::open(&web, &phone.token);
        let mut root = Root::ask(&request("alice", 1), &[&phone.credential], 1);
        let shown = inbox.request();
        assert_eq!(inbox.gone(id(&shown)), "expired");
        assert_eq!(root.hear(), None);
        // One that comes too late already.
        let mut root = Root::ask(&request("alice", 0), &[&phone.credential], 1);
        let shown = inbox.request();
        assert_eq!(inbox.gone(id(&shown)), "expired");
        assert_eq!(root.hear(), None);
    });
}

#[test]
fn without_a_phone_that_is_known_the_module_is_told_at_once() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let web = Web::default();
        let no_phone = Some(FromDaemon::Unwilling {
            reason: Unwilling::NoPhone,
        });
        let mut root = Root::approve(&request("alice", 60), &[&[1; 32]]);
        assert_eq!(root.hear(), no_phone);
        // Another person's phone is none.
        let bob = enrol(&web, "bob", "Pixel 9");
        let _inbox = Inbox::open(&web, &bob.token);
        let mut root = Root::approve(&request("alice", 60), &[&bob.credential]);
        assert_eq!(root.hear(), no_phone);
    });
}

#[test]
fn an_answer_of_another_form_or_another_passkey_is_not_handed_on() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let web = Web::default();
        let phone = enrol(&web, "alice", "Pixel 9");
        let mut root = Root::ask(&request("alice", 60), &[&phone.credential], 0);
        let (_inbox, waits) = Inbox::open(&web, &phone.token);
        let shown = &waits[0];
        let right = phone.answer_to(shown, "42");
        for (field, value) in [
            ("credential", json!(base64url(&[1; 32]))),
            ("client_data", json!("not base64url!")),
            ("signature", json!(7)),
            ("number", json!("42")),
        ] {
            let mut wrong = right.clone();
            wrong[field] = value;
            assert_eq!(phone.post_answer(id(shown), &wrong).status, 422, "{field}");
        }
        let path = format!("/api/requests/{}/decline", id(shown));
        let odd = web.call("POST", &path, Some(&phone.token), Some("{\"why\":1}"));
        assert_eq!(odd.status, 422);
        assert_eq!(phone.post_answer("no-such-id", &right).status, 404);
        let nobody = web.post(&path, Some("no such token"), &json!({}));
        assert_eq!(nobody.status, 401);
        assert_eq!(phone.post_answer(id(shown), &right).status, 202);
        assert_eq!(heard_answer(&mut root).credential, phone.credential);
    });
}

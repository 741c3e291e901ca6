//! A sign-in that waits for a phone, and every way in which it ends.

use antiphon_core::approval::{Assertion, Number, verify};
use antiphon_core::record;
use antiphon_core::wire::{FromDaemon, Unwilling};
use serde_json::json;

use crate::daemon::in_house;
use crate::enrolment::{ORIGIN, enrol};
use crate::phone::base64url;
use crate::root::{request, unwilling};
use crate::{Daemon, Phone, Root, Web};

fn heard_answer(root: &mut Root) -> Assertion {
    match root.hear() {
        Some(FromDaemon::Answer(assertion)) => assertion,
        other => panic!("{other:?}"),
    }
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
        let phone = enrol("alice", "Pixel 9");
        let (mut inbox, _) = phone.inbox();
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
            assert_eq!(inbox.gone(&shown), outcome);
            assert_eq!(phone.approve(&shown, typed).status, 404);
        }
    });
}

#[test]
fn a_mistake_is_handed_on_as_one() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let phone = enrol("alice", "Pixel 9");
        let (mut inbox, _) = phone.inbox();
        let mut root = Root::ask(&request("alice", 60), &[&phone.credential], 1);
        let shown = inbox.request();
        let said = phone.decline_with(&shown, &json!({"mistake": true}));
        assert_eq!(said.status, 202);
        assert_eq!(root.hear(), Some(FromDaemon::Mistake {}));
        root.outcome("mistake");
        assert_eq!(inbox.gone(&shown), "mistake");
    });
}

#[test]
fn of_two_phones_the_quicker_one_answers_and_only_once() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let (one, two) = (enrol("alice", "one"), enrol("alice", "two"));
        let other = enrol("bob", "three");
        let (mut at_one, _) = one.inbox();
        let (mut at_two, _) = two.inbox();
        let credentials = [&one.credential[..], &two.credential];
        let mut root = Root::ask(&request("alice", 60), &credentials, 2);
        let shown = at_one.request();
        assert_eq!(at_two.request(), shown);
        assert_eq!(other.approve(&shown, "42").status, 404);
        assert_eq!(one.approve(&shown, "42").status, 202);
        assert_eq!(at_two.gone(&shown), "answered");
        // Who missed the answer says the same again, which is no other answer.
        assert_eq!(one.approve(&shown, "42").status, 202);
        assert_eq!(one.approve(&shown, "43").status, 409);
        assert_eq!(one.decline(&shown).status, 409);
        assert_eq!(two.approve(&shown, "42").status, 409);
        assert_eq!(two.decline(&shown).status, 409);
        assert_eq!(heard_answer(&mut root).credential, one.credential);
        root.outcome("accepted");
        assert_eq!(at_one.gone(&shown), "accepted");
        assert_eq!(root.hear(), None);
    });
}

#[test]
fn a_request_that_is_over_is_taken_away_by_the_daemons_own_clock() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let phone = enrol("alice", "Pixel 9");
        let (mut inbox, _) = phone.inbox();
        // The second comes too late already.
        for lasts in [1, 0] {
            let mut root = Root::ask(&request("alice", lasts), &[&phone.credential], 1);
            let shown = inbox.request();
            assert_eq!(inbox.gone(&shown), "expired", "{lasts} s");
            assert_eq!(root.hear(), None, "{lasts} s");
        }
    });
}

#[test]
fn without_a_phone_that_is_known_the_module_is_told_at_once() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let no_phone = Some(unwilling(Unwilling::NoPhone));
        let mut root = Root::approve(&request("alice", 60), &[&[1; 32]]);
        assert_eq!(root.hear(), no_phone);
        // Another person's phone is none.
        let bob = enrol("bob", "Pixel 9");
        let _inbox = bob.inbox();
        let mut root = Root::approve(&request("alice", 60), &[&bob.credential]);
        assert_eq!(root.hear(), no_phone);
    });
}

#[test]
fn an_answer_of_another_form_or_another_passkey_is_not_handed_on() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let phone = enrol("alice", "Pixel 9");
        let mut root = Root::ask(&request("alice", 60), &[&phone.credential], 0);
        let (_inbox, waits) = phone.inbox();
        let shown = &waits[0];
        let id = shown["id"].as_str().unwrap();
        let right = phone.answer_to(shown, "42");
        for (field, value) in [
            ("credential", json!(base64url(&[1; 32]))),
            ("client_data", json!("not base64url!")),
            ("signature", json!(7)),
            ("number", json!("42")),
        ] {
            let mut wrong = right.clone();
            wrong[field] = value;
            assert_eq!(phone.post_answer(id, &wrong).status, 422, "{field}");
        }
        let odd = phone.decline_with(shown, &json!({"why": 1}));
        assert_eq!(odd.status, 422);
        assert_eq!(phone.post_answer("no-such-id", &right).status, 404);
        let path = format!("/api/requests/{id}/decline");
        let nobody = Web::default().post(&path, Some("no such token"), &json!({}));
        assert_eq!(nobody.status, 401);
        assert_eq!(phone.post_answer(id, &right).status, 202);
        assert_eq!(heard_answer(&mut root).credential, phone.credential);
    });
}

//! Whoever has a person's password cannot keep their one open request for themselves: a sign-in from where the person is known
//! takes its place.

use antiphon_core::account::page_code;
use antiphon_core::approval::ApprovalRequest;
use antiphon_core::invitation::TRIAL_SERVICE;
use antiphon_core::wire::{Hints, ToDaemon, Unwilling};
use serde_json::json;

use super::browser::{Browser, ask, asked};
use super::idp::Idp;
use crate::daemon::in_house;
use crate::enrolment::enrol;
use crate::root::{request, unwilling};
use crate::{Phone, Root};

/// Root asks alice's phone, and says this of where the sign-in comes from.
fn asks(request: &ApprovalRequest, phone: &Phone, familiar: Option<bool>) -> Root {
    Root::say(&ToDaemon::Approve {
        request: request.clone(),
        credentials: vec![phone.credential.clone()],
        digits: 2,
        hints: Hints {
            familiar,
            ..Hints::default()
        },
    })
}

#[test]
fn a_sign_in_from_where_the_person_is_known_goes_before_a_strangers_and_a_trial_does_not() {
    in_house(|world| {
        let idp = Idp::start(world);
        let _daemon = idp.daemon(world);
        let phone = enrol("alice", "Pixel 9");
        let (mut inbox, _) = phone.inbox();
        let mut strange = Root::ask(&request("alice", 60), &[&phone.credential], 1);
        let shown = inbox.request();
        let busy = Some(unwilling(Unwilling::Busy));
        for familiar in [None, Some(false)] {
            let mut other = asks(&request("alice", 60), &phone, familiar);
            assert_eq!(other.hear(), busy);
        }
        // It is not counted, so that whoever could displace with it could do so without end.
        let trial = ApprovalRequest {
            service: TRIAL_SERVICE.into(),
            ..request("alice", 60)
        };
        assert_eq!(asks(&trial, &phone, Some(true)).hear(), busy);

        let mut known = asks(&request("alice", 60), &phone, Some(true));
        assert!(known.hear().is_some_and(|said| Some(said) != busy));
        assert_eq!(strange.hear(), busy);
        assert_eq!(inbox.gone(&shown), "displaced");
        let next = inbox.request();
        assert_eq!(phone.approve(&shown, "42").status, 404);
        strange.outcome("displaced");
        assert_eq!(phone.approve(&next, "42").status, 202);
        assert!(known.hear().is_some());
        known.outcome("accepted");
        assert_eq!(inbox.gone(&next), "accepted");
    });
}

#[test]
fn an_account_approves_no_sign_in_that_was_displaced_while_the_browser_was_at_the_provider() {
    in_house(|world| {
        let idp = Idp::start(world);
        let _daemon = idp.daemon(world);
        let phone = enrol("alice", "Pixel 9");
        let strange = asked(&idp);
        let mut root = ask(&strange);
        let mut browser = Browser::default();
        let address = browser.begin(&strange, "42");
        let mut known = asks(&request("alice", 60), &phone, Some(true));
        assert!(known.hear().is_some());
        assert_eq!(root.hear(), Some(unwilling(Unwilling::Busy)));
        assert_eq!(browser.come_back(&address).status, 404);
        let code = json!({"code": page_code(&strange.request)});
        assert_eq!(browser.post("decline", &code).status, 404);
        root.outcome("displaced");
        assert_eq!(root.hear(), None);
        drop(known);
    });
}

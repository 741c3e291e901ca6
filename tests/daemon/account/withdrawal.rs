//! While the check digits are awaited, nothing is decided: the person can take the approval back, and has no other sign-in.

use antiphon_core::account::page_code;
use antiphon_core::wire::{ByAccount, FromDaemon, ToDaemon, Unwilling};
use serde_json::json;

use super::browser::{Browser, ask, asked};
use super::idp::Idp;
use crate::Root;
use crate::daemon::in_house;
use crate::enrolment::enrol;
use crate::root::unwilling;

/// A browser that has signed in for this, and root, which has the token.
fn signed_in(asked: &ByAccount) -> (Browser, Root) {
    let mut root = ask(asked);
    let mut browser = Browser::default();
    let address = browser.begin(asked, "42");
    assert_eq!(browser.come_back(&address).status, 200);
    assert!(matches!(root.hear(), Some(FromDaemon::Token(_))));
    (browser, root)
}

#[test]
fn until_the_check_digits_are_typed_no_other_sign_in_takes_its_place() {
    in_house(|world| {
        let idp = Idp::start(world);
        let _daemon = idp.daemon(world);
        let first = asked(&idp);
        let (browser, mut root) = signed_in(&first);
        let mut second = Root::say(&ToDaemon::ApproveByAccount(asked(&idp)));
        assert_eq!(second.hear(), Some(unwilling(Unwilling::Busy)));
        root.outcome("accepted");
        assert_eq!(
            browser.post("ended", &json!({})).json()["outcome"],
            "accepted"
        );
        ask(&asked(&idp));
    });
}

#[test]
fn where_a_token_alone_decides_the_next_sign_in_need_not_wait_for_the_end() {
    in_house(|world| {
        let idp = Idp::start(world);
        let _daemon = idp.daemon(world);
        let first = ByAccount {
            check_digits: false,
            ..asked(&idp)
        };
        let (browser, _root) = signed_in(&first);
        ask(&asked(&idp));
        // And it is too late to take it back.
        assert_eq!(browser.post("decline", &json!({})).status, 409);
    });
}

#[test]
fn the_browser_that_has_signed_in_can_take_it_back_once_and_nobody_else() {
    in_house(|world| {
        let idp = Idp::start(world);
        let daemon = idp.daemon(world);
        for (mistake, said) in [
            (false, FromDaemon::NotTheirs {}),
            (true, FromDaemon::Mistake {}),
        ] {
            let asked = asked(&idp);
            let (browser, mut root) = signed_in(&asked);
            let others = [
                (json!({"code": page_code(&asked.request)}), 409),
                (json!({}), 403),
            ];
            for (body, status) in others {
                assert_eq!(Browser::default().post("decline", &body).status, status);
            }
            let body = json!({"mistake": mistake});
            assert_eq!(browser.post("decline", &body).status, 202);
            assert_eq!(root.hear(), Some(said));
            assert_eq!(browser.post("decline", &body).status, 409);
            root.outcome("reported");
            let ended = browser.post("ended", &json!({})).json();
            assert_eq!(ended["outcome"], "reported");
            assert_eq!(browser.post("decline", &body).status, 404);
        }
        let log = world.log().lines().join("\n");
        let told = log.matches("outcome=reported reason=on-page user=alice");
        assert_eq!(told.count(), 1, "{log}");
        drop(daemon);
    });
}

#[test]
fn the_persons_own_phone_can_refuse_until_the_check_digits_are_typed() {
    in_house(|world| {
        let idp = Idp::start(world);
        let _daemon = idp.daemon(world);
        let phone = enrol("alice", "Pixel 9");
        let (mut inbox, _) = phone.inbox();
        for (mistake, said, outcome) in [
            (false, FromDaemon::Declined {}, "reported"),
            (true, FromDaemon::Mistake {}, "mistake"),
        ] {
            let asked = ByAccount {
                credentials: vec![phone.credential.clone()],
                ..asked(&idp)
            };
            let mut root = Root::say(&ToDaemon::ApproveByAccount(asked.clone()));
            assert_eq!(root.hear(), Some(FromDaemon::Waiting { phones: 1 }));
            let (_, shown) = inbox.next().unwrap();
            let mut browser = Browser::default();
            let address = browser.begin(&asked, "42");
            assert_eq!(browser.come_back(&address).status, 200);
            assert!(matches!(root.hear(), Some(FromDaemon::Token(_))));
            // A page that opens now is shown it too.
            assert_eq!(phone.inbox().1, std::slice::from_ref(&shown));
            assert_eq!(phone.approve(&shown, "42").status, 404);
            let body = json!({"mistake": mistake});
            assert_eq!(phone.decline_with(&shown, &body).status, 202);
            assert_eq!(root.hear(), Some(said));
            assert_eq!(phone.decline_with(&shown, &body).status, 202);
            assert_eq!(browser.post("decline", &json!({})).status, 409);
            root.outcome(outcome);
            assert_eq!(root.hear(), None);
            assert_eq!(inbox.gone(&shown), outcome);
            let ended = browser.post("ended", &json!({})).json();
            assert_eq!(ended["outcome"], outcome);
        }
    });
}

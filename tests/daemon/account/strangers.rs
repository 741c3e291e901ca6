//! People who guess a code: what they find out, and what they can do with one.

use antiphon_core::account::page_code;
use antiphon_core::wire::{FromDaemon, ToDaemon};
use serde_json::json;

use super::browser::{Browser, ask, asked};
use super::idp::Idp;
use crate::Root;
use crate::daemon::in_house;

#[test]
fn many_guesses_are_told_to_the_log_and_keep_nobody_from_signing_in_who_has_the_address() {
    in_house(|world| {
        let idp = Idp::start(world);
        let daemon = idp.daemon(world);
        // Everybody comes from one address, as behind a firewall that translates them.
        let from = Some("203.0.113.9");
        let stranger = Browser {
            from,
            ..Browser::default()
        };
        let wrong = json!({"code": "aaaaa-aaaaa"});
        let ticket = json!({"ticket": "A".repeat(22)});
        let invented = json!({"provider": "kmh", "state": "x".repeat(43), "code": "code-1"});
        for _ in 0..40 {
            assert_eq!(stranger.post("look", &wrong).status, 404);
            assert_eq!(stranger.post("look", &ticket).status, 404);
            assert_eq!(stranger.post("callback", &invented).status, 403);
        }
        let told = daemon.log().matches("somebody may be guessing").count();
        assert_eq!(told, 1, "{}", daemon.log());
        let asked = asked(&idp);
        let mut root = ask(&asked);
        let mut browser = Browser {
            from,
            ..Browser::default()
        };
        let code = json!({"code": page_code(&asked.request)});
        assert_eq!(browser.post("look", &code).status, 200);
        let address = browser.begin(&asked, "42");
        assert_eq!(browser.come_back(&address).status, 200);
        assert!(matches!(root.hear(), Some(FromDaemon::Token(_))));
    });
}

#[test]
fn who_has_a_code_can_decline_this_one_sign_in_and_pauses_nobody() {
    in_house(|world| {
        let idp = Idp::start(world);
        let _daemon = idp.daemon(world);
        for (mistake, reported) in [(true, 0), (false, 1)] {
            let asked = asked(&idp);
            // The one before it may still be on its way out.
            let mut root = antiphon_tests::until("the end of the one before", || {
                let mut root = Root::say(&ToDaemon::ApproveByAccount(asked.clone()));
                (root.hear() == Some(FromDaemon::Waiting { phones: 0 })).then_some(root)
            });
            let body = json!({"code": page_code(&asked.request), "mistake": mistake});
            assert_eq!(Browser::default().post("decline", &body).status, 202);
            let said = if mistake {
                FromDaemon::Mistake {}
            } else {
                FromDaemon::NotTheirs {}
            };
            assert_eq!(root.hear(), Some(said));
            // The person hangs up before it is told: no later sign-in is held up for it either.
            drop(root);
            let lines = antiphon_tests::until("the next sign-in", || {
                let mut root = Root::say(&ToDaemon::ApproveByAccount(asked.clone()));
                let said = root.hear();
                assert!(!matches!(said, Some(FromDaemon::Suspected(_))));
                (said == Some(FromDaemon::Waiting { phones: 0 })).then(|| world.log().lines())
            });
            let told = lines
                .iter()
                .filter(|line| line.contains("outcome=reported reason=on-page user=alice"));
            assert_eq!(told.count(), reported, "{lines:#?}");
        }
    });
}

#[test]
fn a_sign_in_takes_so_many_beginnings_and_no_more() {
    in_house(|world| {
        let idp = Idp::start(world);
        let _daemon = idp.daemon(world);
        let asked = asked(&idp);
        let _root = ask(&asked);
        for _ in 0..20 {
            Browser::default().begin(&asked, "42");
        }
        let body = json!({"code": page_code(&asked.request), "number": "42"});
        assert_eq!(Browser::default().post("begin", &body).status, 429);
    });
}

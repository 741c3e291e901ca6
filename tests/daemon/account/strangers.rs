//! People who guess a code: what they find out, and what they can do with one.

use antiphon_core::account::page_code;
use antiphon_core::wire::{FromDaemon, ToDaemon};
use serde_json::json;

use super::browser::{Browser, ask, asked};
use super::idp::Idp;
use crate::Root;
use crate::daemon::in_house;

#[test]
fn guesses_are_counted_and_after_too_many_not_even_a_right_one_is_answered() {
    in_house(|world| {
        let idp = Idp::start(world);
        let _daemon = idp.daemon(world);
        let asked = asked(&idp);
        let mut root = ask(&asked);
        let code = json!({"code": page_code(&asked.request)});
        let stranger = Browser {
            from: Some("203.0.113.9"),
            ..Browser::default()
        };
        // Others, and those who have the code, are not counted.
        let here = Browser {
            from: Some("198.51.100.7"),
            ..Browser::default()
        };
        for _ in 0..50 {
            assert_eq!(here.post("look", &code).status, 200);
        }
        let wrong = json!({"code": "aaaaaa"});
        let mut tries = std::iter::repeat_with(|| stranger.post("look", &wrong));
        assert_eq!(
            tries
                .by_ref()
                .take(30)
                .filter(|seen| seen.status == 404)
                .count(),
            30
        );
        let number = json!({"code": page_code(&asked.request), "number": "42"});
        for (path, body) in [("look", &code), ("begin", &number), ("decline", &code)] {
            let refused = stranger.post(path, body);
            assert_eq!(refused.status, 429, "{path}");
            assert!(refused.header("retry-after").is_some());
        }
        assert_eq!(here.post("look", &code).status, 200);
        assert_eq!(here.post("decline", &code).status, 202);
        assert_eq!(root.hear(), Some(FromDaemon::Mistake {}));
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
            assert_eq!(root.hear(), Some(FromDaemon::Mistake {}));
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

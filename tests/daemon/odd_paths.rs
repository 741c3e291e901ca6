//! Whatever is asked for, the answer is ours.

use crate::daemon::in_house;
use crate::enrolment::enrol;
use crate::{Daemon, Web};

#[test]
fn odd_paths_are_answered_in_our_json() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let web = Web::default();
        let phone = enrol(&web, "alice", "Pixel 9");
        let token = format!("Authorization: Bearer {}\r\n", phone.token);
        for (method, path, status) in [
            ("GET", "/nothing", 404),
            ("GET", "/api", 404),
            ("GET", "/api/", 404),
            ("GET", "/api/nothing", 404),
            ("GET", "/api//me", 404),
            ("GET", "/api/me/", 404),
            ("GET", "//", 404),
            ("GET", "/%", 404),
            ("GET", "/%ff", 404),
            ("GET", "/api/%ff", 404),
            ("GET", "/%2e%2e/etc/passwd", 404),
            ("GET", "/../etc/passwd", 404),
            ("GET", "/sounds/sv/x.wav", 404),
            ("GET", "/sounds/%ff/1.wav", 404),
            ("GET", "http://localhost:8470/nothing", 404),
            ("OPTIONS", "*", 404),
            ("POST", "/", 405),
            ("GET", "/api/enroll", 405),
            ("DELETE", "/api/push", 405),
            ("TRACE", "/api/me", 405),
            ("ODD", "/sw.js", 405),
            ("GET", "/api/requests/x/answer", 405),
            ("POST", "/api/requests/x/decline", 404),
            ("POST", "/api/requests//decline", 404),
            ("POST", "/api/requests/%/decline", 404),
            ("POST", "/api/requests/%ff/decline", 404),
            ("POST", "/api/requests/%00/decline", 404),
            ("POST", "/api/requests/a%2fb/decline", 404),
            ("POST", "/api/requests/x/y/decline", 404),
            ("POST", "/api/requests/%ff/answer", 404),
        ] {
            let answer = web.say(method, path, &token, Some("{}"));
            let kind = answer.header("content-type");
            assert_eq!(
                kind,
                Some("application/json"),
                "{method} {path}: {answer:?}"
            );
            assert!(!answer.error().is_empty());
            let expected = if path.ends_with("/%ff/answer") {
                422
            } else {
                status
            };
            assert!(
                [status, expected].contains(&answer.status),
                "{method} {path}: {answer:?}"
            );
        }
    });
}

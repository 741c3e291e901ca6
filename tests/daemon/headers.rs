//! What every answer carries, and who is turned away at the door.

use serde_json::json;

use crate::daemon::in_house;
use crate::enrolment::enrol;
use crate::{Daemon, Web};

#[test]
fn the_page_is_served_with_all_that_keeps_others_out() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let web = Web::default();
        for (path, kind) in [
            ("/", "text/html; charset=utf-8"),
            ("/enroll", "text/html; charset=utf-8"),
            ("/app.js", "text/javascript; charset=utf-8"),
            ("/sw.js", "text/javascript; charset=utf-8"),
            ("/style.css", "text/css; charset=utf-8"),
            ("/manifest.webmanifest", "application/manifest+json"),
            ("/icon.svg", "image/svg+xml"),
            ("/icon-192.png", "image/png"),
        ] {
            let answer = web.call("GET", path, None, None);
            assert_eq!(answer.status, 200, "{path}");
            assert_eq!(answer.header("content-type"), Some(kind), "{path}");
            assert_eq!(answer.header("cache-control"), Some("no-cache"));
            let tag = answer.header("etag").unwrap();
            let known = format!("If-None-Match: \"x\", W/{tag}\r\n");
            let again = web.say("GET", path, &known, None);
            assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
            let head = web.call("HEAD", path, None, None);
            assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
        }
        for path in ["/", "/api/me", "/nothing"] {
            let answer = web.call("GET", path, None, None);
            let policy = answer.header("content-security-policy").unwrap();
            for part in [
                "default-src 'none'",
                "frame-ancestors 'none'",
                "base-uri 'none'",
                "form-action 'none'",
                "require-trusted-types-for 'script'",
                "trusted-types antiphon",
            ] {
                assert!(policy.split("; ").any(|found| found == part), "{part}");
            }
            // What is in the document itself is permitted by its digest, nowhere else, and nothing else is.
            let scripts = policy
                .split("; ")
                .find(|it| it.starts_with("script-src"))
                .unwrap();
            let own = scripts.strip_prefix("script-src 'self'").unwrap();
            assert_eq!(own.starts_with(" 'sha256-"), path == "/", "{scripts}");
            assert!(!policy.contains("unsafe"), "{policy}");
            for (name, value) in [
                ("x-content-type-options", "nosniff"),
                ("referrer-policy", "no-referrer"),
                ("cross-origin-opener-policy", "same-origin"),
                ("cross-origin-resource-policy", "same-origin"),
            ] {
                assert_eq!(answer.header(name), Some(value), "{path}");
            }
            let permissions = answer.header("permissions-policy").unwrap();
            assert!(permissions.contains("publickey-credentials-get=(self)"));
            assert!(permissions.contains("camera=()"));
            let head = answer.head.to_ascii_lowercase();
            assert!(!head.contains("access-control"), "{head}");
            // The page is plain HTTP here.
            assert!(!head.contains("strict-transport-security"), "{head}");
            assert!(!head.contains("\nserver:"), "{head}");
        }
        let api = web.call("GET", "/api/me", None, None);
        assert_eq!(api.header("cache-control"), Some("no-store"));
    });
}

#[test]
fn a_page_at_https_stays_there() {
    in_house(|world| {
        let origin = "[page]\norigin = \"https://mfa.example.org\"\n";
        let _daemon = Daemon::start(world, origin);
        let web = Web::called("mfa.example.org");
        let answer = web.call("GET", "/", None, None);
        let value = answer.header("strict-transport-security");
        assert_eq!(value, Some("max-age=63072000"));
    });
}

#[test]
fn another_name_or_another_page_gets_nothing_done() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let web = Web::default();
        let phone = enrol("alice", "Pixel 9");
        for host in ["evil.example", "127.0.0.1:8470", "localhost", "localhost:1"] {
            let refused = Web::called(host).get("/api/me", &phone.token);
            assert_eq!(refused.status, 421, "{host}");
            assert!(refused.error().contains("http://localhost:8470"));
        }
        let nameless = web.raw("GET / HTTP/1.0\r\n\r\n");
        assert_eq!(nameless.status, 421);

        let token = format!("Authorization: Bearer {}\r\n", phone.token);
        for (origin, status) in [
            ("https://evil.example", 403),
            ("null", 403),
            ("http://localhost", 403),
            ("http://localhost:8470", 200),
        ] {
            let more = format!("{token}Origin: {origin}\r\n");
            let put = web.say("PUT", "/api/push", &more, Some("{}"));
            assert_eq!(put.status, status, "{origin}");
            let post = web.say("POST", "/api/renew", &more, Some("{}"));
            assert_eq!(post.status, status, "{origin}");
        }
        // What a browser asks first gets no leave.
        let asked = "Origin: https://evil.example\r\nAccess-Control-Request-Method: PUT\r\n";
        let preflight = web.say("OPTIONS", "/api/push", asked, None);
        assert_eq!(preflight.status, 403);
    });
}

#[test]
fn who_is_not_known_is_told_so_in_json() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let web = Web::default();
        for path in ["/api/me", "/api/inbox", "/api/activity"] {
            let answer = web.call("GET", path, None, None);
            assert_eq!(answer.status, 401, "{path}");
            assert!(!answer.error().is_empty());
        }
        for value in [
            "Bearer",
            "Bearer ",
            "Bearer x",
            "Basic YWxpY2U6eA==",
            "bearer\tx",
            "Bearer \u{e5}",
        ] {
            let more = format!("Authorization: {value}\r\n");
            let answer = web.say("GET", "/api/me", &more, None);
            assert_eq!(answer.status, 401, "{value}");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        }
        // A token in the address is none.
        let phone = enrol("alice", "Pixel 9");
        let path = format!("/api/me?access_token={}", phone.token);
        assert_eq!(web.call("GET", &path, None, None).status, 401);
        assert_eq!(phone.get("/api/me").json()["user"], json!("alice"));
    });
}

#[test]
fn odd_paths_are_answered_in_our_json() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let web = Web::default();
        let phone = enrol("alice", "Pixel 9");
        let token = format!("Authorization: Bearer {}\r\n", phone.token);
        let odd = |status: &[u16], method: &str, paths: &str| {
            for path in paths.split(' ') {
                let answer = web.say(method, path, &token, Some("{}"));
                let context = format!("{method} {path}: {answer:?}");
                let kind = answer.header("content-type");
                assert_eq!(kind, Some("application/json"), "{context}");
                assert!(!answer.error().is_empty());
                assert!(status.contains(&answer.status), "{context}");
            }
        };
        odd(
            &[404],
            "GET",
            "/nothing /api /api/ /api/nothing /api//me /api/me/ // /app.js/",
        );
        odd(
            &[404],
            "GET",
            "/% /%ff /api/%ff /%2e%2e/etc/passwd /../etc/passwd",
        );
        odd(
            &[404],
            "GET",
            "/sounds/sv/x.wav /sounds/%ff/1.wav http://localhost:8470/nothing",
        );
        odd(&[404], "OPTIONS", "*");
        odd(&[405], "GET", "/api/enroll /api/requests/x/answer");
        odd(&[405], "POST", "/");
        odd(&[405], "DELETE", "/api/push /api/me");
        odd(&[405], "TRACE", "/api/me");
        odd(&[405], "ODD", "/sw.js");
        let ids = ["x", "", "%", "%ff", "%00", "a%2fb", "x/y"];
        let paths = ids.map(|id| format!("/api/requests/{id}/decline"));
        odd(&[404], "POST", &paths.join(" "));
        odd(&[404, 422], "POST", "/api/requests/%ff/answer");
    });
}

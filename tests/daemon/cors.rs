//! The page of another web server: it may use the API from its exact origin, and nothing else may.

use serde_json::json;

use crate::daemon::in_house;
use crate::{Daemon, Web};

const ORIGIN: &str = "http://localhost:8500";
const CONFIGURED: &str = "[page]\norigin = \"http://localhost:8500\"\nrelays = [\"http://localhost:8470\", \"http://localhost:8482\"]\n";

/// All that the API has.
const CALLS: [(&str, &str); 16] = [
    ("POST", "/api/enroll"),
    ("GET", "/api/inbox"),
    ("POST", "/api/requests/x/answer"),
    ("POST", "/api/requests/x/decline"),
    ("GET", "/api/me"),
    ("PUT", "/api/push"),
    ("GET", "/api/activity"),
    ("POST", "/api/activity/report"),
    ("POST", "/api/pause/end"),
    ("POST", "/api/renew"),
    ("POST", "/api/account/look"),
    ("POST", "/api/account/begin"),
    ("POST", "/api/account/callback"),
    ("POST", "/api/account/resume"),
    ("POST", "/api/account/ended"),
    ("POST", "/api/account/decline"),
];

fn asks(web: &Web, method: &str, path: &str, origin: &str) -> crate::http::Answer {
    let head = format!(
        "Origin: {origin}\r\nAccess-Control-Request-Method: {method}\r\n\
         Access-Control-Request-Headers: authorization,content-type\r\n"
    );
    web.say("OPTIONS", path, &head, None)
}

#[test]
fn every_call_is_permitted_to_the_pages_exact_origin_and_to_no_other() {
    in_house(|world| {
        let _daemon = Daemon::start(world, CONFIGURED);
        let web = Web::default();
        for (method, path) in CALLS {
            let asked = asks(&web, method, path, ORIGIN);
            assert_eq!((asked.status, asked.body.len()), (204, 0), "{path}");
            let methods = asked.header("access-control-allow-methods").unwrap();
            assert!(methods.split(", ").any(|one| one == method), "{methods}");
            let names = asked.header("access-control-allow-headers");
            assert_eq!(names, Some("authorization, content-type"));
            let body = (method != "GET").then_some("{}");
            let called = web.say(method, path, &format!("Origin: {ORIGIN}\r\n"), body);
            // Not let in without a token, a ticket or a code, but told so.
            assert!(![403, 405, 421].contains(&called.status) || path.starts_with("/api/account/"));
            for answer in [asked, called] {
                let may = answer.header("access-control-allow-origin");
                assert_eq!(may, Some(ORIGIN), "{path}");
                let cookies = answer.header("access-control-allow-credentials");
                assert_eq!(cookies, Some("true"), "{path}");
                assert_eq!(answer.header("vary"), Some("origin"), "{path}");
            }
            for other in [
                "http://localhost:8470",
                "http://localhost",
                "https://localhost:8500",
                "null",
            ] {
                let head = format!("Origin: {other}\r\n");
                for answer in [
                    asks(&web, method, path, other),
                    web.say(method, path, &head, body),
                ] {
                    assert_eq!(answer.status, 403, "{path} from {other}");
                    assert!(!answer.head.to_ascii_lowercase().contains("access-control"));
                }
            }
        }
        let twice = format!("Origin: {ORIGIN}\r\nOrigin: {ORIGIN}\r\n");
        assert_eq!(web.say("GET", "/api/me", &twice, None).status, 403);
    });
}

#[test]
fn a_relay_of_another_servers_page_serves_none_and_answers_to_relays_names_alone() {
    in_house(|world| {
        let _daemon = Daemon::start(world, CONFIGURED);
        let renew = |web: &Web| web.post("/api/renew", None, &json!({})).status;
        for (host, status) in [
            ("localhost:8470", 200),
            // The balancer or proxy of any of them may lead here.
            ("localhost:8482", 200),
            ("localhost:8500", 421),
            ("evil.example", 421),
        ] {
            assert_eq!(renew(&Web::called(host)), status, "{host}");
        }
        let web = Web::default();
        for path in ["/", "/enroll", "/a", "/sw.js", "/guide"] {
            let answer = web.say("GET", path, &format!("Origin: {ORIGIN}\r\n"), None);
            assert_eq!(answer.status, 404, "{path}");
            assert_eq!(answer.header("access-control-allow-origin"), None);
        }
        assert_eq!(web.call("GET", "/sounds/sv/7.wav", None, None).status, 200);
    });
}

#[test]
fn a_balancer_asks_for_health_by_any_name() {
    in_house(|world| {
        for configuration in ["", CONFIGURED] {
            let daemon = Daemon::start(world, configuration);
            for host in ["localhost:8470", "192.0.2.1"] {
                let web = Web::called(host);
                assert_eq!(web.call("GET", "/health", None, None).status, 200);
                assert_eq!(web.call("HEAD", "/health", None, None).status, 200);
                assert_ne!(web.call("POST", "/health", None, None).status, 200);
            }
            assert!(daemon.terminate().success());
        }
    });
}

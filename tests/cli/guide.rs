//! `antiphon guide` and the daemon's `/guide`.

use antiphon_tests::in_world;

use crate::command::{antiphon, command};
use crate::daemon::{Daemon, in_house};
use crate::{Web, daemon};

const CONFIGURED: &str =
    "language = \"sv\"\n[organisation]\nname = \"Räksmörgås\"\nhelp_desk = \"tel. 08-123\"\n";

#[test]
fn the_command_prints_what_the_daemon_serves_in_either_language() {
    in_house(|world| {
        let _daemon: daemon::Daemon = Daemon::start(world, CONFIGURED);
        let web = Web::default();
        for (arguments, address) in [
            ("guide --language sv", "/guide?language=sv"),
            ("guide --language en", "/guide?language=en"),
            ("guide", "/guide"),
        ] {
            let printed = antiphon(world, arguments).done().out;
            let served = web.call("GET", address, None, None);
            assert_eq!(served.status, 200);
            // Not shown: they are long.
            assert!(served.body == printed.as_bytes(), "{arguments}");
            assert!(printed.contains("Räksmörgås") && printed.contains("tel. 08-123"));
        }
        let english = web.say(
            "GET",
            "/guide",
            "Accept-Language: en-GB, sv;q=0.5\r\n",
            None,
        );
        assert!(
            String::from_utf8(english.body)
                .unwrap()
                .contains("<html lang=\"en\">")
        );
    });
}

#[test]
fn its_policy_permits_its_own_style_and_pictures_and_no_script() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let web = Web::default();
        let served = web.call("GET", "/guide", None, None);
        let policy = served.header("content-security-policy").unwrap();
        assert!(
            policy.starts_with("default-src 'none'; style-src 'sha256-"),
            "{policy}"
        );
        for part in [
            "img-src data:",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'none'",
        ] {
            assert!(policy.split("; ").any(|found| found == part), "{policy}");
        }
        assert!(
            !policy.contains("script") && !policy.contains("unsafe"),
            "{policy}"
        );
        assert_eq!(served.header("x-content-type-options"), Some("nosniff"));
        let known = format!("If-None-Match: {}\r\n", served.header("etag").unwrap());
        assert_eq!(web.say("GET", "/guide", &known, None).status, 304);
    });
}

#[test]
fn a_page_is_not_poured_over_a_terminal() {
    in_world(|world| {
        let guide = command(world, &["guide"]);
        let ended = antiphon_tests::Terminal::start(&guide).end();
        assert!(!ended.succeeded() && ended.text.contains("antiphon guide >guide.html"));
        let object = antiphon(world, "guide --json --language sv")
            .done()
            .object();
        assert_eq!(object["language"], "sv");
        assert!(
            object["html"]
                .as_str()
                .unwrap()
                .starts_with("<!doctype html>")
        );
    });
}

//! What a provider publishes and answers, and how this client shows who it is.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};

use antiphon_core::wire::{ByAccount, FromDaemon, NoToken, ToDaemon, Unwilling};
use antiphon_tests::{World, until};
use nix::unistd::User;
use serde_json::{Value, json};

use super::browser::{Browser, ask, asked};
use super::idp::{Idp, challenge, ok, parameters, tokens};
use crate::daemon::{in_house, refused};
use crate::root::unwilling;
use crate::server::{Reply, Server};
use crate::{Daemon, Root};

/// The client's secret, as systemd hands it over.
fn secret(world: &World, text: &str) -> (&'static str, String) {
    let folder = world.folder().join("credentials");
    fs::create_dir_all(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    let file = folder.join("provider-kmh");
    fs::write(&file, text).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o400)).unwrap();
    let user = User::from_name("antiphon").unwrap().unwrap();
    chown(&file, Some(user.uid.as_raw()), None).unwrap();
    ("CREDENTIALS_DIRECTORY", folder.to_str().unwrap().to_owned())
}

/// Signs in at the provider, and gives what root is told.
fn signed_in(asked: &ByAccount) -> Option<FromDaemon> {
    let mut root = ask(asked);
    let mut browser = Browser::default();
    let address = browser.begin(asked, "42");
    assert_eq!(browser.come_back(&address).status, 200);
    root.hear()
}

fn no_token(reason: NoToken) -> FromDaemon {
    FromDaemon::NoToken { reason }
}

#[test]
fn the_clients_secret_goes_where_the_provider_takes_it_and_into_no_log() {
    in_house(|world| {
        let idp = Idp::start(world);
        let environment = [secret(world, "hunter2 & co:%\n")];
        let daemon = idp.daemon_with(world, &environment);
        signed_in(&asked(&idp));
        let seen = idp.asked("/token");
        assert_eq!(
            seen.basic().as_deref(),
            Some("antiphon:hunter2%20%26%20co%3A%25")
        );
        assert!(!seen.text().contains("hunter2"));
        assert!(!daemon.log().contains("hunter2"));
        drop(daemon);
        idp.publish(
            "token_endpoint_auth_methods_supported",
            json!(["client_secret_post"]),
        );
        let daemon = idp.daemon_with(world, &environment);
        signed_in(&asked(&idp));
        let seen = idp.asked("/token");
        let form = seen.form();
        assert_eq!(
            (form["client_id"].as_str(), form["client_secret"].as_str()),
            ("antiphon", "hunter2 & co:%")
        );
        assert!(seen.basic().is_none() && !daemon.log().contains("hunter2"));
        drop(daemon);
        // A file that holds more than a secret is no secret.
        let environment = [idp.server.trusted(), secret(world, "hunter2\nhunter3\n")];
        let daemon = refused(world, &idp.configured(), &environment);
        daemon.expect_log("must hold the client secret of provider kmh and nothing else");
        assert!(!daemon.log().contains("hunter"));
    });
}

#[test]
fn parameters_are_left_with_the_provider_where_it_takes_them() {
    in_house(|world| {
        let idp = Idp::start(world);
        let par = format!("{}/par", idp.server.origin());
        idp.publish("pushed_authorization_request_endpoint", json!(par));
        let _daemon = idp.daemon(world);
        let asked = asked(&idp);
        let mut root = ask(&asked);
        let mut browser = Browser::default();
        let address = browser.begin(&asked, "42");
        let in_address = parameters(&address);
        assert_eq!(in_address.len(), 2, "{address}");
        assert_eq!(in_address["request_uri"], "urn:left:1");
        assert_eq!(in_address["client_id"], "antiphon");
        let left = idp.asked("/par").form();
        assert_eq!(left["code_challenge_method"], "S256");
        let body = json!({"provider": "kmh", "state": left["state"], "code": "code-1"});
        assert_eq!(browser.post("callback", &body).status, 200);
        let verifier = &idp.asked("/token").form()["code_verifier"];
        assert_eq!(challenge(verifier), left["code_challenge"]);
        assert!(matches!(root.hear(), Some(FromDaemon::Token(_))));
    });
}

#[test]
fn a_provider_that_answers_with_anything_but_a_token_gives_none() {
    in_house(|world| {
        let idp = Idp::start(world);
        let daemon = idp.daemon(world);
        let elsewhere =
            Server::secure_as(world, "elsewhere", |_| ok(&json!({"id_token": "a.b.c"})));
        let to = format!("302 Found\r\nLocation: {}/token", elsewhere.origin());
        let long = json!({"id_token": "x".repeat(17 * 1024)}).to_string();
        let cases: [(&str, String, NoToken); 6] = [
            ("503 Busy", String::new(), NoToken::ProviderAway),
            (
                "400 Bad",
                json!({"error": "invalid_grant", "error_description": "call 555"}).to_string(),
                NoToken::ProviderRefused,
            ),
            ("200 OK", "{}".into(), NoToken::ProviderRefused),
            (
                "200 OK",
                "<html>call 555</html>".into(),
                NoToken::ProviderRefused,
            ),
            ("200 OK", long, NoToken::ProviderRefused),
            (&to, String::new(), NoToken::ProviderRefused),
        ];
        for (head, body, reason) in cases {
            let (said, head) = (body.clone(), head.to_owned());
            idp.redeem_with(move |_| Reply::Say(head.clone(), said.clone()));
            assert_eq!(signed_in(&asked(&idp)), Some(no_token(reason)), "{body}");
        }
        assert!(elsewhere.is_idle(), "a redirect was followed");
        daemon.expect_log("the code was refused: 400, invalid_grant");
        assert!(!daemon.log().contains("555"), "{}", daemon.log());
    });
}

#[test]
fn a_head_of_many_cookies_and_policies_is_read_and_one_without_measure_is_not() {
    in_house(|world| {
        let idp = Idp::start(world);
        let _daemon = idp.daemon(world);
        for (length, is_read) in [(1000, true), (4000, false)] {
            let head = format!(
                "200 OK\r\nContent-Type: application/json{}",
                format!("\r\nSet-Cookie: x={}", "y".repeat(length)).repeat(40)
            );
            idp.redeem_with(move |_| Reply::Say(head.clone(), tokens().to_string()));
            let asked = ByAccount {
                check_digits: false,
                ..asked(&idp)
            };
            let said = signed_in(&asked);
            if is_read {
                assert!(matches!(said, Some(FromDaemon::Token(_))), "{said:?}");
            } else {
                assert_eq!(said, Some(no_token(NoToken::ProviderAway)));
            }
        }
    });
}

#[test]
fn a_document_that_is_not_the_issuers_is_not_used_and_the_log_says_so() {
    in_house(|world| {
        let idp = Idp::start(world);
        let origin = idp.server.origin();
        for (key, value, said) in [
            (
                "issuer",
                json!(format!("{origin}/")),
                "names another issuer",
            ),
            (
                "token_endpoint",
                json!("http://localhost/token"),
                "`token_endpoint` is no https address",
            ),
            (
                "code_challenge_methods_supported",
                json!(["plain"]),
                "PKCE with S256",
            ),
        ] {
            let before: Value = idp.published_as(key);
            idp.publish(key, value);
            let daemon = idp.daemon(world);
            let mut root = Root::say(&ToDaemon::ApproveByAccount(asked(&idp)));
            assert_eq!(root.hear(), Some(unwilling(Unwilling::NoProvider)), "{key}");
            daemon.expect_log(said);
            idp.publish(key, before);
        }
    });
}

#[test]
fn a_provider_that_is_away_at_the_start_is_asked_again() {
    in_house(|world| {
        let idp = Idp::start(world);
        let before = idp.published_as("issuer");
        idp.publish("issuer", json!(null));
        let _daemon = idp.daemon(world);
        let asked = asked(&idp);
        let mut root = Root::say(&ToDaemon::ApproveByAccount(asked.clone()));
        assert_eq!(root.hear(), Some(unwilling(Unwilling::NoProvider)));
        idp.publish("issuer", before);
        until("the provider", || {
            let mut root = Root::say(&ToDaemon::ApproveByAccount(asked.clone()));
            (root.hear() == Some(FromDaemon::Waiting { phones: 0 })).then_some(())
        });
    });
}

#[test]
fn the_issuers_own_host_may_be_inside_and_no_other_that_it_names() {
    in_house(|world| {
        let idp = Idp::start(world);
        // The same server by its address, which is another host.
        let token = format!("{}/token", idp.server.origin_by_another_name());
        idp.publish("token_endpoint", json!(token));
        let daemon = idp.daemon(world);
        assert_eq!(
            signed_in(&asked(&idp)),
            Some(no_token(NoToken::ProviderAway))
        );
        daemon.expect_log("private address");
        idp.assert_none_redeemed();
    });
}

#[test]
fn accounts_that_the_daemons_configuration_does_not_know_are_not_asked() {
    in_house(|world| {
        let idp = Idp::start(world);
        let _daemon = Daemon::start_with(world, &idp.configured(), &[idp.server.trusted()]);
        let changes: [fn(&mut ByAccount); 3] = [
            |asked| asked.terms.provider = "other".into(),
            |asked| asked.terms.issuer.push('/'),
            |asked| asked.terms.client_id.push('x'),
        ];
        for change in changes {
            let mut asked = asked(&idp);
            change(&mut asked);
            let mut root = Root::say(&ToDaemon::ApproveByAccount(asked));
            assert_eq!(root.hear(), Some(unwilling(Unwilling::NoProvider)));
        }
    });
}

//! What must stand nowhere: codes and credentials; and who may read the file of these.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use antiphon_core::wire::Undelivered;
use antiphon_tests::World;

use super::{CODE, NUMBER, call, credentials, elks, not, private_file, send, sms, taken};
use crate::Daemon;
use crate::daemon::{STATE, in_house, refused};
use crate::server::{Reply, Server};

#[test]
fn codes_and_credentials_are_in_no_log_no_database_and_no_environment() {
    in_house(|world| {
        // It says back all that it was told, in a body that is logged.
        let gateway = Server::secure(world, |seen| {
            let all = format!("{seen:?} {CODE} {}", seen.text());
            Reply::Say("403 No".into(), all)
        });
        let daemon = elks::start(world, &gateway);
        assert_eq!(send(sms()), not(Undelivered::Refused));
        assert_eq!(send(call()), not(Undelivered::Refused));
        daemon.expect_log("a credential");
        for words in [
            format!("the code {CODE} is not allowed"),
            "the code 9-1-8-2-7-3 is not allowed".to_owned(),
            format!("{NUMBER} is on a list"),
            "0701234521 is on a list".to_owned(),
        ] {
            gateway.answer_with(move |_| Reply::Say("403 No".into(), words.clone()));
            assert_eq!(send(sms()), not(Undelivered::Refused));
        }
        daemon.expect_log("the code ······ is not allowed");
        daemon.expect_log("·········· is on a list");
        gateway.answer_with(elks::elks);
        assert_eq!(send(sms()), taken());

        let mut places = vec![
            daemon.log().into_bytes(),
            fs::read(format!("/proc/{}/environ", daemon.id())).unwrap(),
            fs::read(format!("/proc/{}/cmdline", daemon.id())).unwrap(),
        ];
        let mut found = false;
        for file in fs::read_dir(STATE).unwrap() {
            let bytes = fs::read(file.unwrap().path()).unwrap();
            found |= bytes.windows(5).any(|part| part == b"alice");
            places.push(bytes);
        }
        assert!(found, "no message is counted: these are the wrong files");
        for place in &places {
            let text = String::from_utf8_lossy(place);
            for secret in [
                CODE,
                "9-1-8-2-7-3",
                "0701234521",
                "701234521",
                "0123ABCDEF-secret",
                "u0123456789abcdef",
                "dTAxMjM0NTY3ODlhYmNkZWY6MDEyM0FCQ0RFRi1zZWNyZXQ=",
            ] {
                assert!(!text.contains(secret), "{secret} in {text}");
            }
        }
    });
}

fn refusal(world: &World, configuration: &str, environment: &[(&str, String)]) -> String {
    let daemon = refused(world, configuration, environment);
    daemon.expect_log("antiphond: ");
    daemon.log()
}

#[test]
fn without_what_it_needs_the_daemon_says_at_its_start_what_to_do() {
    in_house(|world| {
        let gateway = Server::secure(world, elks::elks);
        let configuration = elks::configuration(&gateway);
        let said = refusal(world, &configuration, &[]);
        assert!(said.contains("LoadCredential=gateway:"), "{said}");
        let said = refusal(world, "[telephone]\nsms = true\n", &[]);
        assert!(said.contains("add [gateway.sms]"), "{said}");
        for (text, expected) in [
            ("username = \"u-secret\"\n", "`password` is missing"),
            (
                "username = \"u-secret\"\npasword = \"p-secret\"\n",
                "line 2: a key that is not known",
            ),
            ("u-secret:p-secret", "line 1: not TOML"),
            ("", "`username` is missing"),
        ] {
            let said = refusal(world, &configuration, &[credentials(world, text)]);
            assert!(said.contains(expected), "{said}");
            assert!(!said.contains("-secret"), "{said}");
        }
    });
}

#[test]
fn a_file_of_credentials_that_others_can_read_is_refused() {
    in_house(|world| {
        let gateway = Server::secure(world, elks::elks);
        let path = private_file(world, "own", elks::CREDENTIALS);
        let named = format!("[gateway]\ncredentials = \"{path}\"\n");
        let configuration = elks::configuration(&gateway) + &named;
        let environment = [gateway.trusted()];
        for mode in [0o644, 0o604, 0o660] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let said = refusal(world, &configuration, &environment);
            assert!(said.contains(&format!("chmod o=,g-w {path}")), "{said}");
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let _daemon = Daemon::start_with(world, &configuration, &environment);
        assert_eq!(send(sms()), taken());
    });
}

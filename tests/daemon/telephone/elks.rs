//! 46elks, by what <https://46elks.com/docs> publishes: send-sms, make-call, voice-ivr, voice-play.

use antiphon_core::record::TelephoneUse;
use antiphon_core::wire::Undelivered;
use antiphon_tests::World;
use serde_json::{Value, json};

use super::{CODE, NUMBER, OPEN, TEXT, call, credentials, deliver, not, send, sms, taken};
use crate::daemon::in_house;
use crate::server::{Reply, Seen, Server};
use crate::{Daemon, Web};

pub(super) const CREDENTIALS: &str =
    "username = \"u0123456789abcdef\"\npassword = \"0123ABCDEF-secret\"\n";

/// The service: what it does not publish it refuses, in its own way, by status and a line of text.
pub(super) fn elks(seen: &Seen) -> Reply {
    match answer(seen) {
        Ok(object) => {
            let head = "200 OK\r\nContent-Type: application/json; charset=utf-8";
            Reply::Say(head.into(), object.to_string())
        }
        Err((status, words)) => {
            let head = format!("{status} No\r\nContent-Type: text/plain");
            Reply::Say(head, words.into())
        }
    }
}

fn answer(seen: &Seen) -> Result<Value, (u16, &'static str)> {
    if seen.basic().as_deref() != Some("u0123456789abcdef:0123ABCDEF-secret") {
        return Err((401, "API access requires Basic HTTP authentication"));
    }
    if seen.method != "POST" {
        return Err((405, "Method not allowed"));
    }
    let mut fields = seen.form();
    let mut field = |name: &str| fields.remove(name).filter(|value| !value.is_empty());
    let to = field("to").ok_or((400, "Missing key to"))?;
    let from = field("from").ok_or((400, "Missing key from"))?;
    let is_number = |text: &str| {
        let digits = text.strip_prefix('+').unwrap_or_default();
        (7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    let is_name = |text: &str| {
        text.len() <= 11
            && text.starts_with(|first: char| first.is_ascii_alphabetic())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    if !is_number(&to) {
        return Err((400, "Invalid to number"));
    }
    let object = match seen.path.as_str() {
        "/a1/sms" => {
            let message = field("message").ok_or((400, "Missing key message"))?;
            if !is_number(&from) && !is_name(&from) {
                return Err((403, "Invalid from"));
            }
            let mut object = json!({
                "id": "s70df59406a1b4643b96f3f91e0bfb7b0", "status": "created",
                "from": from, "to": to, "parts": 1, "cost": 3500, "direction": "outgoing",
                "created": "2026-11-22T12:08:52.937000", "message": message,
            });
            if field("dontlog").as_deref() == Some("message") {
                object.as_object_mut().unwrap().remove("message");
            }
            object
        }
        "/a1/calls" => {
            let start = field("voice_start").ok_or((400, "Missing key voice_start"))?;
            let action = serde_json::from_str(&start).map_err(|_| (400, "Bad voice_start"))?;
            if !is_number(&from) {
                return Err((403, "Invalid from"));
            }
            if !is_action(&action) {
                return Err((400, "Bad call action"));
            }
            json!({
                "id": "c719b20c4e3a1be96b03f91e0bfb7b04e", "direction": "outgoing",
                "from": from, "to": to, "state": "ongoing",
                "created": "2026-11-22T12:08:52.937000",
            })
        }
        _ => return Err((404, "Not found")),
    };
    if fields.is_empty() {
        Ok(object)
    } else {
        Err((400, "Unknown key"))
    }
}

/// An action of a call, or the address of one.
fn is_action(value: &Value) -> bool {
    let is_sound = |value: &Value| {
        let text = value.as_str().unwrap_or_default();
        text.starts_with("http://") || text.starts_with("https://")
    };
    let Some(action) = value.as_object() else {
        return is_sound(value);
    };
    let kinds = ["play", "ivr"].map(|kind| action.contains_key(kind));
    kinds != [true, true]
        && kinds != [false, false]
        && action.iter().all(|(key, value)| match key.as_str() {
            "play" | "ivr" => is_sound(value),
            "skippable" => kinds[0] && value.is_boolean(),
            "next" => is_action(value),
            "digits" | "repeat" => kinds[1] && value.as_u64().is_some_and(|number| number > 0),
            "timeout" => kinds[1] && (1..=30).contains(&value.as_u64().unwrap_or_default()),
            digit => {
                kinds[1] && digit.len() == 1 && digit.parse::<u8>().is_ok() && is_action(value)
            }
        })
}

/// What is heard by who presses these keys, one at each menu; and the rest of the keys.
pub(super) fn heard(action: &Value, keys: &str) -> Vec<String> {
    let mut heard = Vec::new();
    let (mut action, mut keys) = (Some(action), keys.chars());
    while let Some(now) = action {
        if let Some(menu) = now.get("ivr") {
            heard.push(menu.as_str().unwrap().to_owned());
            let key = keys.next().map(String::from);
            action = key.and_then(|key| now.get(key)).or(now.get("next"));
        } else {
            heard.push(now["play"].as_str().unwrap().to_owned());
            action = now.get("next");
        }
    }
    heard
}

pub(super) fn configuration(gateway: &Server) -> String {
    let url = format!("{}/a1", gateway.origin());
    format!(
        "{OPEN}[gateway.sms]\nkind = \"46elks\"\nfrom = \"Antiphon\"\nurl = \"{url}\"\n\
         [gateway.call]\nkind = \"46elks\"\nfrom = \"+46701112233\"\nurl = \"{url}\"\n\
         sounds = \"http://localhost:8470/sounds\"\n"
    )
}

pub(super) fn start(world: &World, gateway: &Server) -> Daemon {
    let environment = [credentials(world, CREDENTIALS), gateway.trusted()];
    Daemon::start_with(world, &configuration(gateway), &environment)
}

#[test]
fn a_text_goes_out_as_46elks_publishes_it_and_is_not_kept_there() {
    in_house(|world| {
        let gateway = Server::secure(world, elks);
        let daemon = start(world, &gateway);
        assert_eq!(send(sms()), taken());
        let seen = gateway.next();
        assert_eq!((&*seen.method, &*seen.path), ("POST", "/a1/sms"));
        let fields =
            json!({"dontlog": "message", "from": "Antiphon", "message": TEXT, "to": NUMBER});
        assert_eq!(json!(seen.form()), fields);
        daemon.expect_log("46elks has taken a text to …21 for alice");
    });
}

#[test]
fn a_call_reads_the_digits_twice_to_who_presses_a_key_and_nothing_to_a_machine() {
    in_house(|world| {
        let gateway = Server::secure(world, elks);
        let _daemon = start(world, &gateway);
        for (language, folder) in [("sv", "sv"), ("en", "en"), ("de", "en")] {
            let mut wanted = deliver(TelephoneUse::Call);
            wanted.language = language.into();
            assert_eq!(send(wanted), taken());
            let seen = gateway.next();
            assert_eq!(seen.path, "/a1/calls");
            let fields = seen.form();
            assert_eq!(fields["from"], "+46701112233");
            assert_eq!(fields["to"], NUMBER);
            let menu: Value = serde_json::from_str(&fields["voice_start"]).unwrap();
            let file = |name: &str| format!("http://localhost:8470/sounds/{folder}/{name}.wav");
            let digits = || CODE.chars().map(|digit| file(&digit.to_string()));
            let mut expected = vec![file("hello"), file("code")];
            expected.extend(digits());
            expected.push(file("again"));
            expected.extend(digits());
            assert_eq!(heard(&menu, "1"), expected);
            for keys in ["", "2", "#"] {
                assert_eq!(heard(&menu, keys), [file("hello")]);
            }
            // A key that is pressed while a digit is read must not skip it.
            let mut play = Some(&menu["1"]);
            while let Some(now) = play {
                assert_eq!(now["skippable"], false);
                play = now.get("next");
            }
            // 46elks can fetch each of them, and plays WAV.
            for sound in expected {
                let path = sound.strip_prefix("http://localhost:8470").unwrap();
                let answer = Web::default().say("GET", path, "", None);
                assert_eq!(answer.status, 200, "{path}");
                assert_eq!(answer.header("content-type"), Some("audio/wav"));
                assert!(answer.body.starts_with(b"RIFF") && answer.body.len() > 4000);
            }
        }
    });
}

#[test]
fn what_46elks_refuses_is_refused_in_its_own_words() {
    in_house(|world| {
        let gateway = Server::secure(world, elks);
        let daemon = start(world, &gateway);
        for (status, words) in [
            (402, "Payment Required"),
            (403, "Not enough credits"),
            (400, "Invalid to number"),
        ] {
            let said = Reply::Say;
            gateway.answer_with(move |_| said(format!("{status} No"), words.to_owned()));
            assert_eq!(send(sms()), not(Undelivered::Refused));
            daemon.expect_log(&format!(
                "46elks has not taken a text to …21 for alice: answered {status}: {words}"
            ));
        }
    });
}

#[test]
fn an_answer_of_success_must_be_one_of_46elks_for_this_number() {
    in_house(|world| {
        let gateway = Server::secure(world, elks);
        let _daemon = start(world, &gateway);
        for body in [
            "",
            "OK",
            "<html>welcome to this hotel's network</html>",
            "{}",
            "[]",
            "{\"id\":\"\",\"to\":\"+46701234521\"}",
            "{\"id\":\"s1\",\"to\":\"+46701234522\"}",
            "{\"id\":1,\"to\":\"+46701234521\"}",
        ] {
            gateway.answer_with(move |_| Reply::Say("200 OK".into(), body.into()));
            assert_eq!(send(sms()), not(Undelivered::NoAnswer), "{body}");
        }
        for body in [
            "{\"id\":\"s1\",\"to\":\"+46701234521\",\"status\":\"failed\"}",
            "{\"id\":\"c1\",\"to\":\"+46701234521\",\"state\":\"failed\"}",
        ] {
            gateway.answer_with(move |_| Reply::Say("200 OK".into(), body.into()));
            assert_eq!(send(call()), not(Undelivered::Refused), "{body}");
        }
    });
}

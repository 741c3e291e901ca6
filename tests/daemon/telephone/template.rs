//! The generic kind: what a person's text holds stays text, whatever it is put into.

use antiphon_core::wire::{Deliver, Undelivered};
use antiphon_tests::World;
use serde_json::Value;

use super::{CODE, NUMBER, credentials, not, send, sms, taken};
use crate::Daemon;
use crate::daemon::in_house;
use crate::server::{Reply, Seen, Server, decoded};

/// Ends whatever it is put into, if it is let.
const NASTY: &str = "\"'&to=+1900&<Say>{code}\\\n%26{{text}}\u{2028}å</Say>#;$(id)`id`";

fn fine(_: &Seen) -> Reply {
    Reply::Say("200 OK".into(), "{\"ok\": true}".into())
}

fn nasty() -> Deliver {
    Deliver {
        text: NASTY.into(),
        ..sms()
    }
}

/// A daemon whose texts go to `gateway` as `keys` say.
fn start(world: &World, gateway: &Server, own: &str, keys: &str) -> Daemon {
    let configuration = format!(
        "[telephone]\nsms = true\nmost_in_ten_minutes = 50\n[gateway.sms]\nkind = \"http\"\n{}\n",
        keys.replace("ORIGIN", &gateway.origin())
    );
    Daemon::start_with(world, &configuration, &[credentials(world, own)])
}

#[test]
fn in_a_form_a_text_is_one_field() {
    in_house(|world| {
        let gateway = Server::plain(fine);
        let keys = "url = \"ORIGIN/sms\"\nform = { to = \"{to}\", message = \"<{text}>\", l = \"{locale}\" }";
        let _daemon = start(world, &gateway, "username = \"u\"\npassword = \"p\"", keys);
        assert_eq!(send(nasty()), taken());
        let seen = gateway.next();
        let form = seen.form();
        assert_eq!(form.len(), 3);
        assert_eq!(form["to"], NUMBER);
        assert_eq!(form["message"], format!("<{NASTY}>"));
        assert_eq!(form["l"], "sv-SE");
        assert_eq!(seen.basic().as_deref(), Some("u:p"));
    });
}

#[test]
fn in_json_a_text_is_one_string() {
    in_house(|world| {
        let gateway = Server::plain(fine);
        let keys = "url = \"ORIGIN/sms\"\nauth = \"bearer\"\n\
                    json = { messages = [{ to = \"{to}\", text = \"{text}\", code = \"{code}\" }], test = false }";
        let _daemon = start(world, &gateway, "token = \"t0ken\"", keys);
        assert_eq!(send(nasty()), taken());
        let seen = gateway.next();
        assert_eq!(seen.header("content-type"), Some("application/json"));
        assert_eq!(seen.header("authorization"), Some("Bearer t0ken"));
        let body: Value = serde_json::from_str(seen.text()).unwrap();
        let message = &body["messages"][0];
        assert_eq!(message["text"], NASTY);
        assert_eq!(message["to"], NUMBER);
        assert_eq!(message["code"], CODE);
        assert_eq!(message.as_object().unwrap().len(), 3);
        assert_eq!(body["test"], false);
    });
}

#[test]
fn in_an_address_a_text_is_one_value_and_in_xml_one_piece_of_text() {
    in_house(|world| {
        let gateway = Server::plain(fine);
        let keys = "url = \"ORIGIN/{username}/sms?to={to}&text={text}&key={token}\"\nmethod = \"PUT\"\nauth = \"none\"\n\
                    headers = { X-Key = \"Key {password}\", X-Code = \"{code}\" }\n\
                    body = \"<m lang='{language}'>{text:xml}</m>\"\ncontent_type = \"application/xml\"";
        let own = "username = \"a/../b\"\npassword = \"p&p\"\ntoken = \"t#t\"";
        let _daemon = start(world, &gateway, own, keys);
        assert_eq!(send(nasty()), taken());
        let seen = gateway.next();
        assert_eq!(seen.method, "PUT");
        let (path, query) = seen.path.split_once('?').unwrap();
        assert_eq!(path, "/a%2F..%2Fb/sms");
        let values = query
            .split('&')
            .map(|pair| decoded(pair.split_once('=').unwrap().1));
        assert!(values.eq([NUMBER, NASTY, "t#t"]), "{query}");
        assert_eq!(seen.header("authorization"), None);
        assert_eq!(seen.header("x-key"), Some("Key p&p"));
        assert_eq!(seen.header("x-code"), Some(CODE));
        assert_eq!(seen.header("content-type"), Some("application/xml"));
        let text = seen.text().strip_prefix("<m lang='sv'>").unwrap();
        let text = text.strip_suffix("</m>").unwrap();
        assert!(!text.contains(['<', '>', '"', '\'']), "{text}");
        assert_eq!(unescaped(text), NASTY);
    });
}

/// What an XML reader makes of it.
pub(super) fn unescaped(text: &str) -> String {
    let mut read = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        read.push_str(before);
        let (name, after) = after.split_once(';').expect("an entity");
        read.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            other => panic!("{other}"),
        });
        rest = after;
    }
    read + rest
}

#[test]
fn an_answer_means_success_by_its_status_and_the_words_that_are_asked_for() {
    in_house(|world| {
        let gateway = Server::plain(fine);
        let keys = "url = \"ORIGIN/sms\"\nauth = \"none\"\nform = { m = \"{text}\" }\nanswer_contains = '\"ok\": true'";
        let daemon = start(world, &gateway, "", keys);
        assert_eq!(send(sms()), taken());
        for (head, body, reason) in [
            ("200 OK", "{\"ok\": false}", Undelivered::NoAnswer),
            ("204 No Content", "", Undelivered::NoAnswer),
            ("400 Bad Request", "{\"ok\": true}", Undelivered::Refused),
            ("429 Slow down", "later", Undelivered::Refused),
            ("100 Continue", "", Undelivered::NoAnswer),
            ("500 Oh", "{\"ok\": true}", Undelivered::NoAnswer),
        ] {
            gateway.answer_with(move |_| Reply::Say(head.into(), body.into()));
            assert_eq!(send(sms()), not(reason), "{head}");
        }
        let host = gateway.origin().replace("http://", "");
        daemon.expect_log(&format!(
            "{host} has not taken a text to …21 for alice: answered 429: later"
        ));
    });
}

//! The example `conf/gateway/twilio.toml` is what a reader copies: it is read from there, and Twilio is played by what
//! <https://www.twilio.com/docs> publishes: Message resource, Call resource, `TwiML` `<Say>`.

use std::collections::BTreeMap;

use antiphon_core::record::TelephoneUse;
use serde_json::json;

use super::template::unescaped;
use super::{CODE, NUMBER, TEXT, credentials, deliver, send, sms, taken};
use crate::Daemon;
use crate::daemon::in_house;
use crate::server::{Reply, Seen, Server};

const EXAMPLE: &str = include_str!("../../../conf/gateway/twilio.toml");
const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";

fn twilio(seen: &Seen) -> Reply {
    let refused = |status: u16, code: u32, message: &str| {
        let object = json!({"code": code, "message": message, "status": status});
        Reply::Say(format!("{status} No"), object.to_string())
    };
    if seen.basic() != Some(format!("{ACCOUNT}:t0ken")) {
        return refused(401, 20003, "Authenticate");
    }
    let account = format!("/2010-04-01/Accounts/{ACCOUNT}");
    let Some(resource) = seen.path.strip_prefix(&account) else {
        return refused(404, 20404, "The requested resource was not found");
    };
    let wanted: &[&str] = match resource {
        "/Messages.json" => &["Body", "From", "To"],
        "/Calls.json" => &["From", "To", "Twiml"],
        _ => return refused(404, 20404, "The requested resource was not found"),
    };
    let form: BTreeMap<_, _> = seen.form();
    if seen.method != "POST" || form.keys().map(String::as_str).ne(wanted.iter().copied()) {
        return refused(400, 21604, "A parameter is required or not known");
    }
    let object = json!({"sid": "SM0123", "status": "queued", "to": form["To"], "error_code": null});
    let head = "201 CREATED\r\nContent-Type: application/json";
    Reply::Say(head.into(), object.to_string())
}

#[test]
fn the_example_that_is_shipped_sends_texts_and_calls() {
    in_house(|world| {
        let gateway = Server::secure(world, twilio);
        assert_eq!(EXAMPLE.matches("https://api.twilio.com/").count(), 2);
        let here = EXAMPLE.replace("https://api.twilio.com", &gateway.origin());
        let own = format!("username = \"{ACCOUNT}\"\npassword = \"t0ken\"\n");
        let environment = [credentials(world, &own), gateway.trusted()];
        let _daemon = Daemon::start_with(world, &here, &environment);

        assert_eq!(send(sms()), taken());
        let form = gateway.next().form();
        assert_eq!((&form["To"][..], &form["Body"][..]), (NUMBER, TEXT));

        for (language, voice) in [("sv", "sv-SE"), ("en", "en-GB")] {
            let text = "1, 2. <hang up> & \"say\" 'it'";
            let mut call = deliver(TelephoneUse::Call);
            (call.language, call.text) = (language.into(), text.into());
            assert_eq!(send(call), taken());
            let form = gateway.next().form();
            assert_eq!(form["To"], NUMBER);
            let said = form["Twiml"]
                .strip_prefix(&format!("<Response><Say language=\"{voice}\">"))
                .and_then(|rest| rest.strip_suffix("</Say></Response>"))
                .unwrap_or_else(|| panic!("{}", form["Twiml"]));
            assert!(!said.contains(['<', '>']), "{said}");
            assert_eq!(unescaped(said), text);
        }
        assert!(!EXAMPLE.contains(CODE));
    });
}

//! Cleans a gateway's error text for the log: short, visible, and without anything that must not be logged.

use antiphon_core::visible::visible;
use antiphon_gateway::{Around, Credential};
use data_encoding::BASE64;
use zeroize::Zeroizing;

use super::message::Message;

/// The longest text kept, in bytes.
const LONGEST: usize = 200;

/// The gateway's own words about `message`. It may echo our code, number and password in any encoding.
pub(super) fn of_gateway(said: &[u8], message: &Message) -> String {
    let said = String::from_utf8_lossy(said);
    if holds_a_credential(&said, message) {
        return "(its words hold a credential, and are left out)".to_owned();
    }
    let digits: Zeroizing<String> =
        Zeroizing::new(said.chars().filter(char::is_ascii_digit).collect());
    let number = message.to.trim_start_matches('+');
    // Countries write numbers without the country code, and voices read digits one by one.
    let end_of_number = number
        .get(number.len().saturating_sub(6)..)
        .unwrap_or(number);
    let tells = digits.contains(message.code.as_str()) || digits.contains(end_of_number);
    let shown: String = said
        .chars()
        .map(|character| match character {
            '0'..='9' if tells => '·',
            white if white.is_whitespace() => ' ',
            other => other,
        })
        .collect();
    visible(shown.trim(), LONGEST)
}

fn holds_a_credential(said: &str, message: &Message) -> bool {
    let mut secrets = Credential::ALL
        .into_iter()
        .filter_map(|which| message.credentials.get(which));
    secrets.any(|secret| holds(said, secret)) || holds(said, &basic(message))
}

/// Whether `secret` occurs in `said`, plain or encoded as in XML, JSON or URLs.
fn holds(said: &str, secret: &str) -> bool {
    let said = Zeroizing::new(said.to_ascii_lowercase());
    let plain = Zeroizing::new(secret.to_ascii_lowercase());
    let dressed = [Around::Xml, Around::Json, Around::Url]
        .map(|around| Zeroizing::new(around.write(secret).to_ascii_lowercase()));
    // PHP escapes slashes in JSON like this.
    let slashed = Zeroizing::new(plain.replace('/', "\\/"));
    std::iter::once(&plain)
        .chain(&dressed)
        .chain([&slashed])
        .any(|form| said.contains(form.as_str()))
}

/// The header that names the user and their password.
pub(super) fn basic_authorization(message: &Message) -> (String, Zeroizing<String>) {
    let basic = format!("Basic {}", *basic(message));
    ("authorization".to_owned(), Zeroizing::new(basic))
}

/// User name and password, encoded according to RFC 7617.
fn basic(message: &Message) -> Zeroizing<String> {
    let get = |which| message.credentials.get(which).unwrap_or_default();
    let pair = Zeroizing::new(format!(
        "{}:{}",
        get(Credential::Username),
        get(Credential::Password)
    ));
    Zeroizing::new(BASE64.encode(pair.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::{basic, of_gateway};
    use crate::gateway::message::tests::message;

    const CREDENTIALS: &str = "username = \"u4711\"\npassword = \"hunter2\"\n";

    #[test]
    fn words_are_kept_without_code_number_and_control_characters() {
        let message = message(CREDENTIALS);
        for (said, kept) in [
            ("Not enough credits", "Not enough credits"),
            ("error 21211\n", "error 21211"),
            ("\u{1b}[2J\r\nno", "?[2J  no"),
            ("message: 918273", "message: ······"),
            ("9 1 8 2 7 3, error 4", "· · · · · ·, error ·"),
            ("0701234521 is not mobile", "·········· is not mobile"),
            ("+46 70-123 45 21", "+·· ··-··· ·· ··"),
        ] {
            assert_eq!(of_gateway(said.as_bytes(), &message), kept);
        }
        let long = of_gateway(&vec![b'x'; 5000], &message);
        assert_eq!(long.len(), 200);
        assert_eq!(of_gateway(b"\xff\xfe", &message), "\u{fffd}\u{fffd}");
    }

    #[test]
    fn a_credential_that_is_said_back_silences_the_rest() {
        let message = message(CREDENTIALS);
        let basic = basic(&message);
        assert_eq!(basic.as_str(), "dTQ3MTE6aHVudGVyMg==");
        for said in [
            "user U4711",
            "bad password hunter2!",
            &format!("Basic {}", *basic),
        ] {
            let kept = of_gateway(said.as_bytes(), &message);
            assert!(kept.starts_with('('), "{kept}");
        }
    }

    #[test]
    fn a_credential_is_known_in_the_dress_of_a_page_an_object_or_an_address() {
        let message = message("username = \"u4711\"\npassword = \"a&b/c\\\"d\"\n");
        for said in [
            "password=a&b/c\"d",
            "GET /sms?p=a%26b%2Fc%22d was not found",
            "GET /sms?p=a%26b%2fc%22d was not found",
            "<p>a&amp;b/c&quot;d</p>",
            r#"{"password":"a&b/c\"d"}"#,
            "dTQ3MTE6YSZiL2MiZA%3D%3D",
        ] {
            let kept = of_gateway(said.as_bytes(), &message);
            assert!(kept.starts_with('('), "{kept}");
        }
        assert_eq!(of_gateway(b"a&b", &message), "a&b");
    }
}

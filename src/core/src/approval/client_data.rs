//! `clientDataJSON` (WebAuthn Level 3, section 5.8.1): what the browser says it signed for.

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

use super::fault::Fault;
use crate::base64url;

/// The longest accepted input, in bytes.
const MOST: usize = 4096;

/// The keys we check. Browsers add others on purpose, so that nobody compares the text with a template.
#[derive(Deserialize)]
struct ClientData {
    r#type: String,
    challenge: String,
    origin: String,
    #[serde(default, rename = "crossOrigin")]
    cross_origin: bool,
    #[serde(default, rename = "topOrigin", deserialize_with = "is_there")]
    has_top_origin: bool,
}

/// True whatever the value, even `null`.
fn is_there<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| true)
}

/// Checks type, challenge, origin, and that no other page embedded ours.
pub(super) fn check(json: &[u8], challenge: &[u8; 32], origin: &str) -> Result<(), Fault> {
    if json.len() > MOST {
        return Err(Fault::ClientData);
    }
    // As text, since skipped values would otherwise not be checked for UTF-8.
    let text = std::str::from_utf8(json).map_err(|_| Fault::ClientData)?;
    let data: ClientData = serde_json::from_str(text).map_err(|_| Fault::ClientData)?;
    if data.r#type != "webauthn.get" {
        return Err(Fault::Type);
    }
    if data.challenge != base64url::encode(challenge) {
        return Err(Fault::Challenge);
    }
    if data.origin != origin || data.cross_origin || data.has_top_origin {
        return Err(Fault::Origin);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::approval::Fault;
    use crate::base64url;

    fn said(more: &[u8]) -> Vec<u8> {
        let challenge = base64url::encode(&[7; 32]);
        let begin = format!(
            r#"{{"type":"webauthn.get","challenge":"{challenge}","origin":"https://a.example""#
        );
        [begin.as_bytes(), more, b"}"].concat()
    }

    fn checked(more: &[u8]) -> Result<(), Fault> {
        check(&said(more), &[7; 32], "https://a.example")
    }

    #[test]
    fn what_is_passed_over_must_be_text_too() {
        assert_eq!(checked(br#","more":"a""#), Ok(()));
        assert_eq!(checked(b",\"more\":\"a\x8e\""), Err(Fault::ClientData));
        assert_eq!(checked(b",\"m\xffre\":\"a\""), Err(Fault::ClientData));
    }

    #[test]
    fn it_may_have_4096_bytes_and_no_more() {
        let rest = super::MOST - said(b"").len();
        for (length, verdict) in [(rest, Ok(())), (rest + 1, Err(Fault::ClientData))] {
            let more = " ".repeat(length);
            assert_eq!(checked(more.as_bytes()), verdict);
        }
    }

    #[test]
    fn a_top_origin_counts_whatever_it_says() {
        for value in ["null", "false", "\"https://a.example\"", "[]"] {
            let more = format!(r#","topOrigin":{value}"#);
            assert_eq!(checked(more.as_bytes()), Err(Fault::Origin), "{value}");
        }
    }
}

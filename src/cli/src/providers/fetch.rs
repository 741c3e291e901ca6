//! What a provider publishes: its discovery document (OpenID Connect Discovery 1.0, section 4) and its keys.
//!
//! Nothing of it decides anything by itself: the module verifies each token with the issuer and the client id that root
//! has written down.
#![expect(clippy::doc_markdown, reason = "the name of a specification")]

use antiphon_core::account::{self, published_keys};
use antiphon_core::config::Provider;
use antiphon_outgoing::{Client, Field, wait_for};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// What a provider has said.
#[derive(Debug, Clone, Default)]
pub(crate) struct Published {
    pub(crate) discovery: Discovery,
    pub(crate) keys: account::Published,
    /// Whether it gives this client device codes; `None` if it cannot be told.
    pub(crate) gives_device_codes: Option<bool>,
}

/// The parts of the discovery document that are looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct Discovery {
    pub(crate) issuer: String,
    pub(crate) jwks_uri: String,
    #[serde(deserialize_with = "text_at_best")]
    pub(crate) authorization_endpoint: Option<String>,
    #[serde(deserialize_with = "text_at_best")]
    pub(crate) device_authorization_endpoint: Option<String>,
    #[serde(deserialize_with = "texts_at_best")]
    pub(crate) grant_types_supported: Vec<String>,
    #[serde(deserialize_with = "texts_at_best")]
    pub(crate) code_challenge_methods_supported: Vec<String>,
}

/// A text, or none: nothing depends on it, so an odd one keeps no keys from being fetched.
fn text_at_best<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let value = Value::deserialize(from)?;
    Ok(value.as_str().map(str::to_owned))
}

/// The texts in a list, for the same reason.
fn texts_at_best<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let value = Value::deserialize(from)?;
    let texts = value.as_array().into_iter().flatten();
    Ok(texts
        .filter_map(|text| text.as_str().map(str::to_owned))
        .collect())
}

/// A request for a device code in the form of RFC 8628, section 3.1.
#[derive(Deserialize)]
struct DeviceCode {
    #[serde(rename = "device_code")]
    _code: String,
}

/// Why none is given (RFC 6749, section 5.2).
#[derive(Deserialize)]
struct Refused {
    error: String,
}

/// What is to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ask {
    /// What every client may fetch.
    Published,
    /// A device code as well, if the provider has any.
    DeviceCodes,
}

/// Asks each of `providers`; the answers are in their order.
///
/// # Errors
/// One sentence, if nobody can be asked.
pub(crate) fn ask_all(
    providers: &[&Provider],
    ask: Ask,
    mut begins: impl FnMut(&Provider),
) -> Result<Vec<Result<Published, String>>, String> {
    wait_for(async {
        let mut answers = Vec::new();
        for provider in providers {
            begins(provider);
            answers.push(ask_one(provider, ask).await);
        }
        answers
    })
}

async fn ask_one(provider: &Provider, ask: Ask) -> Result<Published, String> {
    let client = Client::for_provider_at(host_of(&provider.issuer))?;
    let address = discovery_address(&provider.issuer);
    let bytes = client.document(&address).await;
    let bytes = bytes.map_err(|why| format!("{address}: {why}"))?;
    let discovery = Discovery::read(&bytes, provider).map_err(|why| format!("{address}: {why}"))?;
    let address = &discovery.jwks_uri;
    let bytes = client.document(address).await;
    let bytes = bytes.map_err(|why| format!("{address}: {why}"))?;
    let text = std::str::from_utf8(&bytes).map_err(|_| format!("{address}: is not UTF-8"))?;
    let keys = published_keys(text, provider).map_err(|why| format!("{address}: {why}"))?;
    let gives_device_codes = match (&discovery.device_authorization_endpoint, ask) {
        (Some(endpoint), Ask::DeviceCodes) => gives_device_code(&client, endpoint, provider).await,
        _ => None,
    };
    Ok(Published {
        discovery,
        keys,
        gives_device_codes,
    })
}

/// Where the provider describes itself: behind the issuer's path, whose last slash does not count.
pub(crate) fn discovery_address(issuer: &str) -> String {
    let issuer = issuer.strip_suffix('/').unwrap_or(issuer);
    format!("{issuer}/.well-known/openid-configuration")
}

/// The host of an address, without its port.
fn host_of(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let end = rest.find(['/', ':']).unwrap_or(rest.len());
    rest.get(..end).unwrap_or_default()
}

impl Discovery {
    /// Reads the document of `provider`.
    ///
    /// # Errors
    /// Why it is not the one that was asked for.
    fn read(json: &[u8], provider: &Provider) -> Result<Self, String> {
        let read: Self =
            serde_json::from_slice(json).map_err(|_| "is not a discovery document".to_owned())?;
        if read.issuer != provider.issuer {
            let shown = antiphon_core::visible::visible(&read.issuer, 256);
            return Err(format!(
                "names the issuer \"{shown}\", and issuer in antiphon.toml must be the same, byte for byte"
            ));
        }
        if read.jwks_uri.is_empty() {
            return Err("does not say where the keys are (jwks_uri)".to_owned());
        }
        Ok(read)
    }
}

/// Whether the provider gives `provider`'s client a device code. A client with a secret is refused without it, and whether
/// it would be given one is not known then.
async fn gives_device_code(client: &Client, endpoint: &str, provider: &Provider) -> Option<bool> {
    let fields = [
        Field {
            name: "client_id",
            value: &provider.client_id,
        },
        Field {
            name: "scope",
            value: "openid",
        },
    ];
    let answer = client.form(endpoint, &fields).await.ok()?;
    is_given(answer.status, &answer.body)
}

/// Whether this answer gives a device code. Only what says that this client may not have one (RFC 6749, section 5.2) means
/// no: a wrong scope or a missing secret is refused before that is looked at.
fn is_given(status: u16, body: &[u8]) -> Option<bool> {
    let no = ["unauthorized_client", "unsupported_grant_type"];
    match status {
        200 => Some(serde_json::from_slice::<DeviceCode>(body).is_ok()),
        400..500 => serde_json::from_slice::<Refused>(body)
            .is_ok_and(|refused| no.contains(&refused.error.as_str()))
            .then_some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use antiphon_core::config::Config;

    use super::{Discovery, discovery_address, host_of, is_given};

    #[test]
    fn only_who_says_that_this_client_gets_no_device_code_has_said_so() {
        for (status, body, expected) in [
            (200, r#"{"device_code":"d"}"#, Some(true)),
            (200, "{}", Some(false)),
            (400, r#"{"error":"unauthorized_client"}"#, Some(false)),
            (401, r#"{"error":"unauthorized_client"}"#, Some(false)),
            (400, r#"{"error":"unsupported_grant_type"}"#, Some(false)),
            (400, r#"{"error":"invalid_scope"}"#, None),
            (401, r#"{"error":"invalid_client"}"#, None),
            (400, r#"{"error":"invalid_request"}"#, None),
            (403, "<html>", None),
            (404, "", None),
            (500, r#"{"error":"unauthorized_client"}"#, None),
        ] {
            let given = is_given(status, body.as_bytes());
            assert_eq!(given, expected, "{status} {body}");
        }
    }

    #[test]
    fn a_provider_describes_itself_behind_its_issuer() {
        for (issuer, address) in [
            (
                "https://id.example.org",
                "https://id.example.org/.well-known/openid-configuration",
            ),
            (
                "https://id.example.org/realms/staff/",
                "https://id.example.org/realms/staff/.well-known/openid-configuration",
            ),
        ] {
            assert_eq!(discovery_address(issuer), address);
        }
        for (address, host) in [
            ("https://id.example.org", "id.example.org"),
            ("https://id.example.org:8443/realms/staff", "id.example.org"),
            ("https://id.example.org/a:b", "id.example.org"),
        ] {
            assert_eq!(host_of(address), host);
        }
    }

    #[test]
    fn a_document_of_another_issuer_or_without_keys_is_refused() {
        let config = Config::parse(
            "[[provider]]\nname = \"kmh\"\nissuer = \"https://id.example.org\"\nclient_id = \"a\"\n\
             label = { sv = \"KMH-konto\", en = \"KMH account\" }\n",
        );
        let provider = &config.unwrap().providers[0];
        let keys = r#""jwks_uri":"https://keys.example.org/k""#;
        for (issuer, part) in [
            ("https://id.example.org/", "byte for byte"),
            ("https://ID.example.org", "byte for byte"),
            ("http://id.example.org", "byte for byte"),
            ("", "byte for byte"),
        ] {
            let json = format!(r#"{{"issuer":"{issuer}",{keys}}}"#);
            let why = Discovery::read(json.as_bytes(), provider).unwrap_err();
            assert!(why.contains(part), "{issuer}: {why}");
        }
        for (json, part) in [
            ("", "not a discovery document"),
            ("[]", "names the issuer"),
            (r#"{"issuer":"https://id.example.org"}"#, "jwks_uri"),
            (
                r#"{"issuer":"https://id.example.org","jwks_uri":1}"#,
                "not a discovery document",
            ),
            ("{", "not a discovery document"),
        ] {
            let why = Discovery::read(json.as_bytes(), provider).unwrap_err();
            assert!(why.contains(part), "{json}: {why}");
        }
        // What is only told to people may be odd.
        for more in [
            r#""claims_supported":["sub"]"#,
            r#""grant_types_supported":null,"device_authorization_endpoint":null"#,
            r#""grant_types_supported":7,"code_challenge_methods_supported":"S256""#,
            r#""grant_types_supported":["a",1],"device_authorization_endpoint":{}"#,
        ] {
            let json = format!(r#"{{"issuer":"https://id.example.org",{keys},{more}}}"#);
            let read = Discovery::read(json.as_bytes(), provider).unwrap();
            assert_eq!(read.jwks_uri, "https://keys.example.org/k", "{more}");
            assert!(read.device_authorization_endpoint.is_none(), "{more}");
        }
    }
}

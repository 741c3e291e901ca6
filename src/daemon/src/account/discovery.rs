//! What a provider publishes about itself (`OpenID Connect Discovery 1.0`, section 3; RFC 8414; RFC 9126; RFC 9207).

use std::fmt;

use antiphon_core::config::Provider;
use hyper::Uri;
use serde::Deserialize;

use super::redemption::Refused;

/// The longest address, in bytes.
const LONGEST_ADDRESS: usize = 2048;

/// The parts that are used. All that it does not say has the value that the specification gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Discovery {
    /// Where browsers sign in.
    pub(super) authorization_endpoint: String,
    /// Where codes are redeemed.
    pub(super) token_endpoint: Uri,
    /// Where the parameters of an authorization can be left before.
    pub(super) pushed_endpoint: Option<Uri>,
    /// How answers come back.
    pub(super) mode: ResponseMode,
    /// How the client proves who it is, if it has a secret.
    pub(super) secret_goes: SecretGoes,
    /// Whether every answer names its issuer.
    pub(super) names_issuer: bool,
    /// Whether the `claims` parameter is understood.
    pub(super) takes_claims: bool,
}

/// How the provider's answer comes to the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ResponseMode {
    /// Behind a `#`, which no server and no proxy is sent.
    Fragment,
    /// Behind a `?`.
    Query,
}

/// `client_secret_basic` or `client_secret_post`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SecretGoes {
    /// Into the Authorization header (RFC 6749, section 2.3.1).
    InHeader,
    /// Into the body.
    InBody,
    /// Neither is taken.
    Nowhere,
}

/// Why a document is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unusable {
    /// Not a discovery document.
    Form,
    /// Of another issuer than the configured one.
    Issuer,
    /// An address that is not https, or none where one is needed.
    Address(&'static str),
    /// No authorization code, or no S256.
    Flow(&'static str),
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form => f.write_str("its discovery document is not understood"),
            Self::Issuer => f.write_str(
                "its discovery document names another issuer; write the issuer exactly as it does",
            ),
            Self::Address(which) => write!(f, "its `{which}` is no https address"),
            Self::Flow(what) => write!(f, "it does not support {what}"),
        }
    }
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
    pushed_authorization_request_endpoint: Option<String>,
    response_types_supported: Option<Vec<String>>,
    response_modes_supported: Option<Vec<String>>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    code_challenge_methods_supported: Option<Vec<String>>,
    authorization_response_iss_parameter_supported: Option<bool>,
    claims_parameter_supported: Option<bool>,
}

impl Discovery {
    /// Whether an answer's `iss` is this provider's (RFC 9207, section 2.4), where it must have one or has one.
    ///
    /// # Errors
    /// [`Refused`].
    pub(crate) fn check_issuer(
        &self,
        iss: Option<&str>,
        provider: &Provider,
    ) -> Result<(), Refused> {
        match iss {
            Some(iss) if iss == provider.issuer => Ok(()),
            None if !self.names_issuer => Ok(()),
            _ => Err(Refused::Otherwise(
                "its answer does not name it as the issuer".to_owned(),
            )),
        }
    }
}

/// Where the document of `issuer` is.
pub(super) fn address_of(issuer: &str) -> String {
    let issuer = issuer.strip_suffix('/').unwrap_or(issuer);
    format!("{issuer}/.well-known/openid-configuration")
}

/// Reads the document of `issuer`.
///
/// # Errors
/// [`Unusable`].
pub(super) fn read(json: &[u8], issuer: &str) -> Result<Discovery, Unusable> {
    let document: Document = serde_json::from_slice(json).map_err(|_| Unusable::Form)?;
    if document.issuer != issuer {
        return Err(Unusable::Issuer);
    }
    let has = |list: &Option<Vec<String>>, word: &str| {
        list.as_ref()
            .is_none_or(|list| list.iter().any(|one| one == word))
    };
    if !has(&document.response_types_supported, "code") {
        return Err(Unusable::Flow("the authorization code flow"));
    }
    // Some that take it do not say so (Entra ID).
    if !has(&document.code_challenge_methods_supported, "S256") {
        return Err(Unusable::Flow("PKCE with S256"));
    }
    let authorization_endpoint = document.authorization_endpoint.unwrap_or_default();
    address(&authorization_endpoint, "authorization_endpoint")?;
    let token_endpoint = document.token_endpoint.unwrap_or_default();
    let pushed_endpoint = document.pushed_authorization_request_endpoint;
    let methods = &document.token_endpoint_auth_methods_supported;
    Ok(Discovery {
        token_endpoint: address(&token_endpoint, "token_endpoint")?,
        pushed_endpoint: pushed_endpoint
            .map(|text| address(&text, "pushed_authorization_request_endpoint"))
            .transpose()?,
        authorization_endpoint,
        mode: if has(&document.response_modes_supported, "fragment") {
            ResponseMode::Fragment
        } else {
            ResponseMode::Query
        },
        secret_goes: match methods {
            None => SecretGoes::InHeader,
            Some(_) if has(methods, "client_secret_basic") => SecretGoes::InHeader,
            Some(_) if has(methods, "client_secret_post") => SecretGoes::InBody,
            Some(_) => SecretGoes::Nowhere,
        },
        names_issuer: document.authorization_response_iss_parameter_supported == Some(true),
        takes_claims: document.claims_parameter_supported == Some(true),
    })
}

/// An https address without a fragment or a user name.
fn address(text: &str, which: &'static str) -> Result<Uri, Unusable> {
    let bad = Unusable::Address(which);
    let is_plain =
        |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'#' | b'\\' | b'"' | b'<' | b'>');
    if text.len() > LONGEST_ADDRESS || !text.bytes().all(is_plain) {
        return Err(bad);
    }
    let uri: Uri = text.parse().map_err(|_| bad)?;
    let is_sound = uri.scheme_str() == Some("https")
        && uri.authority().is_some_and(|authority| {
            !authority.host().is_empty() && !authority.as_str().contains('@')
        });
    is_sound.then_some(uri).ok_or(bad)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{ResponseMode, SecretGoes, Unusable, address_of, read};

    const ISSUER: &str = "https://id.example.org/realms/staff";

    fn document() -> Value {
        json!({
            "issuer": ISSUER,
            "authorization_endpoint": "https://id.example.org/authorize",
            "token_endpoint": "https://token.example.org/token",
            "something": {"new": [1]},
        })
    }

    fn with(key: &str, value: Value) -> Result<super::Discovery, Unusable> {
        let mut document = document();
        document[key] = value;
        read(document.to_string().as_bytes(), ISSUER)
    }

    #[test]
    fn what_a_document_does_not_say_is_as_the_specification_has_it() {
        let found = read(document().to_string().as_bytes(), ISSUER).unwrap();
        assert_eq!(found.mode, ResponseMode::Fragment);
        assert_eq!(found.secret_goes, SecretGoes::InHeader);
        assert!(!found.names_issuer && !found.takes_claims && found.pushed_endpoint.is_none());
    }

    #[test]
    fn what_it_says_is_heeded() {
        let modes = with("response_modes_supported", json!(["query", "form_post"])).unwrap();
        assert_eq!(modes.mode, ResponseMode::Query);
        for (methods, goes) in [
            (
                json!(["private_key_jwt", "client_secret_post"]),
                SecretGoes::InBody,
            ),
            (
                json!(["client_secret_post", "client_secret_basic"]),
                SecretGoes::InHeader,
            ),
            (json!(["private_key_jwt"]), SecretGoes::Nowhere),
        ] {
            let found = with("token_endpoint_auth_methods_supported", methods).unwrap();
            assert_eq!(found.secret_goes, goes);
        }
        let flag = with(
            "authorization_response_iss_parameter_supported",
            json!(true),
        );
        assert!(flag.unwrap().names_issuer);
        let pushed = "https://id.example.org/par";
        let found = with("pushed_authorization_request_endpoint", json!(pushed)).unwrap();
        assert_eq!(found.pushed_endpoint.unwrap(), pushed);
    }

    #[test]
    fn another_issuer_plain_http_and_missing_flows_are_refused() {
        for (key, value) in [
            ("issuer", json!("https://id.example.org/realms/staff/")),
            ("issuer", json!("https://ID.example.org/realms/staff")),
            ("issuer", json!(7)),
            (
                "authorization_endpoint",
                json!("http://id.example.org/authorize"),
            ),
            ("authorization_endpoint", json!("javascript:alert(1)")),
            (
                "authorization_endpoint",
                json!("https://id.example.org/a#b"),
            ),
            (
                "authorization_endpoint",
                json!("https://me@id.example.org/"),
            ),
            ("authorization_endpoint", Value::Null),
            ("token_endpoint", json!("/token")),
            ("token_endpoint", json!("https://")),
            (
                "pushed_authorization_request_endpoint",
                json!("http://id.example.org/par"),
            ),
            ("response_types_supported", json!(["id_token", "token"])),
            ("code_challenge_methods_supported", json!(["plain"])),
        ] {
            assert!(with(key, value.clone()).is_err(), "{key}: {value}");
        }
        for text in ["", "[]", "{}", "<html>", "{\"issuer\":"] {
            assert_eq!(read(text.as_bytes(), ISSUER), Err(Unusable::Form), "{text}");
        }
    }

    #[test]
    fn the_document_is_below_the_issuer_without_a_double_slash() {
        let expected = "https://id.example.org/.well-known/openid-configuration";
        assert_eq!(address_of("https://id.example.org"), expected);
        assert_eq!(address_of("https://id.example.org/"), expected);
    }
}

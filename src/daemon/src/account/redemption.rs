//! The token in return for the code (`OpenID Connect Core 1.0`, section 3.1.3; RFC 6749, section 5.2).

use std::fmt;

use antiphon_core::account::LONGEST_TOKEN;
use antiphon_core::visible::visible;
use antiphon_core::wire::{IdToken, NoToken};
use antiphon_outgoing::Answer;
use serde::Deserialize;

/// The longest error that is shown in the log, in bytes.
const LONGEST_ERROR: usize = 64;

/// Why there is no token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The person, or the provider, did not want to.
    Denied,
    /// It could not be reached; why, for the log.
    Away(String),
    /// It answered with something else; what, for the log.
    Otherwise(String),
}

impl Refused {
    /// What root is told.
    pub(crate) fn reason(&self) -> NoToken {
        match self {
            Self::Denied => NoToken::Denied,
            Self::Away(_) => NoToken::ProviderAway,
            Self::Otherwise(_) => NoToken::ProviderRefused,
        }
    }

    /// What the page is told.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Away(_) => "provider_away",
            Self::Otherwise(_) => "provider_refused",
        }
    }

    /// An error in the provider's answer to the browser (RFC 6749, section 4.1.2.1), which anybody may have written into
    /// the address: of it, nothing but a plain word goes to the log.
    pub(crate) fn of_error(error: &str) -> Self {
        match error {
            "access_denied" => Self::Denied,
            error => Self::Otherwise(format!("the sign-in there ended with {}", Plain(error))),
        }
    }
}

/// For the log.
impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied => f.write_str("access_denied"),
            Self::Away(why) | Self::Otherwise(why) => f.write_str(why),
        }
    }
}

/// An error's code if it looks like one.
struct Plain<'a>(&'a str);

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(error) = self;
        let is_plain = (1..=LONGEST_ERROR).contains(&error.len())
            && error
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        f.write_str(if is_plain { error } else { "an unknown error" })
    }
}

/// The one part of the answer that is looked at. Access and refresh tokens are dropped with the rest.
#[derive(Deserialize)]
struct Tokens {
    id_token: Option<String>,
}

#[derive(Deserialize)]
struct Failure {
    error: String,
}

/// The token in an answer.
///
/// # Errors
/// [`Refused`].
pub(super) fn token_in(answer: &Answer) -> Result<IdToken, Refused> {
    let status = answer.status;
    if !answer.is_fine() {
        return Err(refusal(answer, "the code was refused"));
    }
    let tokens: Tokens = serde_json::from_slice(&answer.body).map_err(|_| {
        let length = answer.body.len();
        Refused::Otherwise(format!(
            "the answer to the code, {status} of {length} bytes, is not understood"
        ))
    })?;
    let token = tokens.id_token.unwrap_or_default();
    if token.is_empty() || token.len() > LONGEST_TOKEN || visible(&token, LONGEST_TOKEN) != token {
        return Err(Refused::Otherwise(
            "the answer to the code has no usable id_token: is `openid` among the scopes that the client may have?"
                .to_owned(),
        ));
    }
    Ok(IdToken { token })
}

/// What an answer that is no success means.
pub(super) fn refusal(answer: &Answer, what: &str) -> Refused {
    let status = answer.status;
    let error = serde_json::from_slice(&answer.body).map(|failure: Failure| failure.error);
    let words = match error {
        Ok(error) => format!("{what}: {status}, {}", Plain(&error)),
        Err(_) => format!("{what}: {status}"),
    };
    match status {
        500..=599 => Refused::Away(words),
        _ => Refused::Otherwise(words),
    }
}

#[cfg(test)]
mod tests {
    use antiphon_core::wire::NoToken;
    use antiphon_outgoing::Answer;

    use super::{Refused, token_in};

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status,
            body: body.as_bytes().to_vec(),
        }
    }

    #[test]
    fn of_an_answer_only_the_id_token_is_taken() {
        let body = r#"{"access_token": "secret-1", "refresh_token": "secret-2", "id_token": "a.b.c", "expires_in": 300}"#;
        assert_eq!(token_in(&answer(200, body)).unwrap().token, "a.b.c");
    }

    #[test]
    fn what_is_no_token_is_told_in_our_own_words() {
        let long = format!(r#"{{"id_token": "{}"}}"#, "x".repeat(16 * 1024 + 1));
        for (status, body, reason, says) in [
            (200, "{}", NoToken::ProviderRefused, "no usable id_token"),
            (
                200,
                r#"{"id_token": ""}"#,
                NoToken::ProviderRefused,
                "no usable id_token",
            ),
            (200, &long, NoToken::ProviderRefused, "no usable id_token"),
            (
                200,
                r#"{"id_token": "a\u001b[2J"}"#,
                NoToken::ProviderRefused,
                "no usable id_token",
            ),
            (200, "<html>", NoToken::ProviderRefused, "not understood"),
            (
                400,
                r#"{"error": "invalid_grant", "error_description": "call 555"}"#,
                NoToken::ProviderRefused,
                "400, invalid_grant",
            ),
            (
                401,
                r#"{"error": "Call 555 now"}"#,
                NoToken::ProviderRefused,
                "401, an unknown error",
            ),
            (302, "", NoToken::ProviderRefused, "302"),
            (503, "busy", NoToken::ProviderAway, "503"),
        ] {
            let refused = token_in(&answer(status, body)).unwrap_err();
            assert_eq!(refused.reason(), reason, "{body}");
            let said = refused.to_string();
            assert!(said.contains(says) && !said.contains("555"), "{said}");
        }
    }

    #[test]
    fn an_error_in_the_address_is_logged_only_if_it_is_a_plain_word() {
        assert_eq!(Refused::of_error("access_denied"), Refused::Denied);
        for (error, shown) in [
            ("login_required", "login_required"),
            ("call 555", "an unknown error"),
            ("", "an unknown error"),
            ("\u{1b}[31m", "an unknown error"),
        ] {
            let refused = Refused::of_error(error);
            assert_eq!(refused.reason(), NoToken::ProviderRefused);
            assert!(refused.to_string().ends_with(shown), "{refused}");
        }
    }
}

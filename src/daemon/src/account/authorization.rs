//! Where the browser is sent to sign in, and what the provider is asked for there.
//!
//! A browser can strip all of it from the address. So nothing here makes an approval sound: the token has to prove what
//! was asked for, and root looks.

use antiphon_core::config::{Provider, Strength, StrengthClaim, SubjectClaim};
use antiphon_gateway::add_field;
use data_encoding::BASE64URL_NOPAD;
use ring::digest::{SHA256, digest};
use serde_json::json;

use super::discovery::{Discovery, ResponseMode};
use crate::token::Token;

/// How old a sign-in at the provider may be, in seconds. Asked for because a provider then says how old it is.
const MOST_AGE: &str = "60";

/// What the token carries back: a digest, in base64url.
pub(crate) struct Nonce(pub(crate) [u8; 32]);

/// What a browser's way to the provider begins with.
pub(super) struct Asked<'a> {
    pub(super) nonce: &'a Nonce,
    pub(super) state: &'a Token,
    /// The PKCE verifier: the provider is told its hash.
    pub(super) verifier: &'a Token,
    pub(super) redirect_uri: &'a str,
}

/// Names and values, in their order.
pub(super) type Fields = Vec<(&'static str, String)>;

/// The parameters of the authorization (`OpenID Connect Core 1.0`, section 3.1.2.1; RFC 7636, section 4.3).
pub(super) fn parameters(provider: &Provider, discovery: &Discovery, asked: &Asked<'_>) -> Fields {
    let challenge = digest(&SHA256, asked.verifier.expose().as_bytes());
    let mut fields: Fields = vec![
        ("client_id", provider.client_id.clone()),
        ("response_type", "code".into()),
        ("redirect_uri", asked.redirect_uri.into()),
        ("scope", provider.scopes.join(" ")),
        ("state", asked.state.expose().into()),
        ("nonce", BASE64URL_NOPAD.encode(&asked.nonce.0)),
        ("code_challenge", BASE64URL_NOPAD.encode(challenge.as_ref())),
        ("code_challenge_method", "S256".into()),
    ];
    if discovery.mode == ResponseMode::Fragment {
        fields.push(("response_mode", "fragment".into()));
    }
    if provider.reauthentication {
        fields.push(("prompt", "login".into()));
        // Entra ID does not document it.
        if provider.subject == SubjectClaim::Sub {
            fields.push(("max_age", MOST_AGE.into()));
        }
    }
    if let Some(strength) = &provider.strength {
        fields.extend(of_strength(strength, discovery));
    }
    fields
}

fn of_strength(strength: &Strength, discovery: &Discovery) -> Option<(&'static str, String)> {
    let Strength { claim, values } = strength;
    let wanted = match &values[..] {
        [value] => json!({"essential": true, "value": value}),
        values => json!({"essential": true, "values": values}),
    };
    let by_claims = || {
        let name = claim.name();
        ("claims", json!({"id_token": {name: wanted}}).to_string())
    };
    match claim {
        StrengthClaim::Acr => Some(("acr_values", values.join(" "))),
        // Entra ID takes it, and does not say so.
        StrengthClaim::Acrs => Some(by_claims()),
        StrengthClaim::Amr => discovery.takes_claims.then(by_claims),
    }
}

/// The address that the browser is sent to.
pub(super) fn address(endpoint: &str, fields: &[(&'static str, String)]) -> String {
    let mark = if endpoint.contains('?') { '&' } else { '?' };
    format!("{endpoint}{mark}{}", form(fields))
}

/// `application/x-www-form-urlencoded`, which a query may be too.
pub(super) fn form(fields: &[(&'static str, String)]) -> String {
    let mut form = String::new();
    for (name, value) in fields {
        add_field(&mut form, name, value);
    }
    form
}

#[cfg(test)]
mod tests {
    use antiphon_core::config::Config;

    use super::{Asked, Nonce, address, form, parameters};
    use crate::account::discovery::read;
    use crate::token::Token;

    const DOCUMENT: &str = r#"{"issuer": "https://id.example.org", "authorization_endpoint": "https://id.example.org/a",
        "token_endpoint": "https://id.example.org/t""#;

    fn asked(table: &str, more: &str) -> String {
        let config = format!(
            "[[provider]]\nname = \"kmh\"\nissuer = \"https://id.example.org\"\nclient_id = \"antiphon\"\n\
             label = {{ sv = \"KMH-konto\", en = \"KMH account\" }}\n{table}"
        );
        let config = Config::parse(&config).unwrap();
        let discovery = read(
            format!("{DOCUMENT}{more}}}").as_bytes(),
            "https://id.example.org",
        );
        let (state, verifier) = (Token::new().unwrap(), Token::new().unwrap());
        let asked = Asked {
            nonce: &Nonce([255; 32]),
            state: &state,
            verifier: &verifier,
            redirect_uri: "https://mfa.example.org/account/kmh",
        };
        let fields = parameters(&config.providers[0], &discovery.unwrap(), &asked);
        assert!(!form(&fields).contains(verifier.expose()));
        form(&fields)
    }

    #[test]
    fn a_fresh_sign_in_is_asked_for_with_pkce_and_never_a_lasting_one() {
        let asked = asked("", "");
        for part in [
            "client_id=antiphon&response_type=code&",
            "redirect_uri=https%3A%2F%2Fmfa.example.org%2Faccount%2Fkmh&scope=openid&",
            "nonce=__________________________________________8&",
            "code_challenge_method=S256&response_mode=fragment&prompt=login&max_age=60",
        ] {
            assert!(asked.contains(part), "{part} in {asked}");
        }
        assert!(!asked.contains("offline"), "{asked}");
    }

    #[test]
    fn an_answer_in_the_query_and_an_old_sign_in_are_asked_for_only_where_it_must_be() {
        let query = asked("", r#", "response_modes_supported": ["query"]"#);
        assert!(!query.contains("response_mode"), "{query}");
        let lax = asked("reauthentication = false\n", "");
        assert!(!lax.contains("prompt") && !lax.contains("max_age"), "{lax}");
    }

    #[test]
    fn the_strength_is_asked_for_in_the_way_that_the_claim_has() {
        let acr = asked(
            "strength = { claim = \"acr\", values = [\"phr\", \"phrh\"] }\n",
            "",
        );
        assert!(acr.ends_with("&acr_values=phr%20phrh"), "{acr}");
        let amr = "strength = { claim = \"amr\", values = [\"hwk\"] }\n";
        assert!(!asked(amr, "").contains("claims"));
        let amr = asked(amr, r#", "claims_parameter_supported": true"#);
        assert!(
            amr.ends_with("&claims=%7B%22id_token%22%3A%7B%22amr%22%3A%7B%22essential%22%3Atrue%2C%22value%22%3A%22hwk%22%7D%7D%7D"),
            "{amr}"
        );
        let acrs = asked(
            "strength = { claim = \"acrs\", values = [\"c1\", \"c2\"] }\n",
            "",
        );
        assert!(
            acrs.contains(
                "%22acrs%22%3A%7B%22essential%22%3Atrue%2C%22values%22%3A%5B%22c1%22%2C%22c2%22%5D"
            ),
            "{acrs}"
        );
    }

    #[test]
    fn an_endpoint_that_has_a_query_keeps_it() {
        let fields = [("a", "å b".to_owned())];
        assert_eq!(
            address("https://x/?p=1", &fields),
            "https://x/?p=1&a=%C3%A5%20b"
        );
        assert_eq!(address("https://x/", &fields), "https://x/?a=%C3%A5%20b");
    }
}

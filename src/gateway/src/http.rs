//! `kind = "http"`: one request per message, to any service that works that way.

use antiphon_core::document::{Fault, Section};
use toml::de::DeTable;

use super::address::{RULE, leads_to_a_gateway};
use super::body::{Body, Field, fields};
use super::credentials::Credential;
use super::template::{Hole, Template};

/// The request, and how to interpret the response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpGateway {
    /// `method`: `POST`, `PUT` or `GET`.
    pub method: &'static str,
    /// `url`; values in it are percent-encoded.
    pub url: Template,
    /// `headers`.
    pub headers: Vec<Field>,
    /// `form`, `json` or `body`.
    pub body: Body,
    /// `auth`.
    pub auth: HttpAuth,
    /// What a successful response contains, in addition to its status.
    pub answer_contains: Option<String>,
}

/// `auth`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HttpAuth {
    /// User name and password (RFC 7617).
    Basic,
    /// The token (RFC 6750).
    Bearer,
    /// Only what the placeholders provide.
    None,
}

/// Headers that would change where a request goes or ends.
const OURS: [&str; 8] = [
    "host",
    "content-length",
    "content-type",
    "transfer-encoding",
    "connection",
    "upgrade",
    "te",
    "expect",
];

impl HttpGateway {
    pub(super) fn read(section: &mut Section<'_>) -> Result<Self, Fault> {
        let rule = "must be \"POST\", \"PUT\" or \"GET\"";
        let method = section.optional("method", rule, |value| {
            let said = value.as_str()?;
            ["POST", "PUT", "GET"]
                .into_iter()
                .find(|method| *method == said)
        })?;
        let method = method.unwrap_or("POST");
        let url = section.required("url", RULE, |value| {
            let text = value.as_str()?;
            Template::read(text).filter(|_| leads_to_a_gateway(text))
        })?;
        let rule = "must be a table of header names and texts; {text} has no place there, nor have the headers that \
                    belong to the connection and the body";
        let headers = section.optional("headers", rule, |value| headers(value.as_table()?))?;
        let rule = "must be \"basic\", \"bearer\" or \"none\"";
        let auth = section.optional("auth", rule, |value| match value.as_str()? {
            "basic" => Some(HttpAuth::Basic),
            "bearer" => Some(HttpAuth::Bearer),
            "none" => Some(HttpAuth::None),
            _ => None,
        })?;
        let auth = auth.unwrap_or(HttpAuth::Basic);
        let headers = headers.unwrap_or_default();
        let names_itself = |header: &Field| header.name.eq_ignore_ascii_case("authorization");
        if auth != HttpAuth::None && headers.iter().any(names_itself) {
            let rule = "holds Authorization: set `auth = \"none\"` too, or leave it out";
            return Err(section.fault("headers", rule));
        }
        let body = Body::read(section)?;
        if method == "GET" && body != Body::Empty {
            let rule = "is \"GET\", which carries no body: put the values into `url`";
            return Err(section.fault("method", rule));
        }
        let rule = "must be a text";
        let answer_contains = section.optional("answer_contains", rule, |value| {
            Some(value.as_str()?.to_owned()).filter(|text| !text.is_empty())
        })?;
        let gateway = Self {
            method,
            url,
            headers,
            body,
            auth,
            answer_contains,
        };
        if gateway.tells_nothing() {
            let rule =
                "and what goes with it hold neither {text} nor {code}: nobody would learn the code";
            return Err(section.fault("url", rule));
        }
        Ok(gateway)
    }

    /// The host that requests go to: the only part of the URL that may be logged, since the rest may contain a
    /// credential.
    #[must_use]
    pub fn host(&self) -> String {
        let beginning = self.url.beginning();
        let (_, rest) = beginning.split_once("://").unwrap_or_default();
        rest.split(['/', '?']).next().unwrap_or_default().to_owned()
    }

    pub(super) fn needs(&self) -> Vec<Credential> {
        let mut needed = match self.auth {
            HttpAuth::Basic => vec![Credential::Username, Credential::Password],
            HttpAuth::Bearer => vec![Credential::Token],
            HttpAuth::None => Vec::new(),
        };
        self.each_template(&mut |template| needed.extend(template.needs()));
        needed
    }

    fn tells_nothing(&self) -> bool {
        let mut told = false;
        self.each_template(&mut |template| {
            told |= template.holds(|hole, _| matches!(hole, Hole::Text | Hole::Code));
        });
        !told
    }

    fn each_template(&self, look: &mut dyn FnMut(&Template)) {
        look(&self.url);
        self.headers.iter().for_each(|header| look(&header.value));
        self.body.each_template(look);
    }
}

fn headers(table: &DeTable<'_>) -> Option<Vec<Field>> {
    let is_token = |name: &str| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        !name.is_empty()
            && name.bytes().all(fits)
            && !OURS.contains(&name.to_ascii_lowercase().as_str())
    };
    let is_value = |text: &str| text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    let headers = fields(table)?;
    for Field { name, value } in &headers {
        let text = table.get(name.as_str())?.get_ref().as_str()?;
        if !is_token(name) || !is_value(text) || value.holds(|hole, _| hole == Hole::Text) {
            return None;
        }
    }
    Some(headers)
}

#[cfg(test)]
mod tests {
    use crate::{Credential, Credentials, Filling, Gateway, Gateways, HttpGateway};
    use antiphon_core::config::ConfigError;

    fn read(keys: &str) -> Result<HttpGateway, ConfigError> {
        let text = format!(
            "[gateway.sms]\nkind = \"http\"\nurl = \"https://a.example/{{username}}\"\n{keys}\n"
        );
        Gateways::parse(&text).map(|gateways| match gateways.sms {
            Some(Gateway::Http(http)) => *http,
            other => panic!("{other:?}"),
        })
    }

    fn body(keys: &str, text: &str) -> (String, String) {
        let gateway = read(keys).unwrap();
        let credentials = Credentials::default();
        let filling = Filling {
            to: "+46701234521",
            text,
            code: "123456",
            language: "en",
            credentials: &credentials,
        };
        let (kind, body) = gateway.body.fill(&filling).unwrap();
        (kind.to_owned(), body.to_string())
    }

    const NASTY: &str = "a&To=+1&x=\"<b>'\\\n{code} å";

    #[test]
    fn a_forms_fields_stay_what_they_are() {
        let (kind, body) = body("form = { To = \"{to}\", Body = \"{text}\" }", NASTY);
        assert_eq!(kind, "application/x-www-form-urlencoded");
        assert_eq!(
            body,
            "Body=a%26To%3D%2B1%26x%3D%22%3Cb%3E%27%5C%0A%7Bcode%7D%20%C3%A5&To=%2B46701234521"
        );
    }

    #[test]
    fn json_stays_what_it_is() {
        let keys =
            "json = { to = [\"{to}\"], n = 3, flash = false, message = { text = \"{text}\" } }";
        let (kind, body) = body(keys, NASTY);
        assert_eq!(kind, "application/json");
        let read: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(read["message"]["text"], NASTY);
        assert_eq!(read["to"][0], "+46701234521");
        assert_eq!((&read["n"], &read["flash"]), (&3.into(), &false.into()));
    }

    #[test]
    fn a_body_of_ones_own_says_how_the_text_is_written() {
        let keys = "body = \"<m>{text:xml}</m>\"\ncontent_type = \"application/xml\"";
        assert_eq!(body(keys, "<&").1, "<m>&lt;&amp;</m>");
        let keys = "body = \"{text}\"\ncontent_type = \"text/plain; charset=utf-8\"";
        assert_eq!(body(keys, "<&").1, "<&");
    }

    use Credential::{Password, Token, Username};

    #[test]
    fn what_it_needs_is_known_before_it_is_used() {
        let needs = |keys: &str| read(keys).unwrap().needs();
        assert_eq!(
            needs("form = { m = \"{text}\" }"),
            [Username, Password, Username]
        );
        assert_eq!(
            needs("auth = \"none\"\njson = { k = { t = \"{token}\" }, m = \"{code}\" }"),
            [Username, Token]
        );
        assert_eq!(
            needs(
                "auth = \"bearer\"\nheaders = { X-Key = \"{password}\" }\nform = { m = \"{code}\" }"
            ),
            [Token, Username, Password]
        );
    }

    #[test]
    fn what_could_be_misread_is_refused() {
        for (keys, expected) in [
            ("form = { to = \"{to}\" }", "nobody would learn"),
            (
                "form = { m = \"{text}\" }\njson = { m = \"{text}\" }",
                "the only one",
            ),
            ("form = { m = \"{text\" }", "line 4"),
            ("json = { m = \"{text}\", t = 1.5 }", "line 4"),
            ("body = \"{text}\"", "content_type"),
            (
                "body = \"<m>{text}</m>\"\ncontent_type = \"application/xml\"",
                "{text:xml}",
            ),
            ("content_type = \"text/plain\"", "missing"),
            ("method = \"GET\"\nform = { m = \"{text}\" }", "GET"),
            ("method = \"DELETE\"", "line 4"),
            (
                "form = { m = \"{text}\" }\nheaders = { Host = \"x\" }",
                "line 5",
            ),
            (
                "form = { m = \"{text}\" }\nheaders = { X = \"{text}\" }",
                "line 5",
            ),
            (
                "form = { m = \"{text}\" }\nheaders = { X = \"a\\nb\" }",
                "line 5",
            ),
            (
                "form = { m = \"{text}\" }\nheaders = { \"X Y\" = \"a\" }",
                "line 5",
            ),
            (
                "form = { m = \"{text}\" }\nheaders = { Authorization = \"a\" }",
                "auth",
            ),
        ] {
            let said = read(keys).unwrap_err().to_string();
            assert!(said.contains(expected), "{keys} gave {said}");
        }
    }
}

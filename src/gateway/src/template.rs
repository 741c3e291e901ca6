//! Strings with placeholders, filled in so that a value always stays a value.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::Zeroizing;

use super::credentials::Credential;

/// A string with placeholders: `{to}`, `{text}`, `{code}`, `{language}`, `{locale}`, `{username}`, `{password}`,
/// `{token}`; `{text:xml}` is the text escaped for XML, likewise `json` and `url`; `{{` and `}}` are braces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Plain(String),
    Hole(Hole, Option<Around>),
}

/// What percent-encoding changes: all but RFC 3986's unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hole {
    To,
    Text,
    Code,
    Language,
    Locale,
    Secret(Credential),
}

/// The syntax around a value, which determines its encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Around {
    /// An XML 1.0 element or attribute.
    Xml,
    /// A JSON string, between its quotes.
    Json,
    /// A path, query or form: RFC 3986, section 2.1.
    Url,
}

/// The placeholders' values.
#[derive(Clone, Copy)]
pub struct Filling<'a> {
    /// `{to}`: the number, in E.164.
    pub to: &'a str,
    /// `{text}`: the whole message.
    pub text: &'a str,
    /// `{code}`: the digits only.
    pub code: &'a str,
    /// `{language}`: `sv` or `en`. `{locale}` is derived from it: `sv-SE` or `en-GB`.
    pub language: &'a str,
    /// `{username}`, `{password}` and `{token}`.
    pub credentials: &'a super::Credentials,
}

impl Template {
    pub(super) const RULE: &str = "must be a text whose placeholders are {to}, {text}, {code}, {language}, {locale}, \
                                   {username}, {password}, {token}, or one of these with :xml, :json or :url; {{ and \
                                   }} are braces";

    /// Parses it; `None` if it has an unknown placeholder or a lone brace.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, brace) = rest.split_at_checked(at)?;
            plain.push_str(before);
            if let Some(after) = brace.strip_prefix("{{") {
                plain.push('{');
                rest = after;
            } else if let Some(after) = brace.strip_prefix("}}") {
                plain.push('}');
                rest = after;
            } else {
                let (name, after) = brace.strip_prefix('{')?.split_once('}')?;
                if !plain.is_empty() {
                    parts.push(Part::Plain(std::mem::take(&mut plain)));
                }
                parts.push(hole(name)?);
                rest = after;
            }
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(Part::Plain(plain));
        }
        Some(Self(parts))
    }

    /// The string with each value encoded as its placeholder says, and then for `around`. Wiped on drop.
    #[must_use]
    pub fn fill(&self, filling: &Filling<'_>, around: Option<Around>) -> Zeroizing<String> {
        let mut filled = Zeroizing::new(String::new());
        for part in &self.0 {
            match part {
                Part::Plain(plain) => filled.push_str(plain),
                Part::Hole(hole, own) => {
                    let mut value = Zeroizing::new(filling.value(*hole).to_owned());
                    for around in own.iter().chain(&around) {
                        value = around.write(&value);
                    }
                    filled.push_str(&value);
                }
            }
        }
        filled
    }

    /// Whether it starts with a placeholder, so that the first character comes from a value.
    #[must_use]
    pub fn begins_with_a_value(&self) -> bool {
        matches!(self.0.first(), Some(Part::Hole(..)))
    }

    /// The part before the first placeholder.
    pub(super) fn beginning(&self) -> &str {
        match self.0.first() {
            Some(Part::Plain(plain)) => plain,
            _ => "",
        }
    }

    pub(super) fn holds(&self, is: impl Fn(Hole, Option<Around>) -> bool) -> bool {
        self.0
            .iter()
            .any(|part| matches!(part, Part::Hole(hole, around) if is(*hole, *around)))
    }

    pub(super) fn needs(&self) -> impl Iterator<Item = Credential> {
        self.0.iter().filter_map(|part| match part {
            Part::Hole(Hole::Secret(credential), _) => Some(*credential),
            _ => None,
        })
    }
}

impl<'a> Filling<'a> {
    fn value(&self, hole: Hole) -> &'a str {
        match hole {
            Hole::To => self.to,
            Hole::Text => self.text,
            Hole::Code => self.code,
            Hole::Language => self.language,
            Hole::Locale if self.language == "sv" => "sv-SE",
            Hole::Locale => "en-GB",
            Hole::Secret(which) => self.credentials.get(which).unwrap_or_default(),
        }
    }
}

fn hole(name: &str) -> Option<Part> {
    let (name, around) = match name.split_once(':') {
        None => (name, None),
        Some((name, "xml")) => (name, Some(Around::Xml)),
        Some((name, "json")) => (name, Some(Around::Json)),
        Some((name, "url")) => (name, Some(Around::Url)),
        Some(_) => return None,
    };
    let hole = match name {
        "to" => Hole::To,
        "text" => Hole::Text,
        "code" => Hole::Code,
        "language" => Hole::Language,
        "locale" => Hole::Locale,
        name => Hole::Secret(Credential::ALL.into_iter().find(|one| one.key() == name)?),
    };
    Some(Part::Hole(hole, around))
}

impl Around {
    /// Encodes `value`.
    #[must_use]
    pub fn write(self, value: &str) -> Zeroizing<String> {
        let mut written = Zeroizing::new(String::new());
        match self {
            Self::Xml => value
                .chars()
                .for_each(|character| in_xml(character, &mut written)),
            Self::Json => {
                // A string: this cannot fail.
                let quoted = Zeroizing::new(serde_json::to_string(value).unwrap_or_default());
                let inner = quoted
                    .strip_prefix('"')
                    .and_then(|text| text.strip_suffix('"'));
                written.push_str(inner.unwrap_or_default());
            }
            Self::Url => written.extend(utf8_percent_encode(value, RESERVED)),
        }
        written
    }
}

fn in_xml(character: char, written: &mut String) {
    match character {
        '&' => written.push_str("&amp;"),
        '<' => written.push_str("&lt;"),
        '>' => written.push_str("&gt;"),
        '"' => written.push_str("&quot;"),
        '\'' => written.push_str("&apos;"),
        // XML 1.0, section 2.2, allows no other control characters, however they are written.
        '\t' | '\n' | ' '..='\u{7e}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'.. => {
            written.push(character);
        }
        _ => written.push('?'),
    }
}

#[cfg(test)]
mod tests {
    use super::{Around, Filling, Template};
    use crate::Credentials;

    const NASTY: &str = "\"'&<Say>;{code}\\\r\n%41+å\u{0}</Response>";

    fn filled(template: &str, text: &str, around: Option<Around>) -> String {
        let credentials =
            Credentials::parse("username = \"u\"\npassword = \"p:{to}\"\n", "sms").unwrap();
        let filling = Filling {
            to: "+46701234521",
            text,
            code: "123456",
            language: "sv",
            credentials: &credentials,
        };
        let template = Template::read(template).unwrap();
        template.fill(&filling, around).to_string()
    }

    #[test]
    fn placeholders_are_filled_once_and_what_they_hold_is_not_read_again() {
        assert_eq!(
            filled(
                "{to} {{to}} {text} {locale}/{language} {password}",
                "{code}",
                None
            ),
            "+46701234521 {to} {code} sv-SE/sv p:{to}"
        );
    }

    #[test]
    fn a_value_stays_a_value_in_xml() {
        let xml = filled("<Say>{text:xml}</Say>", NASTY, None);
        assert_eq!(
            xml,
            "<Say>&quot;&apos;&amp;&lt;Say&gt;;{code}\\?\n%41+å?&lt;/Response&gt;</Say>"
        );
    }

    #[test]
    fn a_value_stays_a_value_in_json() {
        let json = filled("\"{text:json}\"", NASTY, None);
        let read: String = serde_json::from_str(&json).unwrap();
        assert_eq!(read, NASTY);
    }

    #[test]
    fn a_value_stays_a_value_in_an_address() {
        let url = filled(
            "https://a.example/?t={text}&c={code}",
            "a&b=c#d e\n+å/..",
            Some(Around::Url),
        );
        assert_eq!(
            url,
            "https://a.example/?t=a%26b%3Dc%23d%20e%0A%2B%C3%A5%2F..&c=123456"
        );
        // First the placeholder's own encoding, then that of the place.
        assert_eq!(filled("{text:xml}", "<", Some(Around::Url)), "%26lt%3B");
    }

    #[test]
    fn a_placeholder_that_is_not_known_is_refused() {
        for text in [
            "{phone}",
            "{text",
            "text}",
            "{}",
            "{text:html}",
            "{ text }",
            "{{text}",
            "{text}}",
        ] {
            assert_eq!(Template::read(text), None, "{text}");
        }
    }
}

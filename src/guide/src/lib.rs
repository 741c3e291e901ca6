//! The guide for people: one HTML file in Swedish or English, with its style and pictures in it, to be put on an intranet or
//! printed. `antiphon guide` prints it, and the daemon serves the same bytes at `/guide`.
//!
//! What comes in is the configuration, which root has written; nothing of any person. The pictures are of the real page and
//! of a real sign-in, and `tests/page/guide` makes them.
#![forbid(unsafe_code)]

mod template;

use antiphon_core::config::{Config, Unenrolled};
use antiphon_core::text::Language;
use data_encoding::BASE64;
use sha2::{Digest, Sha256};

use template::Template;

/// The only style of the page.
const STYLE: &str = include_str!("../text/style.css");

/// Its Content-Security-Policy: the one style, pictures in the page itself, and nothing else.
#[must_use]
pub fn policy() -> String {
    let style = BASE64.encode(&Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; img-src data:; frame-ancestors 'none'; base-uri 'none'; \
         form-action 'none'"
    )
}

/// A picture, by its file's name without the ending.
struct Picture {
    name: &'static str,
    kind: &'static str,
    bytes: &'static [u8],
}

macro_rules! pictures {
    ($language:literal) => {
        [
            pictures!($language, "enrol", "image/webp", ".webp"),
            pictures!($language, "notifications", "image/webp", ".webp"),
            pictures!($language, "trial", "image/webp", ".webp"),
            pictures!($language, "request", "image/webp", ".webp"),
            pictures!($language, "enter", "image/webp", ".webp"),
            pictures!($language, "refuse", "image/webp", ".webp"),
            pictures!($language, "number", "image/svg+xml", ".svg"),
            pictures!($language, "ways", "image/svg+xml", ".svg"),
        ]
    };
    ($language:literal, $name:literal, $kind:literal, $end:literal) => {
        Picture {
            name: $name,
            kind: $kind,
            bytes: include_bytes!(concat!("../pictures/", $language, "/", $name, $end)),
        }
    };
}

static SWEDISH: [Picture; 8] = pictures!("sv");
static ENGLISH: [Picture; 8] = pictures!("en");

/// The guide.
#[must_use]
pub fn page(language: Language, config: &Config) -> String {
    let (template, pictures) = match language {
        Language::Swedish => (include_str!("../text/sv.html"), &SWEDISH),
        Language::English => (include_str!("../text/en.html"), &ENGLISH),
    };
    let organisation = &config.organisation;
    let telephone = &config.telephone;
    let has_page = !config.page.is_for_this_computer_only();
    let conditions = [
        ("organisation", organisation.name.is_some()),
        ("help", organisation.help_desk.is_some()),
        // Without an address that phones can open, nothing is said of phones.
        ("phone", has_page),
        ("telephone", telephone.sms || telephone.call),
        ("enroll", enrols_at_the_sign_in(config)),
        ("account", has_page && !config.providers.is_empty()),
    ];
    let words = [
        ("style", STYLE.to_owned()),
        (
            "organisation",
            escaped(organisation.name.as_deref().unwrap_or_default()),
        ),
        (
            "help",
            escaped(organisation.help_desk.as_deref().unwrap_or_default()),
        ),
        ("address", escaped(&config.page.origin)),
        ("accounts", escaped(&accounts(config, language))),
    ];
    Template {
        conditions: &conditions,
        words: &words,
        picture: &|name| pictures.iter().find(|one| one.name == name).map(source),
    }
    .fill(template)
}

/// Whether people enrol at a sign-in, all of them or those of some group, now or one day.
fn enrols_at_the_sign_in(config: &Config) -> bool {
    let mut rollouts = config.rollout.iter();
    config.unenrolled == Unenrolled::Enroll || rollouts.any(|rollout| rollout.enroll_from.is_some())
}

/// What the accounts are called with which people can approve.
fn accounts(config: &Config, language: Language) -> String {
    let labels = config.providers.iter();
    let labels = labels.map(|provider| provider.label.in_language(language));
    let or = match language {
        Language::Swedish => " eller ",
        Language::English => " or ",
    };
    labels.collect::<Vec<_>>().join(or)
}

/// The picture as an address that has it in it.
fn source(picture: &Picture) -> String {
    format!(
        "data:{};base64,{}",
        picture.kind,
        BASE64.encode(picture.bytes)
    )
}

/// `text` as HTML, for between tags and in double quotes.
fn escaped(text: &str) -> String {
    let mut html = String::new();
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '{' => html.push_str("&#123;"),
            other => html.push(other),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use antiphon_core::config::Config;
    use antiphon_core::text::Language;

    use super::{ENGLISH, SWEDISH, page};

    const LANGUAGES: [Language; 2] = [Language::Swedish, Language::English];

    #[test]
    fn the_guide_is_one_file_without_script_and_needs_no_other() {
        for language in LANGUAGES {
            let page = page(language, &Config::default());
            assert!(page.starts_with("<!doctype html>\n"));
            assert!(
                !page.contains("{{") && !page.contains("}}"),
                "a place is left"
            );
            for other in [
                "<script",
                "src=\"/",
                "src=\"http",
                "<link",
                "style=\"",
                "onclick",
                "url(",
            ] {
                assert!(!page.contains(other), "{other}");
            }
            assert!(page.contains(&format!("<html lang=\"{}\">", language.tag())));
        }
    }

    #[test]
    fn what_the_organisation_is_called_is_text_and_nothing_else() {
        let text = "[organisation]\nname = \"<b>Räksmörgås & \\\"Co\\\" {{style}}\"\nhelp_desk = \"<script>\"\n";
        let config = Config::parse(text).unwrap();
        for language in LANGUAGES {
            let page = page(language, &config);
            let shown = "&lt;b&gt;Räksmörgås &amp; &quot;Co&quot; &#123;&#123;style}}";
            assert!(page.contains(shown), "{language:?}");
            assert!(page.contains("&lt;script&gt;") && !page.contains("<script>"));
        }
    }

    #[test]
    fn only_what_people_can_use_is_told() {
        let words = |text: &str, language| page(language, &Config::parse(text).unwrap());
        let phone = "[page]\norigin = \"https://id.example.org\"\n";
        for (language, address, text_message) in [
            (Language::Swedish, "id.example.org", "Sms eller samtal"),
            (Language::English, "id.example.org", "text message"),
        ] {
            let codes = words("", language);
            assert!(!codes.contains("localhost") && !codes.contains(text_message));
            assert!(words(phone, language).contains(address));
            let texts = format!("{phone}[telephone]\nsms = true\n");
            assert!(words(&texts, language).contains(text_message));
        }
    }

    #[test]
    fn approving_with_an_account_is_told_where_there_is_a_provider_and_a_page_that_people_can_open()
    {
        let page_of = |text: &str, language| page(language, &Config::parse(text).unwrap());
        let provider = |name: &str, sv: &str, en: &str| {
            format!(
                "[[provider]]\nname = \"{name}\"\nissuer = \"https://id.example.org\"\nclient_id = \"a\"\n\
                 label = {{ sv = \"{sv}\", en = \"{en}\" }}\n"
            )
        };
        let one = provider("kmh", "KMH-konto", "KMH account");
        let two = one.clone() + &provider("lu", "<b>", "<b>");
        let phone = "[page]\norigin = \"https://mfa.example.org\"\n";
        for (language, with_one, with_two) in [
            (
                Language::Swedish,
                "Med ditt KMH-konto",
                "Med ditt KMH-konto eller &lt;b&gt;",
            ),
            (
                Language::English,
                "With your KMH account",
                "With your KMH account or &lt;b&gt;",
            ),
        ] {
            assert!(page_of(&format!("{phone}{one}"), language).contains(with_one));
            assert!(page_of(&format!("{phone}{two}"), language).contains(with_two));
            for none in [phone, &one] {
                assert!(!page_of(none, language).contains("KMH"), "{none}");
            }
        }
    }

    #[test]
    fn every_picture_is_shown_and_small() {
        let text = "[page]\norigin = \"https://id.example.org\"\n";
        let config = Config::parse(text).unwrap();
        for (language, pictures) in [(Language::Swedish, &SWEDISH), (Language::English, &ENGLISH)] {
            let page = page(language, &config);
            for picture in pictures {
                assert!(picture.bytes.len() < 30_000, "{}", picture.name);
                assert!(page.contains(&super::source(picture)), "{}", picture.name);
            }
        }
    }
}

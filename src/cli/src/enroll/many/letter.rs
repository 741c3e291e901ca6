//! A letter to print: one page of HTML in A4 with the QR code, the key, the recovery codes and what to do.

use antiphon_core::draft::Draft;
use antiphon_core::name::UserName;
use antiphon_core::qr;
use antiphon_core::text::Language;
use antiphon_core::visible::visible;
use zeroize::Zeroizing;

use super::words::Words;
use crate::clock;
use crate::enroll::code::address;
use crate::failure::{Failure, Kind};
use crate::house::House;
use crate::html;
use crate::screen::Screen;

/// More bytes than a letter needs beside its picture.
const ROOM: usize = 16 * 1024;
/// The longest name in a letter, in bytes.
const LONGEST: usize = 512;
const STYLE: &str = include_str!("letter.css");
const BEGIN: &str = "<body>\n";
const END: &str = "</body>\n</html>\n";

/// The letter with `draft` for `user`.
///
/// # Errors
/// [`Failure`] if the names are too long for a QR code.
pub(super) fn write(
    user: &UserName,
    draft: &Draft,
    language: Language,
    house: &House,
    screen: &Screen,
) -> Result<Zeroizing<String>, Failure> {
    let picture = qr::svg(&address(draft, user, house)).map_err(|_| {
        let what = "the names are too long for a QR code; shorten [organisation] name";
        Failure::new(Kind::Config, what)
    })?;
    let organisation = &house.config.organisation;
    let name = escaped(organisation.name.as_deref().unwrap_or_default());
    let (shown, host) = (escaped(user.as_str()), escaped(&house.host));
    let desk = organisation.help_desk.as_deref().map(escaped);
    let day = screen.zone().show_day(&clock::now().to_string());
    let say = |words: Words<'_>| words.in_language(language);
    let help = desk.as_deref().map_or(Words::AskAdministrator, Words::Help);
    let key = draft.code.key();

    // Allocated large enough: a string that grows leaves an unwiped copy behind.
    let mut html = Zeroizing::new(String::with_capacity(ROOM + picture.len()));
    begin(
        &mut html,
        &format!("{} · {shown}", say(Words::Title)),
        language,
    );
    for part in [
        "<article lang=\"",
        language.tag(),
        "\">\n<header><span>",
        &name,
        "</span><span>",
        &day,
        "</span></header>\n<h1>",
        &say(Words::Title),
        "</h1>\n<p class=\"for\">",
        &say(Words::For(&shown, &host)),
        "</p>\n<p>",
        &say(Words::Intro),
        "</p>\n<div class=\"setup\"><ol>\n<li>",
        &say(Words::Install),
        "</li>\n<li>",
        &say(Words::Scan),
        " ",
        &say(Words::Key),
        "\n<p class=\"key\">",
        &key,
        "</p></li>\n<li>",
        &say(Words::SignIn),
        "</li>\n</ol>\n",
        &picture,
        "</div>\n<p class=\"care\">",
        &say(Words::Care),
        "</p>\n<p>",
        &say(help),
        "</p>\n<section><h2>",
        &say(Words::Recovery),
        "</h2>\n<p class=\"for\">",
        &say(Words::For(&shown, &host)),
        "</p>\n<p>",
        &say(Words::RecoveryUse),
        "</p>\n<ul class=\"codes\">\n",
    ] {
        html.push_str(part);
    }
    for code in &draft.recovery.shown {
        for part in ["<li>", code, "</li>\n"] {
            html.push_str(part);
        }
    }
    html.push_str("</ul></section>\n</article>\n");
    html.push_str(END);
    Ok(html)
}

/// All of `letters` in one document, each on a page of its own.
pub(super) fn all(letters: &[Zeroizing<String>], language: Language) -> Zeroizing<String> {
    let bodies: Vec<&str> = letters
        .iter()
        .filter_map(|letter| body_of(letter))
        .collect();
    let room = ROOM + bodies.iter().map(|body| body.len()).sum::<usize>();
    let mut html = Zeroizing::new(String::with_capacity(room));
    begin(&mut html, &Words::Title.in_language(language), language);
    for body in bodies {
        html.push_str(body);
    }
    html.push_str(END);
    html
}

fn body_of(letter: &str) -> Option<&str> {
    let (_, rest) = letter.split_once(BEGIN)?;
    rest.strip_suffix(END)
}

fn begin(html: &mut String, title: &str, language: Language) {
    for part in [
        "<!DOCTYPE html>\n<html lang=\"",
        language.tag(),
        "\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>",
        title,
        "</title>\n<style>\n",
        STYLE,
        "</style>\n</head>\n",
        BEGIN,
    ] {
        html.push_str(part);
    }
}

/// Text as HTML, without what moves or hides other text.
fn escaped(text: &str) -> String {
    html::escaped(&visible(text, LONGEST))
}

#[cfg(test)]
mod tests {
    use antiphon_core::config::Config;
    use antiphon_core::draft::{DRAFT_BYTES, Draft};
    use antiphon_core::name::UserName;
    use antiphon_core::text::Language;
    use zeroize::Zeroizing;

    use super::{ROOM, all, body_of, write};
    use crate::house::House;
    use crate::screen::Screen;

    fn letter(name: &str, language: Language) -> Zeroizing<String> {
        let config = "[organisation]\nname = \"R&D <b>\"\nhelp_desk = \"dial \\\"1\\\"\"\n";
        let house = House {
            config: Config::parse(config).unwrap(),
            host: "web1".to_owned(),
        };
        let draft = Draft::new(&[5; DRAFT_BYTES]);
        let user = UserName::new(name).unwrap();
        write(&user, &draft, language, &house, &Screen::dark()).unwrap()
    }

    #[test]
    fn a_letter_has_all_that_the_person_needs_and_nothing_from_elsewhere() {
        let draft = Draft::new(&[5; DRAFT_BYTES]);
        for (language, tag) in [(Language::Swedish, "sv"), (Language::English, "en")] {
            let html = letter("alice", language);
            assert!(html.contains(draft.code.key().as_str()));
            for code in draft.recovery.texts() {
                assert!(html.contains(code));
            }
            for part in [
                "<svg ",
                "R&amp;D &lt;b&gt;",
                "dial &quot;1&quot;",
                "<b>alice</b>",
            ] {
                assert!(html.contains(part), "{part}");
            }
            assert!(html.contains(&format!("<article lang=\"{tag}\">")));
            let addresses = html.matches("http").count();
            assert_eq!(
                addresses,
                html.matches("xmlns=\"http://www.w3.org/").count()
            );
            assert!(!html.contains("<script"));
            let (_, picture) = html.split_once("<svg").unwrap();
            let (picture, _) = picture.split_once("</svg>").unwrap();
            assert!(html.len() - picture.len() < ROOM, "it did not grow");
        }
    }

    #[test]
    fn a_name_cannot_write_html() {
        let html = letter("<script>alert(1)</script>", Language::English);
        assert!(!html.contains("<script"));
        let html = letter("</body>\n</html>\n", Language::English);
        assert!(body_of(&html).unwrap().ends_with("</article>\n"));
    }

    #[test]
    fn one_document_has_every_letter_once_in_order() {
        let letters = ["alice", "bob"].map(|name| letter(name, Language::Swedish));
        let html = all(&letters, Language::Swedish);
        assert_eq!(html.matches("<article").count(), 2);
        assert_eq!(html.matches("<!DOCTYPE").count(), 1);
        assert!(html.find("<b>alice").unwrap() < html.find("<b>bob").unwrap());
    }
}

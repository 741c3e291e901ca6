//! The page for phones: its files, and the headers that they are served with. `antiphond` serves them, and `antiphon page
//! export` writes the same ones for another web server.
//!
//! Browsers get one document with the style and all modules in it (`build/main.rs`); each file has its own address all the
//! same, for whoever wants to read what runs there.
#![forbid(unsafe_code)]

pub mod headers;

use std::borrow::Cow;
use std::collections::BTreeSet;

/// A file of the page.
pub struct File {
    /// The path of its address.
    pub path: &'static str,
    /// Its media type.
    pub kind: &'static str,
    /// What is in it.
    pub bytes: &'static [u8],
}

/// The media type of documents.
pub const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const MANIFEST: &str = "application/manifest+json";
const SVG: &str = "image/svg+xml";
const PNG: &str = "image/png";

macro_rules! embedded {
    ($($kind:ident: $($file:literal)*;)*) => {
        [$($(File {
            path: concat!("/", $file),
            kind: $kind,
            bytes: include_bytes!(concat!("../files/", $file)),
        }),*),*]
    };
}

/// Listed explicitly, so that nothing is served by accident.
pub static FILES: &[File] = &embedded! {
    MANIFEST: "manifest.webmanifest";
    STYLE: "style.css";
    SCRIPT: "sw.js" "account.js" "account_begin.js" "account_end.js" "activity.js" "api.js" "app.js" "bytes.js" "calls.js" "clock.js" "code_view.js" "codes.js" "countdown.js" "device.js"
        "digest.js" "dom.js" "english.js" "enroll.js" "event.js" "facts.js" "faults.js" "home.js" "inbox.js" "missed.js" "number_field.js" "outcome.js"
        "passkey.js" "pause.js" "place.js" "providers.js" "push.js" "refuse.js" "relays.js" "renew.js" "request.js" "screen.js" "session.js" "store.js"
        "swedish.js" "texts.js" "trial.js" "visible.js" "ways.js";
    SVG: "icon.svg";
    PNG: "badge-96.png" "icon-180.png" "icon-192.png" "icon-512.png" "maskable-512.png";
};

/// The document with all in it, as `antiphond` serves it,
pub const DOCUMENT: &[u8] = TEXT.as_bytes();
/// and compressed by gzip.
pub const COMPRESSED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/page.html.gz"));

const TEXT: &str = include_str!(concat!(env!("OUT_DIR"), "/page.html"));
/// What of it has a digest in its policy.
const JOINED: &str = include_str!(concat!(env!("OUT_DIR"), "/page.js"));
const STYLE_SHEET: &str = include_str!("../files/style.css");

/// Where a document may say more of itself: before anything that a policy is about.
const HEAD: &str = "<meta charset=\"utf-8\">\n";

/// Whom the page of another web server may trust, by their origins.
pub struct Named<'a> {
    /// Where it talks to a daemon.
    pub relays: &'a [String],
    /// The providers of accounts, to which it sends browsers.
    pub providers: &'a BTreeSet<&'a str>,
}

/// The document of a web server that is none of the relays: it names them, and permits the page to talk to them and to nobody
/// else, whatever headers that server sends; and it names the providers. Without relays it is [`DOCUMENT`].
#[must_use]
pub fn document(named: &Named<'_>) -> Cow<'static, str> {
    let Named { relays, providers } = named;
    if relays.is_empty() {
        return TEXT.into();
    }
    // None of it has a character that HTML reads otherwise.
    let policy = headers::policy_in_document(relays);
    let providers = match providers.iter().copied().collect::<Vec<_>>().join(" ") {
        none if none.is_empty() => none,
        origins => format!("<meta name=\"providers\" content=\"{origins}\">\n"),
    };
    let more = format!(
        "{HEAD}<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n<meta name=\"relays\" content=\"{}\">\n{providers}",
        relays.join(" ")
    );
    TEXT.replacen(HEAD, &more, 1).into()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use super::{DOCUMENT, FILES, JOINED, Named, SCRIPT, STYLE_SHEET, TEXT, document};

    #[test]
    fn every_file_of_the_page_is_listed_and_nothing_else() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/files");
        let there: BTreeSet<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        let mut served: BTreeSet<_> = FILES.iter().map(|file| file.path[1..].to_owned()).collect();
        served.insert("index.html".to_owned());
        assert_eq!(served, there);
    }

    #[test]
    fn every_module_is_in_the_script_once_and_after_those_that_it_imports() {
        let modules = FILES.iter().filter_map(|file| {
            let name = file.path.strip_prefix('/')?;
            (file.kind == SCRIPT && name != "sw.js").then_some((name, file.bytes))
        });
        for (name, bytes) in modules {
            let begun: Vec<usize> = JOINED
                .match_indices(&format!("\n// {name}\n"))
                .map(|(place, _)| place)
                .collect();
            assert_eq!(begun.len(), 1, "{name}");
            let source = std::str::from_utf8(bytes).unwrap();
            for import in source.split(" from \"./").skip(1) {
                let (imported, _) = import.split_once('"').unwrap();
                let before = JOINED.find(&format!("\n// {imported}\n")).unwrap();
                assert!(before < begun[0], "{name} imports {imported}");
            }
        }
        for left in ["\nimport ", "\nexport "] {
            assert!(!JOINED.contains(left), "{left}");
        }
    }

    #[test]
    fn the_document_has_its_style_and_script_in_it_byte_for_byte() {
        let style = format!("<style>{STYLE_SHEET}</style>");
        let script = format!("<script type=\"module\">{JOINED}</script>");
        for part in [style, script] {
            assert_eq!(TEXT.matches(&part).count(), 1);
        }
        assert!(!TEXT.contains("src=\"/page.js\""));
    }

    #[test]
    fn a_document_for_elsewhere_differs_by_what_names_the_relays_and_providers_alone() {
        let providers = BTreeSet::from(["https://id.example.org", "https://accounts.google.com"]);
        let of = |relays: &[String], providers: &BTreeSet<&str>| {
            document(&Named { relays, providers }).into_owned()
        };
        assert_eq!(of(&[], &providers).as_bytes(), DOCUMENT);
        let relays = ["https://r1.example.org", "https://r2.example.org:8443"].map(str::to_owned);
        assert!(!of(&relays, &BTreeSet::new()).contains("meta name=\"providers\""));
        let document = of(&relays, &providers);
        let (mut more, mut plain) = (Vec::new(), TEXT.lines());
        let mut next = plain.next();
        for line in document.lines() {
            if Some(line) == next {
                next = plain.next();
            } else {
                more.push(line);
            }
        }
        assert_eq!(next, None);
        let [policy, named, to] = more[..] else {
            panic!("{more:?}")
        };
        let expected =
            "<meta name=\"relays\" content=\"https://r1.example.org https://r2.example.org:8443\">";
        assert_eq!(named, expected);
        let expected = "<meta name=\"providers\" content=\"https://accounts.google.com https://id.example.org\">";
        assert_eq!(to, expected);
        assert!(
            policy
                .contains("connect-src 'self' https://r1.example.org https://r2.example.org:8443;")
        );
        // Before anything is fetched or run.
        let place = |text| document.find(text).unwrap();
        assert!(place(policy) < place("<style>") && place(named) < place("<script"));
    }
}

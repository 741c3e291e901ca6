//! The page: the files in `src/daemon/page` at build time. Browsers get one document with the style and all modules in it
//! (`build/main.rs`); each file has its own address all the same, for whoever wants to read what runs there.

use antiphon_core::config::Config;
use axum::Router;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use data_encoding::{BASE64, BASE64URL_NOPAD};
use ring::digest::{SHA256, digest};

use super::gate::policy;

pub(super) const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const MANIFEST: &str = "application/manifest+json";
const SVG: &str = "image/svg+xml";
const PNG: &str = "image/png";

struct Embedded {
    path: &'static str,
    kind: &'static str,
    bytes: &'static [u8],
}

macro_rules! embedded {
    ($($kind:ident: $($file:literal)*;)*) => {
        [$($(Embedded {
            path: concat!("/", $file),
            kind: $kind,
            bytes: include_bytes!(concat!("../../page/", $file)),
        }),*),*]
    };
}

/// Listed explicitly, so that nothing is served by accident.
static FILES: &[Embedded] = &embedded! {
    MANIFEST: "manifest.webmanifest";
    STYLE: "style.css";
    SCRIPT: "sw.js" "account.js" "account_begin.js" "account_end.js" "activity.js" "api.js" "app.js" "bytes.js" "calls.js" "clock.js" "code_view.js" "codes.js" "countdown.js" "device.js"
        "digest.js" "dom.js" "english.js" "enroll.js" "event.js" "facts.js" "faults.js" "home.js" "inbox.js" "missed.js" "number_field.js" "outcome.js"
        "passkey.js" "pause.js" "place.js" "push.js" "refuse.js" "relays.js" "renew.js" "request.js" "screen.js" "session.js" "store.js"
        "swedish.js" "texts.js" "trial.js" "visible.js" "ways.js";
    SVG: "icon.svg";
    PNG: "badge-96.png" "icon-180.png" "icon-192.png" "icon-512.png" "maskable-512.png";
};

/// The document with all in it, as it is and compressed; and what its policy permits in it.
const DOCUMENT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/page.html"));
const COMPRESSED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/page.html.gz"));
const JOINED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/page.js"));
const STYLE_SHEET: &[u8] = include_bytes!("../../page/style.css");

/// The routes of the page's files. The document has several addresses: to which view each leads, the page knows.
pub(super) fn routes<S: Clone + Send + Sync + 'static>(config: &Config) -> Router<S> {
    let mut router = Router::new();
    for file in FILES {
        let kept = Kept::new(file.kind, Bytes::from_static(file.bytes));
        let answer = async move |headers: HeaderMap| kept.answer(&headers);
        router = router.route(file.path, get(answer));
    }
    let document = Document::new();
    for path in ["/", "/enroll", "/a", "/a/{code}"] {
        let document = document.clone();
        let answer = async move |headers: HeaderMap| document.answer(&headers);
        router = router.route(path, get(answer));
    }
    for provider in &config.providers {
        let document = document.clone();
        let answer = async move |headers: HeaderMap| document.answer_to_a_provider(&headers);
        router = router.route(&format!("/account/{}", provider.name), get(answer));
    }
    router
}

#[derive(Clone)]
struct Document {
    plain: Kept,
    compressed: Kept,
    policy: HeaderValue,
}

impl Document {
    fn new() -> Self {
        let digests = [JOINED, STYLE_SHEET].map(|text| {
            let sum = BASE64.encode(digest(&SHA256, text).as_ref());
            format!(" 'sha256-{sum}'")
        });
        Self {
            plain: Kept::new(HTML, Bytes::from_static(DOCUMENT)),
            compressed: Kept::new(HTML, Bytes::from_static(COMPRESSED)),
            policy: policy(&digests[0], &digests[1]),
        }
    }

    fn answer(&self, headers: &HeaderMap) -> Response {
        let mut response = if takes_gzip(headers) {
            let mut response = self.compressed.answer(headers);
            let gzip = HeaderValue::from_static("gzip");
            response
                .headers_mut()
                .insert(header::CONTENT_ENCODING, gzip);
            response
        } else {
            self.plain.answer(headers)
        };
        let headers = response.headers_mut();
        let varies = HeaderValue::from_static("accept-encoding");
        headers.insert(header::VARY, varies);
        let policy = self.policy.clone();
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        response
    }

    /// The same for a browser that comes back from a provider: its address may hold a code, so nothing is kept.
    fn answer_to_a_provider(&self, headers: &HeaderMap) -> Response {
        let mut headers = headers.clone();
        headers.remove(header::IF_NONE_MATCH);
        let mut response = self.answer(&headers);
        let headers = response.headers_mut();
        headers.remove(header::ETAG);
        let never = HeaderValue::from_static("no-store");
        headers.insert(header::CACHE_CONTROL, never);
        response
    }
}

/// Whether gzip is named, and not with the weight of nothing (RFC 9110, section 12.5.3).
fn takes_gzip(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|one| {
            let (coding, weight) = one.split_once(';').unwrap_or((one, ""));
            let weight = weight.trim().to_ascii_lowercase();
            coding.trim().eq_ignore_ascii_case("gzip")
                && weight
                    .strip_prefix("q=")
                    .is_none_or(|weight| weight.parse().is_ok_and(|weight: f32| weight > 0.0))
        })
}

/// A file, with its entity tag, so that browsers reload only what has changed.
#[derive(Clone)]
pub(super) struct Kept {
    kind: &'static str,
    bytes: Bytes,
    tag: HeaderValue,
}

impl Kept {
    pub(super) fn new(kind: &'static str, bytes: Bytes) -> Self {
        let sum = BASE64URL_NOPAD.encode(digest(&SHA256, &bytes).as_ref());
        // Base64url has no characters that a header cannot have.
        let tag = HeaderValue::from_str(&format!("\"{sum}\""));
        let tag = tag.unwrap_or(HeaderValue::from_static("\"\""));
        Self { kind, bytes, tag }
    }

    pub(super) fn answer(&self, headers: &HeaderMap) -> Response {
        let known = headers
            .get_all(header::IF_NONE_MATCH)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            // A compressing proxy makes a tag weak (RFC 9110, section 8.8.3); the file is the same.
            .any(|one| one.trim().trim_start_matches("W/").as_bytes() == self.tag.as_bytes());
        let mut response = if known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let mut response = self.bytes.clone().into_response();
            let kind = HeaderValue::from_static(self.kind);
            response.headers_mut().insert(header::CONTENT_TYPE, kind);
            response
        };
        let headers = response.headers_mut();
        headers.insert(header::ETAG, self.tag.clone());
        // Cached but always revalidated: a page and its modules must be of one release.
        let asked = HeaderValue::from_static("no-cache");
        headers.insert(header::CACHE_CONTROL, asked);
        response
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use axum::http::{HeaderMap, HeaderValue, header};

    use super::{DOCUMENT, FILES, JOINED, SCRIPT, STYLE_SHEET, takes_gzip};

    #[test]
    fn every_file_of_the_page_is_served_and_nothing_else() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/page");
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
        let script = std::str::from_utf8(JOINED).unwrap();
        let modules = FILES.iter().filter_map(|file| {
            let name = file.path.strip_prefix('/')?;
            (file.kind == SCRIPT && name != "sw.js").then_some((name, file.bytes))
        });
        for (name, bytes) in modules {
            let begun: Vec<usize> = script
                .match_indices(&format!("\n// {name}\n"))
                .map(|(place, _)| place)
                .collect();
            assert_eq!(begun.len(), 1, "{name}");
            let source = std::str::from_utf8(bytes).unwrap();
            for import in source.split(" from \"./").skip(1) {
                let (imported, _) = import.split_once('"').unwrap();
                let before = script.find(&format!("\n// {imported}\n")).unwrap();
                assert!(before < begun[0], "{name} imports {imported}");
            }
        }
        for left in ["\nimport ", "\nexport "] {
            assert!(!script.contains(left), "{left}");
        }
    }

    #[test]
    fn the_document_has_its_style_and_script_in_it_byte_for_byte() {
        let text = |bytes| std::str::from_utf8(bytes).unwrap();
        let document = text(DOCUMENT);
        let style = format!("<style>{}</style>", text(STYLE_SHEET));
        let script = format!("<script type=\"module\">{}</script>", text(JOINED));
        for part in [style, script] {
            assert_eq!(document.matches(&part).count(), 1);
        }
        assert!(!document.contains("src=\"/page.js\""));
    }

    #[test]
    fn what_is_compressed_goes_to_those_who_take_it() {
        for (said, takes) in [
            ("gzip, deflate, br", true),
            ("br;q=1.0, GZIP;q=0.8", true),
            ("gzip;q=0", false),
            ("gzip; q=0.000", false),
            ("gzip;q=x", false),
            ("identity", false),
            ("xgzip", false),
            ("*", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            let value = HeaderValue::from_static(said);
            headers.insert(header::ACCEPT_ENCODING, value);
            assert_eq!(takes_gzip(&headers), takes, "{said}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}

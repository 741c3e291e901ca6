//! The page's files, with the headers that the daemon sends.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use sha2::{Digest, Sha256};

/// The page's document and modules, put together as the daemon's build does it.
#[path = "../../../src/page/build/document.rs"]
mod document;
#[path = "../../../src/page/build/script.rs"]
mod script;

pub(super) fn head(status: u16, kind: &str) -> String {
    let [scripts, styles] = [&PAGE.script, &PAGE.style].map(|text| {
        let sum = Sha256::digest(text);
        format!("'sha256-{}'", data_encoding::BASE64.encode(&sum))
    });
    format!(
        "HTTP/1.1 {status} -\r\nConnection: close\r\nContent-Type: {kind}\r\nContent-Security-Policy: \
         default-src 'none'; script-src 'self' {scripts}; style-src 'self' {styles}; img-src 'self'; connect-src 'self'; \
         manifest-src 'self'; worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; \
         require-trusted-types-for 'script'; trusted-types antiphon\r\n\
         X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\nCache-Control: no-store\r\n\r\n"
    )
}

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../src/page/files");

static PAGE: LazyLock<Page> = LazyLock::new(|| {
    let read = |name| fs::read_to_string(Path::new(FOLDER).join(name)).unwrap();
    let (style, script) = (read("style.css"), script::joined(FOLDER).unwrap());
    Page {
        document: document::whole(&read("index.html"), &style, &script).unwrap(),
        script,
        style,
    }
});

struct Page {
    document: String,
    script: String,
    style: String,
}

pub(super) fn file(path: &str, named: &str) -> (&'static str, Vec<u8>) {
    let name = match path.trim_start_matches('/') {
        "" | "enroll" | "a" => "index.html",
        name if name.starts_with("a/") || name.starts_with("account/") => "index.html",
        name => name,
    };
    let kind = match name.rsplit_once('.').map(|(_, end)| end) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "application/manifest+json",
    };
    let bytes = if name == "index.html" {
        PAGE.document
            .replacen("<head>", &format!("<head>{named}"), 1)
            .into_bytes()
    } else {
        fs::read(Path::new(FOLDER).join(name)).unwrap_or_default()
    };
    (kind, bytes)
}

//! The phone's pictures in the guide: of the real page, made here, and known to be of the page as it is now by what they say.
//!
//! `UPDATE=1 cargo test -p antiphon-tests --test page guide` makes them anew. Two browsers draw the same page differently, so
//! the pictures' bytes are not compared, but the words in them.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use antiphon_core::approval::ApprovalRequest;
use antiphon_core::wire::Hints;
use data_encoding::BASE64;
use serde_json::json;

use crate::browser::{Browser, Taste};
use crate::daemon::{Daemon, in_house};
use crate::stub::{ENTER, Stub, request};
use crate::walk::{Words, approve, enrol_showing, tap};

/// Where the pictures of each language are.
const PICTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../src/guide/pictures");
/// What they say.
const SAYS: &str = "says.txt";
/// A small phone's width, in pixels of CSS; half as many again in the picture, which is sharp enough on paper.
const WIDTH: u32 = 360;
/// The most bytes of a picture: the guide has them in it.
const MOST: usize = 30_000;

/// The pictures of one language as they are taken.
struct Album<'a> {
    browser: &'a Browser,
    folder: PathBuf,
    is_to_be_written: bool,
    says: String,
}

impl Album<'_> {
    /// Takes a picture of the view down to where it ends.
    fn picture(&mut self, name: &str) {
        let script = "return document.querySelector('main').innerText";
        let text = self.browser.run(script, &[]);
        // Times and seconds are different each time, and so are soft hyphens in the layout.
        let words = text.as_str().unwrap().replace('\u{ad}', "");
        let words: String = words
            .chars()
            .map(|letter| if letter.is_ascii_digit() { '0' } else { letter })
            .collect();
        let words: Vec<&str> = words.split_whitespace().collect();
        let words = words.join(" ").replace("00", "0").replace("00", "0");
        let _ = writeln!(self.says, "{name}: {words}");
        if !self.is_to_be_written {
            return;
        }
        // Nothing is pointed at: a phone has no pointer.
        self.browser.cdp(
            "Input.dispatchMouseEvent",
            &json!({"type": "mouseMoved", "x": 0, "y": 0}),
        );
        let bottom = self.browser.run(
            "const main = document.querySelector('main');
             return Math.ceil(Math.max(...[...main.querySelectorAll('.card')].map((card) => card.getBoundingClientRect().bottom)))",
            &[],
        );
        let shot = self.browser.cdp(
            "Page.captureScreenshot",
            &json!({
                "format": "webp", "quality": 55, "captureBeyondViewport": true,
                "clip": {"x": 0, "y": 0, "width": WIDTH, "height": bottom.as_u64().unwrap() + 16, "scale": 1},
            }),
        );
        let bytes = BASE64
            .decode(shot["data"].as_str().unwrap().as_bytes())
            .unwrap();
        assert!(bytes.len() < MOST, "{name}: {} bytes", bytes.len());
        fs::write(self.folder.join(format!("{name}.webp")), bytes).unwrap();
    }
}

/// What the pictures show, in the order of the guide.
fn take_all(taste: Taste, phone: &str) {
    let words = Words::of(taste);
    let (stub, browser) = (Stub::start(), Browser::start(taste));
    browser.cdp(
        "Emulation.setDeviceMetricsOverride",
        &json!({"width": WIDTH, "height": 720, "deviceScaleFactor": 1.5, "mobile": true}),
    );
    let mut album = Album {
        browser: &browser,
        folder: PathBuf::from(PICTURES).join(taste.tag()),
        is_to_be_written: std::env::var_os("UPDATE").is_some(),
        says: String::new(),
    };
    enrol_showing(&browser, &stub, words, None, &mut |view| match view {
        "enrol" => {
            browser.run(
                "document.querySelector('#name').value = arguments[0]",
                &[json!(phone)],
            );
            album.picture("enrol");
        }
        "notifications" => album.picture("notifications"),
        "trial-request" => album.picture("trial"),
        _ => {}
    });
    let familiar = Hints {
        familiar: Some(true),
        ..Hints::default()
    };
    let asked = ApprovalRequest {
        remote_host: "198.51.100.7".into(),
        ..request(60)
    };
    let id = stub.ask_with(&asked, 2, &familiar);
    browser.see(words.waits);
    browser.find("#number").type_in("42");
    album.picture("request");
    stub.gone(&id, "cancelled");
    browser.see("OK");
    tap(&browser, "OK");
    browser.see(words.nothing);
    let strange = Hints {
        familiar: Some(false),
        ..Hints::default()
    };
    let id = stub.ask_with(&request(60), 2, &strange);
    browser.see(words.waits);
    tap(&browser, words.its_not_me);
    browser.see(words.unknown);
    album.picture("refuse");
    stub.gone(&id, "cancelled");
    browser.see("OK");
    tap(&browser, "OK");
    browser.see(words.nothing);
    let id = stub.ask_with(&request(60), 2, &ENTER);
    browser.see(words.waits);
    approve(&browser, words, 42);
    browser.see(words.press_enter);
    album.picture("enter");
    stub.gone(&id, "accepted");
    let file = album.folder.join(SAYS);
    if album.is_to_be_written {
        fs::write(&file, &album.says).unwrap();
    }
    let written = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(
        album.says, written,
        "the page is no longer as pictured: make the pictures anew with UPDATE=1"
    );
}

#[test]
fn the_guides_pictures_in_swedish_show_the_page_as_it_is() {
    take_all(Taste::SWEDISH, "Alices telefon");
}

#[test]
fn the_guides_pictures_in_english_show_the_page_as_it_is() {
    take_all(Taste::ENGLISH, "Alice’s phone");
}

#[test]
fn the_guide_that_the_daemon_serves_is_shown_whole_and_the_page_has_the_way_to_it() {
    in_house(|world| {
        let origin = "http://localhost:8470";
        let _daemon = Daemon::start(world, &format!("[page]\norigin = \"{origin}\"\n"));
        let browser = Browser::start(Taste::SWEDISH);
        browser.go(origin);
        browser.see(Words::of(Taste::SWEDISH).passkey);
        let link = browser.run("return document.querySelector('header a').href", &[]);
        assert_eq!(link, json!(format!("{origin}/guide")));
        browser.go(link.as_str().unwrap());
        browser.see("Logga in i två steg");
        // Its own style, which its policy permits.
        let colour = "return getComputedStyle(document.querySelector('header')).borderBottomColor";
        assert_eq!(browser.run(colour, &[]), json!("rgb(11, 106, 98)"));
        browser.assert_quiet(&[]);
        // Once the page's worker is there, too, which knows one page otherwise.
        let ready = "return navigator.serviceWorker.ready.then(() => true)";
        browser.go(origin);
        browser.see(Words::of(Taste::SWEDISH).passkey);
        assert_eq!(browser.run(ready, &[]), json!(true));
        browser.go(link.as_str().unwrap());
        browser.see("Logga in i två steg");
    });
}

//! Room: on a narrow screen, and with letters of twice the size, no word is broken into letters, nothing is cut off, and
//! nothing scrolls sideways. Of any browser: only [`Screen::set`] is Chromium's.

use antiphon_core::approval::ApprovalRequest;
use serde_json::json;

use crate::browser::{Browser, Taste};
use crate::looks::picture;
use crate::stub::{Stub, request};
use crate::walk::{Words, enrol, through_all};

/// Widths of small phones and of a desktop, in CSS pixels.
const WIDTHS: [u32; 4] = [320, 360, 390, 1280];
/// How large the person has set the text, in percent.
const ZOOMS: [u32; 3] = [100, 150, 200];

/// A window, and how large the text in it is.
#[derive(Clone, Copy)]
struct Screen {
    width: u32,
    height: u32,
    zoom: u32,
}

impl Screen {
    fn set(self, browser: &Browser) {
        browser.cdp(
            "Emulation.setDeviceMetricsOverride",
            &json!({"width": self.width, "height": self.height, "deviceScaleFactor": 1, "mobile": false}),
        );
        browser.run(
            "document.documentElement.style.fontSize = `${arguments[0]}%`",
            &[json!(self.zoom)],
        );
    }
}

/// What does not fit: words of up to 20 letters that stand in two lines without a hyphen between, text and controls that
/// leave the window or their card, and a page that is wider than the window.
const MISFITS: &str = r#"
const found = [];
const root = document.scrollingElement;
if (root.scrollWidth > innerWidth) found.push(`sideways: ${root.scrollWidth} in ${innerWidth}`);
const range = document.createRange();
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const text = walker.currentNode;
  const parent = text.parentElement;
  if (!parent.checkVisibility() || parent.closest(".unseen, noscript, script")) continue;
  const around = parent.closest("section, header, main");
  if (!around) continue;
  const card = around.getBoundingClientRect();
  for (const { 0: word, index } of text.data.matchAll(/[^\s\-\/·]+/g)) {
    const letters = [...word.replaceAll("\u00ad", "")].length;
    let before;
    for (let place = index; place < index + word.length; place += 1) {
      range.setStart(text, place);
      range.setEnd(text, place + 1);
      const { left, right, top, bottom, width } = range.getBoundingClientRect();
      if (width === 0) continue;
      if (left < card.left - 1 || right > card.right + 1 || left < 0 || right > innerWidth + 1) {
        found.push(`cut off: ${word}`);
        break;
      }
      if (before !== undefined && top >= before.bottom - 2 && letters <= 20 && text.data[place - 1] !== "\u00ad") {
        found.push(`split: ${word}`);
        break;
      }
      before = { bottom };
    }
  }
}
for (const it of document.querySelectorAll("main *")) {
  const { left, right, width } = it.getBoundingClientRect();
  if (width && !it.closest(".unseen") && (left < -1 || right > innerWidth + 1)) found.push(`outside: ${it.outerHTML}`);
  if (it.matches("button:not(.event), #number") && it.scrollWidth > it.clientWidth + 1) found.push(`too narrow: ${it.outerHTML}`);
}
return found;
"#;

/// Every view in every width and size of text.
fn fits(taste: Taste) {
    let (stub, browser, words) = (Stub::start(), Browser::start(taste), Words::of(taste));
    let mut misfits = Vec::new();
    through_all(&browser, &stub, words, &mut |view| {
        for width in WIDTHS {
            for zoom in ZOOMS {
                let screen = Screen {
                    width,
                    height: 640,
                    zoom,
                };
                screen.set(&browser);
                if width == 360 {
                    let language = &taste.language[..2];
                    picture(&browser, &format!("{width}-{zoom}-{language}-{view}"));
                }
                let found = browser.run(MISFITS, &[]);
                if found != json!([]) {
                    misfits.push(format!("{view}, {width} px, {zoom} %: {found}"));
                }
            }
        }
        browser.look(taste);
        browser.run("document.documentElement.style.fontSize = ''", &[]);
    });
    assert!(misfits.is_empty(), "{misfits:#?}");
}

#[test]
fn every_view_fits_small_screens_and_large_text_in_swedish() {
    fits(Taste::SWEDISH);
}

#[test]
fn every_view_fits_small_screens_and_large_text_in_english() {
    fits(Taste::ENGLISH);
}

#[test]
fn a_keyboard_leaves_the_number_both_answers_and_whence_it_comes_in_sight() {
    for taste in [Taste::SWEDISH, Taste::ENGLISH] {
        let (stub, browser, words) = (Stub::start(), Browser::start(taste), Words::of(taste));
        enrol(&browser, &stub, words, None);
        // 360×640, without a browser's bars and with a keyboard over the lower half.
        let screen = Screen {
            width: 360,
            height: 300,
            zoom: 100,
        };
        screen.set(&browser);
        let local = ApprovalRequest {
            service: "sudo".into(),
            remote_host: String::new(),
            terminal: "/dev/pts/3".into(),
            ..request(60)
        };
        for asked in [request(60), local] {
            let id = stub.ask(&asked, 2);
            browser.see(words.waits);
            browser.find("#number").type_in("4");
            let hidden = browser.run(
                "const parts = [...document.querySelectorAll('#number, .answers button, .request .facts:first-of-type dd')];
                 return [parts.length, parts.filter((it) => {
                   const { top, bottom } = it.getBoundingClientRect();
                   return top < 0 || bottom > innerHeight;
                 }).map((it) => it.outerHTML)]",
                &[],
            );
            assert_eq!(hidden, json!([5, []]), "{}", browser.text());
            let tops = browser.run(
                "return [...document.querySelectorAll('.answers button')].map((it) => it.getBoundingClientRect().top)",
                &[],
            );
            assert_eq!(tops[0], tops[1], "the answers stand side by side");
            stub.gone(&id, "cancelled");
            crate::walk::tap(&browser, "OK");
        }
    }
}

#[test]
fn the_start_page_is_less_than_three_screens_high() {
    for taste in [Taste::SWEDISH, Taste::ENGLISH] {
        let (stub, browser, words) = (Stub::start(), Browser::start(taste), Words::of(taste));
        through_all(&browser, &stub, words, &mut |view| {
            if view != "home" {
                return;
            }
            let screen = Screen {
                width: 360,
                height: 640,
                zoom: 100,
            };
            screen.set(&browser);
            let height = browser.run("return document.scrollingElement.scrollHeight", &[]);
            assert!(height.as_u64().unwrap() < 3 * 640, "{height}");
            browser.look(taste);
        });
    }
}

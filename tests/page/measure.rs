//! Room: on a narrow screen, and with letters of twice the size, no word is broken into letters, nothing is cut off or too
//! small to be tapped, and nothing scrolls sideways.

use serde_json::{Value, json};

use crate::browser::Browser;

/// Widths of small phones and of a desktop, in CSS pixels.
const WIDTHS: [u32; 4] = [320, 360, 390, 1280];
/// How large the person has set the text, in percent.
const ZOOMS: [u32; 3] = [100, 150, 200];
/// A small phone's screen, without a browser's bars.
const SMALL: [u32; 2] = [360, 640];
/// What a keyboard leaves of it.
const ABOVE_KEYBOARD: u32 = 300;

/// What does not fit: words of up to 20 letters that stand in two lines without a hyphen between, text and controls that
/// leave the window or their card, what can be tapped and is less than 44 pixels high, and a page that is wider than the
/// window.
const MISFITS: &str = r#"
const range = document.createRange();
const isShown = (it) => it.checkVisibility() && !it.closest(".unseen, noscript, script");

// Letter by letter, where the word stands in two lines.
function isSplit(text, from, to) {
  let before;
  for (let place = from; place < to; place += 1) {
    range.setStart(text, place);
    range.setEnd(text, place + 1);
    const { top, bottom, width } = range.getBoundingClientRect();
    if (width === 0) continue;
    if (before !== undefined && top >= before - 2 && text.data[place - 1] !== "\u00ad") return true;
    before = bottom;
  }
  return false;
}

function ofWords(found) {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode;
    const around = text.parentElement.closest("section, header, main");
    if (!around || !isShown(text.parentElement)) continue;
    const card = around.getBoundingClientRect();
    for (const { 0: word, index } of text.data.matchAll(/[^\s\-\/·\u200b]+/g)) {
      const end = index + word.length;
      range.setStart(text, index);
      range.setEnd(text, end);
      const { left, right, height } = range.getBoundingClientRect();
      const { height: line } = range.getClientRects()[0];
      if (left < card.left - 1 || right > card.right + 1 || left < 0 || right > innerWidth + 1) found.push(`cut off: ${word}`);
      const letters = [...word.replaceAll("\u00ad", "")].length;
      if (letters <= 20 && height > line + 2 && isSplit(text, index, end)) found.push(`split: ${word}`);
    }
  }
}

function ofElements(found) {
  for (const it of document.querySelectorAll("main *")) {
    const { left, right, width, height } = it.getBoundingClientRect();
    if (!width || !isShown(it)) continue;
    if (left < -1 || right > innerWidth + 1) found.push(`outside: ${it.outerHTML}`);
    if (it.matches("button:not(.event), #number") && it.scrollWidth > it.clientWidth + 1) found.push(`too narrow: ${it.outerHTML}`);
    if (it.matches("button, input, summary, a") && height < 44) found.push(`too low: ${it.outerHTML}`);
  }
}

const { style } = document.documentElement;
const all = [];
for (const zoom of arguments[0]) {
  style.fontSize = `${zoom}%`;
  const found = [];
  const { scrollWidth } = document.scrollingElement;
  if (scrollWidth > innerWidth) found.push(`sideways: ${scrollWidth} in ${innerWidth}`);
  ofWords(found);
  ofElements(found);
  all.push(...found.map((it) => `${zoom} %, ${it}`));
}
style.fontSize = "";
return all;
"#;

/// What of this view does not fit, in any width and size of text.
pub(crate) fn misfits(browser: &Browser, view: &str) -> Vec<String> {
    let mut all = Vec::new();
    for width in WIDTHS {
        browser.resize(width, 640, false);
        let found = browser.run(MISFITS, &[json!(ZOOMS)]);
        let found: Vec<String> = serde_json::from_value(found).unwrap();
        all.extend(found.iter().map(|it| format!("{view}, {width} px, {it}")));
    }
    all
}

/// That the start page, with all that can stand there, is not endless.
pub(crate) fn assert_low(browser: &Browser) {
    let [width, height] = SMALL;
    browser.resize(width, height, false);
    let shown = browser.run("return document.scrollingElement.scrollHeight", &[]);
    assert!(
        2 * shown.as_u64().unwrap() < 7 * u64::from(height),
        "{shown}"
    );
}

/// That a keyboard over the lower half leaves in sight what a sign-in is answered by, and from where it comes; and that the
/// answers stand side by side.
pub(crate) fn assert_answerable_above_a_keyboard(browser: &Browser) {
    browser.resize(SMALL[0], ABOVE_KEYBOARD, false);
    browser.find("#number").type_in("4");
    let parts = browser.run(
        "return [...document.querySelectorAll('#number, .answers button, .request .facts:first-of-type dd')].map((it) => {
           const { top, bottom } = it.getBoundingClientRect();
           return [it.outerHTML, top >= 0 && bottom <= innerHeight, it.matches('.answers button') ? top : null];
         })",
        &[],
    );
    let parts = parts.as_array().unwrap();
    assert_eq!(parts.len(), 5, "{parts:#?}");
    assert!(parts.iter().all(|part| part[1] == true), "{parts:#?}");
    let mut tops: Vec<&Value> = parts.iter().map(|part| &part[2]).collect();
    tops.retain(|top| !top.is_null());
    assert_eq!(tops[0], tops[1], "{parts:#?}");
}

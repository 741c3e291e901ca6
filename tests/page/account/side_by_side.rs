//! Terminal and page of one sign-in, held against each other, and pictured beside each other where `ANTIPHON_PICTURES` names a
//! folder.

use std::fs::{self, File};
use std::os::fd::AsRawFd;

use antiphon_core::text::Language;
use antiphon_tests::{HOST, Sshd};
use data_encoding::BASE64;
use serde_json::json;

use super::idp::{ES256, Idp, installed};
use super::{alice, sign_in};
use crate::browser::{Browser, Taste};
use crate::daemon::in_house;
use crate::looks::pictures;
use crate::walk::tap;

/// Of the page, in pixels.
const PAGE: [u32; 2] = [390, 640];
/// Of the picture; it is as high as what is in it.
const ACROSS: [u32; 2] = [1530, 400];

/// What is said in one language.
struct Words {
    language: Language,
    taste: Taste,
    enter_the_number: &'static str,
    goes_on: &'static str,
}

const ALL: [Words; 2] = [
    Words {
        language: Language::Swedish,
        taste: Taste::SWEDISH,
        enter_the_number: "Skriv in numret",
        goes_on: "Fortsätt",
    },
    Words {
        language: Language::English,
        taste: Taste::ENGLISH,
        enter_the_number: "Enter the number",
        goes_on: "Continue",
    },
];

#[test]
fn the_page_takes_the_terminals_number_and_the_terminal_the_pages_digits_in_both_languages() {
    installed();
    in_house(|world| {
        let folder = pictures();
        let idp = Idp::start(world, ES256);
        let _daemon = idp.daemon(world, "");
        idp.store_keys("");
        let mut alice = alice(world);
        let sshd = Sshd::start(world, "");
        for words in ALL {
            alice.speak(words.language);
            let browser = Browser::start(words.taste);
            browser.resize(PAGE[0], PAGE[1], true);
            let mut terminal = sshd.after_password(world, "alice", "echo here is $USER");
            let number = terminal.number(words.enter_the_number);
            terminal.expect("KMH").expect(": ");
            let prompt = terminal.shown().replace('\r', "");
            let (_, rest) = prompt.rsplit_once("/a/").unwrap();
            let code = rest.split_whitespace().next().unwrap();
            browser.go(&format!("http://localhost:8470/a/{code}"));
            browser.see(HOST);
            browser.find("#number").type_in(&number);
            let asks = browser.picture(true);
            tap(&browser, words.goes_on);
            sign_in(&browser, "alice@kmh");
            let digits = browser.find("#digits").is("it.textContent");
            let digits = digits.as_str().unwrap().to_owned();
            let shows = browser.picture(true);
            terminal.send_line(&digits);
            terminal.arrive("here is alice");
            if let Some(folder) = &folder {
                // Without what the client says of a host that it does not know.
                let (_, asked) = prompt.split_once("(alice@localhost)").unwrap();
                let terminal = format!("$ ssh alice@localhost\n(alice@localhost){asked}{digits}");
                let name = format!("account-side-by-side-{}.png", words.taste.tag());
                save(folder, &name, &beside(&browser, &terminal, [&asks, &shows]));
            }
        }
    });
}

/// The picture of all of it, in the order in which it is seen.
fn beside(browser: &Browser, terminal: &str, pages: [&str; 2]) -> String {
    browser.go("about:blank");
    browser.resize(ACROSS[0], ACROSS[1], false);
    let script = "const [terminal, ...pages] = arguments;
        document.body.style = 'margin: 20px; display: flex; gap: 20px; align-items: flex-start; background: #fff';
        const screen = document.createElement('pre');
        screen.style = `margin: 0; padding: 16px; border-radius: 8px; width: 80ch; flex: none; white-space: pre-wrap;
            word-break: break-all; font: 14px/20px monospace; background: #16211f; color: #e9efed`;
        screen.textContent = terminal;
        const shown = pages.map((page) => {
            const image = new Image();
            image.src = `data:image/png;base64,${page}`;
            image.style = 'width: 370px; border: 1px solid #b6c2bf; border-radius: 8px';
            return image;
        });
        document.body.replaceChildren(screen, ...shown);
        return Promise.all(shown.map((image) => image.decode())).then(() => true)";
    let drawn = browser.run(script, &[json!(terminal), json!(pages[0]), json!(pages[1])]);
    assert_eq!(drawn, json!(true));
    browser.picture(true)
}

fn save(folder: &File, name: &str, picture: &str) {
    let bytes = BASE64.decode(picture.as_bytes()).unwrap();
    fs::write(
        format!("/proc/self/fd/{}/{name}", folder.as_raw_fd()),
        bytes,
    )
    .unwrap();
}

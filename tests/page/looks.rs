//! How the page looks and reads: axe-core finds nothing in any view, and a person can look at pictures of all of them.

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;
use std::{env, fs};

use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::browser::{Browser, Engine, Taste};
use crate::stub::Stub;
use crate::walk::{Words, through_all};

/// The version that was tried.
const AXE: &str = "axe-core@4.14.1";

/// axe-core's script, brought by npm once.
fn axe() -> &'static str {
    static SCRIPT: OnceLock<String> = OnceLock::new();
    SCRIPT.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("axe");
        let script = folder.join("node_modules/axe-core/axe.min.js");
        if !script.exists() {
            fs::create_dir_all(&folder).unwrap();
            let npm = Command::new("npm")
                .args([
                    "install",
                    "--no-audit",
                    "--no-fund",
                    "--ignore-scripts",
                    "--prefix",
                    ".",
                ])
                .arg(AXE)
                .current_dir(&folder)
                .output()
                .expect("npm");
            assert!(
                npm.status.success(),
                "{}",
                String::from_utf8_lossy(&npm.stderr)
            );
        }
        fs::read_to_string(script).unwrap()
    })
}

fn assert_accessible(browser: &Browser, view: &str) {
    // The driver may evaluate it: the page's own policy would refuse it.
    let script = "return window.axe.run().then(({ passes, violations }) => [passes.length > 9,
        violations.map(({ id, help, nodes }) => [id, help, nodes.map((node) => node.html)])])";
    let found = browser.run(&[axe(), script].concat(), &[]);
    assert_eq!(found, json!([true, []]), "{view}");
}

/// Saves what is seen, if the folder `ANTIPHON_PICTURES` is named.
pub(crate) fn picture(browser: &Browser, name: &str) {
    let Ok(folder) = env::var("ANTIPHON_PICTURES") else {
        return;
    };
    let bytes = BASE64.decode(browser.picture().as_bytes()).unwrap();
    fs::create_dir_all(&folder).unwrap();
    fs::write(Path::new(&folder).join(format!("{name}.png")), bytes).unwrap();
}

fn look(taste: Taste) {
    // While there is a network to fetch it from.
    axe();
    let (stub, browser, words) = (Stub::start(), Browser::start(taste), Words::of(taste));
    let size = if taste.phone { "phone" } else { "desktop" };
    let browser_name = match taste.engine {
        Engine::Chromium => "",
        Engine::Firefox => "firefox-",
    };
    through_all(&browser, &stub, words, &mut |view| {
        let lang = browser.run("return document.documentElement.lang", &[]);
        assert_eq!(lang, json!(&taste.language[..2]));
        for dark in [false, true] {
            browser.look(Taste { dark, ..taste });
            assert_accessible(&browser, view);
            let scheme = if dark { "dark" } else { "light" };
            picture(
                &browser,
                &format!(
                    "{browser_name}{size}-{}-{scheme}-{view}",
                    &taste.language[..2]
                ),
            );
        }
        assert_eq!(small_targets(&browser), json!([]), "{view}");
    });
    browser.assert_quiet(&["Failed to load resource"]);
}

/// What can be tapped and is less than 44 pixels high.
fn small_targets(browser: &Browser) -> Value {
    browser.run(
        "return [...document.querySelectorAll('button, input, summary, a')]
           .filter((it) => it.checkVisibility() && it.getBoundingClientRect().height < 44).map((it) => it.outerHTML)",
        &[],
    )
}

in_each_browser!(every_view_on_a_phone_in_swedish_is_accessible_light_and_dark);
fn every_view_on_a_phone_in_swedish_is_accessible_light_and_dark(engine: Engine) {
    look(Taste::SWEDISH.of(engine));
}

#[test]
fn every_view_on_a_desktop_in_english_is_accessible_light_and_dark() {
    look(Taste {
        phone: false,
        ..Taste::ENGLISH
    });
}

#[test]
fn every_view_on_a_phone_in_english_is_accessible_light_and_dark() {
    look(Taste::ENGLISH);
}

#[test]
fn every_view_on_a_desktop_in_swedish_is_accessible_light_and_dark() {
    look(Taste {
        phone: false,
        ..Taste::SWEDISH
    });
}

//! How the page looks and reads: axe-core finds nothing in any view, each has room, and a person can look at pictures of all
//! of them.

use std::fs::File;
use std::os::fd::AsRawFd;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::{env, fs};

use data_encoding::BASE64;
use serde_json::json;

use crate::browser::{Browser, Engine, Taste};
use crate::measure::{assert_answerable_above_a_keyboard, assert_low, misfits};
use crate::npm::installed;
use crate::read_out::read_out;
use crate::stub::Stub;
use crate::walk::{Words, through_all};

/// The version that was tried.
const AXE: &str = "axe-core@4.14.1";

/// axe-core's script, brought by npm once.
fn axe() -> &'static str {
    static SCRIPT: OnceLock<String> = OnceLock::new();
    SCRIPT.get_or_init(|| {
        let script = installed(AXE).join("node_modules/axe-core/axe.min.js");
        fs::read_to_string(script).unwrap()
    })
}

fn assert_accessible(browser: &Browser, view: &str, dark: bool) {
    // The driver may evaluate it: the page's own policy would refuse it. It stays as long as the document.
    let is_there = browser.run("return Boolean(window.axe)", &[]) == true;
    let script = "const rules = arguments[0];
        return window.axe.run(rules ? { runOnly: rules } : {}).then(({ passes, violations }) => [passes.length,
          violations.map(({ id, help, nodes }) => [id, help, nodes.map((node) => node.html)])])";
    let script = [if is_there { "" } else { axe() }, script].concat();
    // All that the dark changes is colours.
    let (rules, least) = if dark {
        (json!(["color-contrast"]), 1)
    } else {
        (json!(null), 10)
    };
    let found = browser.run(&script, &[rules]);
    assert_eq!(found[1], json!([]), "{view}, dark: {dark}");
    assert!(found[0].as_u64().unwrap() >= least, "{view}: {found}");
}

/// The windows that are pictured, for small phones, phones and desktops.
const PICTURED: [[u32; 2]; 3] = [[360, 640], [390, 844], [1280, 800]];

/// The folder for pictures, if `ANTIPHON_PICTURES` names one: open, since a test's own places cover it.
pub(crate) fn pictures() -> Option<File> {
    let folder = env::var_os("ANTIPHON_PICTURES")?;
    fs::create_dir_all(&folder).unwrap();
    Some(File::open(folder).unwrap())
}

/// Saves what is seen.
fn picture(folder: &File, browser: &Browser, taste: Taste, view: &str) {
    let folder = PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd()));
    let save = |how: &str, all| {
        let name = format!("{:?}-{}-{view}-{how}.png", taste.engine, taste.tag());
        let bytes = BASE64.decode(browser.picture(all).as_bytes()).unwrap();
        fs::write(folder.join(name.to_lowercase()), bytes).unwrap();
    };
    for [width, height] in PICTURED {
        browser.resize(width, height, width < height);
        for zoom in [100, 200] {
            let script = "document.documentElement.style.fontSize = `${arguments[0]}%`";
            browser.run(script, &[json!(zoom)]);
            save(&format!("{width}-{zoom}"), true);
        }
        browser.run("document.documentElement.style.fontSize = ''", &[]);
    }
    if taste.engine == Engine::Chromium {
        let name = format!("read-out-{}-{view}.txt", taste.tag());
        fs::write(folder.join(name), read_out(browser).join("\n")).unwrap();
    }
    browser.look(Taste {
        dark: true,
        ..taste
    });
    save("dark", true);
    if view.starts_with("request") {
        browser.look(taste);
        assert_answerable_above_a_keyboard(browser);
        save("keyboard", false);
    }
    browser.look(taste);
}

/// Looks at every view, in light and dark.
fn look(taste: Taste) {
    // While there is a network to fetch it from.
    axe();
    let pictures = pictures();
    let (stub, browser, words) = (Stub::start(), Browser::start(taste), Words::of(taste));
    let mut found = Vec::new();
    through_all(&browser, &stub, words, &mut |view| {
        let lang = browser.run("return document.documentElement.lang", &[]);
        assert_eq!(lang, json!(taste.tag()));
        if let Some(folder) = &pictures {
            picture(folder, &browser, taste, view);
        }
        for dark in [false, true] {
            browser.look(Taste { dark, ..taste });
            assert_accessible(&browser, view, dark);
        }
        found.extend(misfits(&browser, view));
        if view == "home" {
            assert_low(&browser);
        }
        if view.starts_with("request") {
            assert_answerable_above_a_keyboard(&browser);
        }
        browser.look(taste);
    });
    assert!(found.is_empty(), "{found:#?}");
    browser.assert_quiet(&["Failed to load resource"]);
}

in_each_browser!(every_view_in_swedish_is_accessible_and_has_room_on_all_screens);
fn every_view_in_swedish_is_accessible_and_has_room_on_all_screens(engine: Engine) {
    look(Taste::SWEDISH.of(engine));
}

in_each_browser!(every_view_in_english_is_accessible_and_has_room_on_all_screens);
fn every_view_in_english_is_accessible_and_has_room_on_all_screens(engine: Engine) {
    // On a desktop, so that all of it is tried there too.
    look(Taste {
        phone: false,
        ..Taste::ENGLISH.of(engine)
    });
}

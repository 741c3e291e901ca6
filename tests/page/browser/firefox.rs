//! Firefox, by its Marionette.

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use super::marionette::Marionette;
use super::{Started, Taste};
use crate::driver::{Driver, until};

/// Beside what Firefox changes by itself under remote control: then nothing is fetched, updated, told or asked.
const PREFERENCES: &str = r#"
// A free one, which it tells in the profile.
user_pref("marionette.port", 0);
user_pref("security.webauth.webauthn_enable_softtoken", true);
user_pref("security.webauth.webauthn_enable_usbtoken", false);
// Its own notifications, also where the machine has a desktop for them.
user_pref("alerts.useSystemBackend", false);
// As on a phone, where they take no room.
user_pref("ui.useOverlayScrollbars", 1);
// What moves is drawn without end, and without a graphics card.
user_pref("ui.prefersReducedMotion", 1);
// Starts, and opens windows, with an empty page.
user_pref("browser.startup.page", 0);
user_pref("browser.newtabpage.enabled", false);
// There is one site, and nothing to protect it from: that needs no process for each.
user_pref("fission.autostart", false);
user_pref("dom.ipc.processPrelaunch.enabled", false);
user_pref("extensions.webextensions.remote", false);
user_pref("media.rdd-process.enabled", false);
user_pref("network.process.enabled", false);
"#;

pub(super) fn start(mut program: Command, folder: &Path, taste: Taste) -> Started {
    let person = format!(
        "user_pref(\"intl.accept_languages\", \"{}\");\nuser_pref(\"browser.privatebrowsing.autostart\", {});\n",
        taste.language, taste.private
    );
    fs::write(folder.join("user.js"), PREFERENCES.to_owned() + &person).unwrap();
    let mut process = program
        // Not the script in /usr/bin, which may be another Firefox's.
        .args([
            "/usr/lib/firefox-esr/firefox-esr",
            "--headless",
            "--no-remote",
            "--profile",
        ])
        .arg(folder)
        // The second lets a test reach what is around the page.
        .args(["--marionette", "--remote-allow-system-access"])
        // Room for a desktop's page.
        .envs([
            ("MOZ_HEADLESS_WIDTH", "1400"),
            ("MOZ_HEADLESS_HEIGHT", "1000"),
        ])
        .env("MOZ_CRASHREPORTER_DISABLE", "1")
        .stdout(Stdio::null())
        .spawn()
        .expect("unshare of util-linux");
    let connection = connect(folder, &mut process);
    Started {
        process,
        driver: Driver::new(Marionette::begin(connection)),
    }
}

fn connect(profile: &Path, process: &mut Child) -> TcpStream {
    until("Firefox", || {
        let ended = process.try_wait().unwrap();
        assert!(
            ended.is_none(),
            "firefox-esr; packaging/depends installs it"
        );
        let port = fs::read_to_string(profile.join("MarionetteActivePort")).ok()?;
        TcpStream::connect(("127.0.0.1", port.parse().ok()?)).ok()
    })
}

/// What `script` returns in the browser's own window, where it may do anything.
pub(super) fn around_the_page(driver: &Driver, script: &str, arguments: &[Value]) -> Value {
    let into = |context| driver.call("/moz/context", &json!({"context": context}));
    into("chrome");
    let returned = driver.run(script, arguments);
    into("content");
    returned
}

/// The window itself cannot be as narrow as a phone.
pub(super) fn resize(driver: &Driver, width: u32, height: u32) {
    around_the_page(
        driver,
        "const page = gBrowser.selectedBrowser, [width, height] = arguments;
         page.style.width = `${width}px`;
         page.style.minHeight = page.style.maxHeight = `${height}px`;",
        &[json!(width), json!(height)],
    );
    until("the size", || {
        let size = driver.run("return [innerWidth, innerHeight]", &[]);
        (size == json!([width, height])).then_some(())
    });
}

pub(super) fn shade(driver: &Driver, dark: bool) {
    around_the_page(
        driver,
        "Services.prefs.setIntPref('layout.css.prefers-color-scheme.content-override', arguments[0] ? 0 : 1)",
        &[json!(dark)],
    );
    until("the colours", || {
        let script = "return matchMedia('(prefers-color-scheme: dark)').matches";
        (driver.run(script, &[]) == json!(dark)).then_some(())
    });
}

/// What was said of pages and their scripts since the last call.
pub(super) fn complaints(driver: &Driver) -> Vec<String> {
    let said = around_the_page(
        driver,
        "const said = Services.console.getMessageArray();
         Services.console.reset();
         return said.filter((it) => it instanceof Ci.nsIScriptError)
           .filter((it) => it.sourceName.startsWith('http') || it.category === 'content javascript')
           .map((it) => `${it.sourceName} ${it.category}: ${it.errorMessage}`)",
        &[],
    );
    serde_json::from_value(said).unwrap()
}

/// Has pushes come by way of this service (`ws:`), and of no other.
pub(super) fn call_by(driver: &Driver, service: &str) {
    around_the_page(
        driver,
        "Services.prefs.setStringPref('dom.push.serverURL', arguments[0]);
         Services.prefs.setBoolPref('dom.push.testing.allowInsecureServerURL', true);
         Services.prefs.setBoolPref('dom.push.connection.enabled', true)",
        &[json!(service)],
    );
}

/// Presses Allow where Firefox asks whether the page may show notifications.
pub(super) fn allow_notifications(driver: &Driver) {
    until("Firefox's question", || {
        let script = "const asked = document.getElementById('web-notifications-notification');
            if (!asked || PopupNotifications.panel.state !== 'open') return false;
            asked.button.click();
            return true";
        let pressed = around_the_page(driver, script, &[]);
        pressed.as_bool()?.then_some(())
    });
}

/// The titles of the notifications that are on the screen; empty as long as one cannot be tapped yet.
pub(super) fn notifications(driver: &Driver) -> Vec<String> {
    let script = "return [...Services.wm.getEnumerator('alert:alert')].map(({ document }) =>
        document.readyState === 'complete' ? document.getElementById('alertTitleLabel').getAttribute('value') : '')";
    serde_json::from_value(around_the_page(driver, script, &[])).unwrap()
}

/// Taps the notification, and goes to the page that it opens.
pub(super) fn tap_notification(driver: &Driver) {
    let pages = || {
        let handles = driver.call("/window/handles", &json!({}));
        serde_json::from_value::<Vec<String>>(handles).unwrap()
    };
    let before = pages();
    around_the_page(
        driver,
        "Services.wm.getMostRecentWindow('alert:alert').document.getElementById('alertBox').click()",
        &[],
    );
    let opened = until("a page", || {
        pages().into_iter().find(|page| !before.contains(page))
    });
    driver.call("/window", &json!({"handle": opened}));
}

pub(super) fn picture(driver: &Driver, all: bool) -> String {
    let shot = driver.call("/screenshot", &json!({"full": all}));
    shot.as_str().unwrap().to_owned()
}

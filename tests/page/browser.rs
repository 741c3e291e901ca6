//! A real Chromium without a screen, with an authenticator in it that verifies its user, and nothing kept afterwards.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::ops::Deref;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;

use antiphon_tests::{apart, plain_environment};
use serde_json::{Value, json};

use crate::driver::Driver;

/// What the person has.
#[derive(Clone, Copy)]
pub(crate) struct Taste {
    pub(crate) language: &'static str,
    pub(crate) dark: bool,
    pub(crate) phone: bool,
}

impl Taste {
    pub(crate) const ENGLISH: Self = Self {
        language: "en-GB",
        dark: false,
        phone: true,
    };
    pub(crate) const SWEDISH: Self = Self {
        language: "sv-SE",
        dark: false,
        phone: true,
    };
}

/// A browser; it ends with the value.
pub(crate) struct Browser {
    driver: Driver,
    server: Child,
    authenticator: String,
}

impl Browser {
    pub(crate) fn start(taste: Taste) -> Self {
        apart();
        let folder = nix::unistd::mkdtemp("/tmp/antiphon-page-XXXXXX").unwrap();
        let mut server = Command::new("unshare");
        plain_environment(&mut server);
        // Killed, it takes along all that it has started.
        let complaints = folder.join("chromedriver");
        let mut server = server
            .args(["--pid", "--fork", "--kill-child", "--mount-proc", "--"])
            .args(["chromedriver", "--port=0"])
            .env("HOME", &folder)
            .stdout(Stdio::piped())
            .stderr(File::create(&complaints).unwrap())
            .spawn()
            .expect("chromedriver; packaging/depends installs it");
        let mut stdout = BufReader::new(server.stdout.take().unwrap());
        let mut said = String::new();
        let port = loop {
            let before = said.len();
            if stdout.read_line(&mut said).unwrap() == 0 {
                let complaints = fs::read_to_string(&complaints).unwrap();
                panic!("chromedriver has no port: {said}{complaints}");
            }
            if let Some((_, port)) = said[before..].split_once("successfully on port ") {
                break port.trim_end().trim_end_matches('.').to_owned();
            }
        };
        let driver = Driver::new(
            &format!("http://127.0.0.1:{port}"),
            &capabilities(&folder, taste),
        );
        let authenticator = driver.call(
            "/webauthn/authenticator",
            &json!({"protocol": "ctap2", "transport": "internal", "hasResidentKey": true,
                    "hasUserVerification": true, "isUserVerified": true}),
        );
        let browser = Self {
            driver,
            server,
            authenticator: authenticator.as_str().unwrap().to_owned(),
        };
        browser.look(taste);
        browser
    }

    /// Makes the window a phone's or a desktop's, and light or dark.
    pub(crate) fn look(&self, taste: Taste) {
        let (width, height) = if taste.phone { (390, 844) } else { (1280, 800) };
        self.cdp(
            "Emulation.setDeviceMetricsOverride",
            &json!({"width": width, "height": height, "deviceScaleFactor": 2, "mobile": taste.phone}),
        );
        let scheme = if taste.dark { "dark" } else { "light" };
        self.cdp(
            "Emulation.setEmulatedMedia",
            &json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]}),
        );
    }

    /// Whether the authenticator can verify its user from now on.
    pub(crate) fn verify_user(&self, verified: bool) {
        let path = format!("/webauthn/authenticator/{}/uv", self.authenticator);
        self.call(&path, &json!({"isUserVerified": verified}));
    }

    /// What the console said since the last call. A refused request stands there too: `allowed` are parts of those meant.
    pub(crate) fn assert_quiet(&self, allowed: &[&str]) {
        // That other keys than ES256 are not taken is meant.
        let allowed = [allowed, &["ES256 and RS256"]].concat();
        let log = self.call("/se/log", &json!({"type": "browser"}));
        let loud: Vec<&Value> = log
            .as_array()
            .unwrap()
            .iter()
            .filter(|entry| entry["level"] != "INFO" && entry["level"] != "DEBUG")
            .filter(|entry| {
                !allowed
                    .iter()
                    .any(|part| entry["message"].as_str().unwrap().contains(part))
            })
            .collect();
        assert!(loud.is_empty(), "{loud:#?}");
    }
}

impl Deref for Browser {
    type Target = Driver;

    fn deref(&self) -> &Driver {
        &self.driver
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!(
                "{}\n{:#}",
                self.text(),
                self.call("/se/log", &json!({"type": "browser"}))
            );
        }
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn capabilities(folder: &Path, taste: Taste) -> Value {
    let profile = format!("--user-data-dir={}", folder.display());
    let accept = format!("--accept-lang={}", taste.language);
    json!({
        "browserName": "chrome",
        "goog:loggingPrefs": {"browser": "ALL"},
        "goog:chromeOptions": {
            // Not the script in /usr/bin: that takes flags from the machine's /etc, and by what there is room for.
            "binary": "/usr/lib/chromium/chromium",
            "args": [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync", profile, accept,
            ],
        },
    })
}

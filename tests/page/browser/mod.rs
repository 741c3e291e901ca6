//! A real browser without a screen, with an authenticator in it that verifies its user, and nothing kept afterwards.

mod chromium;
mod firefox;
mod marionette;

use std::ops::Deref;
use std::process::{Child, Command, Stdio};
use std::thread;

use antiphon_tests::{apart, plain_environment};
use serde_json::{Value, json};

use crate::driver::Driver;

/// Whose browser it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Chromium,
    Firefox,
}

/// What the person has.
#[derive(Clone, Copy)]
pub(crate) struct Taste {
    pub(crate) engine: Engine,
    pub(crate) language: &'static str,
    pub(crate) dark: bool,
    pub(crate) phone: bool,
    /// The window is a private one.
    pub(crate) private: bool,
}

impl Taste {
    pub(crate) const ENGLISH: Self = Self {
        engine: Engine::Chromium,
        language: "en-GB",
        dark: false,
        phone: true,
        private: false,
    };
    pub(crate) const SWEDISH: Self = Self {
        language: "sv-SE",
        ..Self::ENGLISH
    };

    /// Which of the page's languages it is.
    pub(crate) fn tag(self) -> &'static str {
        &self.language[..2]
    }

    /// The same in this browser.
    pub(crate) const fn of(self, engine: Engine) -> Self {
        Self { engine, ..self }
    }
}

/// A browser; it ends with the value.
pub(crate) struct Browser {
    engine: Engine,
    driver: Driver,
    process: Child,
    authenticator: String,
}

/// A browser that has been started and is listening.
struct Started {
    process: Child,
    driver: Driver,
}

impl Browser {
    pub(crate) fn start(taste: Taste) -> Self {
        apart();
        let folder = nix::unistd::mkdtemp("/tmp/antiphon-page-XXXXXX").unwrap();
        let mut program = Command::new("unshare");
        plain_environment(&mut program);
        // Killed, it takes along all that it has started.
        program
            .args(["--pid", "--fork", "--kill-child", "--mount-proc", "--"])
            .env("HOME", &folder)
            .stderr(Stdio::null());
        let start = match taste.engine {
            Engine::Chromium => chromium::start,
            Engine::Firefox => firefox::start,
        };
        let Started { process, driver } = start(program, &folder, taste);
        let authenticator = driver.call(
            "/webauthn/authenticator",
            &json!({"protocol": "ctap2", "transport": "internal", "hasResidentKey": true,
                    "hasUserVerification": true, "isUserConsenting": true, "isUserVerified": true}),
        );
        let browser = Self {
            engine: taste.engine,
            driver,
            process,
            authenticator: authenticator.as_str().unwrap().to_owned(),
        };
        browser.look(taste);
        browser
    }

    /// Makes the window a phone's or a desktop's, and light or dark.
    pub(crate) fn look(&self, taste: Taste) {
        if taste.phone {
            self.resize(390, 844, true);
        } else {
            self.resize(1280, 800, false);
        }
        match self.engine {
            Engine::Chromium => chromium::shade(self, taste.dark),
            Engine::Firefox => firefox::shade(self, taste.dark),
        }
    }

    /// Makes the window so large, and a phone's or not.
    pub(crate) fn resize(&self, width: u32, height: u32, phone: bool) {
        match self.engine {
            Engine::Chromium => chromium::resize(self, width, height, phone),
            Engine::Firefox => firefox::resize(self, width, height),
        }
    }

    /// All of the page or what the window shows of it, as a PNG in base64.
    pub(crate) fn picture(&self, all: bool) -> String {
        match self.engine {
            Engine::Chromium => chromium::picture(self, all),
            Engine::Firefox => firefox::picture(self, all),
        }
    }

    /// Has pushes come by way of this service (`ws:`), in Firefox.
    pub(crate) fn call_by(&self, service: &str) {
        firefox::call_by(self, service);
    }

    /// Presses Allow where Firefox asks whether the page may show notifications.
    pub(crate) fn allow_notifications(&self) {
        firefox::allow_notifications(self);
    }

    /// The titles of the notifications that Firefox shows.
    pub(crate) fn notifications(&self) -> Vec<String> {
        firefox::notifications(self)
    }

    /// Taps the notification that Firefox shows, and goes to the page that it opens.
    pub(crate) fn tap_notification(&self) {
        firefox::tap_notification(self);
    }

    /// A command of Chromium's own protocol.
    pub(crate) fn cdp(&self, command: &str, parameters: &Value) -> Value {
        assert_eq!(self.engine, Engine::Chromium, "{command}");
        chromium::cdp(self, command, parameters)
    }

    /// Whether the authenticator can verify its user from now on.
    pub(crate) fn verify_user(&self, verified: bool) {
        let path = format!("/webauthn/authenticator/{}/uv", self.authenticator);
        self.call(&path, &json!({"isUserVerified": verified}));
    }

    /// That the console said nothing since the last call. A refused request stands there too, in Chromium: `allowed` are
    /// parts of those meant.
    pub(crate) fn assert_quiet(&self, allowed: &[&str]) {
        // That other keys than ES256 are not taken is meant; that a page goes while it looks something up, the test's doing.
        let always = ["ES256 and RS256", "aborted due to page navigation"];
        let allowed = [allowed, &always].concat();
        let mut loud = self.complaints();
        loud.retain(|said| !allowed.iter().any(|part| said.contains(part)));
        assert!(loud.is_empty(), "{loud:#?}");
    }

    fn complaints(&self) -> Vec<String> {
        match self.engine {
            Engine::Chromium => chromium::complaints(self),
            Engine::Firefox => firefox::complaints(self),
        }
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
            eprintln!("{}\n{:#?}", self.text(), self.complaints());
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

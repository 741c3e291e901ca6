//! Chromium, by `ChromeDriver`: a command is a POST of JSON, its answer `{"value": …}`.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::{Started, Taste};
use crate::driver::{Driver, Wire};

pub(super) fn start(mut program: Command, folder: &Path, taste: Taste) -> Started {
    let mut process = program
        .args(["chromedriver", "--port=0"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("chromedriver; packaging/depends installs it");
    let mut stdout = BufReader::new(process.stdout.take().unwrap());
    let mut said = String::new();
    let port = loop {
        let before = said.len();
        let read = stdout.read_line(&mut said).unwrap();
        assert!(read > 0, "chromedriver has no port: {said}");
        if let Some((_, port)) = said[before..].split_once("successfully on port ") {
            break port.trim_end().trim_end_matches('.').to_owned();
        }
    };
    let session = Session::begin(
        &format!("http://127.0.0.1:{port}"),
        &capabilities(folder, taste),
    );
    Started {
        process,
        driver: Driver::new(session),
    }
}

fn capabilities(folder: &Path, taste: Taste) -> Value {
    let profile = format!("--user-data-dir={}", folder.display());
    let accept = format!("--accept-lang={}", taste.language);
    // One that may stand twice, where there is no other.
    let private = if taste.private {
        "--incognito"
    } else {
        "--no-first-run"
    };
    json!({
        "browserName": "chrome",
        // Those of the tests' own services.
        "acceptInsecureCerts": true,
        "goog:loggingPrefs": {"browser": "ALL"},
        "goog:chromeOptions": {
            // Not the script in /usr/bin: that takes flags from the machine's /etc, and by what there is room for.
            "binary": "/usr/lib/chromium/chromium",
            "args": [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
                // What moves is drawn without end, and without a graphics card.
                "--force-prefers-reduced-motion", profile, accept, private,
            ],
        },
    })
}

struct Session {
    address: String,
    agent: ureq::Agent,
}

impl Session {
    fn begin(server: &str, capabilities: &Value) -> Self {
        let agent = ureq::Agent::new_with_config(
            ureq::Agent::config_builder()
                .http_status_as_error(false)
                .build(),
        );
        let address = format!("{server}/session");
        let mut session = Self { address, agent };
        let made = session
            .say("", &json!({"capabilities": {"alwaysMatch": capabilities}}))
            .expect("a session");
        session.address = format!(
            "{}/{}",
            session.address,
            made["sessionId"].as_str().unwrap()
        );
        session
    }
}

impl Wire for Session {
    fn say(&self, path: &str, body: &Value) -> Result<Value, Value> {
        let request = self.agent.post(format!("{}{path}", self.address));
        let mut response = request.send(body.to_string()).unwrap();
        let text = response
            .body_mut()
            .with_config()
            .limit(64 << 20)
            .read_to_string()
            .unwrap();
        let mut answer: Value = serde_json::from_str(&text).unwrap();
        let value = answer["value"].take();
        if response.status().is_success() {
            Ok(value)
        } else {
            Err(value)
        }
    }
}

/// A command of Chromium's own protocol.
pub(super) fn cdp(driver: &Driver, command: &str, parameters: &Value) -> Value {
    driver.call(
        "/goog/cdp/execute",
        &json!({"cmd": command, "params": parameters}),
    )
}

pub(super) fn resize(driver: &Driver, width: u32, height: u32, phone: bool) {
    cdp(
        driver,
        "Emulation.setDeviceMetricsOverride",
        &json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone}),
    );
}

pub(super) fn shade(driver: &Driver, dark: bool) {
    let scheme = if dark { "dark" } else { "light" };
    cdp(
        driver,
        "Emulation.setEmulatedMedia",
        &json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]}),
    );
}

/// What the console has said since the last call, if it is more than a remark.
pub(super) fn complaints(driver: &Driver) -> Vec<String> {
    let log = driver.call("/se/log", &json!({"type": "browser"}));
    let loud = log.as_array().unwrap().iter();
    loud.filter(|entry| entry["level"] != "INFO" && entry["level"] != "DEBUG")
        .map(|entry| entry["message"].as_str().unwrap().to_owned())
        .collect()
}

pub(super) fn picture(driver: &Driver, all: bool) -> String {
    let shot = cdp(
        driver,
        "Page.captureScreenshot",
        &json!({"captureBeyondViewport": all}),
    );
    shot["data"].as_str().unwrap().to_owned()
}

//! `WebDriver` (W3C), as much of it as these tests need: a command is a POST of JSON, its answer `{"value": …}`.

use std::time::{Duration, Instant};

use antiphon_tests::PATIENCE;
use serde_json::{Value, json};

/// The key of an element's reference (`WebDriver`, section 12.1).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// One session of a browser.
pub(crate) struct Driver {
    session: String,
    agent: ureq::Agent,
}

impl Driver {
    /// A session with `capabilities`, of the driver at `address`.
    pub(crate) fn new(address: &str, capabilities: &Value) -> Self {
        let agent = ureq::Agent::new_with_config(
            ureq::Agent::config_builder()
                .http_status_as_error(false)
                .build(),
        );
        let mut driver = Self {
            session: format!("{address}/session"),
            agent,
        };
        let made = driver.call("", &json!({"capabilities": {"alwaysMatch": capabilities}}));
        driver.session = format!("{}/{}", driver.session, made["sessionId"].as_str().unwrap());
        driver
    }

    fn try_call(&self, path: &str, body: &Value) -> Result<Value, Value> {
        let request = self.agent.post(format!("{}{path}", self.session));
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

    /// One command; panics if it fails.
    pub(crate) fn call(&self, path: &str, body: &Value) -> Value {
        self.try_call(path, body)
            .unwrap_or_else(|error| panic!("{path}: {error:#}"))
    }

    /// A command of Chromium's own protocol.
    pub(crate) fn cdp(&self, command: &str, parameters: &Value) -> Value {
        self.call(
            "/goog/cdp/execute",
            &json!({"cmd": command, "params": parameters}),
        )
    }

    pub(crate) fn go(&self, address: &str) {
        self.call("/url", &json!({"url": address}));
    }

    /// What `script` returns; a promise is waited for.
    pub(crate) fn run(&self, script: &str, arguments: &[Value]) -> Value {
        self.call(
            "/execute/sync",
            &json!({"script": script, "args": arguments}),
        )
    }

    /// The element with this text or that `selector` finds: waits until it is there and shown.
    pub(crate) fn find(&self, selector: &str) -> Element<'_> {
        let (using, value) = match selector.strip_prefix("text=") {
            // Without the soft hyphens of long words.
            Some(text) => (
                "xpath",
                format!("//*[normalize-space(translate(text(), '\u{ad}', ''))=\"{text}\"]"),
            ),
            None => ("css selector", selector.to_owned()),
        };
        let found = until(selector, || {
            let found = self
                .try_call("/element", &json!({"using": using, "value": value}))
                .ok()?;
            let id = found[ELEMENT].as_str()?.to_owned();
            let shown = self.run(
                "return arguments[0].checkVisibility()",
                &[json!({ELEMENT: id})],
            );
            shown.as_bool()?.then_some(id)
        });
        Element {
            driver: self,
            id: found,
        }
    }

    /// The text of the page, as it is shown; not what is only read out.
    pub(crate) fn text(&self) -> String {
        let script = "return [...document.querySelectorAll('header, main')].map((part) => part.innerText).join('\\n')
            .replaceAll('\u{ad}', '')";
        self.run(script, &[]).as_str().unwrap().to_owned()
    }

    /// Waits until the page shows `text`.
    pub(crate) fn see(&self, text: &str) {
        until(&format!("{text:?} in {:?}", self.text()), || {
            self.text().contains(text).then_some(())
        });
    }

    /// Keys to whatever has the focus.
    pub(crate) fn press(&self, keys: &str) {
        let actions: Vec<Value> = keys
            .chars()
            .flat_map(|key| ["keyDown", "keyUp"].map(|kind| json!({"type": kind, "value": key})))
            .collect();
        self.call(
            "/actions",
            &json!({"actions": [{"type": "key", "id": "keyboard", "actions": actions}]}),
        );
    }
}

/// An element of the page.
pub(crate) struct Element<'a> {
    driver: &'a Driver,
    id: String,
}

impl Element<'_> {
    pub(crate) fn click(&self) {
        self.driver
            .call(&format!("/element/{}/click", self.id), &json!({}));
    }

    pub(crate) fn type_in(&self, text: &str) {
        self.driver.call(
            &format!("/element/{}/value", self.id),
            &json!({"text": text}),
        );
    }

    /// What a script says of it: `it.disabled`.
    pub(crate) fn is(&self, expression: &str) -> Value {
        self.driver.run(
            &format!("const it = arguments[0]; return {expression}"),
            &[json!({ELEMENT: self.id})],
        )
    }
}

/// Asks again and again until there is an answer.
pub(crate) fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < end, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

//! `WebDriver` (W3C), as much of it as these tests need. How a command gets to the browser, the browser knows.

pub(crate) use antiphon_tests::until;
use serde_json::{Value, json};

/// The key of an element's reference (`WebDriver`, section 12.1).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// The way to a browser's session.
pub(crate) trait Wire {
    /// Says a command, by its path in the session: its value, or the error.
    fn say(&self, path: &str, body: &Value) -> Result<Value, Value>;
}

/// One session of a browser.
pub(crate) struct Driver {
    wire: Box<dyn Wire>,
}

impl Driver {
    pub(crate) fn new(wire: impl Wire + 'static) -> Self {
        let wire = Box::new(wire);
        Self { wire }
    }

    /// One command, which may fail.
    pub(crate) fn try_call(&self, path: &str, body: &Value) -> Result<Value, Value> {
        self.wire.say(path, body)
    }

    /// One command; panics if it fails.
    pub(crate) fn call(&self, path: &str, body: &Value) -> Value {
        self.try_call(path, body)
            .unwrap_or_else(|error| panic!("{path}: {error:#}"))
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
            let script = "return arguments[0].checkVisibility()";
            let arguments = [json!({ELEMENT: id})];
            // By now it may have been taken away.
            let shown = self
                .try_call(
                    "/execute/sync",
                    &json!({"script": script, "args": arguments}),
                )
                .ok()?;
            shown.as_bool()?.then_some(id)
        });
        Element {
            driver: self,
            selector: selector.to_owned(),
            id: found,
        }
    }

    /// The text of the page, as it is shown; not what is only read out. There is none while one page makes room for another.
    pub(crate) fn text(&self) -> String {
        let script = "return [...document.querySelectorAll('header, main')].map((part) => part.innerText).join('\\n')
            .replaceAll(/[\u{ad}\u{200b}]/g, '')";
        let shown = self.run(script, &[]);
        shown.as_str().unwrap_or_default().to_owned()
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
    selector: String,
    id: String,
}

impl Element<'_> {
    pub(crate) fn click(&self) {
        let clicked = self
            .driver
            .try_call(&format!("/element/{}/click", self.id), &json!({}));
        match clicked {
            Ok(_) => {}
            // The page has drawn it anew since it was found.
            Err(error) if error["error"] == "stale element reference" => {
                self.driver.find(&self.selector).click();
            }
            Err(error) => panic!("{}: {error:#}", self.selector),
        }
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

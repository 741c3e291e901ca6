//! What a screen reader has to say of the page, from the tree that Chromium gives it.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::browser::{Browser, Taste};
use crate::driver::until;
use crate::stub::request;
use crate::walk::enrolled;

/// The page as it is read from the top: texts, and what is more than text with its kind before it.
pub(crate) fn read_out(browser: &Browser) -> Vec<String> {
    let tree = browser.cdp("Accessibility.getFullAXTree", &json!({}));
    let nodes = tree["nodes"].as_array().unwrap();
    let by_id = nodes
        .iter()
        .map(|node| (node["nodeId"].as_str().unwrap(), node));
    let mut lines = Vec::new();
    read(&by_id.collect(), &nodes[0], &mut lines);
    lines
}

fn read(nodes: &HashMap<&str, &Value>, node: &Value, lines: &mut Vec<String>) {
    let text = |key: &str| node[key]["value"].as_str().unwrap_or_default();
    // As it sounds.
    let name = text("name")
        .replace(['\u{ad}', '\u{200b}'], "")
        .replace('\u{a0}', " ");
    match text("role") {
        "StaticText" => lines.push(name),
        kind @ ("heading" | "button" | "textbox" | "image" | "link" | "DisclosureTriangle") => {
            let properties = node["properties"].as_array();
            let is_disabled = properties.is_some_and(|all| {
                all.iter()
                    .any(|it| it["name"] == "disabled" && it["value"]["value"] == true)
            });
            let disabled = if is_disabled { ", disabled" } else { "" };
            lines.push(format!("{kind}: {name}{disabled}"));
        }
        _ => {
            for child in node["childIds"].as_array().into_iter().flatten() {
                if let Some(child) = nodes.get(child.as_str().unwrap()) {
                    read(nodes, child, lines);
                }
            }
        }
    }
}

#[test]
fn a_sign_in_that_arrives_is_read_out_and_so_is_whence_it_comes_before_the_answers() {
    let (stub, browser) = enrolled(Taste::ENGLISH);
    let id = stub.ask(&request(60), 2);
    browser.see("A sign-in is waiting");
    let read = read_out(&browser);
    // What tells a stranger's sign-in comes before the answers.
    let expected = [
        "alice@web1",
        "link: Guide",
        "heading: A sign-in is waiting",
        "Are you signing in? Then type the number that the computer shows.",
        "Computer",
        "web1",
        "From",
        "203.0.113.5",
        "Number on the computer (2 digits)",
        "textbox: Number on the computer (2 digits)",
        "button: It’s not me",
        "button: Approve, disabled",
    ];
    assert_eq!(read[..expected.len()], expected, "{read:#?}");
    for rest in ["Signing in over the network (ssh)", "alice"] {
        assert!(read.iter().any(|line| line == rest), "{read:#?}");
    }
    let said = browser.find("#said");
    until("words", || {
        let words = said.is("it.textContent");
        words
            .as_str()?
            .contains("A sign-in is waiting. web1")
            .then_some(())
    });
    assert_eq!(said.is("it.getAttribute('role')"), json!("status"));
    stub.gone(&id, "expired");
    browser.see("Time is up");
    let focus = browser.run("return document.activeElement.textContent", &[]);
    assert_eq!(focus, json!("Time is up"));
}

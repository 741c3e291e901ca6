//! Joins the page's modules into one script.

mod script;

use std::env;
use std::fs;

fn main() {
    println!("cargo::rerun-if-changed=page");
    let of = |name| env::var(name).unwrap_or_else(|_| panic!("{name}: cargo sets it"));
    let (from, to) = (of("CARGO_MANIFEST_DIR"), of("OUT_DIR"));
    let text = script::joined(&format!("{from}/page"));
    fs::write(format!("{to}/page.js"), text).expect("the build's folder is writable");
}

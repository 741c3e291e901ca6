//! Joins the page's modules into one script.

mod script;

use std::env;
use std::error::Error;
use std::fs;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=page");
    let (from, to) = (env::var("CARGO_MANIFEST_DIR")?, env::var("OUT_DIR")?);
    let text = script::joined(&format!("{from}/page"))?;
    fs::write(format!("{to}/page.js"), text)?;
    Ok(())
}

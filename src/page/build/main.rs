//! Makes one file of the page: its modules joined into a script, that and the style put into the document, and all of it
//! compressed once, for every phone.

mod document;
mod script;

use std::env;
use std::error::Error;
use std::fs;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=files");
    let (from, to) = (env::var("CARGO_MANIFEST_DIR")?, env::var("OUT_DIR")?);
    let script = script::joined(&format!("{from}/files"))?;
    let style = fs::read_to_string(format!("{from}/files/style.css"))?;
    let document = fs::read_to_string(format!("{from}/files/index.html"))?;
    let whole = document::whole(&document, &style, &script)?;
    fs::write(format!("{to}/page.js"), script)?;
    fs::write(format!("{to}/page.html"), &whole)?;
    // Without a time or a name: the same page gives the same bytes.
    let mut compressed = GzEncoder::new(Vec::new(), Compression::best());
    compressed.write_all(whole.as_bytes())?;
    fs::write(format!("{to}/page.html.gz"), compressed.finish()?)?;
    Ok(())
}

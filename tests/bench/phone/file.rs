//! The module's file: how large it is, what it links, and what it is made of.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::figures::linked;

/// Crates by which a program gets at a network, or runs things at once.
const NETWORK: &str =
    "async-std curl h2 hyper mio native-tls openssl quinn reqwest rustls smol socket2 tokio ureq";

/// What is known of it.
pub(super) struct File {
    pub(super) bytes: u64,
    /// All that the linker loads with it.
    pub(super) links: Vec<String>,
    /// The crates that it is built of, itself among them.
    pub(super) crates: Vec<String>,
    /// Those of them that would be a network's.
    pub(super) network: Vec<String>,
}

/// Looks at the module in `file`.
pub(super) fn look(file: &Path) -> File {
    let options = "tree --offline --package pam_antiphon --edges normal --prefix none --format {p}";
    let tree = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(options.split(' '))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo");
    assert!(tree.status.success(), "{tree:?}");
    let tree = String::from_utf8(tree.stdout).unwrap();
    let mut crates: Vec<String> = tree
        .lines()
        .filter_map(|line| line.split(' ').next())
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    crates.sort();
    crates.dedup();
    let network = crates
        .iter()
        .filter(|name| NETWORK.split(' ').any(|known| known == *name));
    File {
        bytes: fs::metadata(file).unwrap().len(),
        links: linked(file),
        network: network.cloned().collect(),
        crates,
    }
}

//! The module's file: how large it is, what it links, and what it is made of.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Crates by which a program gets at a network, or runs things at once.
const NETWORK: [&str; 14] = [
    "async-std",
    "curl",
    "h2",
    "hyper",
    "mio",
    "native-tls",
    "openssl",
    "quinn",
    "reqwest",
    "rustls",
    "smol",
    "socket2",
    "tokio",
    "ureq",
];

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
    let listed = output(Command::new("ldd").arg(file));
    let links = listed
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| !name.starts_with("linux-vdso") && !name.contains("ld-linux"))
        .map(str::to_owned)
        .collect();
    let tree = output(
        Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args([
                "tree",
                "--offline",
                "--package",
                "pam_antiphon",
                "--edges",
                "normal",
            ])
            .args(["--prefix", "none", "--format", "{p}"])
            .current_dir(env!("CARGO_MANIFEST_DIR")),
    );
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
        .filter(|name| NETWORK.contains(&name.as_str()));
    File {
        bytes: fs::metadata(file).unwrap().len(),
        links,
        network: network.cloned().collect(),
        crates,
    }
}

fn output(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

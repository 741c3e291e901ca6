//! `antiphon page export`: the page's files, for another web server than antiphond.
//!
//! What comes in is the configuration and the page that is built in; what goes out is one folder, whole or not at all.

mod found;
mod nginx;
mod tree;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use antiphon_core::config::{Config, Provider, is_plain_absolute};
use antiphon_core::text::Language;
use antiphon_page::Named;
use serde::Serialize;

use crate::arguments::{PageDeed, PageExport};
use crate::failure::{Failure, Kind};
use crate::house::House;
use crate::screen::Screen;
use tree::Tree;

/// The object of `--json`.
#[derive(Serialize)]
struct Object<'a> {
    folder: &'a Path,
    origin: &'a str,
    relays: &'a [String],
    /// Where people sign in with their accounts.
    providers: &'a BTreeSet<&'a str>,
    files: Vec<&'a str>,
    changed: bool,
}

pub(crate) fn run(wanted: &PageDeed, house: &House, screen: &mut Screen) -> Result<(), Failure> {
    let PageDeed::Export(wanted) = wanted;
    export(wanted, &house.config, screen)
}

fn export(wanted: &PageExport, config: &Config, screen: &mut Screen) -> Result<(), Failure> {
    let page = &config.page;
    if !page.is_served_elsewhere() {
        let why = "[page] relays is not set: antiphond serves the page itself; name the relays there, on this computer and on each \
                   relay, as in: relays = [\"https://relay1.example.org\", \"https://relay2.example.org\"]";
        return Err(Failure::new(Kind::Config, why));
    }
    let folder = plain(&wanted.folder)?;
    let providers = config.providers.iter().map(Provider::origin).collect();
    let named = Named {
        relays: &page.relays,
        providers: &providers,
    };
    let tree = files(&named, config, &folder);
    let changed = tree.put(&folder)?;
    if screen.is_json() {
        return screen.object(&Object {
            folder: &folder,
            origin: &page.origin,
            relays: &page.relays,
            providers: &providers,
            files: tree.paths().collect(),
            changed,
        });
    }
    let shown = folder.display();
    if !changed {
        return screen.say(&format!("{shown} is as it should be."));
    }
    let relays = page.relays.join(", ");
    screen.say(&format!(
        "{shown} has the page for {}, which talks to {relays}.",
        page.origin
    ))?;
    if !providers.is_empty() {
        let providers: Vec<&str> = providers.into_iter().collect();
        screen.say(&format!(
            "It sends people with accounts to {}, and nowhere else.",
            providers.join(", ")
        ))?;
    }
    screen.say(&format!(
        "Serve {shown}/{PAGE} there as {shown}/{NGINX} says."
    ))
}

/// Where the web server's files are, and how nginx serves them.
const PAGE: &str = "page";
const NGINX: &str = "nginx.conf";

fn files(named: &Named<'_>, config: &Config, folder: &Path) -> Tree {
    let mut tree = Tree::default();
    let mut add = |name: &str, bytes: &[u8]| tree.add(&format!("{PAGE}/{name}"), bytes);
    add("index.html", antiphon_page::document(named).as_bytes());
    for file in antiphon_page::FILES {
        add(file.path.trim_start_matches('/'), file.bytes);
    }
    for language in [Language::English, Language::Swedish] {
        let guide = antiphon_guide::page(language, config);
        add(&format!("guide.{}.html", language.tag()), guide.as_bytes());
    }
    let nginx = nginx::configuration(config, &folder.join(PAGE).display().to_string());
    tree.add(NGINX, nginx.as_bytes());
    tree
}

/// The folder's absolute path, of characters that nginx's configuration takes as they are.
fn plain(folder: &Path) -> Result<PathBuf, Failure> {
    let is_plain = |path: &Path| {
        let text = path.to_str().unwrap_or_default();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
        !text.is_empty() && text.chars().all(is_plain)
    };
    std::path::absolute(folder)
        .ok()
        // Without a slash at its end.
        .map(|path| path.components().collect::<PathBuf>())
        .filter(|path| is_plain_absolute(path) && is_plain(path))
        .ok_or_else(|| {
            let why = "its path stands in nginx.conf: name a folder of letters, digits, dots, hyphens and underscores, without ..";
            Failure::new(Kind::Usage, format!("{}: {why}", antiphon_core::shell::word(folder)))
        })
}

//! `antiphon providers`: which there are, and the keys on file.

use antiphon_core::account::{Key, KeySet};
use antiphon_core::config::Provider;
use antiphon_core::disk::{Folder, key_file};
use antiphon_core::time::UnixTime;
use antiphon_core::visible::visible;
use serde::Serialize;

use super::look::look_at_files;
use crate::clock;
use crate::failure::Failure;
use crate::finding::{Finding, Findings};
use crate::house::House;
use crate::screen::Screen;

/// The longest text in a line, in bytes.
const LONGEST: usize = 512;

/// The object of `--json`.
#[derive(Serialize)]
struct Object {
    providers: Vec<ProviderObject>,
    findings: Vec<Finding>,
}

#[derive(Serialize)]
struct ProviderObject {
    name: String,
    issuer: String,
    client_id: String,
    /// When its keys were last fetched; null if there are none.
    fetched: Option<String>,
    keys: Vec<KeyObject>,
}

#[derive(Serialize)]
struct KeyObject {
    kid: String,
    algorithm: &'static str,
    first_seen: String,
    last_seen: String,
    /// Whether a token that it has signed is accepted now.
    valid: bool,
}

pub(super) fn run(house: &House, screen: &mut Screen) -> Result<(), Failure> {
    let now = clock::now();
    let folder = Folder::open(&house.config.paths.providers).ok();
    let providers = house.config.providers.iter().map(|provider| {
        // What is wrong with a file is among the findings.
        let keys = folder
            .as_ref()
            .and_then(|folder| key_file::load(folder, &provider.name).ok().flatten());
        ProviderObject::new(provider, keys.as_ref(), now)
    });
    let providers: Vec<ProviderObject> = providers.collect();
    let mut findings = Findings::default();
    look_at_files(house, &mut findings);
    if screen.is_json() {
        return screen.object(&Object {
            providers,
            findings: findings.into_list(),
        });
    }
    if providers.is_empty() {
        return screen.line(
            "There is no [[provider]] in antiphon.toml; antiphon-account(7) says how to add one.",
        );
    }
    for (index, provider) in providers.iter().enumerate() {
        if index > 0 {
            screen.line("")?;
        }
        provider.show(screen)?;
    }
    if findings.iter().next().is_some() {
        screen.line("")?;
    }
    crate::doctor::show_findings(findings.iter(), screen)
}

impl ProviderObject {
    fn new(provider: &Provider, keys: Option<&KeySet>, now: UnixTime) -> Self {
        // Keys of an earlier issuer are none of this one's.
        let keys = keys.filter(|keys| keys.issuer == provider.issuer);
        Self {
            name: provider.name.clone(),
            issuer: provider.issuer.clone(),
            client_id: provider.client_id.clone(),
            fetched: keys.map(|keys| keys.fetched.to_string()),
            keys: keys
                .into_iter()
                .flat_map(|keys| &keys.keys)
                .map(|key| KeyObject::new(key, now))
                .collect(),
        }
    }

    fn show(&self, screen: &mut Screen) -> Result<(), Failure> {
        screen.line(&screen.bold(&self.name))?;
        let fetched = match &self.fetched {
            Some(time) => screen.zone().show(time),
            None => screen.yellow("never"),
        };
        for (label, words) in [
            ("issuer", self.issuer.clone()),
            ("client id", self.client_id.clone()),
            ("keys fetched", fetched),
        ] {
            screen.line(&format!("  {label:13} {words}"))?;
        }
        for (index, key) in self.keys.iter().enumerate() {
            let label = if index == 0 { "keys" } else { "" };
            let words = key.in_words(screen);
            screen.line(&format!("  {label:13} {words}"))?;
        }
        Ok(())
    }
}

impl KeyObject {
    fn new(key: &Key, now: UnixTime) -> Self {
        Self {
            kid: visible(&key.kid, LONGEST),
            algorithm: key.key.algorithm().name(),
            first_seen: key.first_seen.to_string(),
            last_seen: key.last_seen.to_string(),
            valid: key.counts(now),
        }
    }

    fn in_words(&self, screen: &Screen) -> String {
        let Self { kid, algorithm, .. } = self;
        let since = screen.zone().show(&self.first_seen);
        let words = format!("{kid}, {algorithm}, since {since}");
        if self.valid {
            words
        } else {
            let seen = screen.zone().show(&self.last_seen);
            screen.yellow(&format!("{words}: no longer valid, last published {seen}"))
        }
    }
}

//! `antiphon providers refresh`: fetches the providers' keys and writes root's files of them.

use std::process::ExitCode;

use antiphon_core::account::KeySet;
use antiphon_core::config::Provider;
use antiphon_core::disk::{Folder, key_file};
use antiphon_core::logline::LogLine;
use antiphon_core::time::UnixTime;
use antiphon_core::visible::visible;
use serde::Serialize;

use super::due::{self, Turn, Why};
use super::fetch::{Ask, Published, ask_all};
use super::named;
use crate::arguments::RefreshProviders;
use crate::clock;
use crate::failure::{self, Failure, Kind};
use crate::folders;
use crate::house::House;
use crate::log;
use crate::progress::Progress;
use crate::screen::Screen;
use crate::status::counted;

/// The longest reason, in bytes.
const LONGEST: usize = 512;

/// The object of `--json`.
#[derive(Serialize)]
struct Object {
    providers: Vec<Refreshed>,
}

/// What became of a provider's keys.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Became {
    /// One has come or gone.
    Changed,
    /// They are the same.
    #[default]
    AsBefore,
    /// They could not be fetched.
    Failed,
    /// They were fetched a short while ago.
    NotDue,
}

/// What came of one provider.
#[derive(Default, Serialize)]
struct Refreshed {
    name: String,
    outcome: Became,
    /// How many keys are valid now.
    #[serde(skip)]
    keys: usize,
    /// The ids of new keys.
    added: Vec<String>,
    /// The ids of keys that die within a day.
    no_longer_published: Vec<String>,
    /// The ids of keys that are gone.
    removed: Vec<String>,
    /// Keys that cannot be used here, and why.
    passed_over: Vec<String>,
    reason: Option<String>,
}

pub(super) fn run(
    wanted: &RefreshProviders,
    house: &House,
    screen: &mut Screen,
) -> Result<ExitCode, Failure> {
    let providers: Vec<&Provider> = match &wanted.name {
        Some(name) => vec![named(name, house)?],
        None => house.config.providers.iter().collect(),
    };
    let refreshed = if providers.is_empty() {
        Vec::new()
    } else {
        refresh(&providers, wanted.if_due, house)?
    };
    let failed = refreshed
        .iter()
        .filter(|one| one.outcome == Became::Failed)
        .count();
    let code = match failed {
        0 => ExitCode::SUCCESS,
        all if all == refreshed.len() => Kind::Unavailable.exit_code(),
        _ => failure::partly(),
    };
    if screen.is_json() {
        screen.object(&Object {
            providers: refreshed,
        })?;
        return Ok(code);
    }
    if refreshed.is_empty() {
        screen.line("There is no [[provider]] in antiphon.toml, and nothing to fetch.")?;
    }
    for one in &refreshed {
        screen.say(&one.in_words())?;
    }
    Ok(code)
}

fn refresh(
    providers: &[&Provider],
    if_due: bool,
    house: &House,
) -> Result<Vec<Refreshed>, Failure> {
    let paths = &house.config.paths;
    let folder = folders::of_providers(&paths.providers)?;
    let turn = Turn::take(&folder, paths)?;
    // What is said of a key is true of the moment before it was asked for.
    let now = clock::now();
    let is_old = |provider: &Provider| {
        let on_file = key_file::load(&folder, &provider.name).ok().flatten();
        due::is_old(provider, on_file.as_ref(), now)
    };
    let why = turn.why(providers.iter().any(|provider| is_old(provider)));
    let (providers, others): (Vec<&Provider>, Vec<&Provider>) = match (if_due, why) {
        (false, _) | (true, Some(Why::Asked)) => (providers.to_vec(), Vec::new()),
        (true, Some(Why::Time)) => providers.iter().partition(|provider| is_old(provider)),
        (true, None) => (Vec::new(), providers.to_vec()),
    };
    let others = others.into_iter().map(|provider| Refreshed {
        name: provider.name.clone(),
        outcome: Became::NotDue,
        reason: is_old(provider).then(|| {
            "tried a short while ago, without success; it is tried again in five minutes".to_owned()
        }),
        ..Refreshed::default()
    });
    let mut refreshed: Vec<Refreshed> = others.collect();
    if providers.is_empty() {
        return Ok(refreshed);
    }
    turn.begin(&folder, why.filter(|_| if_due))?;
    let mut progress = Progress::new(providers.len());
    let answers = ask_all(&providers, Ask::Published, |provider| {
        progress.step(&provider.name);
    });
    drop(progress);
    let answers = answers.map_err(|why| Failure::new(Kind::Unavailable, why))?;
    let both = providers.iter().zip(answers);
    refreshed.extend(both.map(|(provider, answer)| {
        let refreshed = answer.and_then(|published| store(provider, published, &folder, now));
        refreshed.unwrap_or_else(|why| failed(provider, &why))
    }));
    Ok(refreshed)
}

/// Writes the keys, and a line in the log for each that has come or gone.
fn store(
    provider: &Provider,
    published: Published,
    folder: &Folder,
    now: UnixTime,
) -> Result<Refreshed, String> {
    // A file that cannot be read holds no key that counts.
    let before = key_file::load(folder, &provider.name).ok().flatten();
    let passed_over = published.keys.others.clone();
    let current = published.keys.keys.iter().map(|key| key.kid.clone());
    let current: Vec<String> = current.collect();
    let keys = KeySet::refreshed(before.as_ref(), provider, published.keys, now);
    key_file::store(folder, &keys).map_err(|distrust| distrust.to_string())?;
    let ids =
        |set: &KeySet| -> Vec<String> { set.keys.iter().map(|key| key.kid.clone()).collect() };
    let old = before.as_ref().map(ids).unwrap_or_default();
    let is_same = |kid: &str| {
        let of = |set: &KeySet| {
            let mut found = set.keys.iter().filter(|key| key.kid == kid);
            found.next().map(|key| key.key.clone())
        };
        before.as_ref().and_then(of) == of(&keys)
    };
    let new = ids(&keys);
    let added: Vec<String> = new.iter().filter(|kid| !is_same(kid)).cloned().collect();
    let removed: Vec<String> = old.iter().filter(|kid| !is_same(kid)).cloned().collect();
    for kid in &added {
        log("key-added", provider, kid);
    }
    for kid in &removed {
        log("key-removed", provider, kid);
    }
    Ok(Refreshed {
        name: provider.name.clone(),
        outcome: if added.is_empty() && removed.is_empty() {
            Became::AsBefore
        } else {
            Became::Changed
        },
        keys: new.len(),
        added,
        no_longer_published: new
            .iter()
            .filter(|kid| !current.contains(kid))
            .cloned()
            .collect(),
        removed,
        passed_over,
        reason: None,
    })
}

fn failed(provider: &Provider, why: &str) -> Refreshed {
    let why = visible(why, LONGEST);
    log("keys-not-fetched", provider, &why);
    Refreshed {
        name: provider.name.clone(),
        outcome: Became::Failed,
        reason: Some(why),
        ..Refreshed::default()
    }
}

fn log(outcome: &str, provider: &Provider, detail: &str) {
    let line = LogLine::new()
        .with("outcome", outcome)
        .with("provider", &provider.name);
    log::log_by_caller(line.with("detail", detail));
}

impl Refreshed {
    fn in_words(&self) -> String {
        let name = &self.name;
        if self.outcome == Became::NotDue {
            let why = self.reason.as_deref();
            return format!("{name}: {}", why.unwrap_or("fetched a short while ago"));
        }
        if let Some(why) = &self.reason {
            return format!(
                "{name}: not fetched: {why}. The keys on file stay as they are; look with: antiphon providers check {name}"
            );
        }
        let mut words = vec![counted(self.keys, "key")];
        for (kids, what) in [
            (&self.added, "new"),
            (
                &self.no_longer_published,
                "no longer published, and valid for a day at most",
            ),
            (&self.removed, "removed"),
        ] {
            if !kids.is_empty() {
                words.push(format!("{what}: {}", kids.join(" ")));
            }
        }
        if words.len() == 1 {
            words.push("as before".to_owned());
        }
        if !self.passed_over.is_empty() {
            words.push(format!("passed over: {}", self.passed_over.join("; ")));
        }
        format!("{name}: {}", words.join(", "))
    }
}

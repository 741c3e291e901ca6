//! A provider's keys, on file and as published: what is read comes back the same from what we write of it.
#![no_main]

use std::sync::LazyLock;

use antiphon_core::account::{KeySet, published_keys};
use antiphon_core::config::{Config, Provider};
use antiphon_core::time::UnixTime;
use libfuzzer_sys::fuzz_target;

const NOW: UnixTime = UnixTime(1_795_377_600);

static PROVIDER: LazyLock<Provider> = LazyLock::new(|| {
    let text = "[[provider]]\nname = \"kmh\"\nissuer = \"https://id.example.org\"\nclient_id = \"a\"\n\
                label = { sv = \"a\", en = \"b\" }\n";
    Config::parse(text).unwrap().providers[0].clone()
});

fuzz_target!(|text: &str| {
    if let Ok(set) = KeySet::parse(text, "kmh") {
        comes_back(&set);
        for key in &set.keys {
            if let Some(found) = set.key(&key.kid, &PROVIDER, NOW) {
                assert!(found.counts(NOW) && set.issuer == PROVIDER.issuer);
                assert_eq!(set.keys.iter().filter(|other| other.kid == key.kid).count(), 1);
            }
        }
        return;
    }
    let Ok(published) = published_keys(text, &PROVIDER) else {
        return;
    };
    let set = KeySet::refreshed(None, &PROVIDER, published, NOW);
    comes_back(&set);
    for key in &set.keys {
        assert!(set.key(&key.kid, &PROVIDER, NOW).is_some());
        assert!(key.issuer.as_ref().is_none_or(|issuer| *issuer == PROVIDER.issuer));
    }
});

fn comes_back(set: &KeySet) {
    assert_eq!(KeySet::parse(&set.to_toml(), &set.provider).as_ref(), Ok(set));
}

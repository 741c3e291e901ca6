//! Counters of one name.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use antiphon_core::exposition::{Exposition, Kind};

/// A counter for each value of a label, which are all known beforehand.
pub(super) struct Family {
    name: &'static str,
    help: &'static str,
    /// Empty if there is only one counter.
    label: &'static str,
    counters: Vec<(&'static str, AtomicU64)>,
}

impl Family {
    /// One counter, without a label.
    pub(super) fn plain(name: &'static str, help: &'static str) -> Self {
        Self::by(name, help, "", [""])
    }

    /// A counter for each of `words`.
    pub(super) fn by(
        name: &'static str,
        help: &'static str,
        label: &'static str,
        words: impl IntoIterator<Item = &'static str>,
    ) -> Self {
        let counters = words.into_iter().map(|word| (word, AtomicU64::new(0)));
        Self {
            name,
            help,
            label,
            counters: counters.collect(),
        }
    }

    /// Adds one. A word that was not listed is not counted.
    pub(super) fn count(&self, word: &str) {
        let counter = self.counters.iter().find(|(known, _)| *known == word);
        debug_assert!(counter.is_some(), "{}: {word}", self.name);
        if let Some((_, counter)) = counter {
            counter.fetch_add(1, Relaxed);
        }
    }

    pub(super) fn show(&self, text: &mut Exposition) {
        text.family(self.name, Kind::Counter, self.help);
        for (word, counter) in &self.counters {
            let value = counter.load(Relaxed);
            if self.label.is_empty() {
                text.figure(self.name, value);
            } else {
                text.labelled(self.name, self.label, word, value);
            }
        }
    }
}

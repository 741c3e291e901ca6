//! Looks for what waits at other relays, which news may overtake.

use std::collections::HashMap;

use super::Switchboard;
use crate::post::Letter;

/// By person, while somebody looks for what waits for them.
#[derive(Default)]
pub(super) struct Looks(HashMap<String, Looked>);

#[derive(Default)]
struct Looked {
    looks: usize,
    /// How much was heard of this person since the first of those looks.
    news: usize,
}

impl Looks {
    /// There is news of this person: what is being read may be older.
    pub(super) fn note_news(&mut self, user: &str) {
        if let Some(looked) = self.0.get_mut(user) {
            looked.news += 1;
        }
    }

    fn news(&self, user: &str) -> usize {
        self.0.get(user).map_or(0, |looked| looked.news)
    }
}

/// A look, from the question to the engine until its answer has been used.
pub(super) struct Look<'s> {
    switchboard: &'s Switchboard,
    /// By person: how much had been heard of them before.
    people: HashMap<String, usize>,
}

impl Switchboard {
    pub(super) fn begin_look(&self, users: Vec<String>) -> Look<'_> {
        let mut state = self.state();
        let begun = users.into_iter().map(|user| {
            let looked = state.looks.0.entry(user.clone()).or_default();
            looked.looks += 1;
            (user, looked.news)
        });
        Look {
            people: begun.collect(),
            switchboard: self,
        }
    }
}

impl Look<'_> {
    /// Shows what was found, unless something was heard of this person meanwhile. That it is answered is noted even then: no
    /// answer is taken back.
    pub(super) fn arrive(&self, letter: &Letter) {
        let mut state = self.switchboard.state();
        if let Some(credential) = &letter.answered_by {
            state.note_answer(&letter.user, &letter.id, credential);
        }
        if self.people.get(&letter.user) == Some(&state.looks.news(&letter.user)) {
            state.arrive(letter);
        }
    }

    /// Those of whom something was heard meanwhile.
    pub(super) fn overtaken(&self) -> Vec<String> {
        let state = self.switchboard.state();
        let people = self.people.iter();
        let overtaken = people.filter(|(user, news)| state.looks.news(user) != **news);
        overtaken.map(|(user, _)| user.clone()).collect()
    }
}

impl Drop for Look<'_> {
    fn drop(&mut self) {
        let mut state = self.switchboard.state();
        for user in self.people.keys() {
            if let Some(looked) = state.looks.0.get_mut(user) {
                looked.looks -= 1;
                if looked.looks == 0 {
                    state.looks.0.remove(user);
                }
            }
        }
    }
}

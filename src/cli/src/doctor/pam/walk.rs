//! Follows every way through a stack, as libpam's dispatcher does (`_pam_dispatch_aux`).
//!
//! Every module may return anything it can. What matters is how successful ways get there: whether our line was called,
//! and what it returned.

use std::collections::{BTreeSet, HashSet};

use super::control::Action;
use super::folder::Folder;
use super::line::Module;
use super::module::Role;
use super::stack::{Does, Step};

/// What the ways through a stack lead to. Steps are given by position, from 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a question of its own"
)]
pub(crate) struct Ways {
    /// Whether some successful way has our line accept the person.
    pub(crate) accepts: bool,
    /// Whether some successful way has our line exempt the person (`PAM_IGNORE`).
    pub(crate) exempts: bool,
    /// The steps that skip our line on a successful way; the last step if there is no line of ours.
    pub(crate) jumps: BTreeSet<usize>,
    /// The steps that undo our refusal on a successful way.
    pub(crate) pardons: BTreeSet<usize>,
    /// The steps that call our module a second time on the same way.
    pub(crate) twice: BTreeSet<usize>,
    /// Whether our line can be called before any first factor.
    pub(crate) unasked: bool,
    /// The steps that reject a first factor, after which the stack still reaches our line.
    pub(crate) after_wrong: BTreeSet<usize>,
    /// Whether our line can let people in although their first factor failed.
    pub(crate) instead: bool,
    /// The steps that jump past the end of their stack, which libpam takes as a failure.
    pub(crate) beyond: BTreeSet<usize>,
}

impl Ways {
    /// Whether anybody gets in at all.
    pub(crate) fn is_open(&self) -> bool {
        self.accepts || self.exempts || !self.jumps.is_empty() || !self.pardons.is_empty()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct State {
    next: usize,
    impression: Impression,
    /// The impression at the start of each open level, for `reset`.
    saved: Vec<Impression>,
    ours: Ours,
    first: First,
    /// The step that skipped ours or undid its refusal.
    by: Option<usize>,
}

/// libpam's `impression` and `status` in one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Impression {
    Undefined,
    Success,
    /// Positive, but with a return value other than success, which the stack then returns.
    Odd,
    Failure,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Ours {
    NotCalled,
    Accepted,
    Exempted,
    Refused,
}

/// The result of the first factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum First {
    Unasked,
    Right,
    /// By this step.
    Wrong(usize),
}

/// The most states to examine, since a contrived stack can have any number.
const MOST_STATES: usize = 20_000;

/// A stack, and the modules that there are.
struct Walk<'a> {
    steps: &'a [Step],
    folder: &'a Folder,
    ways: Ways,
}

/// Goes every way through `steps`; `None` if there are too many.
pub(crate) fn ways(steps: &[Step], folder: &Folder) -> Option<Ways> {
    let mut walk = Walk {
        steps,
        folder,
        ways: Ways::default(),
    };
    let mut seen = HashSet::new();
    let mut open = vec![State {
        next: 0,
        impression: Impression::Undefined,
        saved: vec![Impression::Undefined],
        ours: Ours::NotCalled,
        first: First::Unasked,
        by: None,
    }];
    while let Some(state) = open.pop() {
        if !seen.insert(state.clone()) {
            continue;
        }
        if seen.len() > MOST_STATES {
            return None;
        }
        match steps.get(state.next) {
            Some(step) => open.extend(walk.after(state, step)),
            None => walk.note_end(&state),
        }
    }
    Some(walk.ways)
}

impl Walk<'_> {
    fn note_end(&mut self, state: &State) {
        // An empty stack fails.
        let Some(last) = self.steps.len().checked_sub(1) else {
            return;
        };
        if state.impression != Impression::Success {
            return;
        }
        let by = state.by.unwrap_or(last);
        match state.ours {
            Ours::Accepted => {
                self.ways.accepts = true;
                self.ways.instead |= matches!(state.first, First::Wrong(_));
            }
            Ours::Exempted => self.ways.exempts = true,
            Ours::NotCalled => {
                self.ways.jumps.insert(by);
            }
            Ours::Refused => {
                self.ways.pardons.insert(by);
            }
        }
    }

    /// The states that can follow `state`, at `step`.
    fn after(&mut self, mut state: State, step: &Step) -> Vec<State> {
        state.saved.truncate(step.level + 1);
        while state.saved.len() <= step.level {
            state.saved.push(state.impression);
        }
        match &step.does {
            Does::Begins => {
                state.next += 1;
                vec![state]
            }
            Does::Fails { control, .. } => {
                let action = control.action("perm_denied");
                vec![self.acted(state, step.level, action, "perm_denied")]
            }
            Does::Calls(module) => {
                if step.is_ours() {
                    self.note_call(&state);
                }
                let values = module.values(self.folder);
                let after = |value| self.returned(state.clone(), step, module, value);
                values.into_iter().map(after).collect()
            }
        }
    }

    fn note_call(&mut self, state: &State) {
        if state.ours != Ours::NotCalled {
            self.ways.twice.insert(state.next);
        }
        match state.first {
            First::Unasked => self.ways.unasked = true,
            First::Right => {}
            First::Wrong(at) => {
                self.ways.after_wrong.insert(at);
            }
        }
    }

    fn returned(&mut self, mut state: State, step: &Step, module: &Module, value: &str) -> State {
        match module.role {
            Role::Ours => {
                state.ours = match value {
                    "success" => Ours::Accepted,
                    "ignore" => Ours::Exempted,
                    _ => Ours::Refused,
                };
                state.by = None;
            }
            // An expired password is still the right one.
            Role::FirstFactor | Role::IsRoot | Role::Unknown
                if matches!(value, "success" | "new_authtok_reqd") =>
            {
                state.first = First::Right;
            }
            Role::FirstFactor if state.first == First::Unasked && value != "ignore" => {
                state.first = First::Wrong(state.next);
            }
            _ => {}
        }
        self.acted(state, step.level, module.control.action(value), value)
    }

    /// The state after `action` in a step at `level`.
    fn acted(&mut self, mut state: State, level: usize, action: Action, value: &str) -> State {
        let here = state.next;
        let mut last = here;
        match action {
            Action::Ok | Action::Done => {
                if matches!(
                    state.impression,
                    Impression::Undefined | Impression::Success
                ) {
                    state.impression = match value {
                        "success" => Impression::Success,
                        _ => Impression::Odd,
                    };
                }
                if action == Action::Done && state.impression != Impression::Failure {
                    last = self.end_of_level(here, level);
                }
            }
            Action::Bad => state.impression = Impression::Failure,
            Action::Die => {
                state.impression = Impression::Failure;
                last = self.end_of_level(here, level);
            }
            Action::Ignore => {}
            Action::Reset => {
                let saved = state.saved.get(level).copied();
                state.impression = saved.unwrap_or(Impression::Undefined);
            }
            Action::Jump(lines) => {
                let jumped = self.jumped(here, lines, level);
                last = jumped.last;
                if jumped.is_short {
                    self.ways.beyond.insert(here);
                    state.impression = Impression::Failure;
                }
            }
        }
        let is_undone = state.ours == Ours::Refused && state.impression != Impression::Failure;
        let mut skipped = self.steps.iter().take(last + 1).skip(here + 1);
        let passes = state.ours == Ours::NotCalled && skipped.any(Step::is_ours);
        if passes || is_undone {
            state.by.get_or_insert(here);
        }
        state.next = last + 1;
        state
    }

    /// The last step of the level of `here`.
    fn end_of_level(&self, here: usize, level: usize) -> usize {
        let inside = self.steps.iter().skip(here + 1);
        here + inside.take_while(|step| step.level >= level).count()
    }

    /// The last step that a jump over this many lines skips.
    fn jumped(&self, here: usize, lines: usize, level: usize) -> Jumped {
        let mut last = here;
        let level_after = |last: usize| self.steps.get(last + 1).map(|step| step.level);
        for _ in 0..lines {
            if level_after(last).is_none_or(|next| next < level) {
                return Jumped {
                    last,
                    is_short: true,
                };
            }
            last += 1;
            while level_after(last).is_some_and(|next| next > level) {
                last += 1;
            }
        }
        Jumped {
            last,
            is_short: false,
        }
    }
}

struct Jumped {
    last: usize,
    /// There are too few lines, which libpam treats as a failure.
    is_short: bool,
}

#[cfg(test)]
#[path = "walk_tests.rs"]
mod tests;

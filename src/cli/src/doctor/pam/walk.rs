//! Every way through a stack, as libpam's dispatcher goes it (`_pam_dispatch_aux`).
//!
//! Each module may return whatever it can return. What counts is how ways end that end in success: with our line called or
//! not, and what it had said.

use std::collections::{BTreeSet, HashSet};

use super::control::Action;
use super::folder::Folder;
use super::line::Module;
use super::module::Role;
use super::stack::{Does, Step};

/// What the ways through a stack come to. Steps are told by their place in the stack, from 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a question of its own"
)]
pub(crate) struct Ways {
    /// Whether our line accepts somebody on a way that ends in success.
    pub(crate) accepts: bool,
    /// Whether our line exempts somebody (`PAM_IGNORE`) on a way that ends in success.
    pub(crate) exempts: bool,
    /// The steps that lead past our line on a way that ends in success; the last step where there is no line of ours.
    pub(crate) jumps: BTreeSet<usize>,
    /// The steps that undo our refusal on a way that ends in success.
    pub(crate) pardons: BTreeSet<usize>,
    /// The steps that call our module a second time on one way.
    pub(crate) twice: BTreeSet<usize>,
    /// Whether our line is called on a way on which nobody has been asked for anything.
    pub(crate) unasked: bool,
    /// The steps that found a password wrong, or its like, and after which the stack goes on to our line.
    pub(crate) after_wrong: BTreeSet<usize>,
    /// Whether our line lets somebody in for whom every first factor before it had failed.
    pub(crate) instead: bool,
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
    /// The impressions with which the open levels began, for `reset`.
    saved: Vec<Impression>,
    ours: Ours,
    first: First,
    /// The step by which ours was passed, or its refusal undone.
    by: Option<usize>,
}

/// `impression` and `status` of libpam in one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Impression {
    Undefined,
    Success,
    /// Positive, but by a return value that is no success, and which the stack then returns.
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

/// What has become of the first factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum First {
    Unasked,
    Right,
    /// By this step.
    Wrong(usize),
}

/// The most states that are looked at: a stack that somebody has made up can have any number.
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
        // Of no step at all nothing comes but failure.
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

    /// Where it can go on from `state`, which stands before `step`.
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

    fn returned(&self, mut state: State, step: &Step, module: &Module, value: &str) -> State {
        match module.role() {
            Role::Ours => {
                state.ours = match value {
                    "success" => Ours::Accepted,
                    "ignore" => Ours::Exempted,
                    _ => Ours::Refused,
                };
                state.by = None;
            }
            // A password that is too old is right all the same.
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

    /// What `action` makes of `state`, in the level in which its step stands.
    fn acted(&self, mut state: State, level: usize, action: Action, value: &str) -> State {
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

    /// The last step of the level in which a decision was made at `here`.
    fn end_of_level(&self, here: usize, level: usize) -> usize {
        let inside = self.steps.iter().skip(here + 1);
        here + inside.take_while(|step| step.level >= level).count()
    }

    /// The last step that a jump over so many lines skips.
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
    /// There are fewer lines, which libpam takes for a failure.
    is_short: bool,
}

#[cfg(test)]
#[path = "walk_tests.rs"]
mod tests;

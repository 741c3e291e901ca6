//! A service, and the verdict on its sign-ins.

use serde::Serialize;

use super::broken;
use super::folder::Folder;
use super::line::Kind;
use super::module::Role;
use super::names;
use super::stack::{Stack, Step};
use super::walk::{Ways, ways};
use crate::finding::At;

/// The verdict on a service's sign-ins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Verdict {
    /// People are asked for a second factor.
    Asks,
    /// They are not.
    DoesNotAsk,
    /// They are, but some can get around it.
    CanBeJumpedOver,
    /// Everybody is refused.
    LocksOut,
    /// A file cannot be read, or there are too many lines to follow.
    NotKnown,
}

/// A service.
#[derive(Debug, Clone)]
pub(crate) struct Service {
    pub(crate) name: String,
    pub(crate) stack: Stack,
    pub(crate) ways: Ways,
    pub(crate) verdict: Verdict,
    /// The broken `account` line that keeps everybody out after the question.
    pub(crate) blocked: Option<Step>,
    /// The line responsible, if there is one.
    pub(crate) at: Option<At>,
    /// A short remark.
    pub(crate) note: Option<String>,
}

impl Verdict {
    /// In two or three words.
    pub(crate) fn in_words(self) -> &'static str {
        match self {
            Self::Asks => "asks",
            Self::DoesNotAsk => "does not ask",
            Self::CanBeJumpedOver => "can be jumped over",
            Self::LocksOut => "locks out",
            Self::NotKnown => "is not known",
        }
    }
}

impl Service {
    /// Judged by its lines alone.
    pub(crate) fn of(name: &str, folder: &Folder) -> Self {
        let mut stack = Stack::of(name, Kind::Auth, folder);
        let ways = if stack.cut.is_some() || stack.unknown.is_some() {
            // pam_start fails whatever comes before, or nobody knows.
            Ways::default()
        } else {
            ways(&stack.steps, folder).unwrap_or_else(|| {
                let why = format!("/etc/pam.d/{name}: there are too many ways through its lines");
                stack.unknown.get_or_insert(why);
                Ways::default()
            })
        };
        let mut service = Self {
            name: name.to_owned(),
            stack,
            ways,
            verdict: Verdict::DoesNotAsk,
            blocked: None,
            at: None,
            note: None,
        };
        service.judge(folder);
        service.judge_account(folder);
        service
    }

    /// Programs check the account after the person. Some do not, and have no such lines, so only broken lines count.
    fn judge_account(&mut self, folder: &Folder) {
        if self.never_asks() {
            return;
        }
        let stack = Stack::of(&self.name, Kind::Account, folder);
        self.stack.files.extend(stack.files);
        if ways(&stack.steps, folder).is_some_and(|ways| !ways.is_open()) {
            let mut steps = stack.steps.into_iter();
            self.blocked = steps.find(|step| broken::is_senseless(step, folder));
        }
        let is_open = !matches!(self.verdict, Verdict::LocksOut | Verdict::NotKnown);
        if let Some(step) = self.blocked.as_ref().filter(|_| is_open) {
            (self.verdict, self.at) = (Verdict::LocksOut, Some(step.at.clone()));
        }
    }

    /// Whether its program uses only other parts of its file.
    fn never_asks(&self) -> bool {
        names::is_listed(names::NEVER_ASK, &self.name)
    }

    fn judge(&mut self, folder: &Folder) {
        let ours = self.ours().next().map(|step| step.at.clone());
        let passes = self.passes().next().map(|index| self.at_of(index));
        let (verdict, at) = if self.never_asks() {
            self.note = Some("never asks anybody".to_owned());
            (Verdict::DoesNotAsk, None)
        } else if let Some(why) = &self.stack.unknown {
            self.note = Some(why.clone());
            (Verdict::NotKnown, None)
        } else if !self.ways.is_open() {
            (Verdict::LocksOut, self.blamed(folder).or(ours))
        } else if ours.is_none() {
            (Verdict::DoesNotAsk, None)
        } else if let Some(passes) = passes {
            (Verdict::CanBeJumpedOver, passes)
        } else {
            if self.ways.jumps.iter().any(|jump| self.is_for_root(*jump)) {
                self.note = Some("root is not asked".to_owned());
            }
            (Verdict::Asks, ours)
        };
        (self.verdict, self.at) = (verdict, at);
    }

    /// The steps that call our module.
    pub(crate) fn ours(&self) -> impl Iterator<Item = &Step> {
        self.stack.steps.iter().filter(|step| step.is_ours())
    }

    pub(crate) fn has_ours(&self) -> bool {
        self.ours().next().is_some()
    }

    /// The steps that let people get around us, except those for root only.
    pub(crate) fn passes(&self) -> impl Iterator<Item = usize> {
        let jumps = self.has_ours().then_some(&self.ways.jumps);
        let jumps = jumps.into_iter().flatten().copied();
        jumps
            .filter(|jump| !self.is_for_root(*jump))
            .chain(self.ways.pardons.iter().copied())
    }

    /// Whether a step lets only root get around us.
    fn is_for_root(&self, step: usize) -> bool {
        let step = self.stack.steps.get(step);
        step.and_then(Step::role) == Some(Role::IsRoot)
    }

    pub(crate) fn at_of(&self, step: usize) -> Option<At> {
        self.stack.steps.get(step).map(|step| step.at.clone())
    }

    /// Whether some line asks for a password or the like.
    pub(crate) fn has_first_factor(&self) -> bool {
        let mut roles = self.stack.steps.iter().filter_map(Step::role);
        roles.any(|role| matches!(role, Role::FirstFactor | Role::Unknown))
    }

    /// The broken line that keeps everybody out, if there is one.
    fn blamed(&self, folder: &Folder) -> Option<At> {
        if let Some(cut) = &self.stack.cut {
            return Some(cut.at.clone());
        }
        let mut steps = self.stack.steps.iter();
        let broken = steps.find(|step| broken::is_senseless(step, folder));
        broken.map(|step| step.at.clone())
    }
}

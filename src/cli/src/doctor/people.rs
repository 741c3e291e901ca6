//! People who can sign in but are not enrolled, and phones whose clocks are off.

use std::path::PathBuf;

use antiphon_core::config::{Config, Enroll, Unenrolled};
use antiphon_core::shell;

use super::pam::listed;
use crate::finding::{Finding, Findings};

/// Somebody in the user database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(crate) struct Account {
    pub(crate) name: String,
    /// Whether the account has a usable password.
    pub(crate) has_password: bool,
    pub(crate) keys: Keys,
    /// Whether their shell allows a sign-in.
    pub(crate) has_shell: bool,
    pub(crate) is_enrolled: bool,
    /// Whether they are in an exempt group.
    pub(crate) is_exempt: bool,
    /// How many seconds their app's clock was ahead at the last code, if codes are refused because of that.
    pub(crate) refused_skew: Option<i64>,
    /// Whether a phone or an account is theirs.
    pub(crate) has_phone: bool,
    /// Whether that is their only method.
    pub(crate) has_phone_alone: bool,
}

impl Account {
    pub(crate) fn can_sign_in(&self) -> bool {
        self.has_shell && (self.has_password || self.keys.may_be_some())
    }
}

/// The keys with which sshd lets somebody in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Keys {
    /// So many.
    Seen(usize),
    /// How many there are is not known.
    Unseen(Unseen),
}

/// Why a file of keys was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unseen {
    pub(crate) file: PathBuf,
    pub(crate) why: String,
}

impl Default for Keys {
    fn default() -> Self {
        Self::Seen(0)
    }
}

impl Keys {
    pub(crate) fn are_some(&self) -> bool {
        matches!(self, Self::Seen(number) if *number > 0)
    }

    fn may_be_some(&self) -> bool {
        *self != Self::Seen(0)
    }
}

/// The facts about people.
pub(crate) struct Everybody<'a> {
    pub(crate) accounts: &'a [Account],
    pub(crate) config: Option<&'a Config>,
    /// Whether any service asks for a second factor.
    pub(crate) is_asked: bool,
    /// People who have already been reported.
    pub(crate) known: &'a [String],
}

pub(crate) fn look(everybody: &Everybody<'_>, findings: &mut Findings) {
    if let Some(config) = everybody.config.filter(|_| everybody.is_asked) {
        look_for_unenrolled(everybody, config, findings);
    }
    if everybody.is_asked {
        look_for_unseen(everybody.accounts, findings);
    }
    for account in everybody.accounts {
        look_at_clock(account, findings);
    }
}

fn look_for_unenrolled(everybody: &Everybody<'_>, config: &Config, findings: &mut Findings) {
    let missing: Vec<String> = everybody
        .accounts
        .iter()
        .filter(|account| account.can_sign_in() && !account.is_enrolled && !account.is_exempt)
        .filter(|account| !everybody.known.contains(&account.name))
        .map(|account| account.name.clone())
        .collect();
    if missing.is_empty() {
        return;
    }
    let meanwhile = match config.unenrolled {
        _ if !config.rollout.is_empty() => {
            "what happens to each of them, and from when, is said by: antiphon status --missing"
        }
        Unenrolled::Deny => "their sign-ins are refused where a second factor is asked for",
        Unenrolled::Allow => "they sign in without one (unenrolled = \"allow\")",
        Unenrolled::Enroll if config.enroll == Enroll::default() => return,
        Unenrolled::Enroll => "[enroll] decides whether they can make one themselves",
    };
    findings.add(
        Finding::warning(format_args!(
            "not enrolled, though able to sign in: {}; {meanwhile}",
            listed(&missing)
        ))
        .fix(enrolling(&missing)),
    );
}

/// A key may let them in without a second factor.
fn look_for_unseen(accounts: &[Account], findings: &mut Findings) {
    let mut left: Vec<(&str, &Unseen)> = accounts
        .iter()
        .filter(|account| account.has_shell)
        .filter_map(|account| match &account.keys {
            Keys::Unseen(unseen) => Some((account.name.as_str(), unseen)),
            Keys::Seen(_) => None,
        })
        .collect();
    // Many for one reason, as when a server does not answer, are one finding.
    while let Some((_, first)) = left.first().copied() {
        let (same, others): (Vec<_>, Vec<_>) = left
            .into_iter()
            .partition(|(_, unseen)| unseen.why == first.why);
        let names: Vec<String> = same.iter().map(|(name, _)| (*name).to_owned()).collect();
        findings.add(
            Finding::warning(format_args!(
                "the keys of {} could not be seen, because {}: whether a key lets them in without a second factor is not known",
                listed(&names),
                first.why
            ))
            .fix(format!("timeout 10 ls -lL {}", shell::word(&first.file))),
        );
        left = others;
    }
}

fn enrolling(names: &[String]) -> String {
    let words: Vec<String> = names.iter().map(shell::word).collect();
    match words.as_slice() {
        [one] => format!("antiphon enroll {one}"),
        more => format!(
            "for user in {}; do antiphon enroll \"$user\"; done",
            more.join(" ")
        ),
    }
}

/// One phone's clock; this computer's is judged by several.
fn look_at_clock(account: &Account, findings: &mut Findings) {
    let Some(skew) = account.refused_skew else {
        return;
    };
    let side = if skew < 0 { "behind" } else { "ahead" };
    findings.add(
        Finding::warning(format_args!(
            "{name}: the phone's clock was {} s {side} at the last code, so its codes are refused; have {name} turn \
             on automatic date and time, and until then sign in with a code from this command",
            skew.unsigned_abs(),
            name = account.name
        ))
        .fix(format!("antiphon bypass {}", shell::word(&account.name))),
    );
}

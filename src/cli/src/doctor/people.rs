//! Who can sign in, and would be refused or not asked since they are not enrolled.

use antiphon_core::config::{Config, Enroll, Unenrolled};
use antiphon_core::shell;

use super::pam::listed;
use crate::finding::{Finding, Findings};

/// Somebody in the user database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(crate) struct Account {
    pub(crate) name: String,
    /// Whether there is a password that can be right.
    pub(crate) has_password: bool,
    /// How many keys of theirs sshd takes.
    pub(crate) keys: usize,
    /// Whether their shell is one.
    pub(crate) has_shell: bool,
    pub(crate) is_enrolled: bool,
    /// By a group that the configuration exempts.
    pub(crate) is_exempt: bool,
    /// By how many seconds the clock of their app was ahead when a code told last, if codes are refused for it.
    pub(crate) refused_skew: Option<i64>,
    /// Whether they have a phone, and nothing else that is left.
    pub(crate) has_phone: bool,
    pub(crate) has_phone_alone: bool,
}

impl Account {
    pub(crate) fn can_sign_in(&self) -> bool {
        self.has_shell && (self.has_password || self.keys > 0)
    }
}

/// What is known of everybody.
pub(crate) struct Everybody<'a> {
    pub(crate) accounts: &'a [Account],
    pub(crate) config: Option<&'a Config>,
    /// Whether any service asks.
    pub(crate) is_asked: bool,
    /// Those who are named already.
    pub(crate) known: &'a [String],
}

pub(crate) fn look(everybody: &Everybody<'_>, findings: &mut Findings) {
    if let Some(config) = everybody.config.filter(|_| everybody.is_asked) {
        look_for_unenrolled(everybody, config, findings);
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

/// The clock of one phone; that of this computer is judged by several.
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

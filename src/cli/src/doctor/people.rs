//! People who can sign in but are not enrolled, and phones whose clocks are off.

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
    /// How many authorised keys they have.
    pub(crate) keys: usize,
    /// Whether their shell allows a sign-in.
    pub(crate) has_shell: bool,
    pub(crate) is_enrolled: bool,
    /// Whether they are in an exempt group.
    pub(crate) is_exempt: bool,
    /// How many seconds their app's clock was ahead at the last code, if codes are refused because of that.
    pub(crate) refused_skew: Option<i64>,
    /// Whether a phone is their only method.
    pub(crate) has_phone: bool,
    pub(crate) has_phone_alone: bool,
}

impl Account {
    pub(crate) fn can_sign_in(&self) -> bool {
        self.has_shell && (self.has_password || self.keys > 0)
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

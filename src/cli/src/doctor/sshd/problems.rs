//! Problems with a set of sshd settings.

use antiphon_core::config::{Config, FirstFactor};
use antiphon_link::ACCOUNT_LIFETIME;

use super::effective::{Chain, Effective};
use super::fix::Wanted;
use crate::clock;
use crate::doctor::pam::Verdict;
use crate::finding::Severity;

/// Seconds needed to type a password and then answer on the phone.
const SHORTEST_GRACE: u64 = 90;
/// Seconds needed to type a password and then sign in at an account's provider.
const GRACE_FOR_ACCOUNT: u64 = ACCOUNT_LIFETIME + 30;
/// Seconds needed for an enrolment; our drop-in sets this.
const GRACE_TO_ENROL: u64 = 300;

/// A key, and then the second factor.
const KEY_AND_FACTOR: &str = "publickey,keyboard-interactive:pam";

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) severity: Severity,
    pub(super) says: String,
    /// The setting to blame, in lower case.
    pub(super) keyword: &'static str,
    pub(super) wanted: Vec<Wanted>,
    /// Its effect on sign-ins, if it overrules pam.d.
    pub(super) verdict: Option<Verdict>,
}

/// What matters besides the settings.
pub(super) struct Around<'a> {
    pub(super) config: Option<&'a Config>,
    /// Whether sshd's lines in pam.d ask for a password.
    pub(super) asks_password: bool,
    /// The people who have keys, in words; empty if nobody has.
    pub(super) key_holders: &'a str,
    pub(super) root_has_key: bool,
    pub(super) has_keytab: bool,
}

impl Problem {
    fn fault(keyword: &'static str, says: impl Into<String>, verdict: Verdict) -> Self {
        Self {
            severity: Severity::Fault,
            verdict: Some(verdict),
            ..Self::warning(keyword, says)
        }
    }

    fn warning(keyword: &'static str, says: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            says: says.into(),
            keyword,
            wanted: Vec::new(),
            verdict: None,
        }
    }

    fn wants(mut self, keyword: &'static str, value: impl Into<String>) -> Self {
        self.wanted.push(Wanted::new(keyword, value));
        self
    }
}

/// All problems.
pub(super) fn all(settings: &Effective, around: &Around<'_>) -> Vec<Problem> {
    if settings.is("usepam", "no") {
        // Nothing else matters then.
        let says = "UsePAM is off: sshd checks passwords by itself, and nobody is asked for a second factor";
        let problem = Problem::fault("usepam", says, Verdict::DoesNotAsk);
        return vec![problem.wants("UsePAM", "yes")];
    }
    [
        no_prompt(settings),
        nothing_first(settings, around),
        keys_alone(settings, around),
        root_kept_out(settings, around),
        tickets_alone(settings, around),
        too_short(settings, around),
        names_for_addresses(settings, around),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// keyboard-interactive must be on, and the password method off; fixed together, since sshd rejects an
/// `AuthenticationMethods` that names a disabled method.
fn no_prompt(settings: &Effective) -> Option<Problem> {
    let asks = settings.is("kbdinteractiveauthentication", "yes");
    let has_password = settings.is("passwordauthentication", "yes");
    let wants_password = settings.chains().iter().any(Chain::has_password);
    let mut problem = if wants_password {
        Problem::fault(
            "authenticationmethods",
            "AuthenticationMethods requires the password method, which cannot show the prompt for a second factor: \
             nobody gets in that way",
            Verdict::LocksOut,
        )
    } else if !asks && has_password {
        Problem::fault(
            "kbdinteractiveauthentication",
            "sshd uses the password method, which cannot show the prompt for a second factor: nobody gets in with a \
             password",
            Verdict::LocksOut,
        )
    } else if !asks {
        Problem::fault(
            "kbdinteractiveauthentication",
            "both keyboard-interactive and the password method are off: only keys sign in, and nobody is asked for a \
             second factor",
            Verdict::DoesNotAsk,
        )
    } else if has_password {
        Problem::warning(
            "passwordauthentication",
            "the password method is on: clients that use it are refused, since it cannot show the prompt for a second \
             factor",
        )
    } else {
        return None;
    };
    if !asks {
        problem = problem.wants("KbdInteractiveAuthentication", "yes");
    }
    if has_password {
        problem = problem.wants("PasswordAuthentication", "no");
    }
    if wants_password {
        let methods = settings.get("authenticationmethods");
        let methods = methods.replace("password", "keyboard-interactive:pam");
        problem = problem.wants("AuthenticationMethods", methods);
    }
    Some(problem)
}

/// Our line alone, with no key before it: the module refuses, since there was no first factor.
fn nothing_first(settings: &Effective, around: &Around<'_>) -> Option<Problem> {
    let is_required = around
        .config
        .is_none_or(|config| config.first_factor == FirstFactor::Required);
    let chains = settings.chains();
    let mut asking = chains.iter().filter(|chain| chain.asks());
    let is_proved = !chains.is_empty() && asking.all(Chain::proves_first);
    (is_required && !around.asks_password && !is_proved).then(|| {
        Problem::fault(
            "authenticationmethods",
            "sshd's lines in pam.d ask for no password, and sshd requires no key before them: everybody without a key \
             is refused (reason=no-first-factor)",
            Verdict::LocksOut,
        )
        .wants("AuthenticationMethods", KEY_AND_FACTOR)
    })
}

/// A key signs in without PAM, unless a list of methods requires more.
fn keys_alone(settings: &Effective, around: &Around<'_>) -> Option<Problem> {
    let chains = settings.chains();
    let mut chains = chains.iter();
    let is_enough =
        settings.chains().is_empty() || chains.any(|chain| !chain.asks() && !chain.has_password());
    if !is_enough || settings.is("pubkeyauthentication", "no") {
        return None;
    }
    let by_command = !settings.is("authorizedkeyscommand", "none");
    let by_authority = !settings.is("trustedusercakeys", "none");
    let whose = match (around.key_holders, by_command, by_authority) {
        ("", false, false) => return None,
        ("", true, _) => "those whose keys AuthorizedKeysCommand gives",
        ("", false, true) => "those whose keys TrustedUserCAKeys has signed",
        (names, ..) => names,
    };
    let methods = if around.asks_password {
        format!("{KEY_AND_FACTOR} keyboard-interactive:pam")
    } else {
        KEY_AND_FACTOR.to_owned()
    };
    let says = format!(
        "a key alone is enough, with no second factor ({whose}); to require one after the key"
    );
    let problem = Problem::warning("authenticationmethods", says);
    Some(problem.wants("AuthenticationMethods", methods))
}

/// `prohibit-password` allows root only keys, so root cannot answer anything after the key.
fn root_kept_out(settings: &Effective, around: &Around<'_>) -> Option<Problem> {
    let only_keys = ["without-password", "prohibit-password"]
        .iter()
        .any(|value| settings.is("permitrootlogin", value));
    let chains = settings.chains();
    let asks_all = !chains.is_empty() && chains.iter().all(Chain::asks);
    (only_keys && asks_all && around.root_has_key).then(|| {
        Problem::warning(
            "permitrootlogin",
            "PermitRootLogin allows root only keys, and AuthenticationMethods requires more: root cannot sign in, \
             despite having a key",
        )
        .wants("PermitRootLogin", "yes")
    })
}

fn tickets_alone(settings: &Effective, around: &Around<'_>) -> Option<Problem> {
    let by_ticket = around.has_keytab && settings.is("gssapiauthentication", "yes");
    let by_host = settings.is("hostbasedauthentication", "yes");
    let keyword = match (by_ticket, by_host) {
        (true, _) => "gssapiauthentication",
        (false, true) => "hostbasedauthentication",
        (false, false) => return None,
    };
    if !settings.chains().is_empty() {
        return None;
    }
    let mut problem = Problem::warning(
        keyword,
        "a Kerberos ticket or host-based authentication alone is enough, with no second factor",
    );
    if by_ticket {
        problem = problem.wants("GSSAPIAuthentication", "no");
    }
    if by_host {
        problem = problem.wants("HostbasedAuthentication", "no");
    }
    Some(problem)
}

fn too_short(settings: &Effective, around: &Around<'_>) -> Option<Problem> {
    let grace: u64 = settings.get("logingracetime").parse().ok()?;
    let enrols = around
        .config
        .is_some_and(|config| config.enrols_somebody(clock::now()));
    let has_accounts = around
        .config
        .is_some_and(|config| !config.providers.is_empty());
    let (least, what) = if enrols {
        (GRACE_TO_ENROL, "enrols at the sign-in")
    } else if has_accounts {
        (
            GRACE_FOR_ACCOUNT,
            "approves with an account, for which there are 180 s,",
        )
    } else {
        (SHORTEST_GRACE, "waits for a phone")
    };
    // 0 is no limit.
    (1..least).contains(&grace).then(|| {
        let says = format!("LoginGraceTime is {grace} s: anyone who {what} may be cut off");
        Problem::warning("logingracetime", says).wants("LoginGraceTime", GRACE_TO_ENROL.to_string())
    })
}

fn names_for_addresses(settings: &Effective, around: &Around<'_>) -> Option<Problem> {
    let networks = around.config.is_some_and(|config| {
        !config.exempt.network.is_empty() || !config.enroll.networks.is_empty()
    });
    (networks && settings.is("usedns", "yes")).then(|| {
        Problem::warning(
            "usedns",
            "with UseDNS sshd reports host names instead of addresses, and the networks in antiphon.toml match nobody",
        )
        .wants("UseDNS", "no")
    })
}

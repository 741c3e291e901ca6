//! Problems with a set of sshd settings.

use antiphon_core::config::{Config, FirstFactor, Unenrolled};

use super::effective::Effective;
use super::fix::Wanted;
use crate::doctor::pam::Verdict;
use crate::finding::Severity;

/// Seconds needed to type a password and then answer on the phone.
const SHORTEST_GRACE: u64 = 90;
/// Seconds needed for an enrolment; our drop-in sets this.
const GRACE_TO_ENROL: u64 = 300;

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

/// All problems.
pub(super) fn all(settings: &Effective, around: &Around<'_>) -> Vec<Problem> {
    let mut found = Vec::new();
    if let Some(problem) = no_pam(settings) {
        // Nothing else matters then.
        return vec![problem];
    }
    found.extend(no_prompt(settings));
    found.extend(nothing_first(settings, around));
    found.extend(keys_alone(settings, around));
    found.extend(root_kept_out(settings, around));
    found.extend(tickets_alone(settings, around));
    found.extend(too_short(settings, around));
    found.extend(names_for_addresses(settings, around));
    found
}

fn no_pam(settings: &Effective) -> Option<Problem> {
    settings.is("usepam", "no").then(|| Problem {
        severity: Severity::Fault,
        says: "UsePAM is off: sshd checks passwords by itself, and nobody is asked for a second factor".to_owned(),
        keyword: "usepam",
        wanted: vec![Wanted::new("UsePAM", "yes")],
        verdict: Some(Verdict::DoesNotAsk),
    })
}

/// keyboard-interactive must be on, and the password method off; fixed together, since sshd rejects an
/// `AuthenticationMethods` that names a disabled method.
fn no_prompt(settings: &Effective) -> Option<Problem> {
    let asks = settings.is("kbdinteractiveauthentication", "yes");
    let has_password = settings.is("passwordauthentication", "yes");
    let chains = settings.chains();
    let wants_password = chains.iter().any(super::effective::Chain::has_password);
    if asks && !has_password && !wants_password {
        return None;
    }
    let mut wanted = Vec::new();
    if !asks {
        wanted.push(Wanted::new("KbdInteractiveAuthentication", "yes"));
    }
    if has_password {
        wanted.push(Wanted::new("PasswordAuthentication", "no"));
    }
    if wants_password {
        let methods = settings.get("authenticationmethods");
        wanted.push(Wanted::new(
            "AuthenticationMethods",
            methods.replace("password", "keyboard-interactive:pam"),
        ));
    }
    let (severity, says, keyword, verdict) = if wants_password {
        (
            Severity::Fault,
            "AuthenticationMethods requires the password method, which cannot show the prompt for a second factor: \
             nobody gets in that way",
            "authenticationmethods",
            Some(Verdict::LocksOut),
        )
    } else if !asks && has_password {
        (
            Severity::Fault,
            "sshd uses the password method, which cannot show the prompt for a second factor: nobody gets in with a \
             password",
            "kbdinteractiveauthentication",
            Some(Verdict::LocksOut),
        )
    } else if !asks {
        (
            Severity::Fault,
            "the keyboard-interactive method is off, and so is the password method: only keys sign in, and nobody is \
             asked \
             for a second factor",
            "kbdinteractiveauthentication",
            Some(Verdict::DoesNotAsk),
        )
    } else {
        (
            Severity::Warning,
            "the password method is on: clients that use it are refused, since it cannot show the prompt for a second \
             factor",
            "passwordauthentication",
            None,
        )
    };
    Some(Problem {
        severity,
        says: says.to_owned(),
        keyword,
        wanted,
        verdict,
    })
}

/// Our line alone, with no key before it: the module refuses, since there was no first factor.
fn nothing_first(settings: &Effective, around: &Around<'_>) -> Option<Problem> {
    let is_required = around
        .config
        .is_none_or(|config| config.first_factor == FirstFactor::Required);
    let chains = settings.chains();
    let is_proved = !chains.is_empty()
        && chains
            .iter()
            .filter(|chain| chain.asks())
            .all(super::effective::Chain::proves_first);
    (is_required && !around.asks_password && !is_proved).then(|| Problem {
        severity: Severity::Fault,
        says: "sshd's lines in pam.d ask for no password, and sshd requires no key before them: everybody without a \
               key is refused \
               (reason=no-first-factor)"
            .to_owned(),
        keyword: "authenticationmethods",
        wanted: vec![Wanted::new(
            "AuthenticationMethods",
            "publickey,keyboard-interactive:pam",
        )],
        verdict: Some(Verdict::LocksOut),
    })
}

/// A key signs in without PAM, unless a list of methods requires more.
fn keys_alone(settings: &Effective, around: &Around<'_>) -> Option<Problem> {
    let chains = settings.chains();
    let is_enough = chains.is_empty()
        || chains
            .iter()
            .any(|chain| !chain.asks() && !chain.has_password());
    let by_command = !settings.is("authorizedkeyscommand", "none");
    let by_authority = !settings.is("trustedusercakeys", "none");
    if !is_enough || settings.is("pubkeyauthentication", "no") {
        return None;
    }
    let whose = match (around.key_holders, by_command, by_authority) {
        ("", false, false) => return None,
        ("", true, _) => "those whose keys AuthorizedKeysCommand gives".to_owned(),
        ("", false, true) => "those whose keys TrustedUserCAKeys has signed".to_owned(),
        (names, ..) => names.to_owned(),
    };
    let both = "publickey,keyboard-interactive:pam";
    let methods = if around.asks_password {
        format!("{both} keyboard-interactive:pam")
    } else {
        both.to_owned()
    };
    Some(Problem {
        severity: Severity::Warning,
        says: format!(
            "a key alone is enough, with no second factor ({whose}); to require one after the key"
        ),
        keyword: "authenticationmethods",
        wanted: vec![Wanted::new("AuthenticationMethods", methods)],
        verdict: None,
    })
}

/// `prohibit-password` allows root only keys, so root cannot answer anything after the key.
fn root_kept_out(settings: &Effective, around: &Around<'_>) -> Option<Problem> {
    let takes_keys_alone = ["without-password", "prohibit-password"]
        .iter()
        .any(|value| settings.is("permitrootlogin", value));
    let chains = settings.chains();
    let asks_all = !chains.is_empty() && chains.iter().all(super::effective::Chain::asks);
    (takes_keys_alone && asks_all && around.root_has_key).then(|| Problem {
        severity: Severity::Warning,
        says: "PermitRootLogin allows root only keys, and AuthenticationMethods requires more: root cannot sign in, \
               despite having a key"
            .to_owned(),
        keyword: "permitrootlogin",
        wanted: vec![Wanted::new("PermitRootLogin", "yes")],
        verdict: None,
    })
}

fn tickets_alone(settings: &Effective, around: &Around<'_>) -> Option<Problem> {
    let methods: [(&str, &'static str, bool); 2] = [
        (
            "gssapiauthentication",
            "GSSAPIAuthentication",
            around.has_keytab,
        ),
        ("hostbasedauthentication", "HostbasedAuthentication", true),
    ];
    let on: Vec<_> = methods
        .into_iter()
        .filter(|(keyword, _, works)| *works && settings.is(keyword, "yes"))
        .collect();
    let (first, _, _) = *on.first()?;
    let keyword = if first == "gssapiauthentication" {
        "gssapiauthentication"
    } else {
        "hostbasedauthentication"
    };
    settings.chains().is_empty().then(|| Problem {
        severity: Severity::Warning,
        says:
            "a Kerberos ticket or host-based authentication alone is enough, with no second factor"
                .to_owned(),
        keyword,
        wanted: on
            .iter()
            .map(|(_, name, _)| Wanted::new(name, "no"))
            .collect(),
        verdict: None,
    })
}

fn too_short(settings: &Effective, around: &Around<'_>) -> Option<Problem> {
    let grace: u64 = settings.get("logingracetime").parse().ok()?;
    let enrols = around
        .config
        .is_some_and(|config| config.unenrolled == Unenrolled::Enroll);
    let (least, what) = if enrols {
        (GRACE_TO_ENROL, "enrols at the sign-in")
    } else {
        (SHORTEST_GRACE, "waits for a phone")
    };
    (grace > 0 && grace < least).then(|| Problem {
        severity: Severity::Warning,
        says: format!("LoginGraceTime is {grace} s: anyone who {what} may be cut off"),
        keyword: "logingracetime",
        wanted: vec![Wanted::new("LoginGraceTime", GRACE_TO_ENROL.to_string())],
        verdict: None,
    })
}

fn names_for_addresses(settings: &Effective, around: &Around<'_>) -> Option<Problem> {
    let networks = around.config.is_some_and(|config| {
        !config.exempt.network.is_empty() || !config.enroll.networks.is_empty()
    });
    (networks && settings.is("usedns", "yes")).then(|| Problem {
        severity: Severity::Warning,
        says: "with UseDNS sshd reports host names instead of addresses, and the networks in antiphon.toml match nobody"
            .to_owned(),
        keyword: "usedns",
        wanted: vec![Wanted::new("UseDNS", "no")],
        verdict: None,
    })
}

//! Whether this sign-in needs a second factor. Every exemption is decided in this file.

use crate::config::network::is_host_name;
use crate::config::{Config, Mode, NetworkRule, Unenrolled};
use crate::method::Method;
use crate::outcome::Outcome;
use crate::record::Record;
use crate::refusal::{EnrolmentClosed, Refusal};
use crate::time::UnixTime;
use crate::way;

/// The input of the rules.
#[derive(Debug, Clone, Copy)]
pub struct SignIn<'a> {
    /// The PAM service.
    pub service: &'a str,
    /// `PAM_RHOST`, empty if there is none.
    pub remote_host: &'a str,
    /// The person's groups, out of those in `exempt.groups`.
    pub groups: &'a [String],
}

/// A person who is not enrolled.
#[derive(Debug, Clone, Copy)]
pub struct Newcomer<'a> {
    /// What happens to them: from [`Config::of_unenrolled`].
    pub rule: Unenrolled,
    /// Whether the user database maps the person's user id back to this name. It does not for a second name of root
    /// (`toor`), or with a directory that echoes the name as typed.
    pub is_the_name_of_its_uid: bool,
    /// The person's groups, out of those in `enroll.groups`.
    pub groups: &'a [String],
}

/// Permission to pass without a factor. Only this module can make one.
#[derive(Debug, PartialEq, Eq)]
pub struct Exemption {
    rule: Rule,
}

/// The exempting rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// `mode = "observe"`.
    Observed,
    /// `mode = "rehearse"`, or `mode = "enforce-after-success"` and a person who has never succeeded.
    Rehearsed,
    /// `exempt.services`.
    Service,
    /// `[[exempt.network]]`.
    Network,
    /// `exempt.groups`.
    Group,
    /// `unenrolled = "allow"`, or a `[[rollout]]` whose dates have not come.
    Unenrolled,
}

impl Exemption {
    /// The exempting rule.
    #[must_use]
    pub fn rule(&self) -> Rule {
        self.rule
    }
}

impl Rule {
    /// The word after `reason=` in the log.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Observed => "observed",
            Self::Rehearsed => "rehearsed",
            Self::Service => "exempt-service",
            Self::Network => "exempt-network",
            Self::Group => "exempt-group",
            Self::Unenrolled => "unenrolled-allowed",
        }
    }
}

/// The exemption of everybody who is not asked, by `mode = "observe"` and `mode = "rehearse"`; in the latter, enrolled
/// people are asked first, and [`rehearsed`] decides.
#[must_use]
pub fn observed(config: &Config) -> Option<Exemption> {
    let rule = match config.mode {
        Mode::Observe => Rule::Observed,
        Mode::Rehearse => Rule::Rehearsed,
        Mode::Enforce | Mode::EnforceAfterSuccess => return None,
    };
    Some(Exemption { rule })
}

/// Whether an enrolled person only rehearses: whatever they answer, they are let in, and also where nobody can ask them,
/// since a rehearsal stops nobody who would get in without us. `is_untried` says that no answer of theirs has ever been
/// accepted.
#[must_use]
pub fn is_rehearsal(config: &Config, is_untried: bool) -> bool {
    match config.mode {
        Mode::Rehearse => true,
        Mode::EnforceAfterSuccess => is_untried,
        Mode::Enforce | Mode::Observe => false,
    }
}

/// The exemption of an enrolled person who was asked and did not succeed, if that was a rehearsal. Not where the person
/// has ended the sign-in: who leaves the prompt wants nothing to go on, and who says "It is not me" or that it was a
/// mistake must not be ignored.
#[must_use]
pub fn rehearsed(config: &Config, is_untried: bool, outcome: &Outcome) -> Option<Exemption> {
    let is_over = match outcome {
        Outcome::Accepted(_) | Outcome::Exempt(_) | Outcome::Cancelled => true,
        Outcome::Refused(refusal) => matches!(
            refusal,
            Refusal::Reported | Refusal::Mistake | Refusal::NotTheirs
        ),
        Outcome::Locked(_) | Outcome::Unusable(_) => false,
    };
    (!is_over && is_rehearsal(config, is_untried)).then_some(Exemption {
        rule: Rule::Rehearsed,
    })
}

/// The exemption by `[exempt]`, if any applies.
#[must_use]
pub fn exempted(config: &Config, sign_in: SignIn<'_>) -> Option<Exemption> {
    let exempt = &config.exempt;
    let covers = |rule: &NetworkRule| rule.covers(sign_in.service, sign_in.remote_host);
    let is_member = |listed: &String| sign_in.groups.contains(listed);
    let mut services = exempt.services.iter();
    let rule = if services.any(|listed| listed == sign_in.service) {
        Rule::Service
    } else if exempt.network.iter().any(covers) {
        Rule::Network
    } else if exempt.groups.iter().any(is_member) {
        Rule::Group
    } else {
        return None;
    };
    Some(Exemption { rule })
}

/// Whether a network rule might exempt this sign-in if the host had given an address rather than a name. A name never
/// matches, which puzzles whoever wrote the rule.
#[must_use]
pub fn lacks_address(config: &Config, service: &str, remote_host: &str) -> bool {
    let mut rules = config.exempt.network.iter();
    is_host_name(remote_host) && rules.any(|rule| rule.is_for(service))
}

/// Decides about a person who is not enrolled.
///
/// # Errors
/// The refusal, unless the rule is [`Unenrolled::Allow`] and the user database maps the user id back to this name: a
/// second name must not bypass the record of the first.
pub fn unenrolled(newcomer: Newcomer<'_>) -> Result<Exemption, Refusal> {
    match newcomer.rule {
        Unenrolled::Allow if newcomer.is_the_name_of_its_uid => Ok(Exemption {
            rule: Rule::Unenrolled,
        }),
        Unenrolled::Allow | Unenrolled::Enroll | Unenrolled::Deny => Err(Refusal::NotEnrolled),
    }
}

/// Permission to create a record during the sign-in. Only this module can make one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MayEnrol {
    number_first: bool,
}

impl MayEnrol {
    /// Whether a code sent to the number on file must be verified before anything is shown.
    #[must_use]
    pub fn number_first(self) -> bool {
        self.number_first
    }
}

/// Whether a person who has `record` may enrol in this sign-in. Otherwise the person is refused as with `unenrolled =
/// "deny"`.
///
/// # Errors
/// The refusal, with the first rule that is not met.
pub fn may_enrol(
    config: &Config,
    sign_in: SignIn<'_>,
    newcomer: Newcomer<'_>,
    record: Option<&Record>,
    now: UnixTime,
) -> Result<MayEnrol, Refusal> {
    let rules = &config.enroll;
    let closed = |why| Err(Refusal::EnrolmentClosed(why));
    if newcomer.rule != Unenrolled::Enroll {
        return Err(Refusal::NotEnrolled);
    }
    if record.is_some_and(|record| !record.is_beginning()) {
        return Err(Refusal::NothingToAsk);
    }
    if !newcomer.is_the_name_of_its_uid {
        return closed(EnrolmentClosed::SecondName);
    }
    if rules.until.is_some_and(|until| now >= until) {
        return closed(EnrolmentClosed::Over);
    }
    if !rules.covers(sign_in.remote_host) {
        return closed(if is_host_name(sign_in.remote_host) {
            EnrolmentClosed::HostName
        } else {
            EnrolmentClosed::Network
        });
    }
    let is_member = rules
        .groups
        .iter()
        .any(|listed| newcomer.groups.contains(listed));
    if !rules.groups.is_empty() && !is_member {
        return closed(EnrolmentClosed::Group);
    }
    // Enrolment here sets up codes: on a service that does not accept codes, it would let the person in just this once.
    if !config.services.allows(sign_in.service, Method::Code) {
        return Err(Refusal::NoMethodAllowed);
    }
    if rules.number_on_file && record.is_none() {
        return closed(EnrolmentClosed::NoNumber);
    }
    // Whoever can be asked by telephone is asked: enrolling must not be easier than signing in.
    let can_be_asked = record.is_some_and(|record| way::has_any(record, config));
    Ok(MayEnrol {
        number_first: rules.number_on_file || can_be_asked,
    })
}

#[cfg(test)]
mod tests;

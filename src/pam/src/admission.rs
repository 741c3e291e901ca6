//! Whether to ask this person, or exempt or refuse them without asking.

use antiphon_core::config::{Config, FirstFactor, Unenrolled};
use antiphon_core::disk::record_file::ReadRecord;
use antiphon_core::disk::{Folder, Walk};
use antiphon_core::logline::LogLine;
use antiphon_core::outcome::{Outcome, Refusal, Trouble};
use antiphon_core::policy::{self, MayEnrol, Newcomer, SignIn};
use antiphon_core::record::Record;
use antiphon_core::way;
use nix::unistd::geteuid;

use crate::account::Account;
use crate::enrolment;
use crate::factors::{Factors, OfFleet};
use crate::fleet::{Enquiry, Missing, Place};
use crate::journal::Journal;
use crate::request::Request;
use crate::watch::Watch;

/// The decision of the rules.
pub(crate) enum Admission {
    /// Ask for these factors.
    Ask(Box<Factors>),
    /// Enrol the person; root may have prepared a record.
    Enrol(MayEnrol, Option<Box<Factors>>),
    /// Do not ask.
    Decided(Outcome),
}

/// Why the sign-in must be refused: the first factor was wrong, or was required but not checked. Takes precedence over
/// every exemption, `mode = "observe"` included, which would otherwise let people in with no factor at all.
pub(crate) fn lacks_first_factor(
    config: &Config,
    request: &Request,
    account: Option<&Account>,
) -> Option<Refusal> {
    if request.pam_unix_failed && account.is_none_or(Account::has_local_password) {
        return Some(Refusal::WrongPassword);
    }
    let is_missing = config.first_factor == FirstFactor::Required && !request.had_a_first_factor();
    is_missing.then_some(Refusal::NoFirstFactor)
}

/// The folder of records.
pub(crate) fn records(config: &Config, walk: &Walk) -> Result<Folder, Trouble> {
    walk.open(&config.paths.users)
        .map_err(|distrust| Trouble::new("record", &distrust))
}

/// The error if the calling program is not root and so cannot read our files.
pub(crate) fn is_not_root() -> Option<Trouble> {
    let uid = geteuid();
    let detail = format!(
        "this program runs as user id {uid}, and Antiphon needs one that runs as root, like sshd, sudo, su and login; take \
         pam_antiphon.so out of this service's file in /etc/pam.d"
    );
    (!uid.is_root()).then(|| Trouble::new("not-root", &detail))
}

/// What the rules are applied in.
#[derive(Clone, Copy)]
pub(crate) struct Surroundings<'a> {
    pub(crate) watch: &'a dyn Watch,
    pub(crate) journal: &'a Journal,
    pub(crate) walk: &'a Walk,
    /// Where in a fleet this is, if the host is in one; or why that is not known.
    pub(crate) fleet: Option<&'a Result<Place, Trouble>>,
}

/// Applies the rules in order of precedence.
pub(crate) fn decide(
    config: &Config,
    request: &Request,
    account: &Account,
    surroundings: Surroundings<'_>,
) -> Admission {
    let Surroundings {
        watch,
        journal,
        walk,
        fleet,
    } = surroundings;
    if let Some(refusal) = lacks_first_factor(config, request, Some(account)) {
        return Admission::Decided(Outcome::Refused(refusal));
    }
    let groups = account.member_of(&config.exempt.groups);
    let sign_in = SignIn {
        service: &request.service,
        remote_host: &request.remote_host,
        groups: &groups,
    };
    if let Some(exemption) = policy::exempted(config, sign_in) {
        return Admission::Decided(Outcome::Exempt(exemption));
    }
    let found = records(config, walk).and_then(|folder| ReadRecord::load(&folder, &account.name));
    let read = match found {
        Ok(read) => read,
        Err(trouble) => {
            let trouble = is_not_root().unwrap_or(trouble);
            return Admission::Decided(Outcome::Unusable(trouble));
        }
    };
    let record = read.as_ref().map(ReadRecord::record);
    // Root's factors are its own record's alone: a fleet that falls gives no root login.
    let asks_fleet = !account.is_root() && record.is_none_or(|record| record.fleet);
    if let Some(place) = fleet.filter(|_| asks_fleet) {
        let believed = match place {
            Ok(place) => Enquiry {
                config,
                place,
                watch,
                journal,
                walk,
            }
            .run(),
            Err(trouble) => Err(Missing::Trouble(trouble.clone())),
        };
        return match (believed, read) {
            (Ok(believed), own) => {
                let alone = believed.record().alone(&account.name);
                let both = OfFleet::new(own, believed, alone);
                ask(config, Factors::OfFleet(both))
            }
            // The person's own record works with no fleet.
            (Err(missing), Some(read)) => {
                if let Missing::Trouble(Trouble { what, detail }) = missing {
                    let line = LogLine::new()
                        .with("fleet", "unusable")
                        .with("reason", what);
                    let line = line.with("user", account.name.as_str());
                    journal.warn(&line.with("detail", &detail));
                }
                ask(config, Factors::Own(read))
            }
            (Err(missing), None) => Admission::Decided(missing.into()),
        };
    }
    if record.is_none_or(Record::is_beginning) {
        let rule = match rule_of(config, account, watch) {
            Ok(rule) => rule,
            Err(trouble) => return Admission::Decided(Outcome::Unusable(trouble)),
        };
        let enrol_groups = match rule {
            Unenrolled::Enroll => account.member_of(&config.enroll.groups),
            Unenrolled::Allow | Unenrolled::Deny => Vec::new(),
        };
        let newcomer = Newcomer {
            rule,
            is_the_name_of_its_uid: rule != Unenrolled::Deny && account.is_the_name_of_its_uid(),
            groups: &enrol_groups,
        };
        if rule == Unenrolled::Enroll {
            return match watch.now() {
                Ok(now) => enrolment::decide(config, request, sign_in, newcomer, read, now),
                Err(trouble) => Admission::Decided(Outcome::Unusable(trouble)),
            };
        }
        // Whom a roll-out lets in for now is not refused because of what root has written down for later, as a number.
        let is_for_later = |record| {
            rule == Unenrolled::Allow && !config.rollout.is_empty() && !way::has_any(record, config)
        };
        if record.is_none_or(is_for_later) {
            return Admission::Decided(match policy::unenrolled(newcomer) {
                Ok(exemption) => Outcome::Exempt(exemption),
                Err(refusal) => Outcome::Refused(refusal),
            });
        }
    }
    let Some(read) = read else {
        return Admission::Decided(Outcome::Refused(Refusal::NotEnrolled));
    };
    ask(config, Factors::Own(read))
}

/// Asks for `factors`, if there are any.
fn ask(config: &Config, factors: Factors) -> Admission {
    if !way::has_any(factors.record(), config) {
        // Not the same as having no record: `unenrolled = "allow"` does not apply.
        return Admission::Decided(Outcome::Refused(Refusal::NothingToAsk));
    }
    Admission::Ask(Box::new(factors))
}

/// What happens to a person who is not enrolled.
fn rule_of(config: &Config, account: &Account, watch: &dyn Watch) -> Result<Unenrolled, Trouble> {
    if config.rollout.is_empty() {
        return Ok(config.unenrolled);
    }
    let now = watch.now()?;
    match config.of_unenrolled(account.is_root(), account.memberships(), now) {
        Ok(applies) => Ok(applies.unenrolled),
        Err(unclear) => Err(Trouble::new("rollout", &unclear)),
    }
}

//! What is known of one person.

use antiphon_core::activity::{ACCEPTED, Event};
use antiphon_core::config::Membership;
use antiphon_core::name::UserName;
use antiphon_core::record::{Record, TelephoneUse};
use antiphon_core::time::UnixTime;
use antiphon_core::visible::visible;
use antiphon_core::way;
use serde::Serialize;

use super::groups::Groups;
use crate::check::member_of;
use crate::house::House;
use crate::rollout::{self, Account, RuleObject};
use crate::standing::{self, Standing};

/// The longest name, in bytes.
const LONGEST: usize = 256;

/// Where a row begins.
#[derive(Clone, Copy)]
pub(super) struct Facts<'a> {
    pub(super) name: &'a str,
    /// `None` for a person whom the user database does not list.
    pub(super) account: Option<Account<'a>>,
    /// Whether they stand in this computer's own files.
    pub(super) is_local: bool,
    pub(super) has_password: bool,
    pub(super) has_record: bool,
}

/// A person, for the table, CSV and JSON. Times are RFC 3339, in UTC.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(crate) struct Row {
    pub(crate) user: String,
    /// Whether they have a code, a phone or an account.
    pub(crate) enrolled: bool,
    /// `code`, `phone`, `account`, `sms`, `call`.
    pub(crate) ways: Vec<&'static str>,
    /// The earliest enrolment that a phone or account in the record or the activity tells of.
    pub(crate) since: Option<String>,
    /// The last accepted sign-in in the activity.
    pub(crate) last_success: Option<String>,
    pub(crate) recovery_left: u32,
    /// Whether no answer of theirs has ever been accepted.
    pub(crate) untried: bool,
    /// Whether they have a usable password.
    pub(crate) password: bool,
    /// Whether they are in an exempt group.
    pub(crate) exempt: bool,
    /// What happens if they are not enrolled.
    #[serde(flatten)]
    pub(crate) rule: RuleObject,
    /// Why they cannot sign in once a second factor is required of everybody; `None` if they can.
    pub(crate) missing: Option<Missing>,
}

/// Why somebody cannot sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Missing {
    /// No code, no phone and no account.
    NotEnrolled,
    /// The record cannot be used.
    Unusable,
    /// The configuration allows none of their ways.
    NoWay,
}

impl Missing {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::NotEnrolled => "not-enrolled",
            Self::Unusable => "unusable",
            Self::NoWay => "no-way",
        }
    }
}

impl Row {
    pub(super) fn new(facts: Facts<'_>, groups: &Groups, house: &House, now: UnixTime) -> Self {
        let config = &house.config;
        let exempt = &config.exempt.groups;
        let (applies, is_exempt) = match facts.account {
            Some(account) => {
                let membership = groups.memberships(account, facts.is_local);
                let is_member = |group: &String| membership(group) == Membership::Member;
                let is_exempt = exempt.iter().any(is_member);
                let is_root = account.uid.is_root();
                (config.of_unenrolled(is_root, &membership, now), is_exempt)
            }
            None => (
                rollout::of_name(facts.name, config, now),
                !member_of(facts.name, exempt).is_empty(),
            ),
        };
        let row = Self {
            user: visible(facts.name, LONGEST),
            enrolled: false,
            ways: Vec::new(),
            since: None,
            last_success: None,
            recovery_left: 0,
            untried: false,
            password: facts.has_password,
            exempt: is_exempt,
            rule: RuleObject::new(applies),
            missing: Some(Missing::NotEnrolled),
        };
        let row = match UserName::new(facts.name) {
            Ok(user) if facts.has_record => row.with_record(&user, house),
            Ok(_) => row,
            Err(_) => Self {
                missing: Some(Missing::Unusable),
                ..row
            },
        };
        Self {
            missing: row.missing.filter(|_| !row.exempt),
            ..row
        }
    }

    fn with_record(self, user: &UserName, house: &House) -> Self {
        let standing = Standing::of(user, house);
        let record = match &standing.record {
            Ok(Some(record)) => record,
            Ok(None) => return self,
            Err(_) => {
                return Self {
                    missing: Some(Missing::Unusable),
                    ..self
                };
            }
        };
        let missing = if !record.is_enrolled() {
            Some(Missing::NotEnrolled)
        } else if !way::has_any(record, &house.config) {
            Some(Missing::NoWay)
        } else if standing.state.is_err() {
            Some(Missing::Unusable)
        } else {
            None
        };
        // Unreadable activity has no consequence for the person.
        let events = standing::events(user, house).unwrap_or_default();
        Self {
            enrolled: record.is_enrolled(),
            ways: ways(record),
            since: since(record, &events),
            last_success: last_success(&events),
            recovery_left: standing.recovery().0,
            untried: record.is_enrolled() && standing.is_untried(),
            missing,
            ..self
        }
    }
}

fn ways(record: &Record) -> Vec<&'static str> {
    let sends = |by| {
        record
            .numbers
            .iter()
            .any(|number| number.uses.contains(&by))
    };
    [
        ("code", record.code.is_some()),
        ("phone", !record.phones.is_empty()),
        ("account", !record.accounts.is_empty()),
        ("sms", sends(TelephoneUse::Sms)),
        ("call", sends(TelephoneUse::Call)),
    ]
    .into_iter()
    .filter_map(|(word, has)| has.then_some(word))
    .collect()
}

/// The earliest enrolment that is known. A record has no date of its own, and of codes only the activity tells.
pub(crate) fn since(record: &Record, events: &[Event]) -> Option<String> {
    if !record.is_enrolled() {
        return None;
    }
    let phones = record.phones.iter().map(|phone| phone.enrolled.to_string());
    let accounts = record
        .accounts
        .iter()
        .map(|account| account.enrolled.to_string());
    let told = events.iter().filter(|event| event.outcome == "enrolled");
    let times = phones
        .chain(accounts)
        .chain(told.map(|event| event.time.clone()));
    // RFC 3339 in UTC sorts as text.
    times.filter(|time| UnixTime::read(time).is_some()).min()
}

/// The last sign-in that was accepted.
pub(crate) fn last_success(events: &[Event]) -> Option<String> {
    let mut accepted = events
        .iter()
        .rev()
        .filter(|event| event.outcome == ACCEPTED);
    let time = accepted.next().map(|event| event.time.clone());
    time.filter(|time| UnixTime::read(time).is_some())
}

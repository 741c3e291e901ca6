//! What happens to people who are not enrolled, by `unenrolled` and `[[rollout]]`, as the module finds it at a sign-in.

use antiphon_core::config::{Applies, Config, Unclear, Unenrolled};
use antiphon_core::time::UnixTime;
use antiphon_core::visible::visible;
use antiphon_link::memberships;
use nix::unistd::{Gid, Uid, User};
use serde::Serialize;

use crate::zone::Zone;

/// The longest name of a group, in bytes.
const LONGEST: usize = 256;

/// A person of the user database.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Account<'a> {
    pub(crate) name: &'a str,
    pub(crate) uid: Uid,
    pub(crate) gid: Gid,
}

/// What happens `now` to this person if they are not enrolled; to one whom the system does not know, what `unenrolled`
/// says.
pub(crate) fn of_name<'c>(
    name: &str,
    config: &'c Config,
    now: UnixTime,
) -> Result<Applies<'c>, Unclear<'c>> {
    match User::from_name(name) {
        Ok(Some(user)) => {
            let membership = memberships(name, user.gid);
            config.of_unenrolled(user.uid.is_root(), membership, now)
        }
        _ => Ok(Applies {
            unenrolled: config.unenrolled,
            rollout: None,
            next: None,
        }),
    }
}

/// What happens to one person if they are not enrolled, now and from the next date on (RFC 3339, in UTC).
#[derive(Debug, Clone, Serialize)]
pub(crate) struct RuleObject {
    /// The group whose `[[rollout]]` applies; `None` if `unenrolled` does.
    pub(crate) rollout: Option<String>,
    /// `allow`, `enroll` or `deny`; `None` if that is not known, and the person is refused.
    unenrolled: Option<&'static str>,
    next_date: Option<String>,
    next_rule: Option<&'static str>,
    #[serde(skip)]
    now: Option<Unenrolled>,
    #[serde(skip)]
    then: Option<Unenrolled>,
}

impl RuleObject {
    pub(crate) fn new(applies: Result<Applies<'_>, Unclear<'_>>) -> Self {
        let applies = applies.ok();
        let rollout = applies.and_then(|applies| applies.rollout);
        let next = applies.and_then(|applies| applies.next);
        let present = applies.map(|applies| applies.unenrolled);
        let then = next.map(|turn| turn.unenrolled);
        Self {
            rollout: rollout.map(|rollout| visible(&rollout.group, LONGEST)),
            unenrolled: present.map(word),
            next_date: next.map(|turn| turn.at.to_string()),
            next_rule: then.map(word),
            now: present,
            then,
        }
    }

    /// The fields as text, in their order, for comma-separated values.
    pub(crate) fn fields(&self) -> [&str; 4] {
        [
            self.rollout.as_deref().unwrap_or_default(),
            self.unenrolled.unwrap_or_default(),
            self.next_date.as_deref().unwrap_or_default(),
            self.next_rule.unwrap_or_default(),
        ]
    }

    /// `staff: enrols at the sign-in, from 2027-01-15 refused`.
    pub(crate) fn in_words(&self, zone: &Zone) -> String {
        let Some(now) = self.now else {
            return "refused: whether in a group of [[rollout]] is not known".to_owned();
        };
        let next = match (&self.next_date, self.then) {
            (Some(date), Some(then)) => format!(", from {} {}", zone.show_day(date), meaning(then)),
            _ => String::new(),
        };
        format!("{}{}{next}", self.of_group(), meaning(now))
    }

    /// `staff: `, or nothing.
    pub(crate) fn of_group(&self) -> String {
        let group = self.rollout.as_ref();
        group.map_or_else(String::new, |group| format!("{group}: "))
    }
}

/// What a rule means for a person who is not enrolled.
fn meaning(unenrolled: Unenrolled) -> &'static str {
    match unenrolled {
        Unenrolled::Allow => "let in without",
        Unenrolled::Enroll => "enrols at the sign-in",
        Unenrolled::Deny => "refused",
    }
}

/// As it is written in the configuration.
pub(crate) fn word(unenrolled: Unenrolled) -> &'static str {
    match unenrolled {
        Unenrolled::Allow => "allow",
        Unenrolled::Enroll => "enroll",
        Unenrolled::Deny => "deny",
    }
}

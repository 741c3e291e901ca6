//! The last way in: no edit removes it on any service, unless root insists.

use std::fmt;

use super::By;
use crate::config::Config;
use crate::record::Record;
use crate::way::{Way, ways};

/// Where a person could sign in only with a recovery code, which is for emergencies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Closed {
    /// Services that have a section.
    services: Vec<String>,
    /// All the others.
    others: bool,
    /// The record would be left empty.
    pub is_all: bool,
}

impl Closed {
    /// The services closed to the person of `record`.
    #[must_use]
    pub fn to(record: &Record, config: &Config) -> Self {
        let is_closed = |service: &str| {
            let ways = ways(record, config, service);
            ways.iter().all(|way| *way == Way::Recovery)
        };
        let services = config.services.named().filter(|service| is_closed(service));
        Self {
            services: services.map(str::to_owned).collect(),
            // No service has an empty name.
            others: is_closed(""),
            is_all: !record.is_enrolled() && record.recovery.is_none() && record.numbers.is_empty(),
        }
    }

    /// Whether nothing is closed.
    #[must_use]
    pub fn is_nowhere(&self) -> bool {
        self.services.is_empty() && !self.others && !self.is_all
    }

    /// What is closed now but was not `before`.
    fn since(mut self, before: &Self) -> Self {
        self.services
            .retain(|service| !before.services.contains(service));
        self.others &= !before.others;
        self
    }
}

impl fmt::Display for Closed {
    /// `sudo, su and every service without a section of its own`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.services.join(", "))?;
        match (self.others, self.services.is_empty()) {
            (false, _) => Ok(()),
            (true, true) => f.write_str("every service without a section of its own"),
            (true, false) => f.write_str(" and every service without a section of its own"),
        }
    }
}

/// Checks that a change from `before` to `after` leaves the person a way in wherever there was one.
///
/// # Errors
/// Where it does not, if `by` may not do that.
pub(super) fn stays(
    before: &Record,
    after: &Record,
    by: By,
    config: &Config,
) -> Result<(), Closed> {
    let mut closed = Closed::to(after, config).since(&Closed::to(before, config));
    // For a person who was enrolled, a mere beginning of a record does not count.
    closed.is_all |= before.is_enrolled() && !after.is_enrolled();
    let may_be = match by {
        By::Person => closed.is_nowhere(),
        By::Root { insists } => !closed.is_all && (insists || closed.is_nowhere()),
    };
    if may_be { Ok(()) } else { Err(closed) }
}

#[cfg(test)]
mod tests {
    use super::Closed;
    use crate::config::Config;
    use crate::name::UserName;
    use crate::record::{Record, TelephoneNumber, TelephoneUse};
    use crate::recovery::{RecoveryCode, hashes_of};

    #[test]
    fn a_record_is_empty_where_it_holds_neither_a_factor_nor_a_recovery_code_nor_a_number() {
        let empty = Record::new(&UserName::new("alice").unwrap());
        let mut with_recovery = empty.clone();
        with_recovery.recovery = Some(hashes_of(&[RecoveryCode::new([1; 10])], [7; 16]));
        let mut with_number = empty.clone();
        with_number.numbers = vec![TelephoneNumber {
            tel: "+46701234521".into(),
            uses: vec![TelephoneUse::Sms],
        }];
        for (record, is_all) in [(empty, true), (with_recovery, false), (with_number, false)] {
            assert_eq!(Closed::to(&record, &Config::default()).is_all, is_all);
        }
    }
}

//! The last way in: no change takes it from a person anywhere, unless root insists.

use std::fmt;

use super::By;
use crate::config::Config;
use crate::record::Record;
use crate::way::{Way, ways};

/// Where a person cannot sign in but by a recovery code, which is for one day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Closed {
    /// Services with rules of their own.
    services: Vec<String>,
    /// All the others.
    others: bool,
    /// Nothing at all is left, not even a beginning.
    pub is_all: bool,
}

impl Closed {
    /// To the person of `record`.
    #[must_use]
    pub fn to(record: &Record, config: &Config) -> Self {
        let is_closed = |service: &str| {
            let ways = ways(record, config, service);
            ways.iter().all(|way| *way == Way::Recovery)
        };
        let services = config.services.named().filter(|service| is_closed(service));
        Self {
            services: services.map(str::to_owned).collect(),
            // No service is called so.
            others: is_closed(""),
            is_all: !record.is_enrolled() && record.recovery.is_none() && record.numbers.is_empty(),
        }
    }

    /// Whether there is no such place.
    #[must_use]
    pub fn is_nowhere(&self) -> bool {
        self.services.is_empty() && !self.others && !self.is_all
    }

    /// What is closed here and was not there.
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

/// Whether a change from `before` to `after` leaves the person a way in wherever there was one.
///
/// # Errors
/// Where it does not, and this may not be.
pub(super) fn stays(
    before: &Record,
    after: &Record,
    by: By,
    config: &Config,
) -> Result<(), Closed> {
    let mut closed = Closed::to(after, config).since(&Closed::to(before, config));
    // Of who was enrolled a beginning is nothing.
    closed.is_all |= before.is_enrolled() && !after.is_enrolled();
    let may_be = match by {
        By::Person => closed.is_nowhere(),
        By::Root { insists } => !closed.is_all && (insists || closed.is_nowhere()),
    };
    if may_be { Ok(()) } else { Err(closed) }
}

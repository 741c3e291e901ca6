//! The factors that a person is asked for, and how they are read again: their own record on this host, or what the fleet
//! has signed.

use std::borrow::Cow;

use antiphon_core::disk::fleet_files::{Believed, FleetFiles};
use antiphon_core::disk::record_file::ReadRecord;
use antiphon_core::outcome::Trouble;
use antiphon_core::record::Record;

use crate::admission;
use crate::context::Context;

/// A person's factors.
#[expect(
    clippy::large_enum_variant,
    reason = "there is one, and it is in a box"
)]
pub(crate) enum Factors {
    /// Their own record on this host.
    Own(ReadRecord),
    /// Phones of the fleet, beside their own record if it wants that.
    OfFleet(OfFleet),
}

/// Factors of which some are the fleet's.
pub(crate) struct OfFleet {
    own: Option<ReadRecord>,
    believed: Believed,
    /// Both.
    record: Record,
}

impl OfFleet {
    /// `own` is a record that asks for the fleet's phones, `alone` what there is without one.
    pub(crate) fn new(own: Option<ReadRecord>, believed: Believed, alone: Record) -> Self {
        let record = match &own {
            Some(own) => believed.record().beside(own.record()),
            None => alone,
        };
        Self {
            own,
            believed,
            record,
        }
    }

    /// What counts by now. A record on this host that has appeared meanwhile wins whole.
    fn by_now(&self, context: &Context<'_>) -> Result<Option<Cow<'_, Record>>, Trouble> {
        let Context {
            config, user, walk, ..
        } = *context;
        let folder = admission::records(config, walk)?;
        let own = match &self.own {
            Some(read) => read.by_now(&folder, user)?,
            None => ReadRecord::load(&folder, user)?.map(|read| Cow::Owned(read.record().clone())),
        };
        let is_same = match &own {
            Some(own) => matches!(own, Cow::Borrowed(_)),
            None => self.own.is_none(),
        };
        if own.as_ref().is_some_and(|own| !own.fleet) {
            return Ok(own);
        }
        let Some(place) = context.fleet else {
            return Ok(own);
        };
        let files = FleetFiles::open(config, &place.pinned, &place.user, walk)?;
        let kept = files.look()?;
        let now = context.watch.now()?;
        if is_same && self.believed.is_still(&kept, now) {
            return Ok(Some(Cow::Borrowed(&self.record)));
        }
        let record = match files.believed(kept, now)? {
            Ok(Some(believed)) => Some(match &own {
                Some(own) => believed.record().beside(own),
                None => believed.record().alone(user),
            }),
            Ok(None) => None,
            Err(untrusted) => {
                context.warn("fleet", untrusted.word(), &untrusted.to_string());
                None
            }
        };
        Ok(record.map(Cow::Owned).or(own))
    }
}

impl Factors {
    /// The record that the person is asked by.
    pub(crate) fn record(&self) -> &Record {
        match self {
            Self::Own(read) => read.record(),
            Self::OfFleet(both) => &both.record,
        }
    }

    /// Whether some are the fleet's.
    pub(crate) fn is_of_fleet(&self) -> bool {
        matches!(self, Self::OfFleet(_))
    }

    /// The record as it is now; `None` if it is gone.
    pub(crate) fn by_now(&self, context: &Context<'_>) -> Result<Option<Cow<'_, Record>>, Trouble> {
        match self {
            Self::Own(read) => {
                let folder = admission::records(context.config, context.walk)?;
                read.by_now(&folder, context.user)
            }
            Self::OfFleet(both) => both.by_now(context),
        }
    }
}

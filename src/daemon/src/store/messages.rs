//! Limits on messages to telephones, which cost money.

use std::fmt;

/// Ten minutes, in seconds.
pub(super) const TEN_MINUTES: u64 = 600;
/// A day, in seconds.
pub(super) const DAY: u64 = 86_400;

/// A message that is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sending {
    /// Whose telephone it is for.
    pub(crate) user: String,
    /// The host of the fleet where the person signs in; empty for this computer.
    pub(crate) host: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ceilings {
    /// Per person in ten minutes.
    pub(crate) ten_minutes: u32,
    /// Per person in 24 hours.
    pub(crate) day: u32,
    /// Per host of the fleet in 24 hours.
    pub(crate) day_of_host: u32,
    /// In total in 24 hours. This many of the latest are remembered, however old, in case a clock runs ahead and is set
    /// back.
    pub(crate) day_of_all: u32,
}

/// How many were sent before.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sent {
    pub(super) ten_minutes: u64,
    pub(super) day: u64,
    /// 0 if it is for no host.
    pub(super) day_of_host: u64,
    pub(super) day_of_all: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counted {
    /// Counted; it may be sent.
    Fine,
    /// Not counted; it may not be sent.
    Ceiling(Ceiling),
}

/// The limit that was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ceiling {
    TenMinutes,
    Day,
    DayOfHost,
    DayOfAll,
}

impl fmt::Display for Ceiling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TenMinutes => "telephone.most_in_ten_minutes",
            Self::Day => "telephone.most_a_day",
            Self::DayOfHost => "telephone.most_a_day_for_one_host",
            Self::DayOfAll => "telephone.most_a_day_on_this_host",
        })
    }
}

impl Ceilings {
    /// Checks the limits against these counts.
    pub(super) fn allow(&self, sent: Sent) -> Counted {
        for (counted, most, which) in [
            (sent.ten_minutes, self.ten_minutes, Ceiling::TenMinutes),
            (sent.day, self.day, Ceiling::Day),
            (sent.day_of_host, self.day_of_host, Ceiling::DayOfHost),
            (sent.day_of_all, self.day_of_all, Ceiling::DayOfAll),
        ] {
            if counted >= u64::from(most) {
                return Counted::Ceiling(which);
            }
        }
        Counted::Fine
    }
}

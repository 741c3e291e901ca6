//! Limits on messages to telephones, which cost money.

use std::fmt;

/// Ten minutes, in seconds.
pub(super) const TEN_MINUTES: u64 = 600;
/// A day, in seconds.
pub(super) const DAY: u64 = 86_400;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ceilings {
    /// Per person in ten minutes.
    pub(crate) ten_minutes: u32,
    /// Per person in 24 hours.
    pub(crate) day: u32,
    /// In total in 24 hours. This many of the latest are remembered, however old, in case a clock runs ahead and is set
    /// back.
    pub(crate) day_of_all: u32,
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
    DayOfAll,
}

impl fmt::Display for Ceiling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TenMinutes => "telephone.most_in_ten_minutes",
            Self::Day => "telephone.most_a_day",
            Self::DayOfAll => "telephone.most_a_day_on_this_host",
        })
    }
}

impl Ceilings {
    /// Checks the limits against these counts.
    pub(super) fn allow(&self, ten_minutes: u64, day: u64, day_of_all: u64) -> Counted {
        for (counted, most, which) in [
            (ten_minutes, self.ten_minutes, Ceiling::TenMinutes),
            (day, self.day, Ceiling::Day),
            (day_of_all, self.day_of_all, Ceiling::DayOfAll),
        ] {
            if counted >= u64::from(most) {
                return Counted::Ceiling(which);
            }
        }
        Counted::Fine
    }
}

//! The options of `bypass`.

use antiphon_core::state;
use clap::Args;

use super::Somebody;
use super::time::seconds;

/// The options of `bypass`.
#[derive(Args)]
pub(crate) struct Bypass {
    #[command(flatten)]
    pub(crate) whose: Somebody,

    /// How long it serves: minutes, hours or days, as in 30m, 2h or 1d; at most 7d, or with --sealed 366d
    #[arg(long = "for", value_name = "TIME", default_value = "2h", value_parser = time)]
    pub(crate) lasts: u64,

    /// How many sign-ins it serves for, at most 100
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1,
        value_parser = clap::value_parser!(u32).range(1..=i64::from(state::Bypass::MOST_USES))
    )]
    pub(crate) uses: u32,

    /// Print a page for an envelope, in Swedish and English, with the code and what to do with it; needs --for
    #[arg(long, requires = "lasts", conflicts_with = "end")]
    pub(crate) sealed: bool,

    /// Withdraw the code that there is
    #[arg(long, conflicts_with_all = ["lasts", "uses"])]
    pub(crate) end: bool,
}

/// From a minute to the longest time of a sealed code; others are shorter, which the command checks.
fn time(typed: &str) -> Result<u64, String> {
    seconds(typed, &(60..=state::Bypass::LONGEST_SEALED))
        .ok_or_else(|| "from 1m to 7d, as in 30m, 2h or 1d; with --sealed up to 366d".to_owned())
}

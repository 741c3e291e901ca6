//! The options of `log`.

use clap::Args;

use super::Anybody;
use crate::read_log::When;

/// The options of `log`.
#[derive(Args)]
pub(crate) struct ReadLog {
    #[command(flatten)]
    pub(crate) whose: Anybody,

    /// Show lines from then on: 30m, 2h or 3d ago, today, yesterday, 2026-11-22, or "2026-11-22 21:00" in local time
    #[arg(long, value_name = "WHEN", value_parser = When::read)]
    pub(crate) since: Option<When>,

    /// Show lines up to then; without --since, those of the day before it
    #[arg(long, value_name = "WHEN", value_parser = When::read, conflicts_with = "follow")]
    pub(crate) until: Option<When>,

    /// Then wait for more, until Ctrl-C
    #[arg(short, long)]
    pub(crate) follow: bool,
}

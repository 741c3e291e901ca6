//! The options of the commands whose changes can be taken back.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::time::seconds;

/// The options of `enable` and `disable`.
#[derive(Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
pub(crate) struct Switch {
    /// The PAM services, by the names of their files in /etc/pam.d
    #[arg(value_name = "SERVICE", required_unless_present = "all")]
    pub(crate) services: Vec<String>,

    /// All services that ask for a password, by pam-auth-update
    #[arg(long, conflicts_with = "services")]
    pub(crate) all: bool,

    /// Take it back after so long unless it is confirmed: seconds, minutes or hours, as in 90s, 2m or 1h
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = time)]
    pub(crate) revert: u64,

    /// Ask nothing and take nothing back: the change stays
    #[arg(short, long, conflicts_with = "revert")]
    pub(crate) yes: bool,

    /// Ask nothing here: the change is taken back in time unless antiphon confirm is run, as after a sign-in that worked
    #[arg(long, conflicts_with = "yes")]
    pub(crate) later: bool,

    /// Change nothing: show what would be changed, or why it would be refused
    #[arg(long, conflicts_with_all = ["revert", "yes", "later"])]
    pub(crate) dry_run: bool,
}

/// The options of `edit`.
#[derive(Args)]
pub(crate) struct Edit {
    /// Take it back after so long unless it is confirmed: seconds, minutes or hours, as in 90s, 2m or 1h
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) revert: Option<u64>,

    /// Change nothing: say whether this file could take the configuration's place
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "revert")]
    pub(crate) check: Option<PathBuf>,
}

/// The options of `revert`.
#[derive(Args)]
pub(crate) struct Revert {
    /// End a change of which a file could not be taken back, because somebody else has edited the same lines: the file stays
    /// as it is now. To be run when you have looked at it
    #[arg(long)]
    pub(crate) leave: bool,

    /// Only this change, after so many seconds and then until it succeeds: what waits in the background for it.
    #[arg(long, hide = true, conflicts_with = "leave", num_args = 2, value_names = ["CHANGE", "SECONDS"])]
    pub(crate) guard: Option<Vec<String>>,
}

/// From a second to an hour.
fn time(typed: &str) -> Result<u64, String> {
    seconds(typed, &(1..=60 * 60)).ok_or_else(|| "from 1s to 1h, as in 90s, 2m or 1h".to_owned())
}

//! The options of `providers`.

use clap::{Args, Subcommand};

use crate::examples;

/// The commands of `providers`.
#[derive(Args)]
pub(crate) struct Providers {
    #[command(subcommand)]
    pub(crate) deed: Option<ProvidersDeed>,
}

/// What to do about providers.
#[derive(Subcommand)]
pub(crate) enum ProvidersDeed {
    /// Fetch the keys with which the providers sign
    ///
    /// A provider's keys are valid for a day after it last published them, and the module never fetches any. So this must
    /// run at least once a day: antiphon-providers.timer runs it every hour, and antiphon-providers.path when antiphond
    /// meets a key that nobody knows here.
    ///
    /// A line is written to the log for each key that comes or goes. What cannot be fetched leaves the old keys as they are.
    ///
    /// With --json the object has `providers`, each with `name`, `outcome` (changed, as-before, failed or not-due), `added`,
    /// `no_longer_published` and `removed` (ids of keys), `passed_over` (keys that cannot be used here) and `reason`.
    #[command(after_long_help = examples::PROVIDERS)]
    Refresh(RefreshProviders),

    /// Ask a provider what it says of itself, and look for what is wrong
    ///
    /// Fetches its discovery document and its keys, and writes nothing. Where the provider offers device codes, asks for
    /// one in the name of this client, and lets it expire: if it is given one, device codes must be switched off for this
    /// client, since somebody could have a person approve with them on any page.
    #[command(after_long_help = examples::PROVIDERS)]
    Check(CheckProvider),
}

/// The options of `providers refresh`.
#[derive(Args)]
pub(crate) struct RefreshProviders {
    /// This provider alone, by its name in antiphon.toml
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,

    /// Only if keys are missing or 55 minutes old, or if antiphond has asked for new ones; at most every five minutes
    #[arg(long, conflicts_with = "name")]
    pub(crate) if_due: bool,
}

/// The options of `providers check`.
#[derive(Args)]
pub(crate) struct CheckProvider {
    /// The provider, by its name in antiphon.toml
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
}

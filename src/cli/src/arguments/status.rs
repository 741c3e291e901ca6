//! The options of `status`.

use antiphon_core::text::Language;
use clap::Args;

use super::Anybody;
use super::enroll::languages;

/// The options of `status`.
#[derive(Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
pub(crate) struct Status {
    #[command(flatten)]
    pub(crate) whose: Anybody,

    /// A table of everybody with a sign-in shell, enrolled or not
    #[arg(long, conflicts_with = "user")]
    pub(crate) table: bool,

    /// The same table, only of those who could not sign in if everybody had to have a second factor
    #[arg(long, conflicts_with = "user")]
    pub(crate) missing: bool,

    /// The same as comma-separated values, for a spreadsheet
    #[arg(long, conflicts_with_all = ["user", "json"])]
    pub(crate) csv: bool,

    /// A page with plots, on standard output
    #[arg(long, conflicts_with_all = ["user", "json", "table", "missing", "csv"])]
    pub(crate) html: bool,

    /// The language of the page; else that of the configuration
    #[arg(long, requires = "html", value_parser = languages())]
    pub(crate) language: Option<Language>,

    /// Print figures in the format of Prometheus
    #[arg(long, conflicts_with_all = ["user", "json", "table", "missing", "csv", "html"])]
    pub(crate) prometheus: bool,
}

impl Status {
    /// Whether it is about everybody who can sign in, rather than about those who have a record.
    pub(crate) fn is_of_everybody(&self) -> bool {
        self.table || self.missing || self.csv
    }

    /// Whether it is about one person, or about those who have a record one by one, and not about all of them together.
    pub(crate) fn is_of_one(&self) -> bool {
        !self.is_of_everybody() && !self.html && !self.prometheus
    }
}

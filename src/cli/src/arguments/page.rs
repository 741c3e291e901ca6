//! The options of `page`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use crate::examples;

/// The commands of `page`.
#[derive(Args)]
pub(crate) struct Page {
    #[command(subcommand)]
    pub(crate) deed: PageDeed,
}

/// What to do with the page.
#[derive(Subcommand)]
pub(crate) enum PageDeed {
    /// Write the page's files, for another web server than antiphond
    ///
    /// For a fleet whose relays are not to serve the page. FOLDER then has page/, the files that the web server of [page] origin
    /// serves: the same as antiphond's, byte for byte, but that the document names [page] relays, and permits the page to talk to
    /// them alone, and names where people sign in at each [[provider]] (the host of its issuer, or authorization_origin), and sends
    /// them nowhere else to sign in with an account. Beside it are nginx.conf, which says how, and SHA256SUMS, for sha256sum -c.
    /// Copy FOLDER to that web server, and export again after each update of Antiphon and each change of antiphon.toml.
    ///
    /// FOLDER is made, or replaced whole: a web server that serves it meanwhile has all old files or all new ones. If there is
    /// anything in it that no export has written, or that was changed since, nothing is touched.
    ///
    /// With --json the object has `folder`, `origin`, `relays`, `providers`, `files` and `changed`.
    #[command(after_long_help = examples::PAGE)]
    Export(PageExport),
}

/// The options of `page export`.
#[derive(Args)]
pub(crate) struct PageExport {
    /// The folder, in one that only root can change
    #[arg(value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    pub(crate) folder: PathBuf,
}

//! The options of `import`.
#![expect(
    clippy::doc_markdown,
    reason = "the help shows these words as they are, with the names of other modules and files"
)]

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand, ValueHint};

use crate::examples;

/// The kinds of `import`.
#[derive(Args)]
pub(crate) struct Import {
    #[command(subcommand)]
    pub(crate) from: ImportFrom,
}

/// The other module.
#[derive(Subcommand)]
pub(crate) enum ImportFrom {
    /// From pam_google_authenticator: the files in everybody's home, or those that are named
    ///
    /// A file is that of the person it is named after, as with the other module's secret=/etc/secrets/${USER}; if it is called
    /// .google_authenticator, that of its owner. A person's own file in their home is read with that person's rights.
    #[command(after_long_help = examples::IMPORT)]
    GoogleAuthenticator(ImportGoogleAuthenticator),

    /// From pam_oath: its file of everybody's secrets, /etc/users.oath
    #[command(after_long_help = examples::IMPORT)]
    Oath(ImportOath),
}

/// The options of `import google-authenticator`.
#[derive(Args)]
#[command(group = ArgGroup::new("where").args(["home", "files"]).required(true))]
pub(crate) struct ImportGoogleAuthenticator {
    /// Read .google_authenticator in the home of everybody in the user database
    #[arg(long)]
    pub(crate) home: bool,

    /// Read these files
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,

    /// Write the records
    #[arg(short, long)]
    pub(crate) yes: bool,
}

/// The options of `import oath`.
#[derive(Args)]
pub(crate) struct ImportOath {
    /// The other module's usersfile=, or - for the same lines on standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,

    /// Write the records
    #[arg(short, long)]
    pub(crate) yes: bool,
}

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

    /// Accounts at providers, from a table of who has which
    ///
    /// The file is a table with a line of names for its columns: name, provider (as in antiphon.toml) and subject, and if
    /// wanted tenant (for Entra ID; else that of the issuer) and display_name. Commas, semicolons or tabs part them (RFC 4180);
    /// it must be UTF-8. A person can stand in several lines, and what they have already stays.
    ///
    /// Nobody signs in: whoever the table names as the owner of an account can approve with it. Take the subjects from the
    /// provider itself, never from people. With Entra ID it is the object id of the user.
    #[command(after_long_help = examples::IMPORT)]
    Accounts(ImportAccounts),
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

/// The options of `import accounts`.
#[derive(Args)]
pub(crate) struct ImportAccounts {
    /// The table (CSV), or - for standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,

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

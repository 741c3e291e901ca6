//! The command's options and their help, from which the man pages and completions are made too.

use std::path::PathBuf;

use antiphon_core::text::Language;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueHint};

/// A second factor for Linux sign-ins: enrol people, see how they stand, mend what is broken
#[derive(Parser)]
#[command(name = "antiphon", version, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    /// Read this configuration instead of /etc/antiphon/antiphon.toml
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,

    /// Print one JSON object on standard output; all else goes to standard error
    #[arg(long, global = true)]
    pub(crate) json: bool,

    #[command(subcommand)]
    pub(crate) deed: Deed,
}

/// What to do.
#[derive(Subcommand)]
pub(crate) enum Deed {
    Enroll(Enroll),
}

/// Give a person a second factor
#[derive(Args)]
pub(crate) struct Enroll {
    /// The person, by a name that the system knows
    #[arg(value_name = "USER", value_hint = ValueHint::Username)]
    pub(crate) user: String,

    /// Enrol with codes of an authenticator app, which is the only way yet
    #[arg(long)]
    pub(crate) code: bool,

    /// Do not ask for a first code: the record is written at once
    #[arg(long)]
    pub(crate) no_confirm: bool,

    /// Put a new secret and new recovery codes in the place of those that the person has
    #[arg(long)]
    pub(crate) replace: bool,

    /// The language of this person's prompts
    #[arg(long, value_name = "sv|en", value_parser = languages())]
    pub(crate) language: Option<Language>,
}

fn languages() -> impl TypedValueParser<Value = Language> {
    PossibleValuesParser::new(["sv", "en"]).map(|tag| match tag.as_str() {
        "sv" => Language::Swedish,
        _ => Language::English,
    })
}

//! The options of `enroll`: for one person, or for many at once.

use std::path::PathBuf;

use antiphon_core::text::Language;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgGroup, Args, ValueHint};

/// The options of `enroll`.
#[derive(Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
#[command(group = ArgGroup::new("whom").args(["user", "group", "from"]).required(true))]
#[command(group = ArgGroup::new("approver").args(["phone", "account"]))]
pub(crate) struct Enroll {
    /// The person, by a name that the system knows
    #[arg(value_name = "USER", value_hint = ValueHint::Username)]
    pub(crate) user: Option<String>,

    /// Enrol everybody in this group of the system
    #[arg(long, value_name = "GROUP", requires = "letters")]
    pub(crate) group: Option<String>,

    /// Enrol everybody in this table (CSV)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, requires = "letters")]
    pub(crate) from: Option<PathBuf>,

    /// Write a letter to print for each person to this folder
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, conflicts_with = "user")]
    pub(crate) letters: Option<PathBuf>,

    /// Enrol many without asking
    #[arg(short, long, conflicts_with = "user")]
    pub(crate) yes: bool,

    /// Enrol with codes of an authenticator app, and offer no phone
    #[arg(long)]
    pub(crate) code: bool,

    /// Add a phone, which approves sign-ins; everything else that the person has stays
    #[arg(long, conflicts_with_all = ["code", "no_confirm", "replace", "group", "from"])]
    pub(crate) phone: bool,

    /// What the phone or account is called here; else as the person calls it there, or the provider
    #[arg(long, value_name = "NAME", requires = "approver")]
    pub(crate) name: Option<String>,

    /// Add an account at this provider, by its name in antiphon.toml; everything else that the person has stays
    #[arg(long, value_name = "PROVIDER", conflicts_with_all = ["code", "phone", "no_confirm", "replace", "group", "from"])]
    pub(crate) account: Option<String>,

    /// Whose account it is: the subject that the provider's tokens will name. Nobody has to sign in then
    #[arg(long, value_name = "ID", requires = "account")]
    pub(crate) subject: Option<String>,

    /// The tenant of an account of Entra ID; else that of the issuer
    #[arg(long, value_name = "TENANT", requires = "subject")]
    pub(crate) tenant: Option<String>,

    /// Do not ask for a first code: the record is written at once
    #[arg(long)]
    pub(crate) no_confirm: bool,

    /// Put a new secret and new recovery codes in the place of those that the person has; phones, numbers and language
    /// stay
    #[arg(long)]
    pub(crate) replace: bool,

    /// The language of this person's prompts; else that of the configuration
    #[arg(long, value_parser = languages())]
    pub(crate) language: Option<Language>,
}

pub(super) fn languages() -> impl TypedValueParser<Value = Language> {
    PossibleValuesParser::new([Language::Swedish.tag(), Language::English.tag()]).map(|tag| {
        if tag == Language::Swedish.tag() {
            Language::Swedish
        } else {
            Language::English
        }
    })
}

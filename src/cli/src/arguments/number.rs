//! The options of `number`.

use clap::{Args, Subcommand};

use super::Somebody;
use crate::examples;

/// The commands of `number`.
#[derive(Args)]
pub(crate) struct Number {
    #[command(subcommand)]
    pub(crate) deed: NumberDeed,
}

/// What to do with a number.
#[derive(Subcommand)]
pub(crate) enum NumberDeed {
    /// Add a number; everything else that the person has stays
    ///
    /// Without --sms and --call, both are sent there. A number that the person has already gets that use as well. With
    /// unenrolled = "enroll", a person who has nothing yet can be given a number, to be known by at the first sign-in.
    #[command(after_long_help = examples::NUMBER)]
    Add(AddNumber),

    /// Remove a number; a code that is on its way there no longer counts
    #[command(after_long_help = examples::NUMBER)]
    Remove(RemoveNumber),
}

/// The options of `number add`.
#[derive(Args)]
pub(crate) struct AddNumber {
    #[command(flatten)]
    pub(crate) whose: Somebody,

    /// With the country: +46701234567
    #[arg(value_name = "NUMBER", allow_hyphen_values = true)]
    pub(crate) number: String,

    /// Send text messages there
    #[arg(long)]
    pub(crate) sms: bool,

    /// Call there, and read the code out
    #[arg(long)]
    pub(crate) call: bool,
}

/// The options of `number remove`.
#[derive(Args)]
pub(crate) struct RemoveNumber {
    #[command(flatten)]
    pub(crate) whose: Somebody,

    /// As it stands in the record
    #[arg(value_name = "NUMBER", allow_hyphen_values = true)]
    pub(crate) number: String,

    /// Remove it even if it is the person's only way in to some service
    #[arg(long)]
    pub(crate) force: bool,
}

//! `[[account]]`: a person's accounts at providers, with which they approve sign-ins.

use toml_datetime::Datetime;

use super::phone::enrolled;
use crate::config::{CONSUMERS, Provider, SubjectClaim, is_guid};
use crate::document::{Fault, Section};
use crate::visible::visible;

/// The longest subject, in bytes (`OpenID` Connect Core, section 2).
const LONGEST_SUBJECT: usize = 255;

/// An account at a provider of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The provider's name in the configuration.
    pub provider: String,
    /// Whose account it is.
    pub subject: AccountSubject,
    /// What it is shown as: nothing else is done with it.
    pub name: String,
    /// When it was enrolled.
    pub enrolled: Datetime,
}

/// Whose account it is, in the provider's own terms, which it never gives to anybody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountSubject {
    /// The value of the provider's subject claim.
    pub id: String,
    /// The tenant, with [`SubjectClaim::ObjectId`] and with nothing else.
    pub tenant: Option<String>,
}

impl AccountSubject {
    /// Whether a provider with this subject claim could name it: one without its tenant would be anybody's.
    #[must_use]
    pub fn is_of(&self, claim: SubjectClaim) -> bool {
        self.tenant.is_some() == (claim == SubjectClaim::ObjectId)
    }
}

impl Account {
    /// The longest name, in bytes.
    pub const LONGEST_NAME: usize = 64;

    /// Reads one `[[account]]`. Its optional key stands before a required one: a table that was cut off is never whole.
    pub(super) fn read(mut section: Section<'_>) -> Result<Self, Fault> {
        let rule = "must be a provider's name in antiphon.toml";
        let provider = section.required("provider", rule, |value| {
            value.as_str().filter(|name| Provider::is_name(name))
        })?;
        let rule = "must be the account's id at the provider, at most 255 ASCII characters";
        let id = section.required("subject", rule, |value| {
            let id = value.as_str()?;
            let is_plain = id
                .bytes()
                .all(|byte| byte.is_ascii_graphic() || byte == b' ');
            (is_plain && (1..=LONGEST_SUBJECT).contains(&id.len())).then_some(id)
        })?;
        let rule = "must be the id of a tenant of your own, in small letters";
        let tenant = section.optional("tenant", rule, |value| {
            value
                .as_str()
                .filter(|tenant| is_guid(tenant) && *tenant != CONSUMERS)
        })?;
        let rule = "must be a name without control characters, of at most 64 bytes";
        let name = section.required("name", rule, |value| {
            value
                .as_str()
                .filter(|name| visible(name, Self::LONGEST_NAME) == **name)
        })?;
        let account = Self {
            provider: provider.to_owned(),
            subject: AccountSubject {
                id: id.to_owned(),
                tenant: tenant.map(str::to_owned),
            },
            name: name.to_owned(),
            enrolled: enrolled(&mut section)?,
        };
        section.done()?;
        Ok(account)
    }
}

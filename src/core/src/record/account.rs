//! `[[account]]`: a person's accounts at providers, with which they approve sign-ins.

use toml_datetime::Datetime;

use super::phone::{Phone, enrolled};
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
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
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

    /// Whether a record can hold it: what a provider signs may be anything.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        is_subject(&self.id) && self.tenant.as_deref().is_none_or(is_own_tenant)
    }
}

impl Account {
    /// The longest name, in bytes.
    pub const LONGEST_NAME: usize = 64;

    /// Whether this is a valid name for an account that a person chooses.
    #[must_use]
    pub fn is_name(name: &str) -> bool {
        Phone::is_name(name)
    }

    /// Whether a record can hold it.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        Provider::is_name(&self.provider)
            && self.subject.is_sound()
            && visible(&self.name, Self::LONGEST_NAME) == self.name
    }

    /// Whether both are the same account of the same provider.
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.provider == other.provider && self.subject == other.subject
    }

    /// The name, safe to show; the subject where there is none.
    #[must_use]
    pub fn shown_name(&self) -> String {
        if self.name.trim().is_empty() {
            visible(&self.subject.id, Self::LONGEST_NAME)
        } else {
            self.name.clone()
        }
    }

    /// Reads one `[[account]]`. Its optional key stands before a required one: a table that was cut off is never whole.
    pub(super) fn read(mut section: Section<'_>) -> Result<Self, Fault> {
        let rule = "must be a provider's name in antiphon.toml";
        let provider = section.required("provider", rule, |value| {
            value.as_str().filter(|name| Provider::is_name(name))
        })?;
        let rule = "must be the account's id at the provider, at most 255 ASCII characters";
        let id = section.required("subject", rule, |value| {
            value.as_str().filter(|id| is_subject(id))
        })?;
        let rule = "must be the id of a tenant of your own, in small letters";
        let tenant = section.optional("tenant", rule, |value| {
            value.as_str().filter(|tenant| is_own_tenant(tenant))
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

fn is_subject(id: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
    (1..=LONGEST_SUBJECT).contains(&id.len()) && id.bytes().all(is_plain)
}

fn is_own_tenant(tenant: &str) -> bool {
    is_guid(tenant) && tenant != CONSUMERS
}

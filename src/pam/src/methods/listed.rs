//! What can be removed or renamed: phones and accounts.

use antiphon_core::person::Edit;
use antiphon_core::record::{Account, Phone, Record};
use antiphon_core::text::{MethodsLine, MethodsText};

use crate::course::Touched;

/// One of them, and its name in the list.
#[derive(Clone)]
pub(super) enum Listed {
    Phone { phone: Phone, name: String },
    Account { account: Account, name: String },
}

impl Listed {
    /// All that `record` has.
    pub(super) fn all(record: &Record) -> Vec<Self> {
        let names = record.shown_phone_names();
        let phones = record.phones.iter().zip(names);
        let phones = phones.map(|(phone, name)| Self::Phone {
            phone: phone.clone(),
            name,
        });
        let accounts = record.accounts.iter().map(|account| Self::Account {
            account: account.clone(),
            name: account.shown_name(),
        });
        phones.chain(accounts).collect()
    }

    pub(super) fn name(&self) -> &str {
        match self {
            Self::Phone { name, .. } | Self::Account { name, .. } => name,
        }
    }

    /// What the log says of it.
    pub(super) fn touched(&self) -> Touched<'_> {
        self.called(self.name())
    }

    /// The same once it is called `name`.
    pub(super) fn called<'n>(&'n self, name: &'n str) -> Touched<'n> {
        match self {
            Self::Phone { .. } => Touched::Phone(name),
            Self::Account { account, .. } => Touched::Account { account, name },
        }
    }

    pub(super) fn remove_line(&self) -> MethodsLine<'_> {
        match self {
            Self::Phone { name, .. } => MethodsLine::Remove(name),
            Self::Account { name, .. } => MethodsLine::RemoveAccount(name),
        }
    }

    pub(super) fn rename_line(&self) -> MethodsLine<'_> {
        match self {
            Self::Phone { name, .. } => MethodsLine::Rename(name),
            Self::Account { name, .. } => MethodsLine::RenameAccount(name),
        }
    }

    pub(super) fn removal(&self) -> Edit<'_> {
        match self {
            Self::Phone { phone, .. } => Edit::RemovePhone(&phone.credential),
            Self::Account { account, .. } => Edit::RemoveAccount(account),
        }
    }

    pub(super) fn renaming<'e>(&'e self, to: &'e str) -> Edit<'e> {
        match self {
            Self::Phone { phone, .. } => Edit::RenamePhone(&phone.credential, to),
            Self::Account { account, .. } => Edit::RenameAccount(account, to),
        }
    }

    pub(super) fn really_remove(&self) -> MethodsText<'_> {
        match self {
            Self::Phone { name, .. } => MethodsText::ReallyRemove(name),
            Self::Account { name, .. } => MethodsText::ReallyRemoveAccount(name),
        }
    }

    pub(super) fn removed(&self) -> MethodsText<'_> {
        match self {
            Self::Phone { name, .. } => MethodsText::Removed(name),
            Self::Account { name, .. } => MethodsText::RemovedAccount(name),
        }
    }

    pub(super) fn renamed<'n>(&self, to: &'n str) -> MethodsText<'n> {
        match self {
            Self::Phone { .. } => MethodsText::Renamed(to),
            Self::Account { .. } => MethodsText::RenamedAccount(to),
        }
    }
}

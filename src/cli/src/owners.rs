//! Whose accounts are. One account may stand in the records of several people: one person may have two user names. If it is
//! a mistake, whoever signs in with it approves as each of them.

use std::collections::BTreeMap;

use antiphon_core::disk::record_file;
use antiphon_core::name::UserName;
use antiphon_core::record::{Account, AccountSubject, Record};

use crate::house::House;
use crate::roll;

/// The owners of each account.
#[derive(Default)]
pub(crate) struct Owners(BTreeMap<Key, Vec<UserName>>);

/// What makes an account the same.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    provider: String,
    subject: AccountSubject,
}

/// An account that several people have.
pub(crate) struct Shared<'a> {
    pub(crate) provider: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) owners: &'a [UserName],
}

impl Owners {
    /// Of all records that can be read.
    pub(crate) fn read(house: &House) -> Self {
        let mut owners = Self::default();
        let Ok(Some(users)) = house.users() else {
            return owners;
        };
        let roll = roll::call(&users, record_file::SUFFIX).unwrap_or_default();
        for user in &roll.users {
            if let Ok(Some(record)) = house.record(user) {
                owners.add_all(&record, user);
            }
        }
        owners
    }

    /// Adds those of `user`'s record.
    pub(crate) fn add_all(&mut self, record: &Record, user: &UserName) {
        for account in &record.accounts {
            self.add(account, user);
        }
    }

    /// Adds an account of `user`'s.
    pub(crate) fn add(&mut self, account: &Account, user: &UserName) {
        let owners = self.0.entry(Key::of(account)).or_default();
        if !owners.contains(user) {
            owners.push(user.clone());
        }
    }

    /// Who else has this account of `user`'s.
    pub(crate) fn besides(&self, user: &UserName, account: &Account) -> Vec<String> {
        let owners = self.0.get(&Key::of(account)).into_iter().flatten();
        owners
            .filter(|owner| *owner != user)
            .map(UserName::to_string)
            .collect()
    }

    /// The accounts that several people have.
    pub(crate) fn shared(&self) -> impl Iterator<Item = Shared<'_>> {
        let shared = self.0.iter().filter(|(_, owners)| owners.len() > 1);
        shared.map(|(key, owners)| Shared {
            provider: &key.provider,
            subject: &key.subject.id,
            owners,
        })
    }
}

impl Key {
    fn of(account: &Account) -> Self {
        Self {
            provider: account.provider.clone(),
            subject: account.subject.clone(),
        }
    }
}

/// That somebody else has the account too.
pub(crate) fn also_in_words(others: &[String]) -> String {
    format!("it is the account of {} too", others.join(", "))
}

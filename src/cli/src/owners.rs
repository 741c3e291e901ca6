//! Whose accounts are. One account may stand in the records of several people: one person may have two user names. If it is
//! a mistake, whoever signs in with it approves as each of them.

use std::collections::BTreeMap;

use antiphon_core::config::Config;
use antiphon_core::disk::record_file;
use antiphon_core::name::UserName;
use antiphon_core::record::{Account, AccountSubject, Record};

use crate::house::House;
use crate::roll;

/// The owners of each account.
pub(crate) struct Owners<'c> {
    config: &'c Config,
    known: BTreeMap<Key, Owned>,
}

/// What makes an account the same.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    /// The issuer: two providers of the configuration may be one. One that is configured no longer goes by its name.
    issuer: String,
    subject: AccountSubject,
}

#[derive(Default)]
struct Owned {
    owners: Vec<UserName>,
    /// What their records call the provider.
    providers: Vec<String>,
}

/// An account that several people have.
pub(crate) struct Shared<'a> {
    pub(crate) providers: &'a [String],
    pub(crate) subject: &'a str,
    pub(crate) owners: &'a [UserName],
}

impl<'c> Owners<'c> {
    /// Of nobody yet.
    pub(crate) fn new(config: &'c Config) -> Self {
        Self {
            config,
            known: BTreeMap::new(),
        }
    }

    /// Of all records that can be read.
    pub(crate) fn read(house: &'c House) -> Self {
        let mut owners = Self::new(&house.config);
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
        let known = self.known.entry(self.key(account)).or_default();
        if !known.owners.contains(user) {
            known.owners.push(user.clone());
        }
        if !known.providers.contains(&account.provider) {
            known.providers.push(account.provider.clone());
        }
    }

    /// Who else has this account of `user`'s.
    pub(crate) fn besides(&self, user: &UserName, account: &Account) -> Vec<String> {
        let known = self.known.get(&self.key(account));
        let owners = known.into_iter().flat_map(|known| &known.owners);
        owners
            .filter(|owner| *owner != user)
            .map(UserName::to_string)
            .collect()
    }

    /// The accounts that several people have.
    pub(crate) fn shared(&self) -> impl Iterator<Item = Shared<'_>> {
        let shared = self
            .known
            .iter()
            .filter(|(_, known)| known.owners.len() > 1);
        shared.map(|(key, known)| Shared {
            providers: &known.providers,
            subject: &key.subject.id,
            owners: &known.owners,
        })
    }

    fn key(&self, account: &Account) -> Key {
        let provider = self.config.provider(&account.provider);
        Key {
            issuer: provider
                .map_or(&account.provider, |provider| &provider.issuer)
                .clone(),
            subject: account.subject.clone(),
        }
    }
}

/// That somebody else has the account too.
pub(crate) fn also_in_words(others: &[String]) -> String {
    format!("it is the account of {} too", others.join(", "))
}

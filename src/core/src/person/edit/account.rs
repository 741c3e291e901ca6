//! Adding, removing and renaming an account.

use super::super::{By, Refused};
use crate::account::VerifiedToken;
use crate::language::Language;
use crate::record::{Account, Record, RecoveryHashes};

/// The most accounts of one person.
pub const MOST_ACCOUNTS: usize = 8;

/// A new account, and what goes with it.
pub struct NewAccount<'a> {
    /// The account.
    pub account: &'a Account,
    /// Its trial. `None` if root says whose it is; a person has to prove it.
    pub trial: Option<&'a VerifiedToken>,
    /// Recovery codes, for a person who has none.
    pub recovery: Option<&'a RecoveryHashes>,
    /// The language of the prompts, if given.
    pub language: Option<Language>,
}

impl NewAccount<'_> {
    /// Whether the account is proved, or `by` need not prove it.
    fn is_proved_to(&self, by: By) -> bool {
        match self.trial {
            Some(trial) => *trial.subject() == self.account.subject,
            None => by != By::Person,
        }
    }

    pub(super) fn add_to(&self, record: &mut Record, by: By) -> Result<(), Refused> {
        if !self.is_proved_to(by) {
            return Err(Refused::UnprovedAccount);
        }
        if !self.account.is_sound() {
            return Err(Refused::Unsound);
        }
        if position(self.account, record).is_ok() {
            return Err(Refused::KnownAccount);
        }
        if record.accounts.len() >= MOST_ACCOUNTS {
            return Err(Refused::TooManyAccounts);
        }
        let name = record.free_account_name(&self.account.name);
        record.accounts.push(Account {
            name,
            ..self.account.clone()
        });
        record.language = self.language.or(record.language);
        let recovery = record.recovery.take();
        record.recovery = recovery.or_else(|| self.recovery.cloned());
        Ok(())
    }
}

/// Removes the account that is `meant`.
pub(super) fn remove(meant: &Account, record: &mut Record) -> Result<(), Refused> {
    let position = position(meant, record)?;
    record.accounts.remove(position);
    Ok(())
}

/// Gives the account that is `meant` the name `name`.
pub(super) fn rename(meant: &Account, name: &str, record: &mut Record) -> Result<(), Refused> {
    let position = position(meant, record)?;
    if !Account::is_name(name) {
        return Err(Refused::Name);
    }
    let is_taken = |(other, account): (usize, &Account)| other != position && account.name == name;
    if record.accounts.iter().enumerate().any(is_taken) {
        return Err(Refused::TakenName);
    }
    if let Some(account) = record.accounts.get_mut(position) {
        name.clone_into(&mut account.name);
    }
    Ok(())
}

/// By provider and subject: names can be changed.
fn position(meant: &Account, record: &Record) -> Result<usize, Refused> {
    let mut accounts = record.accounts.iter();
    let position = accounts.position(|account| account.is_same_as(meant));
    position.ok_or(Refused::UnknownAccount)
}

#[cfg(test)]
mod tests {
    use super::{MOST_ACCOUNTS, NewAccount};
    use crate::account::test_provider::verified;
    use crate::config::Config;
    use crate::name::UserName;
    use crate::person::{By, Edit, Person, Refused};
    use crate::record::{Account, AccountSubject, CodeSecret, Record};
    use crate::recovery::{RecoveryCode, hashes_of};
    use crate::state::State;
    use crate::time::UnixTime;

    const KMH: &str = "[[provider]]\nname = \"kmh\"\nissuer = \"https://id.example.org\"\nclient_id = \"a\"\n\
                       label = { sv = \"KMH-konto\", en = \"KMH account\" }\n";
    const ROOT: By = By::Root { insists: false };

    fn account(id: &str, name: &str) -> Account {
        Account {
            provider: "kmh".into(),
            subject: AccountSubject {
                id: id.into(),
                tenant: None,
            },
            name: name.into(),
            enrolled: "2026-11-22T20:00:00Z".parse().unwrap(),
        }
    }

    fn alice() -> Record {
        let mut record = Record::new(&UserName::new("alice").unwrap());
        record.accounts = vec![account("a", "Anna Ek")];
        record.recovery = Some(hashes_of(&[RecoveryCode::new([1; 10])], [7; 16]));
        record
    }

    fn changed(edit: Edit<'_>, record: &Record, by: By, config: &str) -> Result<Record, Refused> {
        edit.applied_to_record(record, by, &Config::parse(config).unwrap())
    }

    fn new(account: &Account) -> NewAccount<'_> {
        NewAccount {
            account,
            trial: None,
            recovery: None,
            language: None,
        }
    }

    #[test]
    fn root_may_say_whose_an_account_is_and_a_person_has_to_prove_it() {
        let second = account("b", "Anna Ek");
        let unproved = new(&second);
        let edit = Edit::AddAccount(&unproved);
        let added = changed(edit, &alice(), ROOT, KMH).unwrap();
        assert_eq!(added.accounts[1].name, "Anna Ek (2)");
        assert_eq!(
            changed(edit, &alice(), By::Person, KMH).unwrap_err(),
            Refused::UnprovedAccount
        );
        let (mine, others) = (verified("b"), verified("c"));
        for (token, is_mine) in [(&mine, true), (&others, false)] {
            let tried = NewAccount {
                trial: Some(token),
                ..new(&second)
            };
            for by in [By::Person, ROOT] {
                let added = changed(Edit::AddAccount(&tried), &alice(), by, KMH);
                assert_eq!(added.is_ok(), is_mine, "{by:?}");
            }
        }
    }

    #[test]
    fn an_account_is_added_once_and_to_a_bound() {
        let known = account("a", "another name");
        let again = changed(Edit::AddAccount(&new(&known)), &alice(), ROOT, KMH);
        assert_eq!(again.unwrap_err(), Refused::KnownAccount);
        let mut record = alice();
        for number in 1..MOST_ACCOUNTS {
            let next = account(&format!("s{number}"), "Anna Ek");
            record = changed(Edit::AddAccount(&new(&next)), &record, ROOT, KMH).unwrap();
        }
        let mut names: Vec<_> = record.accounts.iter().map(|one| &one.name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), MOST_ACCOUNTS, "no two alike");
        let one_more = account("more", "x");
        let added = changed(Edit::AddAccount(&new(&one_more)), &record, ROOT, KMH);
        assert_eq!(added.unwrap_err(), Refused::TooManyAccounts);
    }

    #[test]
    fn an_account_that_no_record_can_hold_is_nobodys_whoever_says_so() {
        let odd = account("caf\u{e9}", "Anna Ek");
        let long = account(&"a".repeat(256), "Anna Ek");
        for odd in [odd, long, account("b", "Anna\nEk")] {
            let added = changed(Edit::AddAccount(&new(&odd)), &alice(), ROOT, KMH);
            assert_eq!(added.unwrap_err(), Refused::Unsound, "{odd:?}");
        }
    }

    #[test]
    fn the_last_account_goes_only_where_another_way_stays_and_by_what_it_is_not_by_its_name() {
        let alice = alice();
        let renamed = account("a", "whatever");
        let edit = Edit::RemoveAccount(&renamed);
        for by in [By::Person, By::Root { insists: true }] {
            let removed = changed(edit, &alice, by, KMH);
            assert!(matches!(removed, Err(Refused::LastWay(_))), "{by:?}");
        }
        let mut with_code = alice.clone();
        with_code.code = Some(CodeSecret::usual([7; 20]));
        let removed = changed(edit, &with_code, By::Person, KMH).unwrap();
        assert!(removed.accounts.is_empty());
        // Where only accounts may be used, a code is no way.
        let narrow = format!("{KMH}[service.sshd]\nmethods = [\"account\"]\n");
        let removed = changed(edit, &with_code, By::Person, &narrow);
        assert!(matches!(removed, Err(Refused::LastWay(_))));
        let others = account("b", "Anna Ek");
        let removed = changed(Edit::RemoveAccount(&others), &with_code, ROOT, KMH);
        assert_eq!(removed.unwrap_err(), Refused::UnknownAccount);
    }

    #[test]
    fn it_is_renamed_to_what_can_be_shown_and_tells_it_from_the_others() {
        let mut alice = alice();
        alice.accounts.push(account("b", "Work"));
        let meant = account("b", "");
        let renamed = changed(
            Edit::RenameAccount(&meant, "Jobbet"),
            &alice,
            By::Person,
            KMH,
        );
        assert_eq!(renamed.unwrap().accounts[1].name, "Jobbet");
        for (name, why) in [
            ("Anna Ek", Refused::TakenName),
            ("", Refused::Name),
            (" ", Refused::Name),
            ("a\u{1b}b", Refused::Name),
        ] {
            let renamed = changed(Edit::RenameAccount(&meant, name), &alice, ROOT, KMH);
            assert_eq!(renamed.unwrap_err(), why, "{name:?}");
        }
    }

    #[test]
    fn who_begins_with_an_account_gets_recovery_codes_and_has_tried_it_only_by_a_trial() {
        let config = Config::parse(KMH).unwrap();
        let nobody = || {
            let record = Record::new(&UserName::new("alice").unwrap());
            Person {
                state: State::enrolled(&record, None),
                record,
                is_new: true,
            }
        };
        let hashes = hashes_of(&[RecoveryCode::new([1; 10])], [7; 16]);
        let account = account("a", "Anna Ek");
        let token = verified("a");
        for (trial, is_untried) in [(None, true), (Some(&token), false)] {
            let with = NewAccount {
                trial,
                recovery: Some(&hashes),
                ..new(&account)
            };
            let after = Edit::AddAccount(&with)
                .applied_to(&nobody(), ROOT, &config, UnixTime(1))
                .unwrap();
            assert!(after.record.is_enrolled());
            assert_eq!(after.state.recovery_left(&after.record), 1);
            assert_eq!(after.state.is_untried(&after.record), is_untried);
        }
    }
}

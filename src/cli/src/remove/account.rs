//! `antiphon remove USER --account WHICH`: removes one account, but not the only way to sign in unless forced.

use antiphon_core::disk::Unwritten;
use antiphon_core::name::UserName;
use antiphon_core::person::{By, Edit};
use antiphon_core::record::{Account, Record};
use antiphon_core::shell;
use antiphon_core::visible::visible;
use serde::Serialize;

use super::ask;
use crate::arguments::Remove;
use crate::enroll::AccountObject;
use crate::failure::{Failure, Kind};
use crate::house::House;
use crate::lock::files;
use crate::log::{self, Done};
use crate::person;
use crate::publish;
use crate::refusal;
use crate::screen::Screen;

/// The longest name in an error, in bytes.
const LONGEST: usize = 256;

/// The object of `--json`.
#[derive(Serialize)]
struct Object<'a> {
    user: &'a str,
    removed: bool,
    account: AccountObject,
}

/// Removes the account that `which` means.
pub(super) fn run(
    which: &str,
    wanted: &Remove,
    house: &House,
    screen: &mut Screen,
) -> Result<(), Failure> {
    let user = person::canonical_or_on_file(&wanted.whose.user, house)?;
    let record = house.record_of(&user)?;
    let account = meant(which, &record, &user)?;
    let edit = Edit::RemoveAccount(account);
    let shown = in_words(account);
    let refused = |why| refusal::in_words(why, &user, &shown);
    // Checked before the question, to answer sooner.
    let by = By::Root {
        insists: wanted.force,
    };
    edit.applied_to_record(&record, by, &house.config)
        .map_err(|why| refused(Unwritten::Refused(why)))?;
    if !wanted.yes {
        let what = format!("This removes {user}'s account {shown}; what else there is stays.");
        ask(&user, &what, screen)?;
    }
    let changed = files(&user, house, wanted.force)
        .and_then(|files| files.change(edit))
        .map_err(refused)?;
    let done = Done {
        outcome: "removed",
        method: "account",
        provider: &account.provider,
        detail: &account.subject.id,
        command: "remove",
        ..Done::default()
    };
    log::write_down(done, &user, house, screen);
    publish::note(changed.unseen.as_ref(), &user, screen);
    if screen.is_json() {
        return screen.object(&Object {
            user: user.as_str(),
            removed: true,
            account: AccountObject::new(account),
        });
    }
    screen.say(&format!("{user}'s account {shown} is no longer valid."))
}

/// `"Anna Ek" at kmh`.
fn in_words(account: &Account) -> String {
    let name = shell::word(account.shown_name());
    format!("{name} at {}", account.provider)
}

/// The account of this name, at this provider or with this subject, if that means one alone.
fn meant<'r>(which: &str, record: &'r Record, user: &UserName) -> Result<&'r Account, Failure> {
    let is_meant = |account: &&Account| {
        [&account.name, &account.provider, &account.subject.id]
            .iter()
            .any(|text| *text == which)
            || account.shown_name() == which
    };
    let mut found = record.accounts.iter().filter(is_meant);
    let shown = visible(which, LONGEST);
    let what = match (found.next(), found.next()) {
        (Some(account), None) => return Ok(account),
        (Some(_), Some(_)) => format!("{user} has more than one account {shown}"),
        (None, _) => format!("{user} has no account {shown}"),
    };
    let all = record.accounts.iter().map(|account| {
        format!(
            "{} ({})",
            in_words(account),
            visible(&account.subject.id, LONGEST)
        )
    });
    let all: Vec<String> = all.collect();
    let what = match all.as_slice() {
        [] => format!("{user} has no account"),
        all => format!("{what}; there is {}", all.join(", ")),
    };
    Err(Failure::new(Kind::NoUser, what))
}

#[cfg(test)]
mod tests {
    use antiphon_core::name::UserName;
    use antiphon_core::record::{Account, AccountSubject, Record};

    use super::meant;

    #[test]
    fn an_account_is_meant_by_name_provider_or_subject_and_two_are_never_taken_for_one() {
        let user = UserName::new("alice").unwrap();
        let mut record = Record::new(&user);
        for (provider, id, name) in [
            ("kmh", "1", "Anna Ek"),
            ("staff", "2", "Anna"),
            ("staff", "3", "kmh"),
        ] {
            record.accounts.push(Account {
                provider: provider.into(),
                subject: AccountSubject {
                    id: id.into(),
                    tenant: None,
                },
                name: name.into(),
                enrolled: "2026-11-22T20:00:00Z".parse().unwrap(),
            });
        }
        for (which, id) in [("Anna Ek", "1"), ("1", "1"), ("Anna", "2"), ("3", "3")] {
            assert_eq!(meant(which, &record, &user).unwrap().subject.id, id);
        }
        for (which, part) in [
            ("staff", "more than one"),
            ("kmh", "more than one"),
            ("", "no account"),
            ("x", "no account x; there is 'Anna Ek' at kmh (1)"),
        ] {
            let said = meant(which, &record, &user).unwrap_err().to_string();
            assert!(said.contains(part), "{which}: {said}");
        }
    }
}

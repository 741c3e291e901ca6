//! Adds an account: a ticket, opened at the address on the screen; a sign-in at the provider, whose token names the
//! account; a look by whoever sits here at whose account that is; a trial; only then the record. If any step fails,
//! everything is as before.
//!
//! The daemon carries all of it and is not trusted: this process verifies each token itself. But whoever has the address
//! can be the one who signs in, so nothing is written before somebody here has said that it is the right account.
//!
//! The steps are the same for `antiphon enroll --account` and at a sign-in; a [`Sitting`] covers the differences.

mod not_added;
mod sitting;
mod ticket;
mod trial;

use std::time::Duration;

use antiphon_core::account::{Fault, KeySet, VerifiedToken, has_key_for};
use antiphon_core::config::{Config, Provider};
use antiphon_core::disk::{Distrust, Folder, Unwritten, key_file};
use antiphon_core::draft::RecoverySet;
use antiphon_core::outcome::Trouble;
use antiphon_core::person::{Edit, MOST_ACCOUNTS, NewAccount, Refused};
use antiphon_core::record::{Account, Record};
use antiphon_core::text::Language;
use antiphon_core::time::UnixTime;

use crate::approval::Asker;
use crate::connection::{Away, Link, ask_for_keys};
use crate::interrupt::Interrupt;
use crate::{clock, random};
pub use not_added::NotAdded;
pub use sitting::{Reason, Sitting, Step};
use ticket::OpenTicket;
use trial::{Passed, Trial};

/// An account to be added.
pub struct Addition<'a> {
    /// Whose account, and who adds it, as shown on the page in the trial. The service is set here.
    pub asker: Asker<'a>,
    /// The rules.
    pub config: &'a Config,
    /// Where the account is.
    pub provider: &'a Provider,
    /// The person's record.
    pub record: Option<&'a Record>,
    /// The account's name; by default the one that the provider gives the person.
    pub name: Option<&'a str>,
    /// The language of the prompts, if given.
    pub language: Option<Language>,
    /// Whether the page's answer is looked at only when somebody presses Enter.
    pub by_enter: bool,
    /// Whether root's command adds it, which lets nobody in, so that nobody can divert the trial to a sign-in of theirs.
    pub is_by_root: bool,
    /// How long to wait for another sign-in of this person.
    pub busy_patience: Duration,
    /// Ends waits early.
    pub interrupt: &'a dyn Interrupt,
    /// Opens a new connection to the daemon.
    pub connect: &'a dyn Fn() -> Result<Link, Away>,
}

/// An account that was added.
pub struct Added {
    /// The account as recorded.
    pub account: Account,
    /// New recovery codes, if the record had none.
    pub recovery: Option<RecoverySet>,
    /// Why the person's summary could not be written.
    pub unseen: Option<Distrust>,
}

impl Addition<'_> {
    /// Adds the account, starting on an open connection.
    ///
    /// # Errors
    /// [`NotAdded`].
    pub fn run(&self, link: Link, sitting: &mut dyn Sitting) -> Result<Added, NotAdded> {
        let accounts = self.record.map_or(0, |record| record.accounts.len());
        if accounts >= MOST_ACCOUNTS {
            return Err(NotAdded::TooMany);
        }
        let now = clock::now()?;
        let has_keys = match self.keys() {
            Ok(keys) => keys.keys.iter().any(|key| key.counts(now)),
            Err(NotAdded::NoKeys(_)) => false,
            Err(why) => return Err(why),
        };
        if !has_keys {
            ask_for_keys(&self.config.paths.socket);
            return Err(NotAdded::NoKeys(self.provider.name.clone()));
        }
        let mut ticket = OpenTicket::draw(link, self, now)?;
        ticket.open(self)?;
        let signed_in = ticket.wait(self, sitting)?;
        let mut account = self.account_of(&signed_in)?;
        if !sitting.confirm(&account)? {
            return Err(NotAdded::NotTheirs);
        }
        // After the question: a name that somebody has chosen here does not say whose it is there.
        if let Some(name) = self.name {
            name.clone_into(&mut account.name);
        }
        // One sign-in at the provider at a time.
        drop(ticket);
        let trial = Trial {
            addition: self,
            account: &account,
        };
        let Passed { verified, pending } = trial.run(sitting)?;
        let added = self.write(&account, &verified, sitting);
        let outcome = if added.is_ok() { "accepted" } else { "refused" };
        pending.conclude_heard(outcome, self.interrupt);
        added
    }

    /// The provider's keys, as root's file has them now.
    fn keys(&self) -> Result<KeySet, NotAdded> {
        let name = &self.provider.name;
        let none = || NotAdded::NoKeys(name.clone());
        let folder = match Folder::open(&self.config.paths.providers) {
            Ok(folder) => folder,
            Err(distrust) if distrust.is_missing() => return Err(none()),
            Err(distrust) => return Err(Trouble::new("provider", &distrust).into()),
        };
        key_file::load(&folder, name)?.ok_or_else(none)
    }

    /// Whether the key that `token` names is there. If that cannot be told, the token is judged as it is.
    fn has_key(&self, token: &str) -> bool {
        match (clock::now(), self.keys()) {
            (Ok(now), Ok(keys)) => has_key_for(token, &keys, self.provider, now),
            _ => true,
        }
    }

    /// Why a token that came `now` is refused.
    fn refused(&self, fault: Fault, now: UnixTime) -> NotAdded {
        let detail = fault.detail(&self.provider.name, now);
        NotAdded::Token { fault, detail }
    }

    /// The account of whoever has signed in.
    fn account_of(&self, token: &VerifiedToken) -> Result<Account, NotAdded> {
        let enrolled = clock::now()?.to_string();
        let account = Account {
            provider: self.provider.name.clone(),
            subject: token.subject().clone(),
            name: token.name().to_owned(),
            enrolled: enrolled.parse().map_err(|_| NotAdded::Clock)?,
        };
        let mut known = self.record.into_iter().flat_map(|record| &record.accounts);
        if known.any(|known| known.is_same_as(&account)) {
            return Err(NotAdded::Known);
        }
        let account = Account {
            // Never without a name, by which it is removed.
            name: account.shown_name(),
            ..account
        };
        // Before anybody signs in once more for nothing.
        if !account.is_sound() {
            return Err(NotAdded::Unwritten(Unwritten::Refused(Refused::Unsound)));
        }
        Ok(account)
    }

    fn write(
        &self,
        account: &Account,
        trial: &VerifiedToken,
        sitting: &mut dyn Sitting,
    ) -> Result<Added, NotAdded> {
        let recovery = random::recovery_set()?;
        let new = NewAccount {
            account,
            trial: Some(trial),
            recovery: Some(&recovery.hashes),
            language: self.language,
        };
        let changed = match sitting.write(Edit::AddAccount(&new)) {
            Err(NotAdded::Unwritten(Unwritten::Refused(Refused::KnownAccount))) => {
                return Err(NotAdded::Known);
            }
            Err(NotAdded::Unwritten(Unwritten::Refused(Refused::TooManyAccounts))) => {
                return Err(NotAdded::TooMany);
            }
            written => written?,
        };
        Ok(Added {
            // The newest is last.
            account: changed
                .after
                .record
                .accounts
                .last()
                .unwrap_or(account)
                .clone(),
            recovery: (changed.before.record.recovery.is_none()).then_some(recovery),
            unseen: changed.unseen,
        })
    }
}

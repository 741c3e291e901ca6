//! A store that forgets when the process ends: for tests.

use std::future::ready;
use std::sync::{Mutex, MutexGuard, PoisonError};

use antiphon_core::time::UnixTime;

use super::messages::{DAY, TEN_MINUTES};
use super::{Ceilings, Counted, MOST_REPORTS, Pending, Phone, Store, StoreError};
use crate::push::Target;
use crate::token::TokenHash;

/// All in memory.
#[derive(Debug, Default)]
pub(crate) struct Memory(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    phones: Vec<Phone>,
    /// Person and event, the oldest first.
    reports: Vec<(String, String)>,
    push_key: Option<Vec<u8>>,
    /// When, and to whom.
    messages: Vec<(u64, String)>,
}

impl Memory {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(
        &self,
        credential: &[u8],
        change: impl FnOnce(&mut Phone) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut held = self.held();
        let phone = held
            .phones
            .iter_mut()
            .find(|phone| phone.credential == credential);
        phone.map_or(Err(StoreError::Conflict), change)
    }

    fn find(&self, is: impl Fn(&Phone) -> bool) -> Option<Phone> {
        self.held().phones.iter().find(|phone| is(phone)).cloned()
    }
}

fn at_once<'a, T: Send + 'a>(result: Result<T, StoreError>) -> Pending<'a, T> {
    Box::pin(ready(result))
}

impl Store for Memory {
    fn keep(&self, phone: Phone) -> Pending<'_, ()> {
        let mut held = self.held();
        let same = |other: &&mut Phone| other.credential == phone.credential;
        at_once(match held.phones.iter_mut().find(same) {
            Some(other) if other.user != phone.user => Err(StoreError::Conflict),
            Some(other) => {
                *other = phone;
                Ok(())
            }
            None => {
                held.phones.push(phone);
                Ok(())
            }
        })
    }

    fn of_token(&self, token: TokenHash) -> Pending<'_, Option<Phone>> {
        at_once(Ok(self.find(|phone| phone.token == token)))
    }

    fn of_credential(&self, credential: &[u8]) -> Pending<'_, Option<Phone>> {
        at_once(Ok(self.find(|phone| phone.credential == credential)))
    }

    fn of_user(&self, user: &str) -> Pending<'_, Vec<Phone>> {
        let held = self.held();
        let mut phones: Vec<_> = held
            .phones
            .iter()
            .filter(|phone| phone.user == user)
            .collect();
        phones.sort_by_key(|phone| phone.enrolled);
        at_once(Ok(phones.into_iter().cloned().collect()))
    }

    fn renew(&self, credential: &[u8], old: TokenHash, new: TokenHash) -> Pending<'_, ()> {
        at_once(self.change(credential, |phone| {
            if phone.token != old {
                return Err(StoreError::Conflict);
            }
            phone.token = new;
            Ok(())
        }))
    }

    fn call_at(&self, credential: &[u8], target: Option<Target>) -> Pending<'_, ()> {
        at_once(self.change(credential, |phone| {
            phone.push = target;
            Ok(())
        }))
    }

    fn lost(&self, credential: &[u8], target: Target) -> Pending<'_, ()> {
        let changed = self.change(credential, |phone| {
            if phone.push.as_ref() == Some(&target) {
                phone.push = None;
            }
            Ok(())
        });
        at_once(match changed {
            Err(StoreError::Conflict) => Ok(()),
            other => other,
        })
    }

    fn forget(&self, credentials: Vec<Vec<u8>>) -> Pending<'_, usize> {
        let mut held = self.held();
        let before = held.phones.len();
        held.phones
            .retain(|phone| !credentials.contains(&phone.credential));
        at_once(Ok(before - held.phones.len()))
    }

    fn report(&self, user: &str, event: &str) -> Pending<'_, bool> {
        let mut held = self.held();
        let report = (user.to_owned(), event.to_owned());
        if held.reports.contains(&report) {
            return at_once(Ok(false));
        }
        held.reports.push(report);
        let theirs = held.reports.iter().filter(|(whose, _)| whose == user);
        if theirs.count() > MOST_REPORTS
            && let Some(oldest) = held.reports.iter().position(|(whose, _)| whose == user)
        {
            held.reports.remove(oldest);
        }
        at_once(Ok(true))
    }

    fn reported(&self, user: &str) -> Pending<'_, Vec<String>> {
        let held = self.held();
        let theirs = held.reports.iter().filter(|(whose, _)| whose == user);
        at_once(Ok(theirs.map(|(_, event)| event.clone()).collect()))
    }

    fn push_key(&self, new: Vec<u8>) -> Pending<'_, Vec<u8>> {
        at_once(Ok(self.held().push_key.get_or_insert(new).clone()))
    }

    fn count_message(&self, user: &str, now: UnixTime, ceilings: Ceilings) -> Pending<'_, Counted> {
        let messages = &mut self.held().messages;
        for (at, _) in messages.iter_mut() {
            *at = now.0.min(*at);
        }
        let since = |seconds: u64, of: Option<&str>| {
            let is_counted = |(at, whose): &&(u64, String)| {
                at.saturating_add(seconds) > now.0 && of.is_none_or(|user| user == whose)
            };
            messages.iter().filter(is_counted).count() as u64
        };
        let counted = ceilings.allow(
            since(TEN_MINUTES, Some(user)),
            since(DAY, Some(user)),
            since(DAY, None),
        );
        if counted == Counted::Fine {
            messages.push((now.0, user.to_owned()));
        }
        at_once(Ok(counted))
    }
}

#[cfg(test)]
mod tests {
    use super::Memory;
    use crate::store::conformance;

    #[tokio::test]
    async fn it_does_what_stores_do() {
        conformance::holds(&Memory::default()).await;
    }
}

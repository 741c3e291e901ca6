//! An in-memory store, for tests.

use std::future::ready;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use antiphon_core::fleet::Kind;
use antiphon_core::time::UnixTime;
use antiphon_core::wire::HostEntry;
use tokio::time::sleep;

use super::fleet::{
    FleetHost, Joining, Newcomer, Numbered, OpenToken, Opening, Publication, Published,
};
use super::messages::{DAY, Sent, TEN_MINUTES};
use super::{
    Ceilings, Counted, Device, MOST_DEVICES, MOST_REPORTS, Sending, Store, StoreError, StoreFuture,
};
use crate::push::Target;
use crate::token::TokenHash;

#[derive(Debug, Default)]
pub(crate) struct Memory(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    phones: Vec<Device>,
    /// Person and event, the oldest first.
    reports: Vec<(String, String)>,
    push_key: Option<Vec<u8>>,
    /// With their times.
    messages: Vec<(u64, Sending)>,
    documents: Vec<Published>,
    tokens: Vec<OpenToken>,
    hosts: Vec<FleetHost>,
    is_away: bool,
    /// How long it takes to find a host.
    takes: Duration,
    /// Hosts that were noted, each time.
    seen: Vec<Vec<String>>,
    revoked_keys: Vec<[u8; 32]>,
}

impl Memory {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers none of the questions that a sign-in has any more.
    pub(crate) fn go_away(&self) {
        self.held().is_away = true;
    }

    /// Takes its time from now on to find a host.
    pub(crate) fn slow_down(&self, takes: Duration) {
        self.held().takes = takes;
    }

    /// The hosts that were noted as connected, each time.
    pub(crate) fn noted(&self) -> Vec<Vec<String>> {
        self.held().seen.clone()
    }

    fn away(&self) -> Option<StoreError> {
        let is_away = self.held().is_away;
        is_away.then(|| StoreError::Unavailable("it is away".into()))
    }

    fn change(
        &self,
        is: impl Fn(&Device) -> bool,
        change: impl FnOnce(&mut Device),
    ) -> Result<(), StoreError> {
        let mut held = self.held();
        let phone = held.phones.iter_mut().find(|phone| is(phone));
        phone.map(change).ok_or(StoreError::Conflict)
    }

    fn find(&self, is: impl Fn(&Device) -> bool) -> Option<Device> {
        let held = self.held();
        held.phones.iter().rfind(|phone| is(phone)).cloned()
    }
}

fn at_once<'a, T: Send + 'a>(result: Result<T, StoreError>) -> StoreFuture<'a, T> {
    Box::pin(ready(result))
}

impl Store for Memory {
    fn keep(&self, phone: Device) -> StoreFuture<'_, ()> {
        let mut held = self.held();
        let same = |other: &Device| other.credential == phone.credential;
        let theirs = |other: &Device| same(other) && other.user != phone.user;
        if held.phones.iter().any(theirs) {
            return at_once(Err(StoreError::Conflict));
        }
        held.phones.retain(|other| !same(other));
        held.phones.push(phone);
        at_once(Ok(()))
    }

    fn of_token(&self, token: TokenHash) -> StoreFuture<'_, Option<Device>> {
        at_once(Ok(self.find(|phone| phone.token == token)))
    }

    fn of_credential(&self, credential: &[u8]) -> StoreFuture<'_, Option<Device>> {
        at_once(Ok(self.find(|phone| phone.credential == credential)))
    }

    fn of_user(&self, user: &str) -> StoreFuture<'_, Vec<Device>> {
        if let Some(away) = self.away() {
            return at_once(Err(away));
        }
        let held = self.held();
        let mut phones: Vec<_> = held
            .phones
            .iter()
            .filter(|phone| phone.user == user)
            .collect();
        phones.sort_by_key(|phone| phone.enrolled);
        at_once(Ok(phones.into_iter().cloned().collect()))
    }

    fn add_token(&self, credential: &[u8], token: TokenHash) -> StoreFuture<'_, Vec<TokenHash>> {
        let mut held = self.held();
        let is_its = |phone: &&Device| phone.credential == credential;
        let Some(latest) = held.phones.iter().rfind(is_its).cloned() else {
            return at_once(Err(StoreError::Conflict));
        };
        held.phones.push(Device {
            token,
            push: None,
            ..latest
        });
        let tokens: Vec<_> = held
            .phones
            .iter()
            .filter(is_its)
            .map(|phone| phone.token)
            .collect();
        let ended = tokens[..tokens.len().saturating_sub(MOST_DEVICES)].to_vec();
        held.phones.retain(|phone| !ended.contains(&phone.token));
        at_once(Ok(ended))
    }

    fn call_at(&self, token: TokenHash, target: Option<Target>) -> StoreFuture<'_, ()> {
        at_once(self.change(|phone| phone.token == token, |phone| phone.push = target))
    }

    fn lost(&self, credential: &[u8], target: Target) -> StoreFuture<'_, ()> {
        let mut held = self.held();
        for phone in &mut held.phones {
            if phone.credential == credential && phone.push.as_ref() == Some(&target) {
                phone.push = None;
            }
        }
        at_once(Ok(()))
    }

    fn forget(&self, credentials: Vec<Vec<u8>>) -> StoreFuture<'_, usize> {
        let mut held = self.held();
        let mut gone: Vec<Vec<u8>> = Vec::new();
        held.phones.retain(|phone| {
            let goes = credentials.contains(&phone.credential);
            if goes && !gone.contains(&phone.credential) {
                gone.push(phone.credential.clone());
            }
            !goes
        });
        at_once(Ok(gone.len()))
    }

    fn report(&self, user: &str, event: &str) -> StoreFuture<'_, bool> {
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

    fn reported(&self, user: &str) -> StoreFuture<'_, Vec<String>> {
        let held = self.held();
        let theirs = held.reports.iter().filter(|(whose, _)| whose == user);
        at_once(Ok(theirs.map(|(_, event)| event.clone()).collect()))
    }

    fn push_key(&self, new: Vec<u8>) -> StoreFuture<'_, Vec<u8>> {
        at_once(Ok(self.held().push_key.get_or_insert(new).clone()))
    }

    fn errors(&self) -> u64 {
        0
    }

    fn count_message(
        &self,
        sending: Sending,
        now: UnixTime,
        ceilings: Ceilings,
    ) -> StoreFuture<'_, Counted> {
        let messages = &mut self.held().messages;
        for (at, _) in messages.iter_mut() {
            *at = now.0.min(*at);
        }
        let since = |seconds: u64, is_meant: &dyn Fn(&Sending) -> bool| {
            let is_counted = |(at, other): &&(u64, Sending)| {
                at.saturating_add(seconds) > now.0 && is_meant(other)
            };
            messages.iter().filter(is_counted).count() as u64
        };
        let is_persons = |other: &Sending| other.user == sending.user;
        let is_hosts = |other: &Sending| !other.host.is_empty() && other.host == sending.host;
        let counted = ceilings.allow(Sent {
            ten_minutes: since(TEN_MINUTES, &is_persons),
            day: since(DAY, &is_persons),
            day_of_host: since(DAY, &is_hosts),
            day_of_all: since(DAY, &|_| true),
        });
        if counted == Counted::Fine {
            messages.push((now.0, sending));
        }
        at_once(Ok(counted))
    }

    fn publish(&self, document: Published) -> StoreFuture<'_, Publication> {
        let mut held = self.held();
        let same = |other: &Published| (other.kind, &other.name) == (document.kind, &document.name);
        let known = held.documents.iter().find(|other| same(other));
        if let Some(known) = known.filter(|known| known.serial >= document.serial) {
            return at_once(Ok(Publication::Outdated(known.serial)));
        }
        held.documents.retain(|other| !same(other));
        held.documents.push(document);
        at_once(Ok(Publication::Kept))
    }

    fn document(&self, kind: Kind, name: &str) -> StoreFuture<'_, Option<String>> {
        let held = self.held();
        let mut documents = held.documents.iter();
        let found = documents.find(|document| document.kind == kind && document.name == name);
        at_once(Ok(found.map(|document| document.text.clone())))
    }

    fn numbered(&self, name: &str) -> StoreFuture<'_, Option<Numbered>> {
        let held = self.held();
        let mut documents = held.documents.iter();
        let found =
            documents.find(|document| (document.kind, &*document.name) == (Kind::Record, name));
        let numbered = found.and_then(|document| {
            Some(Numbered {
                record: document.text.clone(),
                numbers: document.numbers.clone()?,
            })
        });
        at_once(Ok(numbered))
    }

    fn open_token(&self, token: OpenToken) -> StoreFuture<'_, Opening> {
        let mut held = self.held();
        let is_opener =
            |host: &FleetHost| host.entry.name == token.opener && host.entry.revoked.is_none();
        let opening = if held.tokens.iter().any(|other| other.hash == token.hash) {
            Opening::Known
        } else if token.opener.is_empty() || held.hosts.iter().any(is_opener) {
            held.tokens.push(token);
            Opening::Opened
        } else {
            Opening::NoOpener
        };
        at_once(Ok(opening))
    }

    fn tokens(&self, after: [u8; 32], most: u32, now: UnixTime) -> StoreFuture<'_, Vec<OpenToken>> {
        let mut tokens = self.held().tokens.clone();
        tokens.retain(|token| token.hash > after && token.hosts > 0 && now < token.until);
        tokens.sort_by_key(|token| token.hash);
        tokens.truncate(usize::try_from(most).unwrap());
        at_once(Ok(tokens))
    }

    fn withdraw(&self, hash: [u8; 32]) -> StoreFuture<'_, bool> {
        let mut held = self.held();
        let before = held.tokens.len();
        held.tokens.retain(|token| token.hash != hash);
        at_once(Ok(held.tokens.len() < before))
    }

    fn join(&self, newcomer: Newcomer) -> StoreFuture<'_, Joining> {
        let mut held = self.held();
        let Held {
            tokens,
            hosts,
            revoked_keys,
            ..
        } = &mut *held;
        tokens.retain(|token| newcomer.now < token.until);
        let mut tokens = tokens.iter_mut();
        let token = tokens.find(|token| token.hash == newcomer.hash && token.serves(&newcomer));
        let Some(token) = token else {
            return at_once(Ok(Joining::Token));
        };
        if revoked_keys.contains(&newcomer.key) {
            return at_once(Ok(Joining::Revoked));
        }
        let same = |host: &FleetHost| host.entry.name == newcomer.name;
        let mut holders = hosts.iter();
        let holder = holders.find(|host| same(host) && host.entry.revoked.is_none());
        if let Some(again) = holder.filter(|host| host.key == newcomer.key) {
            return at_once(Ok(Joining::Joined(again.entry.role)));
        }
        if token.hosts == 0 {
            return at_once(Ok(Joining::Token));
        }
        if holder.is_some() {
            return at_once(Ok(Joining::NameTaken));
        }
        token.hosts -= 1;
        hosts.retain(|host| !same(host));
        hosts.push(FleetHost {
            entry: HostEntry {
                name: newcomer.name.clone(),
                role: token.role,
                joined: newcomer.now,
                seen: None,
                revoked: None,
            },
            key: newcomer.key,
        });
        at_once(Ok(Joining::Joined(token.role)))
    }

    fn host(&self, name: &str) -> StoreFuture<'_, Option<FleetHost>> {
        if let Some(away) = self.away() {
            return at_once(Err(away));
        }
        let held = self.held();
        let found = held.hosts.iter().find(|host| host.entry.name == name);
        let (found, takes) = (found.cloned(), held.takes);
        Box::pin(async move {
            if !takes.is_zero() {
                sleep(takes).await;
            }
            Ok(found)
        })
    }

    fn seen(&self, names: Vec<String>, now: UnixTime) -> StoreFuture<'_, ()> {
        let mut held = self.held();
        for host in &mut held.hosts {
            if names.contains(&host.entry.name) {
                host.entry.seen = Some(now);
            }
        }
        held.seen.push(names);
        at_once(Ok(()))
    }

    fn revoke(&self, name: &str, now: UnixTime) -> StoreFuture<'_, bool> {
        let mut held = self.held();
        let Held {
            tokens,
            hosts,
            revoked_keys,
            ..
        } = &mut *held;
        let host = hosts.iter_mut().find(|host| host.entry.name == name);
        let is_there = host.is_some();
        if let Some(host) = host {
            host.entry.revoked.get_or_insert(now);
            revoked_keys.push(host.key);
            tokens.retain(|token| token.opener != name);
        }
        at_once(Ok(is_there))
    }

    fn hosts(&self, after: &str, most: u32) -> StoreFuture<'_, Vec<HostEntry>> {
        let held = self.held();
        let mut hosts: Vec<HostEntry> = held.hosts.iter().map(|host| host.entry.clone()).collect();
        hosts.retain(|host| host.name.as_str() > after);
        hosts.sort_by(|one, other| one.name.cmp(&other.name));
        hosts.truncate(usize::try_from(most).unwrap());
        at_once(Ok(hosts))
    }
}

#[cfg(test)]
mod tests {
    use super::Memory;
    use crate::store::conformance;

    #[tokio::test]
    async fn it_does_what_stores_do() {
        let store = Memory::default();
        conformance::holds(&store).await;
        conformance::messages::are_counted(&store).await;
        conformance::fleet::goes_by_the_time_given(&store).await;
    }
}

//! The store of a single daemon: `SQLite`, in a folder that nobody else can read.
//!
//! The connection lives on its own thread, which executes one operation after the other and answers once it is durable.
//! Pending operations wait in a bounded queue.

mod deeds;
mod fleet;
mod known;
mod messages;
mod schema;

use std::future::ready;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use antiphon_core::fleet::Kind;
use antiphon_core::time::UnixTime;
use antiphon_core::wire::HostEntry;
use known::Known;
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::fleet::{
    FleetHost, Joining, Newcomer, Numbered, OpenToken, Opening, Publication, Published,
};
use super::{Ceilings, Counted, Device, Sending, Store, StoreError, StoreFuture};
use crate::push::Target;
use crate::token::TokenHash;

const QUEUE: usize = 1024;

type Deed = Box<dyn FnOnce(&mut Connection) + Send>;

pub(crate) struct Sqlite {
    deeds: SyncSender<Deed>,
    known: Known,
    errors: AtomicU64,
}

impl Sqlite {
    /// Opens or creates the database at `path`.
    ///
    /// # Errors
    /// One sentence.
    pub(crate) fn open(path: &Path) -> Result<Self, String> {
        let shown = path.display();
        let connection = schema::open(path).map_err(|why| format!("{shown}: {why}"))?;
        Self::on_thread(connection).map_err(|error| format!("{shown}: {error}"))
    }

    fn on_thread(mut connection: Connection) -> std::io::Result<Self> {
        let (deeds, wanted) = sync_channel::<Deed>(QUEUE);
        thread::Builder::new()
            .name("antiphond-store".to_owned())
            .spawn(move || {
                for deed in wanted {
                    deed(&mut connection);
                }
            })?;
        Ok(Self {
            deeds,
            known: Known::default(),
            errors: AtomicU64::new(0),
        })
    }

    /// A deed that changes which devices there are.
    fn change<T: Send + 'static>(
        &self,
        deed: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> StoreFuture<'_, T> {
        let known = self.known.clone();
        self.ask(move |connection| {
            let done = deed(connection);
            // Also if it has failed: it may have been done.
            known.forget();
            done
        })
    }

    fn ask<T: Send + 'static>(
        &self,
        deed: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> StoreFuture<'_, T> {
        let (tell, told) = oneshot::channel();
        let queued = self.deeds.try_send(Box::new(move |connection| {
            // The caller may have gone.
            let _ = tell.send(deed(connection));
        }));
        let told = async move {
            queued.map_err(|_| StoreError::Unavailable("too much waits for it".to_owned()))?;
            told.await
                .map_err(|_| StoreError::Indeterminate("its thread has ended".to_owned()))?
        };
        Box::pin(async move {
            told.await.inspect_err(|error| {
                // A conflict is an answer like others.
                if *error != StoreError::Conflict {
                    self.errors.fetch_add(1, Relaxed);
                }
            })
        })
    }
}

impl Store for Sqlite {
    fn keep(&self, phone: Device) -> StoreFuture<'_, ()> {
        self.change(move |connection| deeds::keep(connection, &phone))
    }

    fn of_token(&self, token: TokenHash) -> StoreFuture<'_, Option<Device>> {
        if let Some(device) = self.known.of_token(token) {
            return Box::pin(ready(Ok(Some(device))));
        }
        let known = self.known.clone();
        self.ask(move |connection| {
            let found = deeds::one(connection, "token = ?1", token.bytes())?;
            Ok(found.inspect(|device| known.found(device)))
        })
    }

    fn of_credential(&self, credential: &[u8]) -> StoreFuture<'_, Option<Device>> {
        let credential = credential.to_vec();
        self.ask(move |connection| deeds::one(connection, "phone.credential = ?1", &credential))
    }

    fn of_user(&self, user: &str) -> StoreFuture<'_, Vec<Device>> {
        if let Some(devices) = self.known.of_user(user) {
            return Box::pin(ready(Ok(devices)));
        }
        let (user, known) = (user.to_owned(), self.known.clone());
        self.ask(move |connection| {
            let found = deeds::of_user(connection, &user)?;
            known.found_of_user(&user, &found);
            Ok(found)
        })
    }

    fn add_token(&self, credential: &[u8], token: TokenHash) -> StoreFuture<'_, Vec<TokenHash>> {
        let credential = credential.to_vec();
        self.change(move |connection| deeds::add_token(connection, &credential, token))
    }

    fn call_at(&self, token: TokenHash, target: Option<Target>) -> StoreFuture<'_, ()> {
        self.change(move |connection| deeds::call_at(connection, token, target.as_ref()))
    }

    fn lost(&self, credential: &[u8], target: Target) -> StoreFuture<'_, ()> {
        let credential = credential.to_vec();
        self.change(move |connection| deeds::lost(connection, &credential, &target))
    }

    fn forget(&self, credentials: Vec<Vec<u8>>) -> StoreFuture<'_, usize> {
        self.change(move |connection| deeds::forget(connection, &credentials))
    }

    fn report(&self, user: &str, event: &str) -> StoreFuture<'_, bool> {
        let (user, event) = (user.to_owned(), event.to_owned());
        self.ask(move |connection| deeds::report(connection, &user, &event))
    }

    fn reported(&self, user: &str) -> StoreFuture<'_, Vec<String>> {
        let user = user.to_owned();
        self.ask(move |connection| deeds::reported(connection, &user))
    }

    fn push_key(&self, new: Vec<u8>) -> StoreFuture<'_, Vec<u8>> {
        self.ask(move |connection| deeds::push_key(connection, &new))
    }

    fn errors(&self) -> u64 {
        self.errors.load(Relaxed)
    }

    fn count_message(
        &self,
        sending: Sending,
        now: UnixTime,
        ceilings: Ceilings,
    ) -> StoreFuture<'_, Counted> {
        self.ask(move |connection| messages::count(connection, &sending, now, ceilings))
    }

    fn publish(&self, document: Published) -> StoreFuture<'_, Publication> {
        self.ask(move |connection| fleet::publish(connection, &document))
    }

    fn document(&self, kind: Kind, name: &str) -> StoreFuture<'_, Option<String>> {
        let name = name.to_owned();
        self.ask(move |connection| fleet::document(connection, kind, &name))
    }

    fn numbered(&self, name: &str) -> StoreFuture<'_, Option<Numbered>> {
        let name = name.to_owned();
        self.ask(move |connection| fleet::numbered(connection, &name))
    }

    fn open_token(&self, token: OpenToken) -> StoreFuture<'_, Opening> {
        self.ask(move |connection| fleet::open_token(connection, &token))
    }

    fn tokens(&self, after: [u8; 32], most: u32, now: UnixTime) -> StoreFuture<'_, Vec<OpenToken>> {
        self.ask(move |connection| fleet::tokens(connection, after, most, now))
    }

    fn withdraw(&self, hash: [u8; 32]) -> StoreFuture<'_, bool> {
        self.ask(move |connection| fleet::withdraw(connection, hash))
    }

    fn join(&self, newcomer: Newcomer) -> StoreFuture<'_, Joining> {
        self.ask(move |connection| fleet::join(connection, &newcomer))
    }

    fn host(&self, name: &str) -> StoreFuture<'_, Option<FleetHost>> {
        let name = name.to_owned();
        self.ask(move |connection| fleet::host(connection, &name))
    }

    fn seen(&self, names: Vec<String>, now: UnixTime) -> StoreFuture<'_, ()> {
        self.ask(move |connection| fleet::seen(connection, &names, now))
    }

    fn revoke(&self, name: &str, now: UnixTime) -> StoreFuture<'_, bool> {
        let name = name.to_owned();
        self.ask(move |connection| fleet::revoke(connection, &name, now))
    }

    fn hosts(&self, after: &str, most: u32) -> StoreFuture<'_, Vec<HostEntry>> {
        let after = after.to_owned();
        self.ask(move |connection| fleet::hosts(connection, &after, most))
    }
}

#[cfg(test)]
mod tests;

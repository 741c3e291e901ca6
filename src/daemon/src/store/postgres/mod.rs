//! The store that several relays share, in the fleet's engine.
//!
//! Nothing is remembered here: another relay may have written since.

mod deeds;
mod fleet;
mod gathered;
mod messages;
#[cfg(test)]
mod tests;

use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use antiphon_core::fleet::Kind;
use antiphon_core::time::UnixTime;
use antiphon_core::wire::HostEntry;

use super::fleet::{
    FleetHost, Joining, Newcomer, Numbered, OpenToken, Opening, Publication, Published,
};
use super::{Ceilings, Counted, Device, Sending, Store, StoreError, StoreFuture};
use crate::engine::{Care, Client, Deed, Engine, Transaction};
use crate::push::Target;
use crate::seldom::Seldom;
use crate::token::TokenHash;
use gathered::{Found, Gathered};

/// The engine's time at this moment: relays may differ. Not the one at which the transaction began to wait.
const NOW: &str = "floor(extract(epoch FROM clock_timestamp()))::bigint";

async fn now(transaction: &Transaction<'_>) -> Result<i64, StoreError> {
    let row = transaction.query_one(&format!("SELECT {NOW}"), &[]).await?;
    Ok(row.try_get(0)?)
}

pub(crate) struct Postgres {
    engine: Arc<Engine>,
    errors: Arc<AtomicU64>,
    /// The two look-ups of each sign-in.
    hosts: Arc<Gathered<Option<FleetHost>>>,
    phones: Arc<Gathered<Vec<Device>>>,
}

impl Postgres {
    /// Keeps everything in `engine`, which has begun.
    pub(crate) fn new(engine: Arc<Engine>) -> Self {
        Self {
            engine,
            errors: Arc::default(),
            hosts: Gathered::new(),
            phones: Gathered::new(),
        }
    }

    fn ask<T: Send + 'static>(
        &self,
        deed: impl for<'c> FnOnce(&'c mut Client) -> Deed<'c, T> + Send + 'static,
    ) -> StoreFuture<'_, T> {
        self.ask_with(Care::Sure, deed)
    }

    fn ask_with<T: Send + 'static>(
        &self,
        care: Care,
        deed: impl for<'c> FnOnce(&'c mut Client) -> Deed<'c, T> + Send + 'static,
    ) -> StoreFuture<'_, T> {
        Box::pin(async move {
            let done = self.engine.run(care, deed).await;
            done.inspect_err(|error| count(error, &self.errors))
        })
    }

    /// Looks `name` up, together with what others ask for.
    fn look_up<V: Clone + Default + Send + 'static>(
        &self,
        gathered: &Arc<Gathered<V>>,
        name: &str,
        find: impl for<'c> FnOnce(&'c mut Client, &'c [&'c str]) -> Deed<'c, Found<V>> + Send + 'static,
    ) -> StoreFuture<'_, V> {
        static SELDOM: Seldom = Seldom::once_a_minute();
        // The engine refuses a question with such a name in it, and so would refuse all that are asked with it.
        if name.contains('\0') {
            return Box::pin(ready(Ok(V::default())));
        }
        let (told, turn) = gathered.ask(name);
        if let Some(turn) = turn {
            let (engine, errors) = (Arc::clone(&self.engine), Arc::clone(&self.errors));
            // To its end, whether or not the first who has asked still waits.
            tokio::spawn(async move {
                let done = engine.run(Care::Sure, move |client| {
                    Box::pin(async move {
                        let together = turn.take();
                        let found = find(client, &together.names()).await?;
                        together.tell(&found);
                        Ok(())
                    })
                });
                if let Err(error) = done.await {
                    count(&error, &errors);
                    SELDOM.fail(format_args!("a look-up has failed: {error}"));
                }
            });
        }
        Box::pin(async move {
            told.await.unwrap_or_else(|_| {
                Err(StoreError::Unavailable(
                    "the engine does not answer".to_owned(),
                ))
            })
        })
    }
}

fn count(error: &StoreError, errors: &AtomicU64) {
    // A conflict is an answer like others.
    if *error != StoreError::Conflict {
        errors.fetch_add(1, Relaxed);
    }
}

impl Store for Postgres {
    fn keep(&self, phone: Device) -> StoreFuture<'_, ()> {
        self.ask(move |client| Box::pin(async move { deeds::keep(client, &phone).await }))
    }

    fn of_token(&self, token: TokenHash) -> StoreFuture<'_, Option<Device>> {
        self.ask(move |client| Box::pin(deeds::of_token(client, token)))
    }

    fn of_credential(&self, credential: &[u8]) -> StoreFuture<'_, Option<Device>> {
        let credential = credential.to_vec();
        self.ask(move |client| {
            Box::pin(async move { deeds::of_credential(client, &credential).await })
        })
    }

    fn of_user(&self, user: &str) -> StoreFuture<'_, Vec<Device>> {
        self.look_up(&self.phones, user, |client, users| {
            Box::pin(deeds::of_users(client, users))
        })
    }

    fn add_token(&self, credential: &[u8], token: TokenHash) -> StoreFuture<'_, Vec<TokenHash>> {
        let credential = credential.to_vec();
        self.ask(move |client| {
            Box::pin(async move { deeds::add_token(client, &credential, token).await })
        })
    }

    fn call_at(&self, token: TokenHash, target: Option<Target>) -> StoreFuture<'_, ()> {
        self.ask(move |client| {
            Box::pin(async move { deeds::call_at(client, token, target.as_ref()).await })
        })
    }

    fn lost(&self, credential: &[u8], target: Target) -> StoreFuture<'_, ()> {
        let credential = credential.to_vec();
        self.ask(move |client| {
            Box::pin(async move { deeds::lost(client, &credential, &target).await })
        })
    }

    fn forget(&self, credentials: Vec<Vec<u8>>) -> StoreFuture<'_, usize> {
        self.ask(move |client| Box::pin(async move { deeds::forget(client, &credentials).await }))
    }

    fn report(&self, user: &str, event: &str) -> StoreFuture<'_, bool> {
        let (user, event) = (user.to_owned(), event.to_owned());
        self.ask(move |client| Box::pin(async move { deeds::report(client, &user, &event).await }))
    }

    fn reported(&self, user: &str) -> StoreFuture<'_, Vec<String>> {
        let user = user.to_owned();
        self.ask(move |client| Box::pin(async move { deeds::reported(client, &user).await }))
    }

    fn push_key(&self, new: Vec<u8>) -> StoreFuture<'_, Vec<u8>> {
        self.ask(move |client| Box::pin(async move { deeds::push_key(client, &new).await }))
    }

    fn errors(&self) -> u64 {
        self.errors.load(Relaxed)
    }

    fn count_message(
        &self,
        sending: Sending,
        _: UnixTime,
        ceilings: Ceilings,
    ) -> StoreFuture<'_, Counted> {
        self.ask(move |client| {
            Box::pin(async move { messages::count(client, &sending, ceilings).await })
        })
    }

    fn publish(&self, document: Published) -> StoreFuture<'_, Publication> {
        self.ask(move |client| Box::pin(async move { fleet::publish(client, &document).await }))
    }

    fn document(&self, kind: Kind, name: &str) -> StoreFuture<'_, Option<String>> {
        let name = name.to_owned();
        self.ask(move |client| Box::pin(async move { fleet::document(client, kind, &name).await }))
    }

    fn numbered(&self, name: &str) -> StoreFuture<'_, Option<Numbered>> {
        let name = name.to_owned();
        self.ask(move |client| Box::pin(async move { fleet::numbered(client, &name).await }))
    }

    fn open_token(&self, token: OpenToken) -> StoreFuture<'_, Opening> {
        self.ask(move |client| Box::pin(async move { fleet::open_token(client, &token).await }))
    }

    fn tokens(&self, after: [u8; 32], most: u32, _: UnixTime) -> StoreFuture<'_, Vec<OpenToken>> {
        self.ask(move |client| Box::pin(fleet::tokens(client, after, most)))
    }

    fn withdraw(&self, hash: [u8; 32]) -> StoreFuture<'_, bool> {
        self.ask(move |client| Box::pin(async move { fleet::withdraw(client, hash).await }))
    }

    fn join(&self, newcomer: Newcomer) -> StoreFuture<'_, Joining> {
        self.ask(move |client| Box::pin(fleet::join(client, newcomer)))
    }

    fn host(&self, name: &str) -> StoreFuture<'_, Option<FleetHost>> {
        self.look_up(&self.hosts, name, |client, names| {
            Box::pin(fleet::hosts_named(client, names))
        })
    }

    fn seen(&self, names: Vec<String>, _: UnixTime) -> StoreFuture<'_, ()> {
        // Nobody waits for it, and nothing rests on it.
        self.ask_with(Care::Soft, move |client| {
            Box::pin(async move { fleet::seen(client, &names).await })
        })
    }

    fn revoke(&self, name: &str, _: UnixTime) -> StoreFuture<'_, bool> {
        let name = name.to_owned();
        self.ask(move |client| Box::pin(async move { fleet::revoke(client, &name).await }))
    }

    fn hosts(&self, after: &str, most: u32) -> StoreFuture<'_, Vec<HostEntry>> {
        let after = after.to_owned();
        self.ask(move |client| Box::pin(async move { fleet::hosts(client, &after, most).await }))
    }
}

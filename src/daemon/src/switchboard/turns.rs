//! What a relay has the engine open for a person, one after the other: the last one has the place, whatever stands here.
//!
//! Whoever comes second waits, and is not turned away: what is being opened may come to nothing, uncounted, as often as somebody
//! likes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;
use tokio::time::timeout;

use super::Switchboard;

/// How long a sign-in waits for its turn.
const PATIENCE: Duration = Duration::from_secs(1);

/// By person.
#[derive(Clone, Default)]
pub(super) struct Turns(Arc<Mutex<HashMap<String, Queue>>>);

/// First come, first served.
type Queue = Arc<tokio::sync::Mutex<()>>;

/// A turn, or the wait for it, until the value is dropped.
pub(super) struct Turn {
    turns: Turns,
    user: String,
    held: Option<OwnedMutexGuard<()>>,
}

impl Turns {
    fn all(&self) -> MutexGuard<'_, HashMap<String, Queue>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the person's turn.
    pub(super) async fn take(&self, user: &str) -> Turn {
        let queue = Arc::clone(self.all().entry(user.to_owned()).or_default());
        let mut turn = Turn {
            turns: self.clone(),
            user: user.to_owned(),
            held: None,
        };
        turn.held = Some(queue.lock_owned().await);
        turn
    }

    /// The same; `None` if it does not come in time.
    pub(super) async fn take_soon(&self, user: &str) -> Option<Turn> {
        timeout(PATIENCE, self.take(user)).await.ok()
    }
}

impl Switchboard {
    /// Keeps a turn until the engine has done with request `id`, for which nobody waits any more: opened late, it would have the
    /// place of the person's next one.
    pub(super) fn keep_turn(&self, turn: Turn, id: String) {
        let post = Arc::clone(&self.post);
        tokio::spawn(async move {
            post.settled(id).await;
            drop(turn);
        });
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut all = self.turns.all();
        self.held = None;
        if all
            .get(&self.user)
            .is_some_and(|queue| Arc::strong_count(queue) == 1)
        {
            all.remove(&self.user);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Turns;

    #[tokio::test(start_paused = true)]
    async fn each_person_has_one_turn_at_a_time_and_nobody_is_remembered() {
        let turns = Turns::default();
        let first = turns.take("anna").await;
        let _bob = turns.take_soon("bob").await.unwrap();
        assert!(turns.take_soon("anna").await.is_none());
        let (next, ()) = tokio::join!(turns.take_soon("anna"), async { drop(first) });
        assert!(next.is_some());
        drop(next);
        assert_eq!(turns.all().keys().collect::<Vec<_>>(), ["bob"]);
    }
}

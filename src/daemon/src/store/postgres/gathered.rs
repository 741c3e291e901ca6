//! Look-ups that are made together: what is asked for while the engine answers is its next question. When all of a fleet's
//! hosts come at once, it is asked a few times, and not once for each.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot::{Receiver, Sender, channel};

use crate::store::StoreError;

/// What was found under each name. A row that cannot be read is the trouble of whoever has asked for it alone.
pub(super) type Found<V> = HashMap<String, Result<V, StoreError>>;

/// What is asked for by name and has not been looked up yet. A turn lasts for seconds at most, and who asks is somebody with a
/// connection, of which there are only so many.
pub(super) struct Gathered<V>(Mutex<Vec<Asked<V>>>);

struct Asked<V> {
    name: String,
    tell: Sender<Result<V, StoreError>>,
}

/// The duty to look up whatever is asked for until it is taken. If it is dropped untaken, all who wait are told nothing.
pub(super) struct Turn<V>(Option<Arc<Gathered<V>>>);

/// Whoever is told by one look-up.
pub(super) struct Together<V>(Vec<Asked<V>>);

impl<V> Gathered<V> {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::default()))
    }

    /// Asks for `name`. Who is the first to ask has the duty to look it up.
    pub(super) fn ask(
        self: &Arc<Self>,
        name: &str,
    ) -> (Receiver<Result<V, StoreError>>, Option<Turn<V>>) {
        let (tell, told) = channel();
        let mut asked = self.asked();
        asked.push(Asked {
            name: name.to_owned(),
            tell,
        });
        let is_first = asked.len() == 1;
        (told, is_first.then(|| Turn(Some(Arc::clone(self)))))
    }

    fn asked(&self) -> MutexGuard<'_, Vec<Asked<V>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<V> Turn<V> {
    /// What was asked for so far. Whoever asks from now on has the next turn.
    pub(super) fn take(mut self) -> Together<V> {
        Together(self.all())
    }

    fn all(&mut self) -> Vec<Asked<V>> {
        let gathered = self.0.take();
        gathered.map_or_else(Vec::new, |gathered| std::mem::take(&mut gathered.asked()))
    }
}

impl<V> Drop for Turn<V> {
    fn drop(&mut self) {
        self.all();
    }
}

impl<V: Clone + Default> Together<V> {
    pub(super) fn names(&self) -> Vec<&str> {
        self.0.iter().map(|asked| &*asked.name).collect()
    }

    /// Tells each what was found under the name that it has asked for.
    pub(super) fn tell(self, found: &Found<V>) {
        for Asked { name, tell } in self.0 {
            // Whoever has asked may have gone.
            let _ = tell.send(
                found
                    .get(&name)
                    .cloned()
                    .unwrap_or_else(|| Ok(V::default())),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Gathered;

    #[tokio::test]
    async fn what_is_asked_for_while_the_engine_is_busy_is_one_question() {
        let gathered = Gathered::<Option<u8>>::new();
        let (first, turn) = gathered.ask("db7");
        let turn = turn.unwrap();
        // As many as a relay takes, and none of them begins a question of its own.
        let others: Vec<_> = (0..20_000)
            .map(|number| gathered.ask(&format!("web{number}")))
            .collect();
        assert!(others.iter().all(|(_, turn)| turn.is_none()));
        let together = turn.take();
        assert_eq!(together.names().len(), 20_001);
        // Nobody waits for an answer that was on its way before: it may be out of date.
        let (later, next) = gathered.ask("db7");
        assert_eq!(next.unwrap().take().names(), ["db7"]);
        together.tell(
            &[
                ("db7".to_owned(), Ok(Some(7))),
                ("web3".to_owned(), Ok(Some(3))),
            ]
            .into(),
        );
        assert_eq!(first.await, Ok(Ok(Some(7))));
        for (number, (told, _)) in others.into_iter().enumerate() {
            assert_eq!(told.await, Ok(Ok((number == 3).then_some(3))));
        }
        assert!(later.await.is_err());
    }

    #[tokio::test]
    async fn a_question_that_cannot_be_asked_keeps_nobody_waiting() {
        let gathered = Gathered::<Option<u8>>::new();
        let ((first, turn), (other, _)) = (gathered.ask("db7"), gathered.ask("web1"));
        drop(turn);
        assert!(first.await.is_err() && other.await.is_err());
        assert!(gathered.ask("db7").1.is_some());
    }
}

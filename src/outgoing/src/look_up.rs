//! Look-ups of names, each of which takes a thread for as long as the system's resolver takes, also when nobody waits for
//! it any more.
//!
//! Phones choose the names. So each person has a few look-ups at a time, however many names nobody answers for, and a
//! name has one, for which all wait who ask for it.

use std::collections::HashMap;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, watch};
use tokio::task::spawn_blocking;

use super::lane::Lane;

/// The most look-ups.
const ALL: usize = 64;
/// The most for one person.
const OF_PERSON: usize = 3;

tokio::task_local! {
    /// Whose phone is asked for. hyper hands a connector nothing but the address.
    static PERSON: String;
}

type Found = Result<Vec<SocketAddr>, String>;
type Answer = watch::Receiver<Option<Found>>;
type Resolve = dyn Fn(&str) -> io::Result<Vec<SocketAddr>> + Send + Sync;

pub(super) struct LookUps {
    resolve: Box<Resolve>,
    all: Arc<Semaphore>,
    persons: Lane<String>,
    under_way: Mutex<HashMap<String, Answer>>,
}

/// Does `what`, and counts its look-ups as those of `person`.
pub(super) async fn on_account_of<T>(person: &str, what: impl Future<Output = T>) -> T {
    PERSON.scope(person.to_owned(), what).await
}

impl LookUps {
    pub(super) fn of_the_system() -> Arc<Self> {
        Self::new(|name| Ok((name, 0).to_socket_addrs()?.collect()))
    }

    fn new(
        resolve: impl Fn(&str) -> io::Result<Vec<SocketAddr>> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self {
            resolve: Box::new(resolve),
            all: Arc::new(Semaphore::new(ALL)),
            persons: Lane::new(OF_PERSON),
            under_way: Mutex::default(),
        })
    }

    /// The addresses of `name`. Takes as long as the resolver does, and as it takes until it is this person's turn.
    ///
    /// # Errors
    /// One sentence.
    pub(super) async fn look_up(self: &Arc<Self>, name: &str) -> Found {
        let under_way = self.under_way().get(name).cloned();
        let mut answer = match under_way {
            Some(answer) => answer,
            None => self.begin(name).await,
        };
        let found = answer.wait_for(Option::is_some).await;
        let found = found.ok().and_then(|found| found.clone());
        found.unwrap_or_else(|| Err("its name could not be looked up".to_owned()))
    }

    async fn begin(self: &Arc<Self>, name: &str) -> Answer {
        // Before the name is under way: nobody else waits for this person's turn.
        let person = PERSON.try_with(|person| self.persons.of(person.clone()));
        let share = match person {
            Ok(share) => Some(share.acquire_owned().await),
            // A gateway, which root has chosen.
            Err(_) => None,
        };
        let seat = Arc::clone(&self.all).acquire_owned().await;
        let mut under_way = self.under_way();
        if let Some(answer) = under_way.get(name) {
            return answer.clone();
        }
        let (tell, answer) = watch::channel(None);
        under_way.insert(name.to_owned(), answer.clone());
        drop(under_way);
        let look_up = Running {
            look_ups: Arc::clone(self),
            name: name.to_owned(),
        };
        spawn_blocking(move || {
            let found = (look_up.look_ups.resolve)(&look_up.name);
            drop(look_up);
            tell.send_replace(Some(found.map_err(|error| error.to_string())));
            // Not before: nothing ends a look-up that nobody waits for any more.
            drop((share, seat));
        });
        answer
    }

    fn under_way(&self) -> MutexGuard<'_, HashMap<String, Answer>> {
        self.under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// A look-up that is under way until this is dropped, whatever happens.
struct Running {
    look_ups: Arc<LookUps>,
    name: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.look_ups.under_way().remove(&self.name);
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc::{self, Sender};
    use std::sync::{Mutex, PoisonError};

    use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

    use super::{ALL, LookUps, OF_PERSON, on_account_of};

    const ADDRESS: &str = "192.0.2.1:0";

    /// A resolver that answers for `answers.example` and for nothing else until it is told to end.
    struct Silent {
        look_ups: Arc<LookUps>,
        /// The names that it was asked for.
        asked: UnboundedReceiver<String>,
        /// Ends the silence when dropped: a runtime waits for its threads.
        _end: Sender<()>,
    }

    fn silent() -> Silent {
        let (tell, asked) = unbounded_channel();
        let (end, ended) = mpsc::channel::<()>();
        let ended = Mutex::new(ended);
        let look_ups = LookUps::new(move |name| {
            let _ = tell.send(name.to_owned());
            if name != "answers.example" {
                // Each waits for its turn to wait, and all end together.
                let _ = ended.lock().unwrap_or_else(PoisonError::into_inner).recv();
            }
            Ok(vec![ADDRESS.parse::<SocketAddr>().unwrap()])
        });
        Silent {
            look_ups,
            asked,
            _end: end,
        }
    }

    impl Silent {
        fn begin(&self, person: &str, name: String) {
            let look_ups = Arc::clone(&self.look_ups);
            let person = person.to_owned();
            tokio::spawn(async move { on_account_of(&person, look_ups.look_up(&name)).await });
        }

        async fn next(&mut self) -> String {
            self.asked.recv().await.unwrap()
        }
    }

    #[tokio::test]
    async fn names_that_nobody_answers_for_take_the_look_ups_of_nobody_but_the_person_whose_they_are()
     {
        let mut silent = silent();
        let persons = ALL / OF_PERSON;
        for person in 0..persons {
            for number in 0..100 {
                let name = format!("silent{number}-{person}.example");
                silent.begin(&format!("mallory{person}"), name);
            }
        }
        for _ in 0..persons * OF_PERSON {
            assert!(silent.next().await.starts_with("silent"));
        }
        let found = on_account_of("alice", silent.look_ups.look_up("answers.example")).await;
        assert_eq!(found, Ok(vec![ADDRESS.parse().unwrap()]));
        // That was the very next one, with thousands waiting.
        assert_eq!(silent.next().await, "answers.example");
        assert!(silent.asked.try_recv().is_err());
    }

    #[tokio::test]
    async fn a_look_up_that_is_given_up_stays_counted_until_the_resolver_gives_it_up() {
        let mut silent = silent();
        for number in 0..OF_PERSON {
            let name = format!("silent{number}.example");
            let given_up = {
                let look_ups = Arc::clone(&silent.look_ups);
                tokio::spawn(async move { on_account_of("mallory", look_ups.look_up(&name)).await })
            };
            silent.next().await;
            given_up.abort();
            assert!(given_up.await.unwrap_err().is_cancelled());
        }
        assert_eq!(
            silent
                .look_ups
                .persons
                .of("mallory".to_owned())
                .available_permits(),
            0
        );
    }

    #[tokio::test]
    async fn all_who_ask_for_one_name_wait_for_one_look_up() {
        let asked = Arc::new(AtomicUsize::new(0));
        let (release, held) = mpsc::channel::<()>();
        let held = Mutex::new(held);
        let look_ups = {
            let asked = Arc::clone(&asked);
            LookUps::new(move |_| {
                asked.fetch_add(1, Ordering::SeqCst);
                let _ = held.lock().unwrap_or_else(PoisonError::into_inner).recv();
                Ok(Vec::new())
            })
        };
        let begun = Arc::new(AtomicUsize::new(0));
        let waiting: Vec<_> = (0..500)
            .map(|number| {
                let (look_ups, begun) = (Arc::clone(&look_ups), Arc::clone(&begun));
                let person = format!("person{number}");
                tokio::spawn(async move {
                    begun.fetch_add(1, Ordering::SeqCst);
                    on_account_of(&person, look_ups.look_up("push.example")).await
                })
            })
            .collect();
        while begun.load(Ordering::SeqCst) < 500 || asked.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        drop(release);
        for one in waiting {
            assert_eq!(one.await.unwrap(), Ok(Vec::new()));
        }
        assert!(look_ups.under_way().is_empty());
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    }
}

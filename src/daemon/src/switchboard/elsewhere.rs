//! What waits at other relays, for phones whose page is open here.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{Ending, Place, State, Switchboard, Waiting};
use crate::post::{Ended, Heard, Letter, News, Status};

/// After how long an answer that is not there yet, or that the engine does not give, is asked for again.
const AGAIN: Duration = Duration::from_millis(500);
/// How often what waits for a phone is asked for. Phones take a stream for dead that says nothing for longer.
const LOOKS: u32 = 5;
/// How long the news of an end may be on its way: before them others may have to be heard, for each of which the engine has a
/// second.
const NEWS_PATIENCE: Duration = Duration::from_secs(3);

impl Switchboard {
    /// Something has happened at another relay.
    pub(crate) fn hear(self: &Arc<Self>, heard: Heard) {
        if let Heard::News(
            News::Opened { user, .. } | News::Answered { user, .. } | News::Ended { user, .. },
        ) = &heard
        {
            self.state().looks.note_news(user);
        }
        match heard {
            // The next news need not wait until all is told.
            Heard::Back => {
                tokio::spawn(Arc::clone(self).read_again());
            }
            Heard::News(News::Opened { user, id }) => {
                if self.state().concerns(&user, &id) {
                    // The next news need not wait for the engine's answer.
                    tokio::spawn(Arc::clone(self).look_at_opened(user));
                }
            }
            Heard::News(News::Answered {
                user,
                id,
                credential,
            }) => self.hear_answer(&user, &id, &credential),
            Heard::News(News::Ended { user, id, outcome }) => {
                let ending = Ending::of_outcome(&outcome);
                self.state().end_elsewhere(&user, &id, ending);
            }
            Heard::News(News::HangUp { credential }) => {
                self.state().inboxes.remove(&credential);
            }
            // The tickets' own.
            Heard::News(News::Ticket { .. }) => {}
        }
    }

    fn hear_answer(self: &Arc<Self>, user: &str, id: &str, credential: &[u8]) {
        let awaits_it = {
            let mut state = self.state();
            state.note_answer(user, id, credential);
            state.awaits_answer(user, id)
        };
        if awaits_it {
            // The next news need not wait for it.
            tokio::spawn(Arc::clone(self).fetch_answer(user.to_owned(), id.to_owned()));
        }
    }

    /// Hands on an answer that another relay has written down, and told its phone so: it is asked for until it is there.
    async fn fetch_answer(self: Arc<Self>, user: String, id: String) {
        while self.state().awaits_answer(&user, &id) && !self.read_answer(&id).await {
            sleep(AGAIN).await;
        }
    }

    /// Hands on the answer that another relay has written down; whether there is one.
    async fn read_answer(&self, id: &str) -> bool {
        match self.post.status(id.to_owned()).await {
            Some(Status::Answered(reply)) => {
                // A row can be of any age, and says whatever it says: only a phone that was asked is listened to.
                self.state().hand_on(*reply);
                true
            }
            Some(Status::Open | Status::Gone) | None => false,
        }
    }

    /// Another request may have the place of request `id` of `user`, which waits here: it is displaced if so, but not if it was
    /// answered before, and a phone told so. Returns whether the engine has told.
    pub(super) async fn check_place(&self, user: &str, id: &str) -> bool {
        let status = self.post.status(id.to_owned()).await;
        let mut state = self.state();
        match status {
            Some(Status::Answered(reply)) => {
                state.hand_on(*reply);
            }
            Some(Status::Gone) => state.displace(user, id),
            Some(Status::Open) => {}
            None => return false,
        }
        true
    }

    /// Looks for what waits at other relays for these people; for some seconds, while the engine does not tell.
    pub(super) async fn look(self: Arc<Self>, users: Vec<String>) {
        until_told(|| async { self.read_waiting(users.clone()).await.then_some(()) }).await;
    }

    /// A request for this person was opened at another relay: what waits here has lost its place, even if that one is over by
    /// now.
    async fn look_at_opened(self: Arc<Self>, user: String) {
        until_told(|| async {
            let is_settled = self.settle_place(&user).await;
            (self.read_waiting(vec![user.clone()]).await && is_settled).then_some(())
        })
        .await;
    }

    /// Displaces the person's request here if it has lost its place; whether that is known. It is not while the engine is opening
    /// it.
    async fn settle_place(&self, user: &str) -> bool {
        let displaceable = {
            let state = self.state();
            if state.opening.contains_key(user) {
                return false;
            }
            state.displaceable(user).map(str::to_owned)
        };
        match displaceable {
            Some(id) => self.check_place(user, &id).await,
            None => true,
        }
    }

    /// Reads what waits at other relays for these people; whether the engine has told. What news have overtaken is read again: it
    /// may have ended meanwhile, and nobody would tell of that a second time.
    pub(super) async fn read_waiting(&self, mut users: Vec<String>) -> bool {
        while !users.is_empty() {
            let look = self.begin_look(users.clone());
            let Some(letters) = self.post.waiting(users).await else {
                return false;
            };
            for letter in letters {
                let displaced = self.state().displaced_by(&letter);
                if let Some(id) = displaced
                    && !self.check_place(&letter.user, &id).await
                {
                    return false;
                }
                look.arrive(&letter);
            }
            users = look.overtaken();
        }
        true
    }

    /// After a time without news: tells the others of what waits here once more, and reads all that concerns us.
    async fn read_again(self: Arc<Self>) {
        let asked = self.state().asked_here();
        for user in asked {
            self.put_back(&user).await;
        }
        let known = self.state().known_elsewhere();
        let people = self.state().people();
        tokio::spawn(Arc::clone(&self).look(people));
        if !known.is_empty() {
            tokio::spawn(self.sort_out(known));
        }
    }

    /// Opens the person's request of this relay once more: its row may be gone with the engine's memory. If they have another
    /// one by now, it stays ours alone. What is being opened here is waited for, whose place it would take in the engine.
    pub(super) async fn put_back(&self, user: &str) {
        let turn = self.turns.take(user).await;
        let mut told: Option<String> = None;
        loop {
            // The engine may have taken its time: until what it was told last is what waits here.
            let letter = self.state().own_letter(user);
            if letter.as_ref().map(|letter| &letter.id) == told.as_ref() {
                break;
            }
            if let Some(id) = told.take() {
                // Its end may have come there before this.
                let ended = Ended {
                    user: user.to_owned(),
                    id,
                    outcome: Ending::Cancelled.word(),
                    is_uncounted: false,
                };
                self.post.end(ended).await;
            }
            match letter.filter(|letter| letter.answered_by.is_none()) {
                Some(letter) => {
                    told = Some(letter.id.clone());
                    self.post.open(letter, None).await;
                }
                None => break,
            }
        }
        if let Some(id) = told {
            self.keep_turn(turn, id.clone());
            self.read_answer(&id).await;
        }
    }

    /// Ends those of `known` that are not in the engine any more, and have not been put back. What is missing once may just have
    /// ended, and how is on its way by the news.
    async fn sort_out(self: Arc<Self>, mut known: Vec<Known>) {
        for pause in [self.grace, NEWS_PATIENCE] {
            sleep(pause).await;
            let Some(still) = self.still_in_engine(&known).await else {
                // What is shown stays until its time is over.
                return;
            };
            known.retain(|known| !still.contains(&known.id));
            if known.is_empty() {
                return;
            }
        }
        let mut state = self.state();
        for Known { user, id } in &known {
            state.end_elsewhere(user, id, Ending::Cancelled);
        }
    }

    /// The ids of all requests that the engine has of these people; asked for some seconds, if it does not tell.
    async fn still_in_engine(&self, known: &[Known]) -> Option<HashSet<String>> {
        let people: Vec<_> = known.iter().map(|known| known.user.clone()).collect();
        let letters = until_told(|| self.post.waiting(people.clone())).await?;
        Some(letters.into_iter().map(|letter| letter.id).collect())
    }
}

/// What `ask` gives, which is asked again for some seconds, while the engine does not tell.
async fn until_told<T, F: Future<Output = Option<T>>>(ask: impl Fn() -> F) -> Option<T> {
    for _ in 0..LOOKS {
        let told = ask().await;
        if told.is_some() {
            return told;
        }
        sleep(AGAIN).await;
    }
    None
}

/// A request at another relay that is known here.
struct Known {
    user: String,
    id: String,
}

impl State {
    /// Whether the request is not known, and concerns a page of this person that is open here, or a sign-in that it may have
    /// displaced.
    fn concerns(&self, user: &str, id: &str) -> bool {
        let known = self.open.get(user);
        if known.is_some_and(|known| known.id == id) {
            return false;
        }
        let mut pages = self.inboxes.values().flatten();
        self.displaceable(user).is_some()
            || self.opening.contains_key(user)
            || pages.any(|inbox| inbox.phone.user == user)
    }

    /// The person's request here whose place one at another relay has, as far as is known.
    fn displaced_by(&self, letter: &Letter) -> Option<String> {
        let id = self.displaceable(&letter.user)?;
        (!letter.gives_way).then(|| id.to_owned())
    }

    /// A request at another relay: what is open here and has not been answered is known better.
    pub(super) fn arrive(&mut self, letter: &Letter) {
        let Letter { user, id, .. } = letter;
        if self.closed {
            return;
        }
        match self.open.get(user) {
            Some(known) if known.id == *id || known.is_here() && !known.is_decided() => {}
            _ => self.place(Waiting::of(letter)),
        }
    }

    /// A request at another relay is over.
    fn end_elsewhere(&mut self, user: &str, id: &str, ending: Ending) {
        let is_it = |waiting: &Waiting| waiting.id == id && !waiting.is_here();
        let waiting = if self.open.get(user).is_some_and(is_it) {
            self.open.remove(user)
        } else if self.overtaken.get(id).is_some_and(is_it) {
            self.overtaken.remove(id)
        } else {
            None
        };
        if let Some(waiting) = waiting {
            self.tell_end(user, &waiting, ending);
        }
    }

    /// Whether a request waits here for its answer.
    fn awaits_answer(&self, user: &str, id: &str) -> bool {
        let waiting = self.asked(user, id);
        waiting.is_some_and(|waiting| waiting.is_here() && !waiting.is_decided())
    }

    /// Whose sign-ins wait here.
    fn asked_here(&self) -> Vec<String> {
        let own = self.open.iter().filter(|(_, waiting)| waiting.is_here());
        own.map(|(user, _)| user.clone()).collect()
    }

    /// What is told of the person's sign-in here.
    fn own_letter(&self, user: &str) -> Option<Letter> {
        let waiting = self.open.get(user).filter(|waiting| waiting.is_here())?;
        Some(Letter {
            user: user.to_owned(),
            id: waiting.id.clone(),
            credentials: waiting.credentials.clone(),
            event: waiting.event.clone(),
            lasts: waiting.until.saturating_duration_since(Instant::now()),
            gives_way: waiting.may_be_displaced(),
            answered_by: waiting.answered_by.clone().filter(|_| waiting.is_decided()),
        })
    }

    fn known_elsewhere(&self) -> Vec<Known> {
        let there = |(_, waiting): &(&String, &Waiting)| matches!(waiting.place, Place::Elsewhere);
        let known = self.open.iter().filter(there);
        known
            .map(|(user, waiting)| Known {
                user: user.clone(),
                id: waiting.id.clone(),
            })
            .collect()
    }

    /// Whoever has a page or a sign-in here.
    fn people(&self) -> Vec<String> {
        let pages = self.inboxes.values().flatten();
        let pages = pages.map(|inbox| inbox.phone.user.clone());
        let people: HashSet<_> = pages.chain(self.asked_here()).collect();
        people.into_iter().collect()
    }
}

//! What waits at other relays, for phones whose page is open here.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{Ending, Place, State, Switchboard, Waiting};
use crate::post::{Ended, Heard, Letter, News};

/// After how long an answer that is not there yet, or that the engine does not give, is asked for again.
const AGAIN: Duration = Duration::from_millis(500);
/// How often what waits for a phone is asked for. Phones take a stream for dead that says nothing for longer.
const LOOKS: u32 = 5;

impl Switchboard {
    /// Something has happened at another relay.
    pub(crate) async fn hear(self: &Arc<Self>, heard: Heard) {
        match heard {
            Heard::Back => self.read_again().await,
            Heard::News(News::Opened { user, id }) => {
                if self.state().concerns(&user, &id) {
                    // The next news need not wait for the engine's answer.
                    tokio::spawn(Arc::clone(self).look(vec![user]));
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
        let is_here = {
            let mut state = self.state();
            let Some(waiting) = state.asked(user, id) else {
                return;
            };
            if waiting.is_decided() {
                return;
            }
            let is_here = waiting.is_here();
            if !is_here {
                state.mark_answered(user, id, credential);
            }
            is_here
        };
        if is_here {
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
        let Some(reply) = self.post.said(id.to_owned()).await else {
            return false;
        };
        // A row can be of any age, and says whatever it says: only a phone that was asked is listened to.
        self.state().hand_on(reply);
        true
    }

    /// Looks for what waits at other relays for these people; for some seconds, while the engine does not tell.
    pub(super) async fn look(self: Arc<Self>, users: Vec<String>) {
        for _ in 0..LOOKS {
            if self.read_waiting(users.clone()).await {
                return;
            }
            sleep(AGAIN).await;
        }
    }

    /// Reads once what waits at other relays for these people; whether the engine has told.
    pub(super) async fn read_waiting(&self, users: Vec<String>) -> bool {
        let Some(letters) = self.post.waiting(users).await else {
            return false;
        };
        for letter in letters {
            self.state().arrive(&letter);
        }
        true
    }

    /// After a time without news: tells the others of what waits here once more, and reads all that concerns us.
    async fn read_again(self: &Arc<Self>) {
        let asked = self.state().asked_here();
        for user in asked {
            self.put_back(&user).await;
        }
        let known = self.state().known_elsewhere();
        let people = self.state().people();
        tokio::spawn(Arc::clone(self).look(people));
        if !known.is_empty() {
            tokio::spawn(Arc::clone(self).sort_out(known));
        }
    }

    /// Opens the person's request of this relay once more: its row may be gone with the engine's memory. If they have another
    /// one by now, it stays ours alone.
    async fn put_back(&self, user: &str) {
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
                    was_approved: false,
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
            self.read_answer(&id).await;
        }
    }

    /// Ends those of `known` that are not in the engine any more, and have not been put back.
    async fn sort_out(self: Arc<Self>, known: Vec<Known>) {
        sleep(self.grace).await;
        let people = known.iter().map(|known| known.user.clone()).collect();
        let Some(letters) = self.post.waiting(people).await else {
            // When it is back, this begins again.
            return;
        };
        let still: HashSet<_> = letters.iter().map(|letter| letter.id.as_str()).collect();
        let mut state = self.state();
        for Known { user, id } in &known {
            if !still.contains(id.as_str()) {
                state.end_elsewhere(user, id, Ending::Cancelled);
            }
        }
    }
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
        known.is_some_and(|known| known.is_here() && known.may_be_displaced())
            || pages.any(|inbox| inbox.phone.user == user)
    }

    /// A request at another relay: what is open here, has not been answered, and does not give way, is known better.
    fn arrive(&mut self, letter: &Letter) {
        let Letter { user, id, .. } = letter;
        if self.closed {
            return;
        }
        match self.open.get(user) {
            Some(known) if known.id == *id => {
                if let Some(credential) = &letter.answered_by
                    && known.answered_by.is_none()
                    && !known.is_here()
                {
                    self.mark_answered(user, id, credential);
                }
                return;
            }
            Some(known) if known.is_here() && !known.makes_room_for(letter.gives_way) => return,
            Some(_) => {
                if let Some(former) = self.overtake(user) {
                    self.displace(&former, letter.gives_way);
                }
            }
            None => {}
        }
        let waiting = Waiting {
            is_shown: true,
            ..Waiting::of(letter)
        };
        self.open.insert(user.clone(), waiting);
        if letter.answered_by.is_none() {
            for credential in &letter.credentials {
                self.send(user, credential, &letter.event);
            }
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

    /// What is told of the person's sign-in here. One that phones are not shown yet is just being told for the first time.
    fn own_letter(&self, user: &str) -> Option<Letter> {
        let waiting = self.open.get(user);
        let waiting = waiting.filter(|waiting| waiting.is_here() && waiting.is_shown)?;
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

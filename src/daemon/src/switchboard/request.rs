//! A sign-in that waits for a phone.

use std::sync::Arc;
use std::time::Duration;

use antiphon_core::account::AccountTerms;
use antiphon_core::wire::Unwilling;
use data_encoding::BASE64URL_NOPAD;

use super::event::{self, Shown};
use super::{Asker, Ending, Place, State, Switchboard, Waiting};
use crate::post::{Call, Ended, Letter, Placed};
use crate::random;
use crate::seldom::Seldom;

/// An open request. Dropping it cancels it.
pub(crate) struct OpenRequest {
    switchboard: Arc<Switchboard>,
    user: String,
    id: String,
    /// Whether it has ended, here and at the other relays.
    is_over: bool,
    /// Whether the engine may open it yet though nobody is asked.
    is_uncounted: bool,
}

/// How a request was when it ended.
pub(crate) struct Over {
    /// The credential that had answered it; an empty one is a page's.
    pub(crate) answered_by: Option<Vec<u8>>,
    /// Whether that was an approval.
    pub(crate) is_approved: bool,
    /// Whether the person's next one has been told to the phones in its place.
    pub(crate) is_overtaken: bool,
}

impl Over {
    /// What is told of this ending: who was accepted though no phone had answered used a code.
    pub(crate) fn told(&self, ending: Ending) -> Ending {
        match self.answered_by {
            Some(_) => ending,
            None => ending.unanswered(),
        }
    }
}

/// A request that is to be opened.
pub(crate) struct Opening {
    /// The passkeys that may answer it, and [`super::PAGE`] if an account approves it.
    pub(crate) credentials: Vec<Vec<u8>>,
    /// How long it is open.
    pub(crate) lasts: Duration,
    /// The account whose token is followed by the check digits, which are typed at the terminal.
    pub(crate) check_digits: Option<Box<AccountTerms>>,
    /// Whether one from where the person is known may take its place. If not, it takes that of one that gives way.
    pub(crate) gives_way: bool,
    /// Where answers go.
    pub(crate) asker: Asker,
    /// How it is counted; not at all if there is one host, which counts.
    pub(crate) call: Option<Call>,
}

impl Switchboard {
    /// Sends a request to the phones with its credentials.
    ///
    /// # Errors
    /// The person already has one open that is not answered and does not give way to this one, here or at another relay; or
    /// the other relays cannot be told of it, and no phone has the page open here; or there were too many; or the daemon is
    /// shutting down.
    pub(crate) async fn open(
        self: &Arc<Self>,
        shown: Shown<'_>,
        opening: Opening,
    ) -> Result<OpenRequest, Unwilling> {
        let id = random::bytes::<16>().map_err(|_| Unwilling::Overloaded)?;
        let id = BASE64URL_NOPAD.encode(&id);
        let letter = Letter {
            user: shown.request.user.clone(),
            event: event::request(&id, &shown),
            id,
            credentials: opening.credentials,
            lasts: opening.lasts,
            gives_way: opening.gives_way,
            answered_by: None,
        };
        self.state().admits(&letter)?;
        let Some(turn) = self.turns.take_soon(&letter.user).await else {
            return Err(Unwilling::Busy);
        };
        let mut open = self.reserve(&letter, opening.check_digits, opening.asker)?;
        let credentials = letter.credentials.clone();
        let placed = self.post.open(letter, opening.call).await;
        // Then the engine may not have done with it.
        let turn = if matches!(placed, Placed::Away | Placed::TooOften) {
            self.keep_turn(turn, open.id.clone());
            None
        } else {
            Some(turn)
        };
        match placed {
            Placed::Busy => {
                let user = open.forget();
                drop(turn);
                // The one that is open may have displaced what stands here.
                self.read_waiting(vec![user]).await;
                return Err(Unwilling::Busy);
            }
            Placed::TooOften => {
                static SELDOM: Seldom = Seldom::new();
                SELDOM.warn(format_args!(
                    "the phones of {} were not asked for {}: it, or all hosts together, have asked them too often in five \
                     minutes without being approved ([push] most_in_five_minutes)",
                    open.user, shown.request.host
                ));
                open.forget();
                return Err(Unwilling::TooOften);
            }
            // Without the engine no phone is called but one that has its page open here.
            Placed::Away if self.listening(&open.user, &credentials).is_empty() => {
                open.is_uncounted = true;
                return Err(Unwilling::Overloaded);
            }
            Placed::Fine => {
                let displaced = self.state().displaceable(&open.user).map(str::to_owned);
                if let Some(id) = displaced {
                    self.check_place(&open.user, &id).await;
                }
            }
            Placed::Away => {}
        }
        if self.state().show(&open) {
            return Ok(open);
        }
        let user = open.user.clone();
        drop((open, turn));
        // In the engine it had the place of the one that stands.
        self.put_back(&user).await;
        Err(Unwilling::Busy)
    }

    /// Makes it the person's one request that is being opened here, which no phone is shown yet. What stands can be answered
    /// until then.
    fn reserve(
        self: &Arc<Self>,
        letter: &Letter,
        check_digits: Option<Box<AccountTerms>>,
        asker: Asker,
    ) -> Result<OpenRequest, Unwilling> {
        let Letter { user, id, .. } = letter;
        let mut state = self.state();
        // While it waited for its turn, much can have happened.
        state.admits(letter)?;
        if state.opening.contains_key(user) {
            return Err(Unwilling::Busy);
        }
        let waiting = Waiting {
            place: Place::Here(asker),
            check_digits,
            ..Waiting::of(letter)
        };
        state.opening.insert(user.clone(), waiting);
        Ok(OpenRequest {
            switchboard: Arc::clone(self),
            user: user.clone(),
            id: id.clone(),
            is_over: false,
            is_uncounted: false,
        })
    }
}

impl State {
    /// Whether it may be opened, as far as it is known here.
    fn admits(&self, letter: &Letter) -> Result<(), Unwilling> {
        if self.closed {
            return Err(Unwilling::Overloaded);
        }
        if !self.has_room(&letter.user, letter.gives_way) {
            return Err(Unwilling::Busy);
        }
        Ok(())
    }

    /// Shows a request to its phones, now that the engine has opened it, in the place of what stands; returns whether that still
    /// makes room.
    fn show(&mut self, OpenRequest { user, id, .. }: &OpenRequest) -> bool {
        let Some(waiting) = self.take_opening(user, id) else {
            // The daemon is shutting down.
            return false;
        };
        let has_room = self.has_room(user, waiting.gives_way);
        if has_room {
            self.place(waiting);
        }
        has_room
    }

    fn take_opening(&mut self, user: &str, id: &str) -> Option<Waiting> {
        let opening = self.opening.get(user);
        opening.filter(|waiting| waiting.id == id)?;
        self.opening.remove(user)
    }

    /// Takes a request of this daemon away and tells the phones how it ended; one that was being opened has no phones yet.
    fn take_away(&mut self, user: &str, id: &str, ending: Ending) -> Option<Over> {
        if self.take_opening(user, id).is_some() {
            return None;
        }
        let open = self.open.get(user);
        let is_overtaken = open.is_none_or(|waiting| waiting.id != id);
        let waiting = if is_overtaken {
            self.overtaken.remove(id)
        } else {
            self.open.remove(user)
        }?;
        if !waiting.is_displaced {
            self.tell_end(user, &waiting, ending);
        }
        Some(Over {
            is_approved: waiting.is_approved(),
            answered_by: waiting.answered_by,
            is_overtaken,
        })
    }
}

impl OpenRequest {
    /// Its id, by which it is answered.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Withdraws the request and tells the phones how it ended.
    pub(crate) async fn end(mut self, ending: Ending) -> Over {
        self.is_over = true;
        let over = self
            .switchboard
            .state()
            .take_away(&self.user, &self.id, ending);
        let mut over = over.unwrap_or(Over {
            answered_by: None,
            is_approved: false,
            is_overtaken: false,
        });
        let ended = Ended {
            // A host's word alone takes nothing back: a phone has approved too.
            is_uncounted: over.is_approved && ending == Ending::Accepted,
            ..self.as_ended(over.told(ending))
        };
        over.is_overtaken |= self.switchboard.post.end(ended).await;
        over
    }

    /// Withdraws what the engine has not opened: no other relay was told of it, and none is told of its end. Whose it was.
    fn forget(mut self) -> String {
        self.is_over = true;
        self.switchboard.state().take_opening(&self.user, &self.id);
        self.user.clone()
    }

    fn as_ended(&self, ending: Ending) -> Ended {
        Ended {
            user: self.user.clone(),
            id: self.id.clone(),
            outcome: ending.word(),
            is_uncounted: self.is_uncounted,
        }
    }
}

impl Drop for OpenRequest {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let mut state = self.switchboard.state();
        state.take_away(&self.user, &self.id, Ending::Cancelled);
        drop(state);
        if self.switchboard.post.is_shared() {
            let (post, ended) = (
                Arc::clone(&self.switchboard.post),
                self.as_ended(Ending::Cancelled),
            );
            // In the background: nobody waits for it.
            tokio::spawn(async move { post.end(ended).await });
        }
    }
}

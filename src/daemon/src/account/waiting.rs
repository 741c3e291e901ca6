//! What waits for a sign-in at a provider: sign-ins, which the page finds by the code in its address, and enrolments, which
//! it finds by their ticket. In memory only, and for as long as root's connection lasts.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use antiphon_core::account::{AccountInvitation, AccountTerms};
use antiphon_core::approval::Number;
use antiphon_core::wire::{AccountTicket, ByAccount, FromDaemon};
use tokio::sync::{mpsc, watch};

use super::authorization::Nonce;
use crate::switchboard::{Answered, Ending, Switchboard};

/// Most browsers that may be sent away for one of them: each may cost a request to the provider.
const MOST_BEGUN: u32 = 20;

/// By what a page finds it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Name {
    /// The code in the page's address.
    Code(String),
    /// The name of the ticket that stands in the page's address.
    Ticket([u8; 32]),
}

/// What it is.
pub(crate) enum Purpose {
    Approval(Box<ByAccount>),
    Enrolment(Box<AccountTicket>),
}

/// How answers get to root.
pub(crate) enum Route {
    /// By way of the switchboard, which lets one of page and phones answer.
    Request {
        switchboard: Arc<Switchboard>,
        user: String,
        id: String,
    },
    /// To the command that opened the ticket.
    Ticket {
        asker: mpsc::Sender<FromDaemon>,
        used: AtomicBool,
    },
}

/// One of them.
pub(crate) struct Waiting {
    pub(crate) purpose: Purpose,
    pub(crate) until: Instant,
    route: Route,
    begun: AtomicU32,
    seen: AtomicBool,
    ending: watch::Receiver<Option<Ending>>,
}

/// All of them.
#[derive(Default)]
pub(crate) struct WaitingRoom(Mutex<HashMap<Name, Arc<Waiting>>>);

/// Root's hold on one. Dropped, it is over.
pub(crate) struct OpenPage {
    room: Arc<WaitingRoom>,
    name: Name,
    ending: watch::Sender<Option<Ending>>,
}

impl WaitingRoom {
    fn all(&self) -> MutexGuard<'_, HashMap<Name, Arc<Waiting>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a page find it until `until`; `None` if another one has this name.
    pub(crate) fn open(
        self: &Arc<Self>,
        name: Name,
        purpose: Purpose,
        route: Route,
        until: Instant,
    ) -> Option<OpenPage> {
        let mut all = self.all();
        if all.contains_key(&name) {
            return None;
        }
        let (ending, seen_ending) = watch::channel(None);
        let waiting = Waiting {
            purpose,
            until,
            route,
            begun: AtomicU32::new(0),
            seen: AtomicBool::new(false),
            ending: seen_ending,
        };
        all.insert(name.clone(), Arc::new(waiting));
        Some(OpenPage {
            room: Arc::clone(self),
            name,
            ending,
        })
    }

    /// The one of this name, while there is time.
    pub(crate) fn find(&self, name: &Name, now: Instant) -> Option<Arc<Waiting>> {
        let found = self.all().get(name).cloned();
        found.filter(|waiting| waiting.until > now)
    }
}

impl OpenPage {
    /// Tells the page how it ended.
    pub(crate) fn end(self, ending: Ending) {
        self.ending.send_replace(Some(ending));
    }
}

impl Drop for OpenPage {
    fn drop(&mut self) {
        self.room.all().remove(&self.name);
        self.ending.send_if_modified(|ending| {
            ending
                .replace(ending.unwrap_or(Ending::Cancelled))
                .is_none()
        });
    }
}

impl Waiting {
    /// Which provider and account.
    pub(crate) fn terms(&self) -> &AccountTerms {
        match &self.purpose {
            Purpose::Approval(asked) => &asked.terms,
            Purpose::Enrolment(ticket) => &ticket.terms,
        }
    }

    /// What the token must carry back, for a sign-in whose number was typed.
    pub(crate) fn nonce_of(asked: &ByAccount, number: &Number) -> Nonce {
        Nonce(asked.terms.digest(&asked.request, number))
    }

    /// Likewise for an enrolment, whose ticket the page has.
    pub(crate) fn nonce_for(ticket: &AccountTicket, secret: &[u8]) -> Nonce {
        let invitation = AccountInvitation {
            ticket: secret,
            user: &ticket.user,
            host: &ticket.host,
            issued: ticket.issued,
            expires: ticket.expires,
            terms: &ticket.terms,
        };
        Nonce(invitation.digest())
    }

    /// Counts a browser that is sent away for it; `false` if there were too many.
    pub(crate) fn begin(&self) -> bool {
        self.begun.fetch_add(1, Ordering::Relaxed) < MOST_BEGUN
    }

    /// Tells root's command that somebody has opened the ticket's page, the first time.
    pub(crate) fn look(&self) {
        if let Route::Ticket { asker, .. } = &self.route
            && !self.seen.swap(true, Ordering::Relaxed)
        {
            // The command may have gone.
            let _ = asker.try_send(FromDaemon::TicketSeen {});
        }
    }

    /// Hands an answer of the page on to root, if it is the first.
    pub(crate) async fn answer(&self, said: FromDaemon) -> Answered {
        match &self.route {
            Route::Request {
                switchboard,
                user,
                id,
            } => switchboard.answer_on_page(user, id, said).await,
            Route::Ticket { asker, used } => {
                if used.swap(true, Ordering::AcqRel) {
                    return Answered::Before;
                }
                match asker.try_send(said) {
                    Ok(()) => Answered::HandedOn,
                    Err(_) => Answered::Gone,
                }
            }
        }
    }

    /// Hands on to root that the page takes back the token which it has given, if the check digits are still awaited.
    pub(crate) async fn withdraw(&self, said: FromDaemon) -> Answered {
        match &self.route {
            Route::Request {
                switchboard,
                user,
                id,
            } => switchboard.withdraw_on_page(user, id, said).await,
            // An enrolment's token has no check digits.
            Route::Ticket { .. } => Answered::Before,
        }
    }

    /// Whether root's connection has ended.
    pub(crate) fn is_over(&self) -> bool {
        self.ending.borrow().is_some()
    }

    /// How it ended, once it has.
    pub(crate) async fn ended(&self) -> Ending {
        let mut ending = self.ending.clone();
        let told = ending.wait_for(Option::is_some).await;
        // The sender tells before it is dropped.
        told.ok()
            .and_then(|told| *told)
            .unwrap_or(Ending::Cancelled)
    }
}

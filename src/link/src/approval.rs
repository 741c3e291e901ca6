//! An approval that the phone is asked for. It lives exactly as long as its connection to the daemon: when this process
//! dies, the connection closes and the prompt on the phone goes.

use std::time::{Duration, Instant};

use antiphon_core::approval::{ApprovalRequest, Assertion, Number};
use antiphon_core::record::Phone;
use antiphon_core::wire::{FromDaemon, Hints, Silence, ToDaemon, Unwilling};
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;

use crate::connection::{Away, DaemonLink};

/// Seconds that a phone has to answer: less than sshd's and login's own time limits.
pub const LIFETIME: u64 = 60;
/// How long the daemon's first word is waited for before anything is asked: one that is alive says it at once, or after a
/// second if its store does not answer.
const FIRST_WORD: Duration = Duration::from_secs(3);
/// The most messages that are read of one sign-in: a daemon has nothing to say beyond a few.
const MOST_MESSAGES: u32 = 16;

/// What the phones are asked.
pub struct Question<'a> {
    /// What they are shown and sign.
    pub request: ApprovalRequest,
    /// What the person types in there.
    pub number: Number,
    /// The phones that count now.
    pub phones: &'a [Phone],
    /// What helps the person besides.
    pub hints: Hints,
}

/// A request that is open.
pub struct PendingApproval {
    /// What the phones are shown and sign.
    pub request: ApprovalRequest,
    /// What the person types in there.
    pub number: Number,
    link: Option<DaemonLink>,
    deadline: Instant,
    messages: u32,
}

/// What is new.
#[derive(Debug, PartialEq, Eq)]
pub enum News {
    /// Nothing yet.
    Nothing,
    /// The request is before the phones.
    Waiting,
    /// A phone has answered: nothing is proved yet.
    Answer(Box<Assertion>),
    /// Somebody said "It is not me".
    Declined,
    /// The person began it by mistake.
    Mistake,
    /// No answer in time.
    Expired,
    /// Another sign-in of this person is open.
    Busy,
    /// No phone of this person can be reached.
    NoPhone,
    /// The daemon is not to be had (any more).
    Away(Away),
}

impl PendingApproval {
    /// Asks the daemon at `socket` to ask the phones, and waits until it says that they are asked: a number is shown only
    /// to a person who can type it in somewhere.
    ///
    /// # Errors
    /// The news that ends the phone way: [`News::Busy`], [`News::NoPhone`] or [`News::Away`].
    pub fn begin(socket: &Path, question: Question<'_>) -> Result<Self, News> {
        let Question {
            request,
            number,
            phones,
            hints,
        } = question;
        let mut link = DaemonLink::open(socket).map_err(News::Away)?;
        let digits = u8::try_from(number.digits().len()).unwrap_or_default();
        link.send(&ToDaemon::Approve {
            request: request.clone(),
            credentials: phones
                .iter()
                .map(|phone| phone.credential.clone())
                .collect(),
            digits,
            hints,
        })
        .map_err(News::Away)?;
        let mut begun = Self {
            request,
            number,
            link: Some(link),
            deadline: Instant::now() + Duration::from_secs(LIFETIME),
            messages: 0,
        };
        match begun.news(FIRST_WORD) {
            News::Waiting => Ok(begun),
            News::Nothing => Err(away("it says nothing")),
            // Nobody can have answered what nobody was asked.
            News::Answer(_) | News::Declined | News::Mistake | News::Expired => {
                Err(away("it speaks of something else"))
            }
            end @ (News::Busy | News::NoPhone | News::Away(_)) => Err(end),
        }
    }

    /// What is new, after waiting for it at most so long.
    pub fn news(&mut self, wait: Duration) -> News {
        let until = self.deadline.min(Instant::now() + wait);
        loop {
            match self.look() {
                News::Nothing => {}
                news => return news,
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return News::Nothing;
            }
            let Some(link) = &self.link else {
                return away("the connection is closed");
            };
            if let Err(away) = link.rest(left) {
                return News::Away(away);
            }
        }
    }

    /// What has come, without waiting.
    pub fn look(&mut self) -> News {
        if Instant::now() >= self.deadline {
            return News::Expired;
        }
        let Some(link) = &mut self.link else {
            return away("the connection is closed");
        };
        loop {
            let message = match link.receive() {
                Ok(Some(message)) => message,
                Ok(None) => return News::Nothing,
                Err(away) => return News::Away(away),
            };
            self.messages += 1;
            if self.messages > MOST_MESSAGES {
                return away("it floods");
            }
            match message {
                FromDaemon::Waiting { .. } if self.messages == 1 => return News::Waiting,
                FromDaemon::Waiting { .. } => {}
                FromDaemon::Answer(assertion) => return News::Answer(Box::new(assertion)),
                FromDaemon::Declined {} => return News::Declined,
                FromDaemon::Mistake {} => return News::Mistake,
                FromDaemon::Unwilling {
                    reason: Unwilling::Busy,
                } => return News::Busy,
                FromDaemon::Unwilling {
                    reason: Unwilling::NoPhone,
                } => return News::NoPhone,
                FromDaemon::Unwilling { reason } => {
                    return away(&format!("it is unwilling: {reason:?}"));
                }
                FromDaemon::TicketOpen {}
                | FromDaemon::TicketSeen {}
                | FromDaemon::Enrolled(_)
                | FromDaemon::Kept {}
                | FromDaemon::StillPaused {}
                | FromDaemon::TakenBack(_)
                | FromDaemon::Forgotten {}
                | FromDaemon::Delivered {}
                | FromDaemon::Undelivered { .. } => {
                    return away("it speaks of something else");
                }
            }
        }
    }

    /// The connection, to be polled.
    pub fn handle(&self) -> Option<BorrowedFd<'_>> {
        self.link.as_ref().map(AsFd::as_fd)
    }

    /// Closes this process's end: for a forked child, whose copy would keep the request alive.
    pub fn hang_up(&mut self) {
        self.link = None;
    }

    /// Tells the phone how it ended. Whether that arrives changes nothing.
    pub fn conclude(self, outcome: &str) {
        self.conclude_with(outcome, None);
    }

    /// The same, and that the phone is not called for a while.
    pub fn conclude_with(mut self, outcome: &str, pause: Option<Silence>) {
        if let Some(link) = &mut self.link {
            let _ = link.send(&ToDaemon::Outcome {
                outcome: outcome.to_owned(),
                pause,
            });
        }
    }
}

fn away(why: &str) -> News {
    News::Away(Away(why.to_owned()))
}

//! An approval that the phone is asked for. It lives exactly as long as its connection to the daemon: when this process
//! dies, the connection closes and the prompt on the phone goes.

use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;
use std::time::{Duration, Instant};

use antiphon_core::approval::{ApprovalRequest, Assertion, Number};
use antiphon_core::origin::Origin;
use antiphon_core::outcome::Trouble;
use antiphon_core::record::Phone;
use antiphon_core::time::UnixTime;
use antiphon_core::visible::visible;
use antiphon_core::wire::{FromDaemon, Hints, Silence, Suspicion, ToDaemon, Unwilling};

use crate::connection::{AT_ONCE, Away, Link};
use crate::interrupt::{Interrupt, Never, rest};
use crate::random;

/// Seconds that a phone has to answer: less than sshd's and login's own time limits.
pub const LIFETIME: u64 = 60;
/// The longest of the texts that the phone is shown, in bytes.
pub const LONGEST_SHOWN: usize = 128;
/// How long the end of a connection is waited for.
const CLOSING: Duration = Duration::from_millis(500);

/// Who asks, and from where, as the phone shows it.
#[derive(Clone, Copy)]
pub struct Asker<'a> {
    /// The canonical name.
    pub user: &'a str,
    /// This computer.
    pub host: &'a str,
    /// The PAM service.
    pub service: &'a str,
    /// From where.
    pub origin: Origin<'a>,
}

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
pub struct OpenApproval {
    /// What the phones are shown and sign.
    pub request: ApprovalRequest,
    /// What the person types in there.
    pub number: Number,
    link: Option<Link>,
    deadline: Instant,
    is_waiting: bool,
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
    /// Instead of asking: somebody said "It is not me" of an earlier sign-in.
    Suspected(Suspicion),
    /// No answer in time.
    Expired,
    /// Another sign-in of this person is open.
    Busy,
    /// No phone of this person can be reached.
    NoPhone,
    /// The daemon is not to be had (any more).
    Away(Away),
}

impl Asker<'_> {
    /// A request of now, which lasts so many seconds.
    ///
    /// # Errors
    /// [`Trouble`] if the kernel gives no random bytes.
    pub fn request(&self, now: UnixTime, lasts: u64) -> Result<ApprovalRequest, Trouble> {
        let shown = |text: &str| visible(text, LONGEST_SHOWN);
        Ok(ApprovalRequest {
            nonce: *random::bytes()?,
            user: shown(self.user),
            host: shown(self.host),
            service: shown(self.service),
            caller: shown(self.origin.caller),
            remote_host: shown(self.origin.remote_host),
            terminal: shown(self.origin.terminal),
            issued: now,
            expires: now.plus(lasts),
        })
    }
}

impl OpenApproval {
    /// Asks the daemon at `socket` to ask the phones, and waits until it says that they are asked: a number is shown only
    /// to a person who can type it in somewhere.
    ///
    /// # Errors
    /// The news that ends the phone way: [`News::Busy`], [`News::NoPhone`], [`News::Suspected`] or [`News::Away`].
    pub fn begin(socket: &Path, question: Question<'_>) -> Result<Self, News> {
        Self::begin_by(Link::open(socket).map_err(News::Away)?, question)
    }

    /// The same by a connection that is open.
    pub(crate) fn begin_by(mut link: Link, question: Question<'_>) -> Result<Self, News> {
        let Question {
            request,
            number,
            phones,
            hints,
        } = question;
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
        let lasts = Duration::from_secs(request.issued.until(request.expires));
        let mut begun = Self {
            request,
            number,
            link: Some(link),
            deadline: Instant::now() + lasts,
            is_waiting: false,
        };
        match begun.news(AT_ONCE) {
            News::Waiting => Ok(begun),
            News::Nothing => Err(News::Away(Away::silent())),
            // Nobody can have answered what nobody was asked.
            News::Answer(_) | News::Declined | News::Mistake | News::Expired => {
                Err(News::Away(Away::something_else()))
            }
            end @ (News::Busy | News::NoPhone | News::Suspected(_) | News::Away(_)) => Err(end),
        }
    }

    /// What is new, after waiting for it at most so long.
    pub fn news(&mut self, wait: Duration) -> News {
        self.news_unless(&Never, wait).unwrap_or(News::Nothing)
    }

    /// The same; `None` if the wait is interrupted.
    pub(crate) fn news_unless(
        &mut self,
        interrupt: &dyn Interrupt,
        wait: Duration,
    ) -> Option<News> {
        let until = self.deadline.min(Instant::now() + wait);
        loop {
            if interrupt.came() {
                return None;
            }
            match self.look() {
                News::Nothing => {}
                news => return Some(news),
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Some(News::Nothing);
            }
            if let Err(away) = rest(self.handle(), left, interrupt) {
                return Some(News::Away(away));
            }
        }
    }

    /// What has come, without waiting.
    pub fn look(&mut self) -> News {
        if Instant::now() >= self.deadline {
            return News::Expired;
        }
        let Some(link) = &mut self.link else {
            return News::Away(Away("the connection is closed".to_owned()));
        };
        loop {
            let message = match link.receive() {
                Ok(Some(message)) => message,
                Ok(None) => return News::Nothing,
                Err(away) => return News::Away(away),
            };
            match message {
                FromDaemon::Waiting { .. } if self.is_waiting => {}
                FromDaemon::Waiting { .. } => {
                    self.is_waiting = true;
                    return News::Waiting;
                }
                FromDaemon::Answer(assertion) => return News::Answer(Box::new(assertion)),
                FromDaemon::Declined {} => return News::Declined,
                FromDaemon::Mistake {} => return News::Mistake,
                FromDaemon::Suspected(suspicion) if !self.is_waiting => {
                    return News::Suspected(suspicion);
                }
                FromDaemon::Unwilling {
                    reason: Unwilling::Busy,
                } => return News::Busy,
                FromDaemon::Unwilling {
                    reason: Unwilling::NoPhone,
                } => return News::NoPhone,
                other => return News::Away(Away::odd(&other)),
            }
        }
    }

    /// The connection, to be polled.
    #[must_use]
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
        self.tell(outcome, pause);
    }

    /// The same, and waits a moment until the daemon has heard it, which it shows by closing: where more hangs on it than
    /// this connection.
    pub(crate) fn conclude_heard(mut self, outcome: &str, interrupt: &dyn Interrupt) {
        self.tell(outcome, None);
        if let Some(link) = &mut self.link {
            let _ = link.wait::<FromDaemon>(Instant::now() + CLOSING, interrupt);
        }
    }

    fn tell(&mut self, outcome: &str, pause: Option<Silence>) {
        if let Some(link) = &mut self.link {
            let _ = link.send(&ToDaemon::Outcome {
                outcome: outcome.to_owned(),
                pause,
            });
        }
    }
}

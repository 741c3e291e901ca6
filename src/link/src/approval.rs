//! An approval request to the phone, or to an account. It lives exactly as long as its connection to the daemon: if this
//! process dies, the connection closes and the prompt on phone or page disappears.

use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use antiphon_core::account::AccountTerms;
use antiphon_core::approval::{ApprovalRequest, Assertion, Number};
use antiphon_core::origin::Origin;
use antiphon_core::outcome::Trouble;
use antiphon_core::record::Phone;
use antiphon_core::time::UnixTime;
use antiphon_core::visible::visible;
use antiphon_core::wire::{
    ByAccount, FromDaemon, Hints, NoToken, Silence, Suspicion, ToDaemon, Unwilling,
};

use crate::connection::{AT_ONCE, Away, Link};
use crate::interrupt::{Interrupt, Never, rest};
use crate::random;

/// Seconds that a phone has to answer: less than the login time limits of sshd and login.
pub const LIFETIME: u64 = 60;
/// Seconds that a person has to sign in at an account's provider.
pub const ACCOUNT_LIFETIME: u64 = 180;
/// How long a token waits for its key until the key is looked for again.
const KEY_PATIENCE: Duration = Duration::from_secs(1);
/// The longest text shown on the phone, in bytes.
pub const LONGEST_SHOWN: usize = 128;
/// How long to wait for the daemon to close a connection.
const CLOSING: Duration = Duration::from_millis(500);

/// Who asks, as shown on the phone.
#[derive(Clone, Copy)]
pub struct Asker<'a> {
    /// The canonical name.
    pub user: &'a str,
    /// This host.
    pub host: &'a str,
    /// The PAM service.
    pub service: &'a str,
    /// Where the sign-in comes from.
    pub origin: Origin<'a>,
}

/// A question to the phones, or to an account.
pub struct Question<'q, 'a> {
    /// What phones or page show, and what is signed.
    pub request: ApprovalRequest,
    /// The number to type there.
    pub number: Number,
    /// The currently valid phones.
    pub phones: &'q [Phone],
    /// The account, if it is the one that approves.
    pub account: Option<AskedAccount<'a>>,
    /// Additional information for the person.
    pub hints: Hints,
}

/// An account that is asked for an approval.
pub struct AskedAccount<'a> {
    /// Which one.
    pub terms: AccountTerms,
    /// Whether the page shows check digits.
    pub check_digits: bool,
    /// Whether the key that a token names is there. A token without one waits for it.
    pub has_key: Box<dyn Fn(&str) -> bool + 'a>,
}

/// An open request.
pub struct OpenApproval<'a> {
    /// What phones or page show, and what is signed.
    pub request: ApprovalRequest,
    /// The number to type there.
    pub number: Number,
    tokens: Option<Tokens<'a>>,
    link: Option<Link>,
    deadline: Instant,
    is_waiting: bool,
}

/// The tokens of an account.
struct Tokens<'a> {
    has_key: Box<dyn Fn(&str) -> bool + 'a>,
    /// The last one, while its key is not there, and when that was last looked for.
    waiting: Option<(String, Instant)>,
    /// Whether one has been given whose key is there: nothing more is needed of the daemon.
    is_given: bool,
}

impl Tokens<'_> {
    /// Takes the token that has waited, if its key is there by now.
    fn ready(&mut self) -> Option<String> {
        let (token, looked) = self.waiting.as_mut()?;
        if looked.elapsed() < KEY_PATIENCE {
            return None;
        }
        *looked = Instant::now();
        if (self.has_key)(token) {
            self.is_given = true;
            self.waiting.take().map(|(token, _)| token)
        } else {
            None
        }
    }
}

/// News about a request.
#[derive(Debug, PartialEq, Eq)]
pub enum News {
    /// Nothing yet.
    Nothing,
    /// The request is with the phones.
    Waiting,
    /// A phone has answered; nothing is proved yet.
    Answer(Box<Assertion>),
    /// The account's provider has signed something; nothing is proved yet.
    Token(String),
    /// The account's provider will sign nothing.
    NoToken(NoToken),
    /// The person said "It is not me".
    Declined,
    /// The person said that they started it by mistake.
    Mistake,
    /// Somebody said on the account's page that it is not theirs. After a token, it is whoever has signed in for it.
    NotTheirs,
    /// The phones were not asked, because of an "It is not me" about an earlier sign-in.
    Suspected(Suspicion),
    /// The time ran out.
    Expired,
    /// The time ran out after the account's provider had signed something with a key that never came.
    NoKey,
    /// Another sign-in of this person is open; if this one was with the phones already, that one has taken its place.
    Busy,
    /// No phone of this person can be reached.
    NoPhone,
    /// The daemon is not available (any more). Not said once a token has been given, which needs no daemon.
    Away(Away),
}

impl Asker<'_> {
    /// A request issued `now` that expires after `lasts` seconds.
    ///
    /// # Errors
    /// [`Trouble`] if the kernel provides no random bytes.
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

impl<'a> OpenApproval<'a> {
    /// Has the daemon ask the phones or the account, and waits until it confirms that: a number is shown only to people who can type it
    /// in somewhere.
    ///
    /// # Errors
    /// The news that ends the attempt: [`News::Busy`], [`News::NoPhone`], [`News::Suspected`] or [`News::Away`].
    pub fn begin(mut link: Link, question: Question<'_, 'a>) -> Result<Self, News> {
        let Question {
            request,
            number,
            phones,
            account,
            hints,
        } = question;
        let digits = u8::try_from(number.digits().len()).unwrap_or_default();
        let credentials = phones.iter().map(|phone| phone.credential.clone());
        let credentials = credentials.collect();
        let (asked, tokens) = match account {
            None => {
                let asked = ToDaemon::Approve {
                    request: request.clone(),
                    credentials,
                    digits,
                    hints,
                };
                (asked, None)
            }
            Some(account) => {
                let asked = ByAccount {
                    request: request.clone(),
                    terms: account.terms,
                    credentials,
                    digits,
                    check_digits: account.check_digits,
                    hints,
                };
                let tokens = Tokens {
                    has_key: account.has_key,
                    waiting: None,
                    is_given: false,
                };
                (ToDaemon::ApproveByAccount(asked), Some(tokens))
            }
        };
        link.send(&asked).map_err(News::Away)?;
        let lasts = Duration::from_secs(request.issued.until(request.expires));
        let mut begun = Self {
            request,
            number,
            tokens,
            link: Some(link),
            deadline: Instant::now() + lasts,
            is_waiting: false,
        };
        match begun.news(AT_ONCE) {
            News::Waiting => Ok(begun),
            News::Nothing => Err(News::Away(Away::silent())),
            // Nobody can have answered before anybody was asked.
            News::Answer(_)
            | News::Token(_)
            | News::NoToken(_)
            | News::Declined
            | News::Mistake
            | News::NotTheirs
            | News::Expired
            | News::NoKey => Err(News::Away(Away::something_else())),
            end @ (News::Busy | News::NoPhone | News::Suspected(_) | News::Away(_)) => Err(end),
        }
    }

    /// The next news, waiting for it for up to `wait`.
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

    /// The next news, without waiting.
    pub fn look(&mut self) -> News {
        if Instant::now() >= self.deadline {
            return if self.awaits_key() {
                News::NoKey
            } else {
                News::Expired
            };
        }
        if let Some(token) = self.tokens.as_mut().and_then(Tokens::ready) {
            return News::Token(token);
        }
        loop {
            let Some(link) = &mut self.link else {
                return self.lose(Away("the connection is closed".to_owned()));
            };
            let message = match link.receive() {
                Ok(Some(message)) => message,
                Ok(None) => return News::Nothing,
                Err(away) => return self.lose(away),
            };
            match message {
                FromDaemon::Waiting { .. } if self.is_waiting => {}
                FromDaemon::Waiting { .. } => {
                    self.is_waiting = true;
                    return News::Waiting;
                }
                FromDaemon::Answer(assertion) if self.tokens.is_none() => {
                    return News::Answer(Box::new(assertion));
                }
                FromDaemon::Token(id_token) => match &mut self.tokens {
                    None => return News::Away(Away::something_else()),
                    Some(tokens) if (tokens.has_key)(&id_token.token) => {
                        tokens.is_given = true;
                        return News::Token(id_token.token);
                    }
                    Some(tokens) => {
                        tokens.waiting = Some((id_token.token, Instant::now()));
                        if let Err(away) = link.send(&ToDaemon::KeyUnknown {}) {
                            return self.lose(away);
                        }
                    }
                },
                FromDaemon::NoToken { reason } if self.tokens.is_some() => {
                    return News::NoToken(reason);
                }
                FromDaemon::Declined {} => return News::Declined,
                FromDaemon::Mistake {} => return News::Mistake,
                FromDaemon::NotTheirs {} if self.tokens.is_some() => return News::NotTheirs,
                FromDaemon::Suspected(suspicion) if !self.is_waiting => {
                    return News::Suspected(suspicion);
                }
                FromDaemon::Unwilling {
                    reason: Unwilling::Busy,
                } => return News::Busy,
                FromDaemon::Unwilling {
                    reason: Unwilling::NoPhone,
                } => return News::NoPhone,
                other => return self.lose(Away::odd(&other)),
            }
        }
    }

    /// The connection is of no use any more. That changes nothing once a token has been given.
    fn lose(&mut self, away: Away) -> News {
        if self.tokens.as_ref().is_some_and(|tokens| tokens.is_given) {
            self.link = None;
            return News::Nothing;
        }
        News::Away(away)
    }

    /// Whether the account's provider has signed something, and the key for it is not there yet.
    #[must_use]
    pub fn awaits_key(&self) -> bool {
        let tokens = self.tokens.as_ref();
        tokens.is_some_and(|tokens| tokens.waiting.is_some())
    }

    /// The connection, for polling.
    #[must_use]
    pub fn handle(&self) -> Option<BorrowedFd<'_>> {
        self.link.as_ref().map(AsFd::as_fd)
    }

    /// Closes this process's end, for a forked child, whose copy would keep the request alive.
    pub fn hang_up(&mut self) {
        self.link = None;
    }

    /// Tells the phone how the sign-in ended, and for how long the phone is paused, if it is. A failure changes nothing.
    pub fn conclude(mut self, outcome: &str, pause: Option<Silence>) {
        self.tell(outcome, pause);
    }

    /// The same, and waits a moment until the daemon has received it and closes the connection; for cases in which more
    /// depends on it.
    pub fn conclude_heard(mut self, outcome: &str, interrupt: &dyn Interrupt) {
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

#[cfg(test)]
mod tests;

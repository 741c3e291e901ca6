//! The trial: an approval as at a sign-in, on a connection of its own, before anything is written. It shows that the
//! person finds the page, types the number there, and signs in with the same account once more.

use std::time::{Duration, Instant};

use antiphon_core::account::{AccountTerms, Expected, Fault, VerifiedToken, page_code, verify};
use antiphon_core::invitation::TRIAL_SERVICE;
use antiphon_core::origin::Origin;
use antiphon_core::record::Account;
use antiphon_core::wire::{Hints, NoToken};

use super::{Addition, NotAdded, Reason, Sitting, Step};
use crate::approval::{ACCOUNT_LIFETIME, AskedAccount, Asker, News, OpenApproval, Question};
use crate::connection::Away;
use crate::interrupt::rest;
use crate::{clock, random};

/// Most attempts.
const TRIES: u32 = 3;
/// How often the daemon is asked again while another sign-in of this person is open, and after how long the person is
/// told.
const BUSY_PAUSE: Duration = Duration::from_millis(200);
const BUSY_TOLD: Duration = Duration::from_secs(1);

/// What stays the same for all attempts.
pub(super) struct Trial<'a> {
    pub(super) addition: &'a Addition<'a>,
    pub(super) account: &'a Account,
}

/// A successful trial, still open on the page, which will be told how everything ended.
pub(super) struct Passed<'a> {
    pub(super) verified: VerifiedToken,
    pub(super) pending: OpenApproval<'a>,
}

/// A failed trial.
struct Wrong {
    /// The outcome to tell the page.
    outcome: &'static str,
    /// Why to try again, or why not.
    why: Result<Reason, NotAdded>,
}

impl<'a> Trial<'a> {
    /// Repeats the trial until it succeeds or the attempts are used up.
    pub(super) fn run(&self, sitting: &mut dyn Sitting) -> Result<Passed<'a>, NotAdded> {
        let origin = &self.addition.config.page.origin;
        for _ in 0..TRIES {
            let mut pending = self.open(sitting)?;
            sitting.show(&Step::Trial {
                address: &format!("{origin}/a/{}", page_code(&pending.request)),
                number: pending.number.digits(),
                seconds: ACCOUNT_LIFETIME,
            })?;
            let news = self.hear(&mut pending, sitting)?;
            let reason = match self.judge(news, &mut pending, sitting) {
                Ok(verified) => return Ok(Passed { verified, pending }),
                Err(wrong) => {
                    pending.conclude_heard(wrong.outcome, self.addition.interrupt);
                    wrong.why?
                }
            };
            sitting.show(&Step::Again { reason })?;
        }
        Err(NotAdded::NoTrialRight)
    }

    /// Opens a new request. Not possible while another one of this person is open, which includes the previous trial until
    /// the daemon has received its end.
    fn open(&self, sitting: &mut dyn Sitting) -> Result<OpenApproval<'a>, NotAdded> {
        let addition = self.addition;
        let began = Instant::now();
        let mut is_told = false;
        loop {
            let link = (addition.connect)()?;
            match OpenApproval::begin(link, self.question()?) {
                Ok(pending) => return Ok(pending),
                Err(News::Busy) => {}
                Err(news) => return Err(away(news).into()),
            }
            if began.elapsed() >= addition.busy_patience {
                return Err(NotAdded::Busy);
            }
            if began.elapsed() >= BUSY_TOLD && !is_told {
                is_told = true;
                let reason = Reason::Busy;
                sitting.show(&Step::Again { reason })?;
            }
            rest(None, BUSY_PAUSE, addition.interrupt)?;
            if addition.interrupt.came() {
                return Err(NotAdded::Left);
            }
        }
    }

    fn question(&self) -> Result<Question<'_, 'a>, NotAdded> {
        let addition = self.addition;
        let asker = Asker {
            service: TRIAL_SERVICE,
            ..addition.asker
        };
        Ok(Question {
            request: asker.request(clock::now()?, ACCOUNT_LIFETIME)?,
            number: random::number(addition.config.number_digits)?,
            phones: &[],
            account: Some(AskedAccount {
                terms: AccountTerms::of(addition.provider, self.account),
                check_digits: self.wants_digits(),
                has_key: Box::new(move |token| addition.has_key(token)),
            }),
            hints: Hints {
                enter: addition.by_enter,
                ..Hints::default()
            },
        })
    }

    fn wants_digits(&self) -> bool {
        let Asker { user, origin, .. } = self.addition.asker;
        let origin = if self.addition.is_by_root {
            Origin {
                caller: user,
                ..Origin::default()
            }
        } else {
            origin
        };
        self.addition.provider.wants_check_digits(origin, user)
    }

    fn hear(
        &self,
        pending: &mut OpenApproval<'_>,
        sitting: &mut dyn Sitting,
    ) -> Result<News, NotAdded> {
        loop {
            let patience = sitting.patience()?;
            match pending.news_unless(self.addition.interrupt, patience) {
                Some(News::Nothing) => {}
                Some(news) => return Ok(news),
                None => return Err(NotAdded::Left),
            }
        }
    }

    fn judge(
        &self,
        news: News,
        pending: &mut OpenApproval<'_>,
        sitting: &mut dyn Sitting,
    ) -> Result<VerifiedToken, Wrong> {
        let wrong = |outcome, why| Err(Wrong { outcome, why });
        if let Some(wrong) = taken_back(&news) {
            return Err(wrong);
        }
        let token = match news {
            News::Token(token) => token,
            News::Expired => return wrong("expired", Ok(Reason::NoAnswer)),
            News::Busy => return wrong("cancelled", Ok(Reason::Busy)),
            News::NoKey => {
                let why = clock::now().map_or_else(NotAdded::from, |now| {
                    self.addition.refused(Fault::UnknownKey, now)
                });
                return wrong("refused", Err(why));
            }
            News::NoToken(NoToken::Denied) => return wrong("cancelled", Ok(Reason::Denied)),
            News::NoToken(reason) => return wrong("cancelled", Err(NotAdded::NoToken(reason))),
            news => return wrong("cancelled", Err(away(news).into())),
        };
        let judged = match self.verify(&token, pending) {
            Ok(judged) => judged,
            Err(why) => return wrong("cancelled", Err(why)),
        };
        let verified = match judged {
            Ok(verified) => verified,
            Err(Fault::Nonce) => return wrong("wrong", Ok(Reason::WrongNumber)),
            Err(Fault::Subject) => return wrong("refused", Ok(Reason::OtherAccount)),
            Err(Fault::OldSignIn(_)) => return wrong("refused", Ok(Reason::OldSignIn)),
            Err(fault) => {
                let why = clock::now()
                    .map_or_else(NotAdded::from, |now| self.addition.refused(fault, now));
                return wrong("refused", Err(why));
            }
        };
        if self.wants_digits() {
            match sitting.digits() {
                Ok(Some(typed)) if typed == *verified.check_digits() => {}
                Ok(_) => return wrong("refused", Ok(Reason::WrongDigits)),
                Err(why) => return wrong("cancelled", Err(why)),
            }
            if let Some(wrong) = taken_back(&pending.look()) {
                return Err(wrong);
            }
        }
        match clock::now() {
            Ok(now) if now < pending.request.expires => Ok(verified),
            Ok(_) => wrong("expired", Ok(Reason::NoAnswer)),
            Err(trouble) => wrong("cancelled", Err(trouble.into())),
        }
    }

    fn verify(
        &self,
        token: &str,
        pending: &OpenApproval<'_>,
    ) -> Result<Result<VerifiedToken, Fault>, NotAdded> {
        let addition = self.addition;
        let terms = AccountTerms::of(addition.provider, self.account);
        let expected = Expected {
            provider: addition.provider,
            keys: &addition.keys()?,
            digest: &terms.digest(&pending.request, &pending.number),
            issued: pending.request.issued,
            subject: Some(&self.account.subject),
        };
        Ok(verify(token, expected, clock::now()?))
    }
}

/// What ends the trial if the person has said, on page or phone, that it is not theirs.
fn taken_back(news: &News) -> Option<Wrong> {
    let (outcome, why) = match news {
        News::Declined => ("reported", NotAdded::Declined),
        News::NotTheirs => ("refused", NotAdded::Declined),
        News::Mistake => ("mistake", NotAdded::Left),
        _ => return None,
    };
    let why = Err(why);
    Some(Wrong { outcome, why })
}

/// Why news without an answer ends the trial.
fn away(news: News) -> Away {
    match news {
        News::Away(away) => away,
        _ => Away::something_else(),
    }
}

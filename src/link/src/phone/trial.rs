//! The trial: an approval as at a sign-in, on a connection of its own, before anything is written. It shows that the
//! person, the phone, its key and the route to it are what they seem. The ticket's lifetime does not limit it: the
//! daemon keeps the phone for a second such period.

use std::time::{Duration, Instant};

use antiphon_core::approval::{Fault, VerifiedPasskey, verify};
use antiphon_core::invitation::TRIAL_SERVICE;
use antiphon_core::record::Phone;
use antiphon_core::wire::Hints;

use super::{Addition, NotAdded, Reason, Sitting, Step};
use crate::approval::{Asker, News, OpenApproval, Question};
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
    pub(super) phone: &'a Phone,
    /// Length of one attempt, in seconds.
    pub(super) lifetime: u64,
}

/// A successful trial, still open on the phone, which will be told how everything ended.
pub(super) struct Passed {
    pub(super) verified: VerifiedPasskey,
    pub(super) pending: OpenApproval<'static>,
}

impl Trial<'_> {
    /// Repeats the trial until it succeeds or the attempts are used up.
    pub(super) fn run(&self, sitting: &mut dyn Sitting) -> Result<Passed, NotAdded> {
        for _ in 0..TRIES {
            let mut pending = self.open(sitting)?;
            sitting.show(&Step::Trial {
                number: pending.number.digits(),
                seconds: self.lifetime,
            })?;
            let news = self.hear(&mut pending, sitting)?;
            let reason = match self.judge(news, &pending) {
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

    /// Opens a new request on the phone. Not possible while another one of this person is open, which includes the
    /// previous trial until the daemon has received its end.
    fn open(&self, sitting: &mut dyn Sitting) -> Result<OpenApproval<'static>, NotAdded> {
        let began = Instant::now();
        let mut is_told = false;
        loop {
            let link = (self.addition.connect)()?;
            match OpenApproval::begin(link, self.question()?) {
                Ok(pending) => return Ok(pending),
                Err(News::Busy) => {}
                Err(news) => return Err(away(news).into()),
            }
            if began.elapsed() >= self.addition.busy_patience {
                return Err(NotAdded::Busy);
            }
            if began.elapsed() >= BUSY_TOLD && !is_told {
                is_told = true;
                let reason = Reason::Busy;
                sitting.show(&Step::Again { reason })?;
            }
            rest(None, BUSY_PAUSE, self.addition.interrupt)?;
            if self.addition.interrupt.came() {
                return Err(NotAdded::Left);
            }
        }
    }

    fn question(&self) -> Result<Question<'_, 'static>, NotAdded> {
        let Addition {
            asker,
            config,
            by_enter,
            ..
        } = self.addition;
        let asker = Asker {
            service: TRIAL_SERVICE,
            ..*asker
        };
        Ok(Question {
            request: asker.request(clock::now()?, self.lifetime)?,
            number: random::number(config.number_digits)?,
            phones: std::slice::from_ref(self.phone),
            account: None,
            hints: Hints {
                enter: *by_enter,
                ..Hints::default()
            },
        })
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

    fn judge(&self, news: News, pending: &OpenApproval<'_>) -> Result<VerifiedPasskey, Wrong> {
        let wrong = |outcome, why| Err(Wrong { outcome, why });
        let answer = match news {
            News::Answer(answer) => answer,
            News::Expired => return wrong("expired", Ok(Reason::NoAnswer)),
            News::Declined => return wrong("reported", Err(NotAdded::Declined)),
            News::Mistake => return wrong("mistake", Err(NotAdded::Left)),
            News::Busy => return wrong("cancelled", Ok(Reason::Busy)),
            news => return wrong("cancelled", Err(away(news).into())),
        };
        match clock::now() {
            Ok(now) if now < pending.request.expires => {}
            Ok(_) => return wrong("expired", Ok(Reason::NoAnswer)),
            Err(trouble) => return wrong("cancelled", Err(trouble.into())),
        }
        let digest = pending.request.digest(&pending.number);
        match verify(&answer, self.phone, &digest, 0) {
            Ok(verified) => Ok(verified),
            Err(Fault::Challenge) => wrong("wrong", Ok(Reason::WrongNumber)),
            Err(fault) => wrong("refused", Err(NotAdded::Answer(fault))),
        }
    }
}

/// A failed trial.
struct Wrong {
    /// The outcome to tell the phone.
    outcome: &'static str,
    /// Why to try again, or why not.
    why: Result<Reason, NotAdded>,
}

/// Why news without an answer ends the trial.
fn away(news: News) -> Away {
    match news {
        News::Away(away) => away,
        _ => Away::something_else(),
    }
}

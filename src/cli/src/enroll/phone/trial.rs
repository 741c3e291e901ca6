//! The trial: an approval as at a sign-in, over a connection of its own, before anything is written. It shows that the
//! person, the phone, its key and the way to it are what they seem. It has time of its own: the daemon keeps the phone
//! for as long again as the ticket.

use std::time::{Duration, Instant};

use antiphon_core::approval::{ApprovalRequest, Assertion, Fault, Number, VerifiedPasskey, verify};
use antiphon_core::record::Phone;
use antiphon_core::wire::{FromDaemon, Hints, ToDaemon, Unwilling};

use super::progress::{Progress, Reason, Tell};
use super::unfinished::{Unfinished, unexpected};
use crate::clock;
use crate::daemon::{Link, Silence, rest};
use crate::interrupt::Interrupts;
use crate::random;

/// How often one may try.
const TRIES: u32 = 3;
/// How long the daemon may take for what it does by itself.
const PATIENCE: Duration = Duration::from_secs(4);
/// How often it is asked again while another sign-in of this person is open, and from when that is told.
const BUSY_PAUSE: Duration = Duration::from_millis(200);
const BUSY_TOLD: Duration = Duration::from_secs(1);
/// How long the end of a connection is waited for.
const CLOSING: Duration = Duration::from_millis(500);

/// What does not change from one try to the next.
pub(crate) struct Trial<'a> {
    pub(crate) phone: &'a Phone,
    /// Everything but nonce and times.
    pub(crate) form: ApprovalRequest,
    pub(crate) digits: u8,
    /// Seconds that one try lasts.
    pub(crate) lifetime: u64,
    pub(crate) connect: &'a dyn Fn() -> Result<Link, String>,
    pub(crate) interrupts: &'a Interrupts,
}

/// A trial that was right, and still open on the phone: it is told how all of it ended.
pub(crate) struct Passed {
    pub(crate) verified: VerifiedPasskey,
    link: Link,
}

impl Passed {
    /// Tells the phone. Whether that arrives changes nothing.
    pub(crate) fn conclude(mut self, outcome: &str, interrupts: &Interrupts) {
        conclude(&mut self.link, outcome, interrupts);
    }
}

enum Try {
    Right(Passed),
    Again(Reason),
}

impl Trial<'_> {
    /// Tries until it is right, or enough.
    pub(crate) fn run(&self, tell: &mut Tell<'_>) -> Result<Passed, Unfinished> {
        for _ in 0..TRIES {
            match self.once(tell)? {
                Try::Right(passed) => return Ok(passed),
                Try::Again(reason) => tell(&Progress::Again { reason })?,
            }
        }
        Err(Unfinished::NoTrialRight)
    }

    fn once(&self, tell: &mut Tell<'_>) -> Result<Try, Unfinished> {
        let mut open = self.open(tell)?;
        tell(&Progress::Trial {
            number: open.number.digits(),
            seconds: self.lifetime,
        })?;
        Ok(match self.hear(&mut open)? {
            Heard::Right(verified) => Try::Right(Passed {
                verified,
                link: open.link,
            }),
            Heard::Again(reason) => Try::Again(reason),
        })
    }

    /// Puts a new question before the phone. While another sign-in of this person is there it cannot be: the last trial
    /// too, until the daemon has heard that it is over.
    fn open(&self, tell: &mut Tell<'_>) -> Result<Open, Unfinished> {
        let began = Instant::now();
        let mut told = false;
        loop {
            let mut open = self.ask()?;
            match open.link.wait(Instant::now() + PATIENCE, self.interrupts) {
                Ok(FromDaemon::Waiting { .. }) => return Ok(open),
                Ok(FromDaemon::Unwilling {
                    reason: Unwilling::Busy,
                }) => {}
                Ok(other) => return Err(unexpected(&other)),
                Err(Silence::Late) => {
                    return Err(Unfinished::Gone("it does not answer".to_owned()));
                }
                Err(silence) => return Err(silence.into()),
            }
            if began.elapsed() >= Duration::from_secs(self.lifetime) {
                return Err(Unfinished::Busy);
            }
            if began.elapsed() >= BUSY_TOLD && !told {
                told = true;
                tell(&Progress::Again {
                    reason: Reason::Busy,
                })?;
            }
            rest(None, Instant::now() + BUSY_PAUSE, self.interrupts)?;
            if self.interrupts.came() {
                return Err(Unfinished::Stopped);
            }
        }
    }

    fn ask(&self) -> Result<Open, Unfinished> {
        let now = clock::now();
        let request = ApprovalRequest {
            nonce: random::bytes()?,
            issued: now,
            expires: now.plus(self.lifetime),
            ..self.form.clone()
        };
        let number = Number::new(random::within(Number::range(self.digits))?);
        let mut link = (self.connect)().map_err(Unfinished::Gone)?;
        link.send(&ToDaemon::Approve {
            request: request.clone(),
            credentials: vec![self.phone.credential.clone()],
            digits: self.digits,
            hints: Hints::default(),
        })?;
        Ok(Open {
            link,
            request,
            number,
        })
    }

    fn hear(&self, open: &mut Open) -> Result<Heard, Unfinished> {
        let until = Instant::now() + Duration::from_secs(self.lifetime);
        loop {
            match open.link.wait(until, self.interrupts) {
                Ok(FromDaemon::Waiting { .. }) => {}
                Ok(FromDaemon::Answer(assertion)) => return self.judge(&assertion, open),
                Ok(FromDaemon::Declined {}) => {
                    conclude(&mut open.link, "reported", self.interrupts);
                    return Err(Unfinished::Declined);
                }
                Ok(FromDaemon::Mistake {}) => {
                    conclude(&mut open.link, "mistake", self.interrupts);
                    return Err(Unfinished::Stopped);
                }
                Ok(other) => return Err(unexpected(&other)),
                Err(Silence::Late) => {
                    conclude(&mut open.link, "expired", self.interrupts);
                    return Ok(Heard::Again(Reason::NoAnswer));
                }
                Err(silence) => return Err(silence.into()),
            }
        }
    }

    fn judge(&self, assertion: &Assertion, open: &mut Open) -> Result<Heard, Unfinished> {
        let Open {
            link,
            request,
            number,
        } = open;
        if clock::now() >= request.expires {
            conclude(link, "expired", self.interrupts);
            return Ok(Heard::Again(Reason::NoAnswer));
        }
        match verify(assertion, self.phone, &request.digest(number), 0) {
            Ok(verified) => Ok(Heard::Right(verified)),
            Err(Fault::Challenge) => {
                conclude(link, "wrong", self.interrupts);
                Ok(Heard::Again(Reason::WrongNumber))
            }
            Err(fault) => {
                conclude(link, "refused", self.interrupts);
                Err(Unfinished::Answer(fault))
            }
        }
    }
}

/// A question that is before the phone, as long as its connection stands.
struct Open {
    link: Link,
    request: ApprovalRequest,
    number: Number,
}

enum Heard {
    Right(VerifiedPasskey),
    Again(Reason),
}

/// Tells the phone, and waits a moment until the daemon has heard it, which it shows by closing: with the ticket, all that
/// the phone has not been told yet would go.
fn conclude(link: &mut Link, outcome: &str, interrupts: &Interrupts) {
    let told = link.send(&ToDaemon::Outcome {
        pause: None,
        outcome: outcome.to_owned(),
    });
    if told.is_ok() {
        let _ = rest(Some(link), Instant::now() + CLOSING, interrupts);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::io::Write;
    use std::os::unix::net::UnixStream;

    use antiphon_core::approval::ApprovalRequest;
    use antiphon_core::record::Phone;
    use antiphon_core::time::UnixTime;
    use antiphon_core::wire::{FromDaemon, Unwilling, encode};

    use super::{Passed, Trial, Unfinished};
    use crate::daemon::Link;
    use crate::enroll::phone::progress::{Progress, Reason};
    use crate::interrupt::Interrupts;

    /// A trial of one second at most, whose daemon says `words` on each connection; and what was told of it.
    fn tried(words: &[FromDaemon]) -> (Result<Passed, Unfinished>, Vec<Reason>) {
        let phone = Phone {
            name: "Pixel 9".into(),
            credential: vec![1],
            public_key: Vec::new(),
            origin: "https://mfa.example.org".into(),
            backup_eligible: false,
            enrolled: "2026-11-22T20:00:00Z".parse().unwrap(),
        };
        let form = ApprovalRequest {
            nonce: [0; 32],
            user: "alice".into(),
            host: "web1".into(),
            service: String::new(),
            caller: String::new(),
            remote_host: String::new(),
            terminal: String::new(),
            issued: UnixTime(0),
            expires: UnixTime(0),
        };
        // Open as long as the trial lasts: a daemon that goes is another matter.
        let daemon: RefCell<Vec<UnixStream>> = RefCell::default();
        let trial = Trial {
            phone: &phone,
            form,
            digits: 2,
            lifetime: 1,
            connect: &|| {
                let (link, mut theirs) = Link::pair();
                for word in words {
                    theirs.write_all(&encode(word).unwrap()).unwrap();
                }
                daemon.borrow_mut().push(theirs);
                Ok(link)
            },
            interrupts: &Interrupts::hold().unwrap(),
        };
        let mut told = Vec::new();
        let ended = trial.run(&mut |step| {
            if let Progress::Again { reason } = step {
                told.push(*reason);
            }
            Ok(())
        });
        (ended, told)
    }

    #[test]
    fn a_phone_that_is_silent_three_times_is_not_enrolled() {
        let (ended, told) = tried(&[FromDaemon::Waiting { phones: 0 }]);
        assert!(matches!(ended, Err(Unfinished::NoTrialRight)));
        assert_eq!(told, [Reason::NoAnswer; 3]);
    }

    #[test]
    fn another_sign_in_is_waited_for_but_not_for_ever_and_costs_no_try() {
        let reason = Unwilling::Busy;
        let (ended, told) = tried(&[FromDaemon::Unwilling { reason }]);
        assert!(matches!(ended, Err(Unfinished::Busy)));
        assert!(told.len() <= 1);
    }

    #[test]
    fn a_phone_that_says_no_and_a_daemon_that_babbles_end_it_at_once() {
        let reason = Unwilling::NoPhone;
        let flood = vec![FromDaemon::Waiting { phones: 1 }; 100];
        let asked = FromDaemon::Waiting { phones: 1 };
        let (ended, told) = tried(&[asked.clone(), FromDaemon::Declined {}]);
        assert!(matches!(ended, Err(Unfinished::Declined)));
        assert_eq!(told, []);
        let (ended, told) = tried(&[asked.clone(), FromDaemon::Mistake {}]);
        assert!(matches!(ended, Err(Unfinished::Stopped)));
        assert_eq!(told, []);
        for words in [
            &[FromDaemon::Unwilling { reason }][..],
            &[FromDaemon::Kept {}],
            &[asked.clone(), FromDaemon::Kept {}],
            &[asked, FromDaemon::Unwilling { reason }],
            &flood,
        ] {
            let (ended, told) = tried(words);
            assert!(matches!(ended, Err(Unfinished::Gone(_))));
            assert_eq!(told, []);
        }
    }
}

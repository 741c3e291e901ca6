//! A waiting sign-in, from [`ToDaemon::Approve`] to its outcome.

use std::time::Duration;

use antiphon_core::approval::ApprovalRequest;
use antiphon_core::invitation::TRIAL_SERVICE;
use antiphon_core::logline::LogLine;
use antiphon_core::wire::{FrameError, FromDaemon, Hints, Silence, Suspicion, ToDaemon, Unwilling};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::frames::{Ended, Frames};
use crate::clock;
use crate::exchange::{Called, Exchange};
use crate::log;
use crate::pauses::Whose;
use crate::push::{Gone, News};
use crate::store::Device;
use crate::switchboard::{Asker, Ending, OpenRequest, Opening, Shown};

/// The longest lifetime of a request in seconds, whatever it says.
const LONGEST: u64 = 600;
/// How much longer it is kept here than it lasts: root ends it in time, and says how.
const GRACE: Duration = Duration::from_secs(2);
/// Most passkeys per person.
const MOST_CREDENTIALS: usize = 64;
/// The longest credential ID in bytes (WebAuthn Level 3, section 5.8.3).
const LONGEST_CREDENTIAL: usize = 1023;
/// A single answer.
const QUEUE: usize = 1;

/// Root's request.
pub(super) struct Asked {
    pub(super) request: ApprovalRequest,
    pub(super) credentials: Vec<Vec<u8>>,
    pub(super) digits: u8,
    pub(super) hints: Hints,
}

impl Asked {
    fn is_sound(&self) -> bool {
        !self.request.user.is_empty()
            && (2..=6).contains(&self.digits)
            && are_sound(&self.credentials)
    }
}

/// Whether these are plausible credentials of one person.
pub(super) fn are_sound(credentials: &[Vec<u8>]) -> bool {
    (1..=MOST_CREDENTIALS).contains(&credentials.len())
        && credentials
            .iter()
            .all(|credential| (1..=LONGEST_CREDENTIAL).contains(&credential.len()))
}

/// Handles the sign-in to its end.
pub(super) async fn carry(frames: &mut Frames, asked: Asked, exchange: &Exchange) -> Ended {
    if !asked.is_sound() {
        return Ended::Frame(FrameError::NotUnderstood);
    }
    let lasts = clock::now().until(asked.request.expires).min(LONGEST);
    let until = Instant::now() + Duration::from_secs(lasts) + GRACE;
    let name = asked.request.name();
    let user = asked.request.user.clone();
    let whose = Whose {
        user: user.clone(),
        host: asked.request.host.clone(),
    };
    let (sender, answers) = mpsc::channel(QUEUE);
    // Boxed, so that a waiting task reserves no space for it.
    let unheard = unheard(&asked.request);
    let begun_by = (!is_trial(&asked.request)).then(|| asked.request.caller.clone());
    let gone = Gone {
        at: asked.request.issued,
        from: asked.request.remote_host.clone(),
    };
    let opened = match Box::pin(ask(asked, &whose, exchange, sender)).await {
        Ok(asking) => frames
            .send(&FromDaemon::Waiting {
                phones: asking.phones,
            })
            .await
            .map(|()| asking),
        Err(said) => {
            return match frames.send(&said).await {
                Ok(()) => Ended::Closed,
                Err(ended) => ended,
            };
        }
    };
    let (ended, ending) = match opened {
        Ok(asking) => {
            let mut declined = false;
            let (ended, end) = wait(frames, answers, until, &mut declined).await;
            // Before the phone is told the outcome, since it queries at once.
            if let Some(pause) = end.pause {
                exchange.pauses.heard(whose, pause, clock::now());
            } else if declined && end.ending != Ending::Reported {
                log::tell_administrator(unheard).await;
                if let Some(caller) = begun_by {
                    let suspicion = Suspicion {
                        since: clock::now(),
                        remote_host: gone.from.clone(),
                        caller,
                    };
                    let lasts = exchange.config.push.limits.reported_pause;
                    exchange.pauses.suspect(whose, suspicion, lasts.into());
                }
            }
            let called = Called {
                answered_by: asking.open.end(end.ending),
                user,
                phones: asking.called,
            };
            exchange.call_off(called, gone);
            (ended, end.ending)
        }
        Err(ended) => (ended, Ending::Cancelled),
    };
    let line = LogLine::new()
        .with("request", &name)
        .with("outcome", ending.word());
    log::note(format_args!("{}", line.as_str()));
    ended
}

/// A request that is with the phones.
struct Asking {
    open: OpenRequest,
    /// How many phones it reaches.
    phones: u32,
    /// Those that are called.
    called: Vec<Device>,
}

/// Passes the request to the phones and calls those that can be called; on failure returns the reply to root.
async fn ask(
    asked: Asked,
    whose: &Whose,
    exchange: &Exchange,
    sender: Asker,
) -> Result<Asking, FromDaemon> {
    let unwilling = |reason| FromDaemon::Unwilling { reason };
    let Asked {
        request,
        credentials,
        digits,
        hints,
    } = asked;
    let is_trial = is_trial(&request);
    if !is_trial && let Some(suspicion) = exchange.pauses.unheard(whose, clock::now()) {
        return Err(FromDaemon::Suspected(suspicion));
    }
    let lasts = clock::now().until(request.expires).min(LONGEST);
    let reach = exchange.reach(&request.user, &credentials).await;
    let reach = reach.map_err(unwilling)?;
    let shown = Shown {
        request: &request,
        digits,
        hints: &hints,
    };
    let open = match exchange.switchboard.open(shown, credentials, sender) {
        Opening::Open(open) => open,
        Opening::Busy => return Err(unwilling(Unwilling::Busy)),
        Opening::Closed => return Err(unwilling(Unwilling::Overloaded)),
    };
    let phones = reach.count();
    log::note(format_args!("{}", begun(&request, phones).as_str()));
    exchange.call(&reach.called, &News::Waits { lasts, is_trial });
    Ok(Asking {
        open,
        phones,
        called: reach.called,
    })
}

/// Whether it is the trial of a phone being enrolled.
fn is_trial(request: &ApprovalRequest) -> bool {
    request.service == TRIAL_SERVICE
}

/// The log line, with the same request name as in the module's log.
fn begun(request: &ApprovalRequest, phones: u32) -> LogLine {
    LogLine::new()
        .with("request", &request.name())
        .with("user", &request.user)
        .with("host", &request.host)
        .with("service", &request.service)
        .with("rhost", &request.remote_host)
        .with("phones", &phones.to_string())
}

/// The administrator's log line if a phone said "It's not me" and the sign-in had ended before it was told: a client of
/// sshd that hung up at the prompt.
fn unheard(request: &ApprovalRequest) -> LogLine {
    LogLine::new()
        .with("outcome", "reported")
        .with("reason", "unheard")
        .with("user", &request.user)
        .with("request", &request.name())
        .with("service", &request.service)
        .with("rhost", &request.remote_host)
        .with("tty", &request.terminal)
        .with("caller", &request.caller)
}

/// How a request ended, and the resulting pause of the phone, if any.
struct End {
    ending: Ending,
    pause: Option<Silence>,
}

impl From<Ending> for End {
    fn from(ending: Ending) -> Self {
        Self {
            ending,
            pause: None,
        }
    }
}

/// Waits for an answer, the outcome, the time limit or the end of the connection; sets `declined` if a phone said "It's
/// not me" meanwhile.
async fn wait(
    frames: &mut Frames,
    mut answers: mpsc::Receiver<Box<FromDaemon>>,
    until: Instant,
    declined: &mut bool,
) -> (Ended, End) {
    loop {
        tokio::select! {
            // An answer that has arrived is passed on before the time limit is checked.
            biased;
            answer = answers.recv() => match answer {
                Some(answer) => {
                    *declined |= matches!(*answer, FromDaemon::Declined {});
                    if let Err(ended) = frames.send(&answer).await {
                        return (ended, Ending::Cancelled.into());
                    }
                }
                // The daemon shuts down.
                None => return (Ended::Closed, Ending::Cancelled.into()),
            },
            message = frames.next() => match message {
                Ok(ToDaemon::Outcome { outcome, pause }) => {
                    let ending = Ending::of_outcome(&outcome);
                    return (Ended::Closed, End { ending, pause });
                }
                Ok(_) => {
                    let error = FrameError::NotUnderstood;
                    return (Ended::Frame(error), Ending::Cancelled.into());
                }
                Err(ended) => return (ended, Ending::Cancelled.into()),
            },
            () = sleep_until(until) => return (Ended::Closed, Ending::Expired.into()),
        }
    }
}

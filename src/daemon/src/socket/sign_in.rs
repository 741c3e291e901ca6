//! A waiting sign-in, from [`ToDaemon::Approve`] to its outcome.

use std::time::Duration;

use antiphon_core::approval::ApprovalRequest;
use antiphon_core::invitation::TRIAL_SERVICE;
use antiphon_core::logline::LogLine;
use antiphon_core::wire::{FrameError, FromDaemon, Hints, Peer, Silence, Suspicion, ToDaemon};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::frames::{Ended, Frames};
use crate::clock;
use crate::exchange::Exchange;
use crate::log;
use crate::pauses::Whose;
use crate::push::{Gone, News};
use crate::store::{Device, LONGEST_CREDENTIAL};
use crate::switchboard::{Asker, Ending, OpenRequest, Opening, Shown};

/// The longest lifetime of a request in seconds, whatever it says.
const LONGEST: u64 = 600;
/// How much longer it is kept here than it lasts: root ends it in time, and says how.
const GRACE: Duration = Duration::from_secs(2);
/// Most passkeys per person.
const MOST_CREDENTIALS: usize = 64;
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
    let Asked {
        request,
        credentials,
        digits,
        hints,
    } = asked;
    let lasts = clock::now().until(request.expires).min(LONGEST);
    let until = Instant::now() + Duration::from_secs(lasts) + GRACE;
    let whose = Whose {
        user: request.user.clone(),
        host: request.host.clone(),
    };
    let (sender, answers) = mpsc::channel(QUEUE);
    let shown = Shown {
        request: &request,
        digits,
        hints: &hints,
    };
    // Boxed, so that a waiting task reserves no space for it.
    let is_hosts = matches!(frames.peer(), Peer::Host { .. });
    let phones = Phones {
        credentials,
        lasts,
        asker: sender,
        is_hosts,
    };
    let asking = Box::pin(ask(shown, phones, &whose, exchange));
    let Asking {
        open,
        phones,
        called,
    } = match asking.await {
        Ok(asking) => asking,
        Err(said) => return frames.reply(&said).await,
    };
    let (ended, ending) = match frames.send(&FromDaemon::Waiting { phones }).await {
        Ok(()) => {
            let end = wait(frames, answers, until).await;
            // Before the phone is told the outcome, since it queries at once.
            if let Some(pause) = end.pause {
                exchange.pauses.heard(whose, pause, clock::now());
            } else if end.declined && end.ending != Ending::Reported {
                suspect(&request, whose, exchange).await;
            }
            let gone = Gone {
                at: request.issued,
                from: request.remote_host.clone(),
            };
            let over = open.end(end.ending).await;
            if !over.is_overtaken {
                exchange.call_off(&request.user, called, over.answered_by, gone);
            }
            (end.ended, end.ending)
        }
        Err(ended) => (ended, Ending::Cancelled),
    };
    exchange.metrics.ended(ending);
    let line = LogLine::new()
        .with("request", &request.name())
        .with("outcome", ending.word());
    log::note_fields(&line);
    ended
}

/// Whom to ask, and for whom.
struct Phones {
    credentials: Vec<Vec<u8>>,
    /// In seconds.
    lasts: u64,
    /// Where answers go.
    asker: Asker,
    /// Whether a host of the fleet asks: its own limits are not to be relied on.
    is_hosts: bool,
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
    shown: Shown<'_>,
    phones: Phones,
    whose: &Whose,
    exchange: &Exchange,
) -> Result<Asking, FromDaemon> {
    let unwilling = |reason| FromDaemon::Unwilling { reason };
    let (request, lasts) = (shown.request, phones.lasts);
    let is_trial = is_trial(request);
    if !is_trial && let Some(suspicion) = exchange.pauses.unheard(whose, clock::now()) {
        return Err(FromDaemon::Suspected(suspicion));
    }
    let reach = exchange.reach(&request.user, &phones.credentials).await;
    let reach = reach.map_err(unwilling)?;
    let opening = Opening {
        credentials: phones.credentials,
        lasts: Duration::from_secs(lasts) + GRACE,
        asker: phones.asker,
        most: (phones.is_hosts && !is_trial)
            .then_some(exchange.config.push.limits.most_in_five_minutes),
    };
    let open = exchange.switchboard.open(shown, opening).await;
    let open = open.map_err(unwilling)?;
    exchange.metrics.opened();
    let phones = reach.count();
    // With the same request name as in the module's log.
    let line = LogLine::new()
        .with("request", &request.name())
        .with("user", &request.user)
        .with("host", &request.host)
        .with("service", &request.service)
        .with("rhost", &request.remote_host)
        .with("phones", &phones.to_string());
    log::note_fields(&line);
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

/// A phone said "It's not me" and the sign-in had ended before it was told: a client of sshd that hung up at the prompt.
async fn suspect(request: &ApprovalRequest, whose: Whose, exchange: &Exchange) {
    let line = LogLine::new()
        .with("outcome", "reported")
        .with("reason", "unheard")
        .with("user", &request.user)
        .with("request", &request.name())
        .with("service", &request.service)
        .with("rhost", &request.remote_host)
        .with("tty", &request.terminal)
        .with("caller", &request.caller);
    log::tell_administrator(line).await;
    if !is_trial(request) {
        let suspicion = Suspicion {
            since: clock::now(),
            remote_host: request.remote_host.clone(),
            caller: request.caller.clone(),
        };
        let lasts = exchange.config.push.limits.reported_pause;
        exchange.pauses.suspect(whose, suspicion, lasts.into());
    }
}

/// How a request ended.
struct End {
    ended: Ended,
    ending: Ending,
    /// The resulting pause of the phone, if any.
    pause: Option<Silence>,
    /// Whether a phone said "It's not me" meanwhile.
    declined: bool,
}

/// Waits for an answer, the outcome, the time limit or the end of the connection.
async fn wait(
    frames: &mut Frames,
    mut answers: mpsc::Receiver<Box<FromDaemon>>,
    until: Instant,
) -> End {
    let mut end = End {
        ended: Ended::Closed,
        ending: Ending::Cancelled,
        pause: None,
        declined: false,
    };
    loop {
        tokio::select! {
            // An answer that has arrived is passed on before the time limit is checked.
            biased;
            answer = answers.recv() => {
                // Without one, the daemon shuts down.
                let Some(answer) = answer else { return end };
                end.declined |= matches!(*answer, FromDaemon::Declined {});
                if let Err(ended) = frames.send(&answer).await {
                    return End { ended, ..end };
                }
            }
            message = frames.next() => {
                match message {
                    Ok(ToDaemon::Outcome { outcome, pause }) => {
                        end.ending = Ending::of_outcome(&outcome);
                        end.pause = pause;
                    }
                    Ok(_) => end.ended = Ended::Frame(FrameError::NotUnderstood),
                    Err(ended) => end.ended = ended,
                }
                return end;
            }
            () = sleep_until(until) => return End { ending: Ending::Expired, ..end },
        }
    }
}

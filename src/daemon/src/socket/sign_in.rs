//! A sign-in that waits, from [`ToDaemon::Approve`] to its outcome.

use std::time::Duration;

use antiphon_core::approval::ApprovalRequest;
use antiphon_core::logline::LogLine;
use antiphon_core::wire::{FrameError, FromDaemon, Hints, ToDaemon, Unwilling};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::frames::{Ended, Frames};
use crate::clock;
use crate::exchange::Exchange;
use crate::journal;
use crate::switchboard::{Asker, Ending, OpenRequest, Opening, Shown};

/// The longest that a request is kept, whatever it says.
const LONGEST: u64 = 600;
/// How much longer it is kept here than it lasts: who asked ends it in time, and says how.
const GRACE: Duration = Duration::from_secs(2);
/// Passkeys of a person.
const MOST_CREDENTIALS: usize = 64;
/// The longest credential id (WebAuthn Level 3, section 5.8.3).
const LONGEST_CREDENTIAL: usize = 1023;
/// An answer and nothing more.
const QUEUE: usize = 1;

/// What root asks.
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

/// Whether a person can have these.
pub(super) fn are_sound(credentials: &[Vec<u8>]) -> bool {
    (1..=MOST_CREDENTIALS).contains(&credentials.len())
        && credentials
            .iter()
            .all(|credential| (1..=LONGEST_CREDENTIAL).contains(&credential.len()))
}

/// Carries the sign-in to its end.
pub(super) async fn carry(frames: &mut Frames, asked: Asked, exchange: &Exchange) -> Ended {
    if !asked.is_sound() {
        return Ended::Frame(FrameError::NotUnderstood);
    }
    let lasts = clock::now().until(asked.request.expires).min(LONGEST);
    let until = Instant::now() + Duration::from_secs(lasts) + GRACE;
    let name = asked.request.name();
    let (sender, answers) = mpsc::channel(QUEUE);
    // Boxed, so that who waits keeps no room for it.
    let opened = match Box::pin(ask(asked, exchange, sender)).await {
        Ok((open, waiting)) => frames.send(&waiting).await.map(|()| open),
        Err(reason) => {
            return match frames.send(&FromDaemon::Unwilling { reason }).await {
                Ok(()) => Ended::Closed,
                Err(ended) => ended,
            };
        }
    };
    let (ended, ending) = match opened {
        Ok(open) => {
            let (ended, ending) = wait(frames, answers, until).await;
            open.end(ending);
            (ended, ending)
        }
        Err(ended) => (ended, Ending::Cancelled),
    };
    let line = LogLine::new()
        .with("request", &name)
        .with("outcome", ending.word());
    journal::note(format_args!("{}", line.as_str()));
    ended
}

/// Puts the request before the phones, and calls those that can be called.
async fn ask(
    asked: Asked,
    exchange: &Exchange,
    sender: Asker,
) -> Result<(OpenRequest, FromDaemon), Unwilling> {
    let Asked {
        request,
        credentials,
        digits,
        hints,
    } = asked;
    let lasts = clock::now().until(request.expires).min(LONGEST);
    let reach = exchange.reach(&request.user, &credentials).await?;
    let shown = Shown {
        request: &request,
        digits,
        hints: &hints,
    };
    let open = match exchange.switchboard.open(shown, credentials, sender) {
        Opening::Open(open) => open,
        Opening::Busy => return Err(Unwilling::Busy),
        Opening::Closed => return Err(Unwilling::Overloaded),
    };
    let phones = reach.count();
    journal::note(format_args!("{}", begun(&request, phones).as_str()));
    exchange.call(reach.called, lasts);
    Ok((open, FromDaemon::Waiting { phones }))
}

/// What is logged of it, by the name that it has in the module's log too.
fn begun(request: &ApprovalRequest, phones: u32) -> LogLine {
    LogLine::new()
        .with("request", &request.name())
        .with("user", &request.user)
        .with("host", &request.host)
        .with("service", &request.service)
        .with("rhost", &request.remote_host)
        .with("phones", &phones.to_string())
}

/// Waits for the answer, the outcome, the end of time or of the connection, whichever comes.
async fn wait(
    frames: &mut Frames,
    mut answers: mpsc::Receiver<Box<FromDaemon>>,
    until: Instant,
) -> (Ended, Ending) {
    loop {
        tokio::select! {
            // An answer that has come is handed on before its time ends.
            biased;
            answer = answers.recv() => match answer {
                Some(answer) => {
                    if let Err(ended) = frames.send(&answer).await {
                        return (ended, Ending::Cancelled);
                    }
                }
                // The daemon ends.
                None => return (Ended::Closed, Ending::Cancelled),
            },
            message = frames.next() => match message {
                Ok(ToDaemon::Outcome { outcome }) => {
                    return (Ended::Closed, Ending::of_outcome(&outcome));
                }
                Ok(_) => return (Ended::Frame(FrameError::NotUnderstood), Ending::Cancelled),
                Err(ended) => return (ended, Ending::Cancelled),
            },
            () = sleep_until(until) => return (Ended::Closed, Ending::Expired),
        }
    }
}

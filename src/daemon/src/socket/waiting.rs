//! A sign-in that waits, until its outcome.

use antiphon_core::approval::ApprovalRequest;
use antiphon_core::logline::LogLine;
use antiphon_core::wire::{FrameError, FromDaemon, Silence, ToDaemon};
use futures_channel::mpsc::Receiver;
use tokio::time::{Instant, sleep_until};

use super::frames::{Ended, Frames};
use super::sign_in::is_trial;
use crate::account::OpenPage;
use crate::exchange::Exchange;
use crate::log;
use crate::pauses::{Report, Whose};
use crate::push::Gone;
use crate::store::Device;
use crate::switchboard::{Ending, OpenRequest};

/// A sign-in that waits for an answer.
pub(super) struct Waiting {
    pub(super) request: ApprovalRequest,
    pub(super) whose: Whose,
    pub(super) asking: Asking,
    pub(super) answers: Receiver<Box<FromDaemon>>,
    pub(super) until: Instant,
}

/// A request that is with the phones, or with the page of an account.
pub(super) struct Asking {
    pub(super) open: OpenRequest,
    /// What the page finds, if an account approves.
    pub(super) page: Option<OpenPage>,
    /// How many phones it reaches.
    pub(super) phones: u32,
    /// Those that are called.
    pub(super) called: Vec<Device>,
}

impl Waiting {
    /// Handles it to its end.
    pub(super) async fn wait(
        mut self: Box<Self>,
        frames: &mut Frames,
        exchange: &Exchange,
    ) -> Ended {
        let end = wait(frames, &mut self.answers, self.until, exchange).await;
        // Boxed, so that it reserves no space for its end while it waits.
        Box::pin(self.end(end, exchange)).await
    }

    async fn end(self, end: End, exchange: &Exchange) -> Ended {
        let Self {
            request,
            whose,
            asking,
            ..
        } = self;
        // Before the phone is told the outcome, since it queries at once.
        if let Some(pause) = end.pause {
            exchange.pauses.heard(&whose, pause).await;
        } else if end.declined && end.ending != Ending::Reported {
            suspect(&request, whose, exchange).await;
        }
        let gone = Gone {
            at: request.issued,
            from: request.remote_host.clone(),
        };
        let over = asking.open.end(end.ending).await;
        if let Some(page) = asking.page {
            page.end(over.told(end.ending));
        }
        if !over.is_overtaken {
            exchange.call_off(&request.user, asking.called, over.answered_by, gone);
        }
        note_end(&request, end.ending, exchange);
        end.ended
    }
}

pub(super) fn note_end(request: &ApprovalRequest, ending: Ending, exchange: &Exchange) {
    exchange.metrics.ended(ending);
    let line = LogLine::new()
        .with("request", &request.name())
        .with("outcome", ending.word());
    log::note_fields(&line);
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
        let report = Report {
            remote_host: request.remote_host.clone(),
            caller: request.caller.clone(),
            lasts: exchange.config.push.limits.reported_pause.into(),
        };
        exchange.pauses.suspect(whose, report).await;
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
    answers: &mut Receiver<Box<FromDaemon>>,
    until: Instant,
    exchange: &Exchange,
) -> End {
    let mut end = End {
        ended: Ended::Closed,
        ending: Ending::Cancelled,
        pause: None,
        declined: false,
    };
    loop {
        match hear(frames, answers, until).await {
            Heard::Answer(answer) => {
                end.declined |= matches!(*answer, FromDaemon::Declined {});
                if let Err(ended) = frames.send(&answer).await {
                    return End { ended, ..end };
                }
            }
            Heard::Message(Ok(message)) => {
                match *message {
                    ToDaemon::KeyUnknown {} => {
                        exchange.accounts.keys.ask(std::time::Instant::now());
                        continue;
                    }
                    ToDaemon::Outcome { outcome, pause } => {
                        end.ending = Ending::of_outcome(&outcome);
                        end.pause = pause;
                    }
                    _ => end.ended = Ended::Frame(FrameError::NotUnderstood),
                }
                return end;
            }
            Heard::Message(Err(ended)) => return End { ended, ..end },
            Heard::Shutdown => return end,
            Heard::TooLate => {
                return End {
                    ending: Ending::Expired,
                    ..end
                };
            }
        }
    }
}

/// What a sign-in that waits hears. Its contents are boxed, so that it reserves no space for what is still to come.
enum Heard {
    Answer(Box<FromDaemon>),
    Message(Result<Box<ToDaemon>, Ended>),
    /// The daemon shuts down.
    Shutdown,
    TooLate,
}

async fn hear(
    frames: &mut Frames,
    answers: &mut Receiver<Box<FromDaemon>>,
    until: Instant,
) -> Heard {
    tokio::select! {
        // An answer that has arrived is passed on before the time limit is checked.
        biased;
        answer = answers.recv() => answer.map_or(Heard::Shutdown, Heard::Answer),
        message = async { frames.next().await.map(Box::new) } => Heard::Message(message),
        () = sleep_until(until) => Heard::TooLate,
    }
}

//! `GET /api/inbox`: a stream of server-sent events that wakes up only for events, and every 10 s.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use http_body::Frame;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::caller::Caller;
use super::refusal::Refusal;
use crate::exchange::Exchange;
use crate::switchboard::{BEAT, Listening};

/// The interval between comments: a phone must know long before a sign-in's minute is over that its stream is dead.
const BEAT_EVERY: Duration = Duration::from_secs(10);

const KIND: HeaderValue = HeaderValue::from_static("text/event-stream");

/// Whether this response is an event stream, which stays open.
pub(super) fn is_one(answer: &Response) -> bool {
    answer.headers().get(header::CONTENT_TYPE) == Some(&KIND)
}

pub(super) async fn get(
    State(exchange): State<Arc<Exchange>>,
    caller: Caller,
) -> Result<Response, Refusal> {
    let token = caller.phone.token;
    let listening = exchange
        .switchboard
        .listen(caller.phone)
        .ok_or(Refusal::ENDING)?;
    // Checked again: otherwise nobody would close the stream of a token revoked since.
    Caller::of(token, &exchange).await?;
    let mut beat = interval(BEAT_EVERY);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut response = Response::new(Body::new(Inbox { listening, beat }));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, KIND);
    // Otherwise nginx would hold events back.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

struct Inbox {
    listening: Listening,
    /// Ticks at once: the first comment shows that the stream is open.
    beat: Interval,
}

impl http_body::Body for Inbox {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let inbox = self.get_mut();
        // Before the events: the first comment comes behind all that waited already.
        let complete = inbox.listening.poll_complete(context);
        if let Poll::Ready(event) = inbox.listening.poll_next(context) {
            return Poll::Ready(event.map(|event| Ok(Frame::data(event))));
        }
        ready!(complete);
        inbox
            .beat
            .poll_tick(context)
            .map(|_| Some(Ok(Frame::data(BEAT))))
    }
}

#[cfg(test)]
mod tests;

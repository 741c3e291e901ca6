//! `POST /api/requests/{id}/answer` and `/decline`.

use std::sync::Arc;

use antiphon_core::approval::Assertion;
use antiphon_core::wire::FromDaemon;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use super::body::Json;
use super::caller::Caller;
use super::refusal::Refusal;
use crate::exchange::Exchange;
use crate::switchboard::Answered;

/// `{}`, also as an answer, so that every body is JSON.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// Why a sign-in is declined: by default because it is suspicious.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Declining {
    /// The person started it by mistake.
    mistake: bool,
}

/// A request's id in the path.
pub(super) struct RequestId(String);

impl<S: Send + Sync> FromRequestParts<S> for RequestId {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        // If it is not text, it is not one of ours.
        let read = Path::<String>::from_request_parts(parts, state).await;
        let Path(id) = read.map_err(|_| Refusal::GONE)?;
        let is_id = BASE64URL_NOPAD
            .decode(id.as_bytes())
            .is_ok_and(|bytes| bytes.len() == 16);
        is_id.then_some(Self(id)).ok_or(Refusal::GONE)
    }
}

pub(super) async fn answer(
    State(exchange): State<Arc<Exchange>>,
    caller: Caller,
    RequestId(id): RequestId,
    Json(assertion): Json<Assertion>,
) -> Result<(StatusCode, Json<Nothing>), Refusal> {
    // The module would refuse it too, and the sign-in would have lost its phone.
    if assertion.credential != caller.phone.credential {
        return Err(Refusal::form("this is not the passkey of this phone"));
    }
    hand_on(&exchange, &caller, &id, FromDaemon::Answer(assertion)).await
}

pub(super) async fn decline(
    State(exchange): State<Arc<Exchange>>,
    caller: Caller,
    RequestId(id): RequestId,
    Json(Declining { mistake }): Json<Declining>,
) -> Result<(StatusCode, Json<Nothing>), Refusal> {
    let said = if mistake {
        FromDaemon::Mistake {}
    } else {
        FromDaemon::Declined {}
    };
    hand_on(&exchange, &caller, &id, said).await
}

async fn hand_on(
    exchange: &Exchange,
    caller: &Caller,
    id: &str,
    said: FromDaemon,
) -> Result<(StatusCode, Json<Nothing>), Refusal> {
    let answer = match &said {
        FromDaemon::Declined {} => "declined",
        FromDaemon::Mistake {} => "mistake",
        _ => "approved",
    };
    let answered = exchange.switchboard.answer(id, &caller.phone, said);
    match answered.await {
        Answered::HandedOn => {
            exchange.metrics.answered(answer);
            Ok((StatusCode::ACCEPTED, Json(Nothing {})))
        }
        Answered::Again => Ok((StatusCode::ACCEPTED, Json(Nothing {}))),
        Answered::Before => Err(Refusal::ANSWERED),
        Answered::Gone => Err(Refusal::GONE),
        Answered::Away => Err(Refusal::AWAY),
    }
}

#[cfg(test)]
mod tests;

//! `POST /api/pause/end`: "it was me after all", signed. The module decides; only answers that can be valid are kept
//! here.

use std::sync::Arc;

use antiphon_core::approval::{Assertion, TakenBack, verify};
use axum::extract::State;
use axum::http::StatusCode;

use super::answer::Nothing;
use super::body::Json;
use super::caller::Enrolled;
use super::refusal::Refusal;
use super::renew::passkey;
use crate::exchange::Exchange;
use crate::pauses::Begun;

const NO_PAUSE: Refusal = Refusal::new(StatusCode::NOT_FOUND, "there is no such pause");
const NOT_OURS: Refusal = Refusal::form("this does not end the pause");

pub(super) async fn end(
    State(exchange): State<Arc<Exchange>>,
    Enrolled(phone): Enrolled,
    Json(assertion): Json<Assertion>,
) -> Result<Json<Nothing>, Refusal> {
    let begun = exchange.pauses.begun(&phone.user).await;
    let begun = begun.ok_or(Refusal::AWAY)?;
    if begun.is_empty() {
        return Err(NO_PAUSE);
    }
    let known = passkey(&phone, &exchange.config.page.origin).ok_or(NOT_OURS)?;
    let is_signed = |begun: &Begun| {
        let taken_back = TakenBack {
            user: &begun.whose.user,
            host: &begun.whose.host,
            since: begun.since,
        };
        verify(&assertion, &known, &taken_back.digest(), 0).is_ok()
    };
    let ended = begun.into_iter().find(is_signed).ok_or(NOT_OURS)?;
    match exchange.pauses.take_back(&ended, &assertion).await {
        Some(true) => Ok(Json(Nothing {})),
        Some(false) => Err(NO_PAUSE),
        None => Err(Refusal::AWAY),
    }
}

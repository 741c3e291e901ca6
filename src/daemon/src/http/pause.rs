//! `POST /api/pause/end`: "it was me after all", signed. The module decides; only answers that can be valid are kept
//! here.

use std::sync::Arc;

use antiphon_core::approval::{Assertion, TakenBack, verify};
use antiphon_core::time::UnixTime;
use axum::extract::State;
use axum::http::StatusCode;

use super::answer::Nothing;
use super::body::Json;
use super::caller::Enrolled;
use super::refusal::Refusal;
use super::renew::passkey;
use crate::clock;
use crate::exchange::Exchange;
use crate::pauses::Whose;

const NO_PAUSE: Refusal = Refusal::new(StatusCode::NOT_FOUND, "there is no such pause");
const NOT_OURS: Refusal = Refusal::form("this does not end the pause");

pub(super) async fn end(
    State(exchange): State<Arc<Exchange>>,
    Enrolled(phone): Enrolled,
    Json(assertion): Json<Assertion>,
) -> Result<Json<Nothing>, Refusal> {
    let (whose, now) = (Whose::of(&phone), clock::now());
    let begun = exchange.pauses.begun(&whose, now);
    if begun.is_empty() {
        return Err(NO_PAUSE);
    }
    let known = passkey(&phone, &exchange.config.page.origin).ok_or(NOT_OURS)?;
    let is_signed = |since: &UnixTime| {
        let taken_back = TakenBack {
            user: &whose.user,
            host: &whose.host,
            since: *since,
        };
        verify(&assertion, &known, &taken_back.digest(), 0).is_ok()
    };
    let since = begun.into_iter().find(is_signed).ok_or(NOT_OURS)?;
    if exchange.pauses.take_back(&whose, since, assertion, now) {
        Ok(Json(Nothing {}))
    } else {
        Err(NO_PAUSE)
    }
}

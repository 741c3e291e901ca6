//! `GET /health`: whether phones can be sent here, for a load balancer.
//!
//! A relay without its engine still serves whom it knows, but hears of nothing that waits at others. What is answered is what
//! is known already: nobody has the engine asked by this.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;

use super::answer::Nothing;
use super::body::Json;
use super::refusal::Refusal;
use crate::exchange::Exchange;

/// Its address, by any name: balancers ask by the relay's IP address.
pub(super) const PATH: &str = "/health";

const AWAY: Refusal = Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "the engine is away");

pub(super) async fn get(State(exchange): State<Arc<Exchange>>) -> Result<Json<Nothing>, Refusal> {
    if exchange.post.is_heard() {
        Ok(Json(Nothing {}))
    } else {
        Err(AWAY)
    }
}

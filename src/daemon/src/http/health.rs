//! `GET /health`: whether phones can be sent here, for a load balancer.
//!
//! It says nothing of the engine: all relays share it, and without one they still serve whom they know.

use super::answer::Nothing;
use super::body::Json;

/// Its address, by any name: balancers ask by the relay's IP address.
pub(super) const PATH: &str = "/health";

pub(super) async fn get() -> Json<Nothing> {
    Json(Nothing {})
}

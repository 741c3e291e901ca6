//! `PUT /api/push`: sets where to call this phone.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::answer::Nothing;
use super::body::Json;
use super::caller::Caller;
use super::refusal::Refusal;
use crate::exchange::Exchange;
use crate::push::{BadAddress, Target};
use crate::store::StoreError;

/// A subscription, a URL, or neither.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    endpoint: Option<String>,
    keys: Option<crate::push::Keys>,
    post: Option<String>,
    /// Browsers send it, as null; an ended subscription shows by the push service's responses.
    #[serde(rename = "expirationTime")]
    _expiration: Option<IgnoredAny>,
}

pub(super) async fn put(
    State(exchange): State<Arc<Exchange>>,
    caller: Caller,
    Json(asked): Json<Asked>,
) -> Result<Json<Nothing>, Refusal> {
    let target = match (asked.endpoint, asked.keys, asked.post) {
        (Some(endpoint), Some(keys), None) => Some(Target::WebPush { endpoint, keys }),
        (None, None, Some(post)) => Some(Target::Post { post }),
        (None, None, None) => None,
        _ => {
            return Err(Refusal::form(
                "this is neither a subscription nor an address",
            ));
        }
    };
    if let Some(target) = &target {
        exchange.courier.check(target)?;
    }
    let phone = &caller.phone;
    let counted = exchange.count_address(phone.token);
    counted.map_err(Refusal::too_many)?;
    if caller.provisional && exchange.tickets.call_at(phone.token, target.clone()).await {
        return Ok(Json(Nothing {}));
    }
    // A provisional phone may have been kept in the meantime.
    match exchange.store.call_at(phone.token, target).await {
        Ok(()) => Ok(Json(Nothing {})),
        Err(StoreError::Conflict) => Err(Refusal::UNKNOWN_TOKEN),
        Err(error) => Err(error.into()),
    }
}

impl From<BadAddress> for Refusal {
    fn from(bad: BadAddress) -> Self {
        Self::with_words(StatusCode::UNPROCESSABLE_ENTITY, bad.to_string())
    }
}

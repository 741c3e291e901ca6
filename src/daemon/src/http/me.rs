//! `GET /api/me`: who this phone is, and the person's other phones.

use std::sync::Arc;

use antiphon_core::time::UnixTime;
use axum::extract::State;
use serde::Serialize;

use super::body::Json;
use super::caller::Caller;
use super::refusal::Refusal;
use crate::exchange::Exchange;
use crate::store::Phone;

#[derive(Serialize)]
pub(super) struct Me {
    user: String,
    host: String,
    phones: Vec<Shown>,
    push_key: String,
}

#[derive(Serialize)]
struct Shown {
    name: String,
    enrolled: UnixTime,
    this: bool,
}

pub(super) async fn get(
    State(exchange): State<Arc<Exchange>>,
    caller: Caller,
) -> Result<Json<Me>, Refusal> {
    let own = &caller.phone;
    let mut phones = if caller.provisional {
        // It sees itself: root may yet send it away.
        vec![Phone::clone(own)]
    } else {
        exchange.store.of_user(&own.user).await?
    };
    phones.retain(|phone| phone.host == own.host);
    let shown = phones.into_iter().map(|phone| Shown {
        this: phone.credential == own.credential,
        name: phone.name,
        enrolled: phone.enrolled,
    });
    Ok(Json(Me {
        user: own.user.clone(),
        host: own.host.clone(),
        phones: shown.collect(),
        push_key: exchange.courier.public_key().to_owned(),
    }))
}

//! `GET /api/activity`: what root's files say of this person's sign-ins.

use std::sync::Arc;

use antiphon_core::activity::Event;
use antiphon_core::disk::{Distrust, Folder, activity_file};
use antiphon_core::name::UserName;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use tokio::task::spawn_blocking;

use super::body::Json;
use super::caller::Enrolled;
use super::moment;
use super::refusal::Refusal;
use crate::exchange::Exchange;
use crate::journal;

/// Events that are shown.
const MOST: usize = 100;
const NOT_READ: Refusal = Refusal::new(
    StatusCode::SERVICE_UNAVAILABLE,
    "the activity cannot be read now",
);

#[derive(Serialize)]
pub(super) struct Shown {
    events: Vec<ShownEvent>,
}

#[derive(Serialize)]
struct ShownEvent {
    time: u64,
    outcome: String,
    reason: String,
    method: String,
    host: String,
    service: String,
    remote_host: String,
    terminal: String,
    caller: String,
}

pub(super) async fn get(
    State(exchange): State<Arc<Exchange>>,
    Enrolled(phone): Enrolled,
) -> Result<Json<Shown>, Refusal> {
    let user = UserName::new(&phone.user).map_err(|_| NOT_READ)?;
    let reading = spawn_blocking(move || read(&exchange, &user));
    match reading.await {
        Ok(Ok(events)) => Ok(Json(Shown { events })),
        Ok(Err(distrust)) => {
            journal::fail(format_args!("an activity was not read: {distrust}"));
            Err(NOT_READ)
        }
        Err(_) => Err(NOT_READ),
    }
}

fn read(exchange: &Exchange, user: &UserName) -> Result<Vec<ShownEvent>, Distrust> {
    let events = match Folder::open(&exchange.config.paths.activity) {
        Ok(folder) => activity_file::load(&folder, user)?,
        Err(distrust) if distrust.is_missing() => Vec::new(),
        Err(distrust) => return Err(distrust),
    };
    let latest = events.into_iter().rev().take(MOST);
    Ok(latest.filter_map(shown).collect())
}

fn shown(event: Event) -> Option<ShownEvent> {
    Some(ShownEvent {
        time: moment::seconds(&event.time)?,
        outcome: event.outcome,
        reason: event.reason,
        method: event.method,
        host: event.host,
        service: event.service,
        remote_host: event.remote_host,
        terminal: event.terminal,
        caller: event.caller,
    })
}

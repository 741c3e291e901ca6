//! `GET /api/activity`: this person's sign-ins according to root's files; `POST /api/activity/report`: "that was not
//! me".

use std::sync::Arc;

use antiphon_core::config::Place;
use antiphon_core::name::UserName;
use antiphon_core::time::UnixTime;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::answer::Nothing;
use super::body::Json;
use super::caller::Enrolled;
use super::refusal::Refusal;
use crate::exchange::Exchange;
use crate::own::{self, OwnTrouble, Reporter, Seen};

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
    id: String,
    reported: bool,
    time: u64,
    count: u32,
    /// When it first happened, if more than once.
    since: Option<u64>,
    outcome: String,
    reason: String,
    method: String,
    host: String,
    service: String,
    remote_host: String,
    /// The administrator's name for the client's network; empty if none.
    place: String,
    terminal: String,
    caller: String,
}

/// The sign-in to report.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    id: String,
}

pub(super) async fn get(
    State(exchange): State<Arc<Exchange>>,
    Enrolled(phone): Enrolled,
) -> Result<Json<Shown>, Refusal> {
    let user = UserName::new(&phone.user).map_err(|_| NOT_READ)?;
    let events = own::events(&exchange, &user).await?;
    let places = &exchange.config.places;
    let shown = events.into_iter().filter_map(|seen| shown(seen, places));
    let events = shown.collect();
    Ok(Json(Shown { events }))
}

pub(super) async fn report(
    State(exchange): State<Arc<Exchange>>,
    Enrolled(phone): Enrolled,
    Json(asked): Json<Asked>,
) -> Result<Json<Nothing>, Refusal> {
    let user = UserName::new(&phone.user).map_err(|_| NOT_READ)?;
    // Reporting twice is not an error.
    own::report(&exchange, &user, &asked.id, Reporter::Phone(&phone.name)).await?;
    Ok(Json(Nothing {}))
}

fn shown(
    Seen {
        id,
        event,
        reported,
    }: Seen,
    places: &[Place],
) -> Option<ShownEvent> {
    Some(ShownEvent {
        id,
        reported,
        time: UnixTime::read(&event.time)?.0,
        count: event.times(),
        since: UnixTime::read(&event.since).map(|since| since.0),
        outcome: event.outcome,
        reason: event.reason,
        method: event.method,
        host: event.host,
        service: event.service,
        place: Place::name_of(places, &event.remote_host).to_owned(),
        remote_host: event.remote_host,
        terminal: event.terminal,
        caller: event.caller,
    })
}

impl From<OwnTrouble> for Refusal {
    fn from(trouble: OwnTrouble) -> Self {
        match trouble {
            OwnTrouble::NotRead => NOT_READ,
            OwnTrouble::Unknown => Self::GONE,
            OwnTrouble::Store(error) => error.into(),
        }
    }
}

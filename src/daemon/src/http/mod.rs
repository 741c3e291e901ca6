//! The phones' side: the API in `API.md`, and the page that uses it.
//!
//! Input comes from anybody on the network: every head, body and connection is limited in size and time, a token
//! identifies a phone, and pages of other origins than the configured one cannot do anything.

mod account;
mod activity;
mod address;
mod answer;
mod body;
mod caller;
mod cookie;
mod cors;
mod crowd;
mod enroll;
mod gate;
mod guide;
mod health;
mod inbox;
mod me;
mod page;
mod patience;
mod pause;
mod push;
mod refusal;
mod renew;
mod server;
mod sounds;
mod tls;

use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post, put};

pub(crate) use server::{Door, serve};

use crate::exchange::Exchange;
use refusal::Refusal;

/// What the paths of the API begin with.
const API: &str = "/api";

fn router(exchange: &Arc<Exchange>) -> Router {
    let api = Router::new()
        .route("/enroll", post(enroll::post))
        .route("/inbox", get(inbox::get))
        .route("/requests/{id}/answer", post(answer::answer))
        .route("/requests/{id}/decline", post(answer::decline))
        .route("/me", get(me::get))
        .route("/push", put(push::put))
        .route("/activity", get(activity::get))
        .route("/activity/report", post(activity::report))
        .route("/pause/end", post(pause::end))
        .route("/renew", post(renew::post))
        .route("/account/look", post(account::look))
        .route("/account/begin", post(account::begin))
        .route("/account/callback", post(account::callback))
        .route("/account/resume", post(account::resume))
        .route("/account/ended", post(account::ended))
        .route("/account/decline", post(account::decline))
        .layer(from_fn(gate::never_stored));
    let config = &exchange.config;
    let own = if config.page.is_served_elsewhere() {
        Router::new()
    } else {
        page::routes(config).merge(guide::routes(config))
    };
    own.merge(sounds::routes())
        .route(health::PATH, get(health::get))
        .nest(API, api)
        .fallback(async || Refusal::NOT_HERE)
        .method_not_allowed_fallback(async || Refusal::WRONG_METHOD)
        .layer(from_fn_with_state(Arc::clone(exchange), gate::guard))
        .with_state(Arc::clone(exchange))
}

#[cfg(test)]
mod tests;

//! `POST /api/account/decline`: the sign-in is not the person's, or was a mistake.

use std::sync::Arc;

use antiphon_core::logline::LogLine;
use antiphon_core::wire::{ByAccount, FromDaemon};
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

use super::{come_back, find};
use crate::account::{Name, Purpose};
use crate::exchange::Exchange;
use crate::http::address::Address;
use crate::http::answer::Nothing;
use crate::http::body::Json;
use crate::http::cookie::Cookie;
use crate::http::refusal::Refusal;
use crate::log;
use crate::switchboard::Answered;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Declining {
    /// Without one, the browser has signed in, and is known by its cookie.
    #[serde(default)]
    code: Option<String>,
    /// The person started it by mistake.
    #[serde(default)]
    mistake: bool,
}

/// Refuses this one sign-in, and nothing more: whoever has seen an address must not be able to pause anybody's phones. What the
/// person says of it goes to the administrator's log. Once a token was handed on, only the browser that has signed in can
/// decline, until the check digits have been typed.
pub(in crate::http) async fn decline(
    State(exchange): State<Arc<Exchange>>,
    Address(address): Address,
    Cookie(cookie): Cookie,
    Json(Declining { code, mistake }): Json<Declining>,
) -> Result<(StatusCode, Json<Nothing>), Refusal> {
    let has_signed_in = code.is_none();
    let waiting = match code {
        Some(code) => find(&exchange, &Name::Code(code), address)?,
        None => come_back(&exchange, cookie)?.0,
    };
    let Purpose::Approval(asked) = &waiting.purpose else {
        return Err(Refusal::GONE);
    };
    let (said, answer) = if mistake {
        (FromDaemon::Mistake {}, "mistake")
    } else {
        (FromDaemon::NotTheirs {}, "not-theirs")
    };
    let answered = if has_signed_in {
        waiting.withdraw(said).await
    } else {
        waiting.answer(said).await
    };
    match answered {
        Answered::HandedOn => exchange.metrics.answered(answer),
        Answered::Before | Answered::Again => return Err(Refusal::ANSWERED),
        Answered::Gone => return Err(Refusal::GONE),
        Answered::Away => return Err(Refusal::AWAY),
    }
    if !mistake {
        report(asked).await;
    }
    Ok((StatusCode::ACCEPTED, Json(Nothing {})))
}

/// Somebody who has the code says that the sign-in is not theirs.
async fn report(asked: &ByAccount) {
    let request = &asked.request;
    let line = LogLine::new()
        .with("outcome", "reported")
        .with("reason", "on-page")
        .with("user", &request.user)
        .with("request", &request.name())
        .with("service", &request.service)
        .with("rhost", &request.remote_host)
        .with("tty", &request.terminal)
        .with("caller", &request.caller)
        .with("provider", &asked.terms.provider);
    log::tell_administrator(line).await;
}

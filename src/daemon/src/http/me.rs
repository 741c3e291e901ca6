//! `GET /api/me`: this phone's identity, the person's other phones, and their factors.

use std::sync::Arc;

use antiphon_core::name::UserName;
use antiphon_core::summary::{AccountSummary, NumberSummary, Summary};
use antiphon_core::time::UnixTime;
use axum::extract::State;
use serde::Serialize;

use super::body::Json;
use super::caller::Caller;
use super::refusal::Refusal;
use crate::exchange::Exchange;
use crate::own;
use crate::store::Device;

#[derive(Serialize)]
pub(super) struct Me {
    user: String,
    host: String,
    phones: Vec<Shown>,
    methods: Option<Methods>,
    pause: Option<ShownPause>,
    push_key: String,
}

#[derive(Serialize)]
struct Shown {
    name: String,
    enrolled: UnixTime,
    this: bool,
}

#[derive(Serialize)]
struct ShownAccount {
    name: String,
    provider: String,
    enrolled: UnixTime,
}

impl From<AccountSummary> for ShownAccount {
    fn from(account: AccountSummary) -> Self {
        Self {
            name: account.name,
            provider: account.provider,
            enrolled: UnixTime::read(&account.enrolled).unwrap_or(UnixTime(0)),
        }
    }
}

/// A pause of the phone after "It is not me".
#[derive(Serialize)]
struct ShownPause {
    /// The host that does not ask.
    host: String,
    since: UnixTime,
    until: UnixTime,
    ended: bool,
}

/// The factors in root's record, as published by root.
#[derive(Serialize)]
struct Methods {
    code: bool,
    phones: Vec<Shown>,
    accounts: Vec<ShownAccount>,
    numbers: Vec<NumberSummary>,
    recovery_left: u32,
}

pub(super) async fn get(
    State(exchange): State<Arc<Exchange>>,
    caller: Caller,
) -> Result<Json<Me>, Refusal> {
    let own = &caller.phone;
    let mut phones = if caller.provisional {
        // It sees only itself: root may yet reject it.
        vec![Device::clone(own)]
    } else {
        exchange.store.of_user(&own.user).await?
    };
    phones.retain(|phone| phone.host == own.host);
    // One phone, even if several devices have its passkey.
    phones.dedup_by(|one, other| one.credential == other.credential);
    let shown = phones.into_iter().map(|phone| Shown {
        this: phone.credential == own.credential,
        name: phone.name,
        enrolled: phone.enrolled,
    });
    Ok(Json(Me {
        user: own.user.clone(),
        host: own.host.clone(),
        phones: shown.collect(),
        methods: methods(&exchange, &caller).await,
        pause: pause(&exchange, &caller).await,
        push_key: exchange.courier.public_key().to_owned(),
    }))
}

async fn pause(exchange: &Exchange, caller: &Caller) -> Option<ShownPause> {
    if caller.provisional {
        return None;
    }
    let seen = exchange.pauses.of(&caller.phone.user).await?;
    Some(ShownPause {
        host: seen.host,
        since: seen.pause.since,
        until: seen.pause.until,
        ended: seen.is_taken_back,
    })
}

/// `None` if unknown: the page then shows the phones that we know.
async fn methods(exchange: &Arc<Exchange>, caller: &Caller) -> Option<Methods> {
    if caller.provisional {
        return None;
    }
    let user = UserName::new(&caller.phone.user).ok()?;
    let summary: Summary = own::summary(exchange, &user).await.ok()??;
    let phones = summary.phones.into_iter().map(|phone| Shown {
        this: phone.credential == caller.phone.credential,
        name: phone.name,
        enrolled: UnixTime::read(&phone.enrolled).unwrap_or(UnixTime(0)),
    });
    Some(Methods {
        code: summary.code,
        phones: phones.collect(),
        accounts: summary.accounts.into_iter().map(Into::into).collect(),
        numbers: summary.numbers,
        recovery_left: summary.recovery_left,
    })
}

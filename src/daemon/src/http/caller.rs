//! Identifies the calling phone by its token.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;

use super::refusal::Refusal;
use crate::exchange::Exchange;
use crate::seldom::Seldom;
use crate::store::{Device, StoreError};
use crate::token::TokenHash;

/// A phone that may be provisional: it can use everything needed for a test approval.
pub(super) struct Caller {
    pub(super) phone: Arc<Device>,
    pub(super) provisional: bool,
}

/// A phone that root has confirmed as enrolled.
pub(super) struct Enrolled(pub(super) Arc<Device>);

impl FromRequestParts<Arc<Exchange>> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(
        parts: &mut Parts,
        exchange: &Arc<Exchange>,
    ) -> Result<Self, Refusal> {
        let token = bearer(parts).ok_or(Refusal::UNKNOWN_TOKEN)?;
        Self::of(TokenHash::of(token), exchange).await
    }
}

impl Caller {
    /// The phone with this token.
    pub(super) async fn of(hash: TokenHash, exchange: &Exchange) -> Result<Self, Refusal> {
        if let Some(phone) = exchange.tickets.of_token(hash) {
            return Ok(Self {
                phone: Arc::new(phone),
                provisional: true,
            });
        }
        let phone = match exchange.stored(hash).await {
            // The store may use an index; this comparison is in constant time.
            Ok(found) => found.filter(|phone| phone.token == hash).map(Arc::new),
            Err(error @ StoreError::Unavailable(_)) => {
                // Phones with an open page were known while the store still worked: an open sign-in continues.
                static SELDOM: Seldom = Seldom::once_a_minute();
                SELDOM.fail(format_args!("a token was looked for: {error}"));
                let listener = exchange.switchboard.listener(hash);
                Some(listener.ok_or_else(|| Refusal::from(error))?)
            }
            Err(error) => return Err(error.into()),
        };
        if let Some(phone) = phone {
            return Ok(Self {
                phone,
                provisional: false,
            });
        }
        let elsewhere = exchange.provisional(hash).await;
        Ok(Self {
            phone: elsewhere.map(Arc::new).ok_or(Refusal::UNKNOWN_TOKEN)?,
            provisional: true,
        })
    }
}

impl FromRequestParts<Arc<Exchange>> for Enrolled {
    type Rejection = Refusal;

    async fn from_request_parts(
        parts: &mut Parts,
        exchange: &Arc<Exchange>,
    ) -> Result<Self, Refusal> {
        let caller = Caller::from_request_parts(parts, exchange).await?;
        if caller.provisional {
            return Err(Refusal::PROVISIONAL);
        }
        Ok(Self(caller.phone))
    }
}

fn bearer(parts: &Parts) -> Option<&str> {
    let value = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    // RFC 7235, section 2.1: the scheme is case-insensitive.
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim_matches(' '))
}

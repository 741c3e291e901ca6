//! `POST /api/renew`: a device without a token proves that it has the passkey. It may be a new one with the old one's
//! synced passkeys, so the phone's other devices keep their tokens.

use std::sync::Arc;

use antiphon_core::approval::{Assertion, renewal_digest, verify};
use antiphon_core::record;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use super::address::Address;
use super::answer::Nothing;
use super::body::Json;
use super::refusal::Refusal;
use crate::challenges::Challenge;
use crate::clock;
use crate::exchange::Exchange;
use crate::push::base64url;
use crate::store::Device;
use crate::token::Token;

const NOT_OURS: Refusal = Refusal::new(
    StatusCode::FORBIDDEN,
    "this passkey is not one of this page, or the challenge is too old",
);

/// An empty object requests a challenge.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Asked {
    Token(Proof),
    Challenge(Nothing),
}

/// The passkey's signature over the [digest](renewal_digest) of one of our challenges.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Proof {
    #[serde(with = "base64url")]
    challenge: Vec<u8>,
    assertion: Assertion,
}

#[derive(Serialize)]
struct Asking {
    challenge: String,
}

#[derive(Serialize)]
struct Given<'a> {
    token: &'a str,
}

pub(super) async fn post(
    State(exchange): State<Arc<Exchange>>,
    Address(address): Address,
    Json(asked): Json<Asked>,
) -> Result<Response, Refusal> {
    let count = || exchange.count_try(address).map_err(Refusal::too_many);
    match asked {
        Asked::Challenge(Nothing {}) => {
            count()?;
            let challenge = exchange.challenges.make(clock::now())?;
            let challenge = BASE64URL_NOPAD.encode(&challenge);
            Ok(Json(Asking { challenge }).into_response())
        }
        Asked::Token(proof) => {
            // The page's own passkeys are served, however many attempts others have made from this address.
            let token = match renew(&exchange, &proof).await {
                Ok(token) => token,
                Err(refusal) => return Err(count().err().unwrap_or(refusal)),
            };
            Ok(given(&token))
        }
    }
}

/// Hands a phone its new token.
pub(super) fn given(token: &Token) -> Response {
    let token = token.expose();
    Json(Given { token }).into_response()
}

async fn renew(exchange: &Exchange, proof: &Proof) -> Result<Token, Refusal> {
    let now = clock::now();
    let Proof {
        challenge,
        assertion,
    } = proof;
    let challenge: Challenge = challenge[..].try_into().map_err(|_| NOT_OURS)?;
    if !exchange.challenges.is_good(&challenge, now) {
        return Err(NOT_OURS);
    }
    let found = exchange.stored_passkey(&assertion.credential).await?;
    let phone = found.ok_or(NOT_OURS)?;
    let passkey = passkey(&phone, &exchange.config.page.origin).ok_or(NOT_OURS)?;
    // The module stores the counter, since it sees the signatures for sign-ins.
    verify(assertion, &passkey, &renewal_digest(&challenge), 0).map_err(|_| NOT_OURS)?;
    if !exchange.challenges.use_up(&challenge, now) {
        return Err(NOT_OURS);
    }
    let token = Token::new()?;
    let adding = exchange.store.add_token(&phone.credential, token.hash());
    let ended = adding.await?;
    let switchboard = &exchange.switchboard;
    switchboard.end_tokens(&phone.credential, &ended).await;
    Ok(token)
}

/// A phone in the form of root's record, from what we know about it.
pub(super) fn passkey(phone: &Device, origin: &str) -> Option<record::Phone> {
    Some(record::Phone {
        name: phone.name.clone(),
        credential: phone.credential.clone(),
        public_key: phone.public_key.clone(),
        origin: origin.to_owned(),
        backup_eligible: phone.backup_eligible,
        enrolled: phone.enrolled.to_string().parse().ok()?,
    })
}

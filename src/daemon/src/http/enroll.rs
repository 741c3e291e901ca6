//! `POST /api/enroll`: looks at a ticket, then uses it up with a passkey.

use std::sync::Arc;

use antiphon_core::record;
use antiphon_core::wire::Enrolled;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use super::address::Address;
use super::body::Json;
use super::refusal::Refusal;
use super::renew::given;
use crate::clock;
use crate::exchange::Exchange;
use crate::store::LONGEST_CREDENTIAL;
use crate::tickets::TicketTrouble;
use crate::token::Token;

/// Length of an HMAC-SHA256, in bytes.
const PROOF: usize = 32;

/// The ticket alone is a look.
#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub(super) enum Asked {
    Look { ticket: String },
    Passkey(Made),
}

/// A passkey created by a phone.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Made {
    ticket: String,
    name: String,
    credential: String,
    public_key: String,
    backup_eligible: bool,
    proof: String,
}

#[derive(Serialize)]
struct Seen<'a> {
    user: &'a str,
    host: &'a str,
    origin: &'a str,
    credentials: Vec<String>,
}

/// Failed attempts are counted. A phone with a valid ticket is served, however many attempts others have made from its
/// address.
pub(super) async fn post(
    State(exchange): State<Arc<Exchange>>,
    Address(address): Address,
    Json(asked): Json<Asked>,
) -> Result<Response, Refusal> {
    let answer = match asked {
        Asked::Look { ticket } => look(&exchange, &ticket).await,
        Asked::Passkey(made) => enroll(&exchange, made).await,
    };
    if answer.is_err() {
        exchange.count_try(address).map_err(Refusal::too_many)?;
    }
    answer
}

async fn enroll(exchange: &Exchange, made: Made) -> Result<Response, Refusal> {
    let ticket = bytes(&made.ticket)?;
    // Checked first, so that strangers, who have no ticket, cause no work.
    exchange.tickets.is_open(&ticket).await?;
    let enrolled = Enrolled {
        name: made.name,
        credential: bytes(&made.credential)?,
        public_key: bytes(&made.public_key)?,
        backup_eligible: made.backup_eligible,
        proof: bytes(&made.proof)?,
    };
    check(&enrolled)?;
    // A phone chooses its credential ID. With one that is already in use it would be sent what is meant for its owner.
    let known = exchange.stored_passkey(&enrolled.credential).await?;
    if known.is_some() {
        return Err(TicketTrouble::Known.into());
    }
    let token = Token::new()?;
    let credential = enrolled.credential.clone();
    let ended = exchange
        .tickets
        .answer(&ticket, enrolled, token.hash(), clock::now())
        .await?;
    exchange
        .switchboard
        .end_tokens(&credential, ended.as_slice())
        .await;
    Ok(given(&token))
}

async fn look(exchange: &Exchange, ticket: &str) -> Result<Response, Refusal> {
    let ticket = exchange.tickets.look(&bytes(ticket)?).await?;
    let seen = Seen {
        user: &ticket.user,
        host: &ticket.host,
        origin: &exchange.config.page.origin,
        credentials: ticket
            .credentials
            .iter()
            .map(|credential| BASE64URL_NOPAD.encode(credential))
            .collect(),
    };
    Ok(Json(seen).into_response())
}

/// The same rules as for root's record, so that the phone is told at once.
fn check(enrolled: &Enrolled) -> Result<(), Refusal> {
    let name = &enrolled.name;
    // A name must not contain anything that would be displayed differently.
    if !record::Phone::is_name(name) {
        return Err(Refusal::form(
            "the name is empty, too long, or has odd characters",
        ));
    }
    if !(1..=LONGEST_CREDENTIAL).contains(&enrolled.credential.len()) {
        return Err(Refusal::form("the credential's id is empty or too long"));
    }
    if !record::Phone::takes_key(&enrolled.public_key) {
        return Err(Refusal::form("the public key is not one of P-256"));
    }
    if enrolled.proof.len() != PROOF {
        return Err(Refusal::form("the proof does not have 32 bytes"));
    }
    Ok(())
}

fn bytes(text: &str) -> Result<Vec<u8>, Refusal> {
    BASE64URL_NOPAD
        .decode(text.as_bytes())
        .map_err(|_| Refusal::form("something is not base64url without padding"))
}

impl From<TicketTrouble> for Refusal {
    fn from(trouble: TicketTrouble) -> Self {
        match trouble {
            TicketTrouble::Unknown => Self::NO_TICKET,
            TicketTrouble::Answered => Self::TICKET_ANSWERED,
            TicketTrouble::Known => Self::form("this passkey is enrolled already"),
            TicketTrouble::Away => Self::AWAY,
        }
    }
}

//! `POST /api/account/…`: a sign-in or an enrolment that an account approves, from the code in the page's address to how it
//! ended.
//!
//! Nobody is known here. Who has the code sees a sign-in, and can decline this one; who has the cookie too has typed its
//! number, in this browser.

mod decline;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use antiphon_core::account::{CheckDigits, ticket_name};
use antiphon_core::approval::Number;
use antiphon_core::time::UnixTime;
use antiphon_core::wire::{ByAccount, FromDaemon, IdToken};
use antiphon_outgoing::is_public;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

pub(super) use decline::decline;

use super::address::Address;
use super::answer::Nothing;
use super::body::Json;
use super::cookie::{self, Cookie};
use super::refusal::Refusal;
use crate::account::{
    Departure, FlowTrouble, Name, Nonce, Purpose, Refused, Registration, Signing, Used, Waiting,
};
use crate::exchange::Exchange;
use crate::network::network_of;
use crate::switchboard::{Answered, Ending, Shown, ShownLabel};
use crate::token::{Token, TokenHash};

/// How long the page waits for how it ended, until it asks again.
const WAIT: Duration = Duration::from_secs(10);
/// Length of a ticket, in bytes.
const TICKET: usize = 16;
/// The longest code of a provider's, in bytes; theirs have up to 2,000.
const LONGEST_CODE: usize = 8 * 1024;
/// The longest of the other parameters, in bytes.
const LONGEST: usize = 512;

/// What stands in the page's address.
#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub(super) enum Asked {
    Code { code: String },
    Ticket { ticket: String },
}

#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub(super) enum Beginning {
    Number { code: String, number: String },
    Ticket { ticket: String },
}

/// The provider's answer, as the browser has brought it. A description of an error is not among it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Callback {
    /// The last part of the address.
    provider: String,
    state: String,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    iss: Option<String>,
}

/// A sign-in, for whoever has its code.
#[derive(Serialize)]
struct Seen<'a> {
    #[serde(flatten)]
    shown: Shown<'a>,
    /// Where the person signs in.
    at: &'a str,
    label: ShownLabel<'a>,
    /// Whether it comes from another network than this browser; false if that means nothing.
    elsewhere: bool,
}

/// An enrolment, for whoever has its ticket.
#[derive(Serialize)]
struct Invited<'a> {
    user: &'a str,
    host: &'a str,
    issued: UnixTime,
    expires: UnixTime,
    at: &'a str,
    label: ShownLabel<'a>,
}

#[derive(Serialize)]
struct Location {
    location: String,
}

/// What became of the sign-in at the provider.
#[derive(Serialize)]
struct Signed<'a> {
    user: &'a str,
    host: &'a str,
    is_enrolment: bool,
    /// Whether the host looks only when somebody presses Enter there.
    enter: bool,
    expires: UnixTime,
    /// To be typed at the terminal.
    check_digits: Option<String>,
    /// Why there is no token.
    failed: Option<&'static str>,
}

/// The provider has not answered yet.
#[derive(Serialize)]
struct Pending {
    pending: bool,
}

#[derive(Serialize)]
pub(super) struct Ended {
    outcome: Option<&'static str>,
}

pub(super) async fn look(
    State(exchange): State<Arc<Exchange>>,
    Address(address): Address,
    Json(asked): Json<Asked>,
) -> Result<Response, Refusal> {
    let name = match &asked {
        Asked::Code { code } => Name::Code(code.clone()),
        Asked::Ticket { ticket } => Name::Ticket(ticket_name(&secret(ticket)?)),
    };
    let waiting = find(&exchange, &name, address)?;
    let registration = registration(&exchange, &waiting)?;
    waiting.look();
    let label = ShownLabel::of(&registration.provider.label);
    let at = registration.host();
    Ok(match &waiting.purpose {
        Purpose::Approval(asked) => Json(Seen {
            shown: Shown {
                request: &asked.request,
                digits: asked.digits,
                hints: &asked.hints,
                account: None,
            },
            at,
            label,
            elsewhere: is_elsewhere(address, &asked.request.remote_host),
        })
        .into_response(),
        Purpose::Enrolment(ticket) => Json(Invited {
            user: &ticket.user,
            host: &ticket.host,
            issued: ticket.issued,
            expires: ticket.expires,
            at,
            label,
        })
        .into_response(),
    })
}

/// Where this browser has to sign in, and the cookie by which it is known when it comes back.
pub(super) async fn begin(
    State(exchange): State<Arc<Exchange>>,
    Address(address): Address,
    Json(asked): Json<Beginning>,
) -> Result<Response, Refusal> {
    let (waiting, nonce) = match &asked {
        Beginning::Number { code, number } => {
            let waiting = find(&exchange, &Name::Code(code.clone()), address)?;
            let nonce = match &waiting.purpose {
                Purpose::Approval(asked) => nonce_of(asked, number)?,
                Purpose::Enrolment(_) => return Err(Refusal::GONE),
            };
            (waiting, nonce)
        }
        Beginning::Ticket { ticket } => {
            let secret = secret(ticket)?;
            let waiting = find(&exchange, &Name::Ticket(ticket_name(&secret)), address)?;
            let nonce = match &waiting.purpose {
                Purpose::Enrolment(ticket) => Waiting::nonce_for(ticket, &secret),
                Purpose::Approval(_) => return Err(Refusal::GONE),
            };
            (waiting, nonce)
        }
    };
    let registration = registration(&exchange, &waiting)?;
    if !waiting.begin() {
        let left = waiting.until.saturating_duration_since(Instant::now());
        return Err(Refusal::too_many(left.as_secs() + 1));
    }
    let discovery = registration.discovery().await;
    let discovery = discovery.ok_or(Refusal::NO_PROVIDER)?;
    let departure = Departure::new()?;
    let location = registration
        .address(&discovery, &nonce, &departure)
        .await
        .map_err(|refused| {
            registration.fail(&refused.to_string());
            Refusal::NO_PROVIDER
        })?;
    let left = waiting.until.saturating_duration_since(Instant::now());
    // It outlives the time in which the provider's answer counts, so that the page can still hear how it ended.
    let cookie = cookie::set(&departure.cookie, left.as_secs() + 60);
    let flows = &exchange.accounts.flows;
    if !flows.expect(waiting, departure, Instant::now()) {
        return Err(Refusal::too_many(60));
    }
    let mut response = Json(Location { location }).into_response();
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    Ok(response)
}

/// The provider's answer. It counts in the browser that was sent there, and once.
pub(super) async fn callback(
    State(exchange): State<Arc<Exchange>>,
    Cookie(cookie): Cookie,
    Json(callback): Json<Callback>,
) -> Result<Response, Refusal> {
    let state = TokenHash::of(&callback.state);
    let used = exchange
        .accounts
        .flows
        .come_back(cookie, state, Instant::now())
        .map_err(|trouble| match trouble {
            FlowTrouble::OtherBrowser => Refusal::OTHER_BROWSER,
            FlowTrouble::Gone => Refusal::GONE,
        })?;
    // It goes on also if the browser does not wait for it: the code is good for one try.
    let cookie = cookie.ok_or(Refusal::OTHER_BROWSER)?;
    let signing = tokio::spawn(async move {
        let signed = sign_in(&exchange, used, callback, cookie).await;
        if signed.is_err() {
            exchange.accounts.flows.forget(cookie);
        }
        signed
    });
    signing.await.unwrap_or_else(|_| Err(Refusal::ENDING))
}

async fn sign_in(
    exchange: &Exchange,
    used: Used,
    callback: Callback,
    cookie: TokenHash,
) -> Result<Response, Refusal> {
    let Used { waiting, verifier } = used;
    let registration = registration(exchange, &waiting)?;
    // That it came back to this provider's address was part of what was asked for (mix-up).
    let redeemed = if callback.provider == registration.provider.name {
        redeem(&registration, &callback, &verifier).await
    } else {
        Err(Refused::Otherwise(
            "its answer came to another provider's address".to_owned(),
        ))
    };
    let (result, said) = match redeemed {
        Ok(token) => {
            let digits = CheckDigits::of(&token.token);
            (Signing::Done(digits), FromDaemon::Token(token))
        }
        Err(refused) => {
            if refused != Refused::Denied {
                registration.fail(&refused.to_string());
            }
            let reason = refused.reason();
            (
                Signing::Failed(refused.word()),
                FromDaemon::NoToken { reason },
            )
        }
    };
    match (waiting.answer(said).await, &result) {
        (Answered::HandedOn, Signing::Done(_)) => exchange.metrics.answered("signed-in"),
        (Answered::HandedOn, Signing::Failed(_)) => exchange.metrics.answered("not-signed-in"),
        (Answered::Before | Answered::Again, _) => return Err(Refusal::ANSWERED),
        (Answered::Gone, _) => return Err(Refusal::GONE),
        (Answered::Away, _) => return Err(Refusal::AWAY),
    }
    let answer = signed(&waiting, &result);
    exchange.accounts.flows.remember(cookie, result);
    Ok(answer)
}

/// The same once more, for a browser that has loaded the page again: a phone does, when the person looks elsewhere.
pub(super) async fn resume(
    State(exchange): State<Arc<Exchange>>,
    Cookie(cookie): Cookie,
    Json(Nothing {}): Json<Nothing>,
) -> Result<Response, Refusal> {
    let (waiting, result) = come_back(&exchange, cookie)?;
    Ok(match result {
        Some(result) => signed(&waiting, &result),
        None => Json(Pending { pending: true }).into_response(),
    })
}

fn signed(waiting: &Waiting, result: &Signing) -> Response {
    let (digits, failed) = match result {
        Signing::Done(digits) => (Some(digits.digits().to_owned()), None),
        Signing::Failed(word) => (None, Some(*word)),
    };
    let signed = match &waiting.purpose {
        Purpose::Approval(asked) => Signed {
            user: &asked.request.user,
            host: &asked.request.host,
            is_enrolment: false,
            enter: asked.hints.enter,
            expires: asked.request.expires,
            check_digits: digits.filter(|_| asked.check_digits),
            failed,
        },
        Purpose::Enrolment(ticket) => Signed {
            user: &ticket.user,
            host: &ticket.host,
            is_enrolment: true,
            enter: false,
            expires: ticket.expires,
            check_digits: None,
            failed,
        },
    };
    Json(signed).into_response()
}

async fn redeem(
    registration: &Arc<Registration>,
    callback: &Callback,
    verifier: &Token,
) -> Result<IdToken, Refused> {
    let is_short =
        |text: &Option<String>, most| text.as_ref().is_none_or(|text| text.len() <= most);
    if !is_short(&callback.code, LONGEST_CODE)
        || !is_short(&callback.error, LONGEST)
        || !is_short(&callback.iss, LONGEST)
    {
        return Err(Refused::Otherwise("its answer is too long".to_owned()));
    }
    let discovery = registration.discovery().await;
    let discovery = discovery.ok_or_else(|| Refused::Away("it cannot be reached".to_owned()))?;
    // RFC 9207, section 2.4: before anything else of the answer is used.
    discovery.check_issuer(callback.iss.as_deref(), &registration.provider)?;
    match (&callback.code, &callback.error) {
        (_, Some(error)) => Err(Refused::of_error(error)),
        (Some(code), None) if !code.is_empty() => {
            registration.redeem(&discovery, code, verifier).await
        }
        _ => Err(Refused::Otherwise("its answer has no code".to_owned())),
    }
}

/// How it ended, for the browser that has signed in.
pub(super) async fn ended(
    State(exchange): State<Arc<Exchange>>,
    Cookie(cookie): Cookie,
    Json(Nothing {}): Json<Nothing>,
) -> Result<Json<Ended>, Refusal> {
    let (waiting, _) = come_back(&exchange, cookie)?;
    let ended = tokio::select! {
        ended = timeout(WAIT, waiting.ended()) => ended.ok(),
        () = exchange.closing() => return Err(Refusal::ENDING),
    };
    let outcome = ended.map(Ending::word);
    Ok(Json(Ended { outcome }))
}

/// What is waiting under this name. The log is told of many wrong ones.
fn find(exchange: &Exchange, name: &Name, address: IpAddr) -> Result<Arc<Waiting>, Refusal> {
    let accounts = &exchange.accounts;
    accounts.room.find(name, Instant::now()).ok_or_else(|| {
        accounts.guessed(address);
        Refusal::GONE
    })
}

/// What the browser with this cookie has come back for, and what became of that, if it is known.
fn come_back(
    exchange: &Exchange,
    cookie: Option<TokenHash>,
) -> Result<(Arc<Waiting>, Option<Signing>), Refusal> {
    let cookie = cookie.ok_or(Refusal::OTHER_BROWSER)?;
    let came = exchange.accounts.flows.of(cookie, Instant::now());
    came.ok_or(Refusal::GONE)
}

fn registration(exchange: &Exchange, waiting: &Waiting) -> Result<Arc<Registration>, Refusal> {
    let found = exchange.accounts.providers.of(waiting.terms());
    found.cloned().ok_or(Refusal::NO_PROVIDER)
}

fn nonce_of(asked: &ByAccount, typed: &str) -> Result<Nonce, Refusal> {
    const NO_NUMBER: Refusal = Refusal::form("this is not a number of so many digits");
    let has_length = typed.len() == usize::from(asked.digits);
    let is_plain = typed.bytes().all(|byte| byte.is_ascii_digit());
    let number: u32 = typed.parse().map_err(|_| NO_NUMBER)?;
    if !has_length || !is_plain || !Number::range(asked.digits).contains(&number) {
        return Err(NO_NUMBER);
    }
    Ok(Waiting::nonce_of(asked, &Number::new(number)))
}

fn secret(ticket: &str) -> Result<Vec<u8>, Refusal> {
    let secret = BASE64URL_NOPAD.decode(ticket.as_bytes());
    secret
        .ok()
        .filter(|secret| secret.len() == TICKET)
        .ok_or(Refusal::NO_TICKET)
}

/// Whether the sign-in comes from another network than the browser. That means something where both are out on the
/// internet, and by addresses of the same kind.
fn is_elsewhere(browser: IpAddr, remote_host: &str) -> bool {
    let browser = browser.to_canonical();
    let Ok(remote) = remote_host.parse::<IpAddr>() else {
        return false;
    };
    let remote = remote.to_canonical();
    is_public(browser)
        && is_public(remote)
        && browser.is_ipv4() == remote.is_ipv4()
        && network_of(browser) != network_of(remote)
}

#[cfg(test)]
mod tests {
    use super::is_elsewhere;

    #[test]
    fn another_network_is_warned_of_only_where_it_means_something() {
        for (browser, remote, elsewhere) in [
            ("9.9.9.9", "8.8.8.8", true),
            ("::ffff:9.9.9.9", "8.8.8.8", true),
            ("9.9.9.9", "9.9.9.200", false),
            ("2620:fe::fe", "2a00:1450::1", true),
            // One has a phone's network, or the same one by the other protocol.
            ("9.9.9.9", "2a00:1450::1", false),
            // Inside, or at the computer itself, or unknown.
            ("10.0.0.1", "8.8.8.8", false),
            ("9.9.9.9", "192.168.1.5", false),
            ("127.0.0.1", "127.0.0.1", false),
            ("9.9.9.9", "", false),
            ("9.9.9.9", "host.example.org", false),
        ] {
            let browser = browser.parse().unwrap();
            assert_eq!(
                is_elsewhere(browser, remote),
                elsewhere,
                "{browser} {remote}"
            );
        }
    }
}

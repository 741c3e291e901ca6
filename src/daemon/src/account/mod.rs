//! Signing in at the providers of accounts (`OpenID Connect`): what waits for it, and the way there and back.
//!
//! ```text
//! root ── approve_by_account ──► waiting ◄── look, begin ── the page, with the number
//!                                   │            │ a cookie, a state, a PKCE verifier: each once
//!                                   │            ▼
//!                                   │        the provider, in the same browser
//!                                   │            │ code, state
//!                                   ▼            ▼
//! root ◄──────── token ──────── redeemed here, and for that browser alone
//! ```
//!
//! | module | purpose |
//! | --- | --- |
//! | `waiting` | what waits: sign-ins by the code in the page's address, enrolments by their ticket |
//! | `flows` | browsers on their way to a provider and back |
//! | `authorization` | where the browser is sent, and what for |
//! | `redemption` | the token in return for the code |
//! | `discovery`, `providers` | where a provider's people sign in, as it publishes it |
//! | `secret` | the client's secret |
//! | `keys` | "root, please fetch the keys" |
//!
//! # What it can do, and what it cannot
//!
//! The token is the provider's signature over one sign-in's digest, and root verifies it: nothing here is believed. It
//! could divert an approval that a person really gives ([`antiphon_core::account`]). Against strangers: an authorization
//! code counts only in the browser where the number was typed; no token is taken from a browser; access and refresh tokens
//! are dropped unread; and nothing that a provider or a browser says in its own words reaches the page or the log.

mod authorization;
mod discovery;
mod flows;
mod keys;
mod providers;
mod redemption;
mod secret;
mod waiting;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use antiphon_core::config::Config;

pub(crate) use authorization::Nonce;
pub(crate) use flows::{Departure, FlowTrouble, Flows, Signing, Used};
pub(crate) use keys::KeyRefresh;
pub(crate) use providers::{Providers, Registration};
pub(crate) use redemption::Refused;
pub(crate) use waiting::{Name, OpenPage, Purpose, Route, Waiting, WaitingRoom};

use crate::seldom::Seldom;
use crate::tries::Tries;

/// All that accounts need.
pub(crate) struct Accounts {
    pub(crate) providers: Providers,
    pub(crate) room: Arc<WaitingRoom>,
    pub(crate) flows: Flows,
    pub(crate) keys: KeyRefresh,
    /// Of codes and tickets, by anybody.
    guesses: Tries<()>,
}

impl Accounts {
    /// # Errors
    /// One sentence, with the fix.
    pub(crate) fn new(config: &Config) -> Result<Self, String> {
        Ok(Self {
            providers: Providers::new(config)?,
            room: Arc::default(),
            flows: Flows::default(),
            keys: KeyRefresh::beside(&config.paths.socket),
            guesses: Tries::default(),
        })
    }

    /// Counts a wrong code or ticket, and tells the log if there are many. Nobody is refused for it: both are too long to be
    /// guessed in time, and a lock would be for everybody behind the same address, or for whomever a proxy's header names.
    pub(crate) fn guessed(&self, address: IpAddr) {
        static SELDOM: Seldom = Seldom::once_a_minute();
        if self.guesses.count((), Instant::now()).is_err() {
            SELDOM.warn(format_args!(
                "many addresses of sign-ins that do not exist are opened on the page, the last from {address}: somebody may \
                 be guessing; nothing is refused for it, since a right one cannot be guessed"
            ));
        }
    }
}

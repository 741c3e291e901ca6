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

use crate::network::home_of;
use crate::tries::Tries;

/// All that accounts need.
pub(crate) struct Accounts {
    pub(crate) providers: Providers,
    pub(crate) room: Arc<WaitingRoom>,
    pub(crate) flows: Flows,
    pub(crate) keys: KeyRefresh,
    /// Of codes and tickets, by address.
    guesses: Tries<IpAddr>,
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

    /// Whether this address has guessed too often lately. A code has thirty bits, so then not even a right one is
    /// answered: what is guessed must not be found out.
    ///
    /// # Errors
    /// Seconds to wait.
    pub(crate) fn may_ask(&self, address: IpAddr) -> Result<(), u64> {
        self.guesses.look(home_of(address), Instant::now())
    }

    /// Counts a wrong guess.
    pub(crate) fn guessed(&self, address: IpAddr) {
        // That there were too many is told at the next one.
        let _ = self.guesses.count(home_of(address), Instant::now());
    }
}

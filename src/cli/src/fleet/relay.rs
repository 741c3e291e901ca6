//! What root asks of a relay, by way of this computer's daemon: on a relay that is the relay itself.

use std::fmt;

use antiphon_core::wire::{FleetRefusal, FromDaemon, FromFleet, ToDaemon, ToFleet};
use antiphon_link::Never;

use crate::failure::{Failure, Kind};
use crate::house::House;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unasked {
    /// The daemon, or every relay behind it, is away.
    Away(String),
    /// The relay refuses.
    Refused(FleetRefusal),
    /// It answers something else.
    Odd,
}

/// Asks, and gives the answer.
pub(crate) fn ask(house: &House, message: ToFleet) -> Result<FromFleet, Unasked> {
    let socket = &house.config.paths.socket;
    match antiphon_link::ask(socket, &ToDaemon::Fleet(message), &Never) {
        Ok(FromDaemon::Fleet(FromFleet::Refused { reason })) => Err(Unasked::Refused(reason)),
        Ok(FromDaemon::Fleet(said)) => Ok(said),
        Ok(_) => Err(Unasked::Odd),
        Err(away) => {
            let socket = socket.display();
            Err(Unasked::Away(format!(
                "antiphond at {socket}, or every relay behind it, is away ({away}); look at: systemctl status antiphond"
            )))
        }
    }
}

impl fmt::Display for Unasked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Away(why) => f.write_str(why),
            Self::Refused(reason) => f.write_str(refusal(*reason)),
            Self::Odd => f.write_str(
                "antiphond did not understand: on a relay, [relay] must stand in antiphon.toml, and on a host [fleet]; then \
                 run: systemctl restart antiphond",
            ),
        }
    }
}

impl From<Unasked> for Failure {
    fn from(unasked: Unasked) -> Self {
        let kind = match &unasked {
            Unasked::Away(_) => Kind::Unavailable,
            Unasked::Odd => Kind::Config,
            Unasked::Refused(reason) => kind_of(*reason),
        };
        Self::new(kind, unasked)
    }
}

fn kind_of(reason: FleetRefusal) -> Kind {
    match reason {
        FleetRefusal::NotAllowed => Kind::NoPermission,
        FleetRefusal::Name
        | FleetRefusal::Token
        | FleetRefusal::Key
        | FleetRefusal::NoSuchToken => Kind::Data,
        FleetRefusal::NameTaken | FleetRefusal::TokenKnown => Kind::CannotCreate,
        FleetRefusal::NoSuchHost => Kind::NoHost,
        FleetRefusal::Document | FleetRefusal::Version => Kind::Config,
        FleetRefusal::Overloaded => Kind::TryAgain,
    }
}

/// A refusal in words, with the fix.
pub(crate) fn refusal(reason: FleetRefusal) -> &'static str {
    match reason {
        FleetRefusal::NotAllowed => {
            "the relay does not allow it: this is no enrolment host, or not the relay on which the fleet was set up"
        }
        FleetRefusal::Name => {
            "a host cannot have that name: small letters, digits, hyphens and dots, of 64 characters at most, and no address; \
             choose another with --name"
        }
        FleetRefusal::NameTaken => {
            "another host of the fleet, or a relay, has that name; choose another with --name, or if it was this computer, \
             first run on the enrolment host: antiphon hosts revoke NAME"
        }
        FleetRefusal::Token => {
            "the token does not serve: it is used up, past its end, or for another network; make another on the enrolment \
             host: antiphon fleet token"
        }
        FleetRefusal::TokenKnown => {
            "the relay has that token already; make another: antiphon fleet token"
        }
        FleetRefusal::Key => {
            "the relay does not take this computer's key; make another token (antiphon fleet token), and join again: antiphon join TOKEN"
        }
        FleetRefusal::Document => {
            "the relay cannot verify what was signed here, or it was signed in the future: look at the clock, and see: antiphon fleet \
             check"
        }
        FleetRefusal::NoSuchHost => "the fleet has no such host; see: antiphon hosts",
        FleetRefusal::NoSuchToken => {
            "no such token can still be used: it was withdrawn, is used up, or past its end; see: antiphon fleet tokens"
        }
        FleetRefusal::Version => "the relay speaks another version; update Antiphon there or here",
        FleetRefusal::Overloaded => {
            "the relay cannot read or write what it keeps; look at its log: antiphon log"
        }
    }
}

//! `antiphon fleet`: sets a fleet up, lets hosts in, and signs who has which phone.
//!
//! [`home`] is what makes this computer one of a fleet, [`signer`] what makes it an enrolment host, [`publish`] signs a person's
//! record and has it published. [`relay`] asks the relay by way of this computer's daemon, [`dial`] a relay itself.

mod adopt;
mod check;
mod dial;
mod home;
mod init;
mod keys;
mod more_relays;
mod publish;
mod relay;
mod renew;
mod signer;
mod standing;
mod status;
mod token;
mod tokens;

use std::process::ExitCode;

use crate::arguments::FleetDeed;
use crate::failure::Failure;
use crate::house::House;
use crate::screen::Screen;
pub(crate) use check::{Standing, look, look_at_files, standing_at_relays};
pub(crate) use dial::of_token;
pub(crate) use home::{Home, daemon_group};
pub(crate) use publish::{Publisher, tell, tell_of_change};
pub(crate) use relay::{Unasked, ask};
pub(crate) use standing::certificate_ends;

pub(crate) fn run(
    deed: &FleetDeed,
    house: &House,
    screen: &mut Screen,
) -> Result<ExitCode, Failure> {
    match deed {
        FleetDeed::Init(wanted) => init::run(wanted, house, screen).map(|()| ExitCode::SUCCESS),
        FleetDeed::Token(wanted) => token::run(wanted, house, screen).map(|()| ExitCode::SUCCESS),
        FleetDeed::Tokens => tokens::list(house, screen).map(|()| ExitCode::SUCCESS),
        FleetDeed::Withdraw(wanted) => {
            tokens::withdraw(wanted, house, screen).map(|()| ExitCode::SUCCESS)
        }
        FleetDeed::Relay(wanted) => more_relays::run(wanted, screen).map(|()| ExitCode::SUCCESS),
        FleetDeed::Renew(wanted) => renew::run(wanted, house, screen),
        FleetDeed::Adopt(wanted) => adopt::run(wanted, house, screen),
        FleetDeed::Check => check::run(house, screen),
        FleetDeed::Status => status::run(house, screen).map(|()| ExitCode::SUCCESS),
    }
}

//! `antiphon providers`: the providers of accounts, and root's files of their keys, which are written here and nowhere else.

mod check;
mod due;
mod fetch;
mod list;
mod look;
mod refresh;

use std::process::ExitCode;

use antiphon_core::config::Provider;
use antiphon_core::visible::visible;

use crate::arguments::{Providers, ProvidersDeed};
use crate::failure::{Failure, Kind};
use crate::house::House;
use crate::screen::Screen;
pub(crate) use fetch::{Ask, Published, ask_all};
pub(crate) use look::{look_at_files, look_at_published};

/// The longest name in an error, in bytes.
const LONGEST: usize = 64;

pub(crate) fn run(
    wanted: &Providers,
    house: &House,
    screen: &mut Screen,
) -> Result<ExitCode, Failure> {
    match &wanted.deed {
        None => list::run(house, screen).map(|()| ExitCode::SUCCESS),
        Some(ProvidersDeed::Refresh(wanted)) => refresh::run(wanted, house, screen),
        Some(ProvidersDeed::Check(wanted)) => check::run(&wanted.name, house, screen),
    }
}

/// The provider called `name`.
pub(crate) fn named<'h>(name: &str, house: &'h House) -> Result<&'h Provider, Failure> {
    house.config.provider(name).ok_or_else(|| {
        let known: Vec<&str> = house
            .config
            .providers
            .iter()
            .map(|provider| provider.name.as_str())
            .collect();
        let known = match known.as_slice() {
            [] => {
                "there is none in antiphon.toml; antiphon-account(7) says how to add one".to_owned()
            }
            known => format!("there is {}", known.join(", ")),
        };
        Failure::new(
            Kind::Data,
            format!(
                "no [[provider]] is called {}: {known}",
                visible(name, LONGEST)
            ),
        )
    })
}

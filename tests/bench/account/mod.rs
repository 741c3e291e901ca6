//! The way by the organisation's account, with the real daemon and the real module: how long it takes from the provider's
//! answer until the sign-in that waits for it has returned, and what checking the token takes of that.
//!
//! The provider is a server of ours on the loopback, by https, that signs ID tokens with real keys. Nobody types anything
//! after the prompt is there: the sign-in is without check digits.

mod provider;
mod redeemed;
mod report;
mod signer;
#[path = "../../daemon/http.rs"]
#[allow(dead_code, reason = "the daemon's own tests need more of it")]
mod web;

use std::process::ExitCode;

use antiphon_tests::{Product, World};

use crate::apart;
use crate::arguments::Arguments;
use crate::phone::stage::{self, Setting};
use crate::stage::Place;
use provider::Provider;

/// The first argument for all of this.
pub(crate) const WORD: &str = "--account";
/// The same, in the namespaces.
pub(crate) const INSIDE: &str = "account-inside";

/// Measures, in the namespaces.
pub(crate) fn measure(given: &[String]) -> ExitCode {
    let arguments = Arguments::parse(given).unwrap();
    apart::end_in_time();
    let product = Product {
        module: arguments.module.clone(),
        ..Product::built()
    };
    let world = World::begin(&product);
    let provider = Provider::start(&world);
    let setting = Setting {
        world: &world,
        service: provider.server(),
        configuration: &provider.configuration(),
    };
    let mut measured = Vec::new();
    for place in Place::ALL {
        let stage = stage::set(&setting, place, &arguments);
        measured.extend(redeemed::measure(&stage, &provider, &arguments));
        stage.strike();
    }
    if arguments.json {
        println!("{}", report::json(&measured));
    } else {
        print!("{}", report::table(&measured));
    }
    ExitCode::SUCCESS
}

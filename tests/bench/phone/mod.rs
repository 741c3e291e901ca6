//! The way over the phone, with the real daemon and the real module: how long an answer takes from the phone to the
//! sign-in that waits for it, what ten thousand that wait cost, and how many are approved in a second.
//!
//! Phones are software passkeys that sign with real keys; they speak HTTP over the loopback. All of it runs in
//! namespaces of its own, whose only network is that loopback, and ends with them.

mod answered;
#[path = "../../daemon/certificate.rs"]
#[allow(dead_code, reason = "the daemon's own tests need more of it")]
mod certificate;
mod crowd;
mod daemon;
mod file;
pub(crate) mod handset;
pub(crate) mod http;
#[path = "../../daemon/inbox.rs"]
pub(crate) mod inbox;
pub(crate) mod person;
pub(crate) mod probe;
mod pushes;
mod report;
#[path = "../../daemon/root.rs"]
#[allow(dead_code, reason = "the daemon's own tests need more of it")]
pub(crate) mod root;
#[path = "../../daemon/server.rs"]
#[allow(dead_code, reason = "the daemon's own tests need more of it")]
pub(crate) mod server;
pub(crate) mod stage;
mod stress;

use std::process::ExitCode;

use antiphon_tests::{Product, World};

use crate::apart;
use crate::arguments::Arguments;

pub(crate) use person::{WORD as PERSON, run as be_a_person};

/// The first argument for all of this.
pub(crate) const WORD: &str = "--phone";
/// The same, in the namespaces.
pub(crate) const INSIDE: &str = "phone-inside";

/// Measures, in the namespaces.
pub(crate) fn measure(given: &[String]) -> ExitCode {
    let arguments = Arguments::parse(given).unwrap();
    apart::end_in_time();
    // Before the machine's files are out of sight.
    let file = file::look(&arguments.module);
    let product = Product {
        module: arguments.module.clone(),
        ..Product::built()
    };
    let world = World::begin(&product);
    let service = server::Server::of_pushes(&world);
    let setting = stage::Setting {
        world: &world,
        service: &service,
        configuration: "",
    };
    let (mut answered, mut streams) = (Vec::new(), Vec::new());
    for place in crate::stage::Place::ALL {
        let stage = stage::set(&setting, place, &arguments);
        answered.extend(answered::measure(&stage, &arguments));
        streams.extend(stress::with_modules(&stage, &arguments));
        if place == crate::stage::Place::Tmpfs {
            streams.extend(stress::without_modules(&stage, &arguments));
        }
        stage.strike();
    }
    let tmpfs = || stage::set(&setting, crate::stage::Place::Tmpfs, &arguments);
    let stage = tmpfs();
    let crowd = crowd::measure(&stage, &arguments);
    stage.strike();
    let stage = tmpfs();
    let pushes = pushes::measure(&stage, &service, &arguments);
    stage.strike();
    let figures = report::Figures {
        answered,
        streams,
        crowd,
        pushes,
        file,
    };
    if arguments.json {
        println!("{}", report::json(&figures));
    } else {
        print!("{}", report::table(&figures));
    }
    ExitCode::SUCCESS
}

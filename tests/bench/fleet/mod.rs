//! The way over the phone in a fleet: what relays add to it, and how many hosts they carry.
//!
//! Relays and hosts are computers of their own with the real daemon, the relays share a real PostgreSQL, and between them is
//! real TLS with a certificate for each host. Phones sign with real keys. The module is played, and where very many hosts
//! sign in, so are their daemons, all of them by this process. All of it is in the namespaces of [`crate::apart`], whose
//! only network is a loopback; files and databases are in memory.

mod admission;
mod crowd;
mod distance;
mod handshakes;
mod host;
mod latency;
mod parallel;
mod person;
mod rates;
mod relays;
mod report;

use std::process::ExitCode;

use antiphon_tests::{Postgres, Product, World};

use crate::apart;
use crate::arguments::Arguments;
use crate::process;
use admission::Admission;
use relays::{Relays, Store};

/// The first argument for all of this.
pub(crate) const WORD: &str = "--fleet";
/// The same, in the namespaces.
pub(crate) const INSIDE: &str = "fleet-inside";

/// Measures, in the namespaces.
pub(crate) fn measure(given: &[String]) -> ExitCode {
    let arguments = Arguments::parse(given).unwrap();
    apart::end_in_time();
    let product = Product {
        module: arguments.module.clone(),
        daemon: arguments.antiphond.clone(),
        ..Product::built()
    };
    let world = World::begin(&product);
    process::descriptors();
    let engine = Postgres::start(&world.folder().join("postgres"));
    let admission = Admission::new();
    let mut small = Relays::new(&world, &admission, Store::Sqlite);
    let mut large = Relays::new(&world, &admission, Store::Postgres(engine.url()));
    let rates = rates::measure(&mut small, &mut large, &arguments);
    let latencies = latency::measure(&world, &small, &large, &arguments);
    drop(small);
    let handshakes = handshakes::measure(&large, &arguments);
    let crowd = crowd::measure(large, &engine, &arguments);
    let figures = report::Figures {
        rates,
        latencies,
        handshakes,
        crowd,
    };
    if arguments.json {
        println!("{}", report::json(&figures));
    } else {
        print!("{}", report::table(&figures));
    }
    ExitCode::SUCCESS
}

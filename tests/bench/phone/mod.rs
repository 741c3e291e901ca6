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
mod handset;
mod http;
#[path = "../../daemon/inbox.rs"]
mod inbox;
mod person;
mod pushes;
mod report;
#[path = "../../daemon/root.rs"]
#[allow(dead_code, reason = "the daemon's own tests need more of it")]
mod root;
#[path = "../../daemon/server.rs"]
#[allow(dead_code, reason = "the daemon's own tests need more of it")]
mod server;
mod stage;
mod stress;

use std::env;
use std::process::{Command, ExitCode};
use std::thread;
use std::time::Duration;

use antiphon_tests::{Product, World};

use crate::arguments::Arguments;

pub(crate) use person::{WORD as PERSON, run as be_a_person};

/// The first argument for all of this.
pub(crate) const WORD: &str = "--phone";
/// The same, in the namespaces.
pub(crate) const INSIDE: &str = "phone-inside";

/// It ends by then, whatever happens.
const LONGEST: Duration = Duration::from_secs(1800);

/// Runs itself again in new namespaces. With it goes everything in them.
pub(crate) fn run(given: &[String]) -> ExitCode {
    if let Err(usage) = Arguments::parse(given) {
        eprintln!("{usage}");
        return ExitCode::from(2);
    }
    let status = Command::new("unshare")
        .args(["--mount", "--uts", "--ipc", "--net", "--pid", "--fork"])
        .args(["--kill-child", "--mount-proc", "--"])
        .arg(env::current_exe().unwrap())
        .arg(INSIDE)
        .args(given)
        .status()
        .expect("unshare of util-linux");
    if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Measures, in the namespaces.
pub(crate) fn measure(given: &[String]) -> ExitCode {
    let arguments = Arguments::parse(given).unwrap();
    thread::spawn(|| {
        thread::sleep(LONGEST);
        eprintln!("bench: this takes too long");
        std::process::exit(1);
    });
    // Before the machine's files are out of sight.
    let file = file::look(&arguments.module);
    let product = Product {
        module: arguments.module.clone(),
        ..Product::built()
    };
    let world = World::begin(&product);
    let service = server::Server::of_pushes(&world);
    let (mut answered, mut streams) = (Vec::new(), Vec::new());
    for place in crate::stage::Place::ALL {
        let stage = stage::set(&world, &service, place, &arguments);
        answered.extend(answered::measure(&stage, &arguments));
        streams.extend(stress::with_modules(&stage, &arguments));
        if place == crate::stage::Place::Tmpfs {
            streams.extend(stress::without_modules(&stage, &arguments));
        }
        stage.strike();
    }
    let tmpfs = || stage::set(&world, &service, crate::stage::Place::Tmpfs, &arguments);
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

//! A fleet by its commands: the world itself is the relay and the enrolment host, and each host is a computer of its own
//! ([`Computer`]) with the real daemon, sshd and module.

mod joining;
mod renewing;
mod set_up;
mod sign_in;
mod telephone;
mod two_names;

use antiphon_tests::{Computer, World};

use crate::Daemon;
use crate::command::{Said, antiphon, run};

/// The relay's configuration.
const RELAY: &str = "[relay]\nlisten_hosts = \"127.0.0.1:8471\"\n";
/// A host's.
const HOST: &str = "[fleet]\n";
const INIT: &str = "fleet init example --relay 127.0.0.1 --root-key /root/root.key";

/// Sets the fleet up, and starts its relay.
fn relay(world: &World) -> Daemon {
    antiphon(world, INIT).done();
    Daemon::start(world, RELAY)
}

/// A token, made with these options.
fn token(world: &World, options: &str) -> String {
    let said = antiphon(world, &format!("fleet token {options}")).done();
    said.out.trim().to_owned()
}

/// A host of the fleet, with its daemon.
fn host<'w>(world: &'w World, name: &str, address: &str) -> Computer<'w> {
    host_with(world, name, address, "")
}

/// The same with more in its configuration.
fn host_with<'w>(world: &'w World, name: &str, address: &str, more: &str) -> Computer<'w> {
    let token = token(world, "");
    let configuration = format!("{HOST}{more}");
    let mut computer = Computer::new(world, name, address, &configuration);
    computer.antiphon(&["join", &token]).done();
    computer.start_daemon();
    computer
}

/// `antiphon` on a computer, run to its end.
trait Commanded {
    /// With these arguments, and nothing to read.
    fn antiphon(&self, arguments: &[&str]) -> Said {
        self.antiphon_reading(arguments, "")
    }

    /// The same, which reads `input`.
    fn antiphon_reading(&self, arguments: &[&str], input: &str) -> Said;
}

impl Commanded for Computer<'_> {
    fn antiphon_reading(&self, arguments: &[&str], input: &str) -> Said {
        run(&mut self.antiphon_command(arguments), input)
    }
}

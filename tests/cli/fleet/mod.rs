//! A fleet by its commands: the world itself is the relay and the enrolment host, and each host is a computer of its own
//! ([`Computer`]) with the real daemon, sshd and module.

mod computer;
mod joining;
mod renewing;
mod set_up;
mod sign_in;
mod telephone;

use antiphon_tests::World;

use crate::Daemon;
use crate::command::antiphon;
use computer::Computer;

/// The relay's configuration: no sign-in of these tests is one too many.
const RELAY: &str = "\
[relay]
listen_hosts = \"127.0.0.1:8471\"
[push]
most_in_five_minutes = 100
most_unanswered = 100
";
/// A host's.
const HOST: &str = "[fleet]\n[push]\nmost_in_five_minutes = 100\nmost_unanswered = 100\n";
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

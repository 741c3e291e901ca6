//! How many hosts a relay can welcome: TLS with both certificates, and the look whether the host is still one of the fleet.

use super::parallel::work;
use super::relays::Relays;
use crate::arguments::Arguments;
use crate::figures::say;
use crate::process;

/// Hosts at once.
const HOSTS: usize = 8;

/// What was measured.
pub(super) struct Handshakes {
    /// In a second, beside those who connect.
    pub(super) rate: f64,
    /// In a second of one core of the relay's.
    pub(super) of_core: f64,
}

/// Measures the first relay.
pub(super) fn measure(relays: &Relays<'_>, arguments: &Arguments) -> Handshakes {
    let seconds = arguments.seconds;
    say(&format!("{HOSTS} hosts connect for {seconds} s"));
    let names: Vec<String> = (0..HOSTS).map(|number| format!("shaker{number}")).collect();
    let (hosts, port) = (relays.join(&names), relays.port(0));
    let workers = hosts
        .iter()
        .map(|host| move || drop(host.dial(port).unwrap()))
        .collect();
    let relay = relays.process(0);
    let used = process::used(relay);
    let done = work(workers, seconds);
    Handshakes {
        rate: done.count / done.seconds,
        of_core: done.count / (process::used(relay) - used),
    }
}

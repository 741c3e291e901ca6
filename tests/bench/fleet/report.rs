//! What was measured, for people and for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::crowd::Crowd;
use super::handshakes::Handshakes;
use super::latency::Latency;
use super::rates::Rate;
use crate::surroundings::load;

/// The most that a waiting sign-in should cost a relay, in bytes.
const AIM: f64 = 16.0 * 1024.0;

/// Everything.
pub(super) struct Figures {
    pub(super) rates: Vec<Rate>,
    pub(super) latencies: Vec<Latency>,
    pub(super) handshakes: Handshakes,
    pub(super) crowd: Crowd,
}

/// Tables.
pub(super) fn table(figures: &Figures) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "Load of the machine at the end: {}\n", load());
    rates_table(&mut text, &figures.rates);
    latencies_table(&mut text, &figures.latencies);
    let Handshakes { rate, of_core } = figures.handshakes;
    let _ = writeln!(
        text,
        "Hosts welcomed by a relay: {rate:.0} a second beside those who connect, {of_core:.0} a second of one core\n"
    );
    crowd_table(&mut text, &figures.crowd);
    text
}

fn rates_table(text: &mut String, rates: &[Rate]) {
    let _ = writeln!(
        text,
        "Approvals a second, each signed by a passkey\n{:<12}{:>8}{:>12}{:>12}{:>28}",
        "store", "relays", "a second", "/SQLite", "of all relays, µs each"
    );
    for rate in rates {
        let _ = writeln!(
            text,
            "{:<12}{:>8}{:>12.0}{:>12.2}{:>28.0}",
            rate.store,
            rate.relays,
            rate.a_second,
            rate.a_second / rates[0].a_second,
            rate.used
        );
    }
    text.push('\n');
}

fn latencies_table(text: &mut String, latencies: &[Latency]) {
    let _ = writeln!(
        text,
        "The answer leaves the phone -> who asked on the host's socket has it, µs\n{:<28}{:>10}{:>10}{:>10}{:>14}{:>10}",
        "", "median", "p99", "/alone", "added: median", "p99"
    );
    let alone = latencies[0].times;
    for Latency { way, times } in latencies {
        let _ = writeln!(
            text,
            "{way:<28}{:>10.0}{:>10.0}{:>10.2}{:>14.0}{:>10.0}",
            times.median,
            times.p99,
            times.median / alone.median,
            times.median - alone.median,
            times.p99 - alone.p99,
        );
    }
    text.push('\n');
}

fn crowd_table(text: &mut String, crowd: &Crowd) {
    let Crowd {
        waiting,
        each,
        hosts,
        served,
        last,
        refused,
        late,
    } = crowd;
    let _ = writeln!(
        text,
        "{waiting} sign-ins wait at a relay over TLS: {each:.0} bytes of its memory each, {:.2} of the aim\n\
         {hosts} hosts, each with its own certificate, sign in after a relay's kill, as soon as they can all dial from here:\n\
         all served after {last:.2} s (median {:.2} s, p99 {:.2} s); refused before, and tried again: {refused} times;\n\
         {late} waited for their welcome for longer than a host's daemon does",
        each / AIM,
        served.median / 1e6,
        served.p99 / 1e6,
    );
}

/// The same as one object.
pub(super) fn json(figures: &Figures) -> Value {
    let Figures {
        rates,
        latencies,
        handshakes,
        crowd,
    } = figures;
    json!({
        "load": load(),
        "rates": rates.iter().map(|rate| json!({
            "store": rate.store,
            "relays": rate.relays,
            "a_second": rate.a_second,
            "relays_us_each": rate.used,
        })).collect::<Vec<_>>(),
        "latencies": latencies.iter().map(|latency| json!({
            "way": latency.way,
            "answered": latency.times,
        })).collect::<Vec<_>>(),
        "handshakes": {
            "a_second": handshakes.rate,
            "a_second_of_a_core": handshakes.of_core,
        },
        "crowd": {
            "waiting": crowd.waiting,
            "bytes_each": crowd.each,
            "hosts": crowd.hosts,
            "served": crowd.served,
            "all_served_s": crowd.last,
            "refused": crowd.refused,
            "late": crowd.late,
        },
    })
}

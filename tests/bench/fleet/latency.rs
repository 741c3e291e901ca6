//! From the phone to who asked: by one host alone, and by a host's daemon and its relay.

use std::time::Duration;

use antiphon_tests::{Computer, World};

use super::distance;
use super::person::Person;
use super::relays::{ADDRESS, Relays, page_lines, socket};
use crate::arguments::Arguments;
use crate::figures::say;
use crate::phone::handset::Handset;
use crate::phone::http::Web;
use crate::phone::root::Root;
use crate::sample::Times;

/// Approvals before those that count.
const WARM_UP: usize = 5;
/// The page of the host that is alone.
const PAGE: &str = "127.0.0.1:8699";
/// Where the same relay seems to be far away.
const FAR: u16 = 8599;
/// How long a message takes from there and to there: half of what an answer takes.
const ONE_WAY: Duration = Duration::from_millis(15);

/// What was measured of one way.
pub(super) struct Latency {
    pub(super) way: &'static str,
    pub(super) times: Times,
}

/// By which relay a host asks, and at which one the page is.
#[derive(Clone, Copy)]
struct Route {
    name: &'static str,
    /// The relay's port for hosts.
    port: u16,
    /// The place of the page's relay.
    page: usize,
}

/// A way that an answer goes.
struct Way<'w> {
    name: &'static str,
    computer: Computer<'w>,
    /// The name that the host has in requests.
    host: String,
    phone: Handset,
    page: String,
}

/// Measures all ways in turn, by the relay with a file of its own and by two of those that share PostgreSQL.
pub(super) fn measure(
    world: &World,
    small: &Relays<'_>,
    large: &Relays<'_>,
    arguments: &Arguments,
) -> Vec<Latency> {
    let rounds = arguments.rounds;
    say(&format!("{rounds} approvals each way"));
    distance::lengthen(FAR, large.port(0), ONE_WAY);
    let route = |name, port, page| Route { name, port, page };
    let near = large.port(0);
    let ways = [
        alone(world),
        by_relay(world, small, route("relay, SQLite", small.port(0), 0)),
        by_relay(world, large, route("relay, PostgreSQL", near, 0)),
        by_relay(world, large, route("page at another relay", near, 1)),
        by_relay(world, large, route("relay, 30 ms there and back", FAR, 0)),
    ];
    let mut people: Vec<_> = ways
        .iter()
        .map(|way| {
            let socket = socket(&way.computer);
            Person::new(&way.phone, &way.page, &way.host, move || {
                Root::connect_to(&socket)
            })
        })
        .collect();
    let mut spent = vec![Vec::new(); ways.len()];
    for round in 0..WARM_UP + rounds {
        for (person, spent) in people.iter_mut().zip(&mut spent) {
            let time = person.approve();
            if round >= WARM_UP {
                spent.push(time);
            }
        }
    }
    ways.iter()
        .zip(spent)
        .map(|(way, spent)| Latency {
            way: way.name,
            times: Times::of(spent),
        })
        .collect()
}

/// As where there is no fleet.
fn alone(world: &World) -> Way<'_> {
    let mut computer = Computer::new(world, "alone", ADDRESS, &page_lines(PAGE));
    computer.start_daemon();
    let mut web = Web::connect_to(PAGE);
    Way {
        name: "one host alone",
        phone: Handset::enrol_at(&socket(&computer), &mut web, "alone", 0),
        host: "web1".to_owned(),
        page: PAGE.to_owned(),
        computer,
    }
}

/// By a host's daemon and one of these relays.
fn by_relay<'w>(world: &'w World, relays: &Relays<'_>, route: Route) -> Way<'w> {
    let Route { name, port, page } = route;
    let names = [format!("host{port}page{page}")];
    let joined = relays.join(&names).remove(0);
    let mut computer = Computer::new(world, &joined.name, ADDRESS, "[fleet]\n");
    relays.admission.admit(&computer, joined.papers(), port);
    computer.start_daemon();
    Way {
        name,
        phone: relays.enrol(&names, 0).remove(0),
        host: joined.name,
        page: relays.page(page),
        computer,
    }
}

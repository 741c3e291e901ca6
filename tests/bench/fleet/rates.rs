//! As many approvals as can be had, by one relay with its own file and by some that share PostgreSQL.

use super::parallel::work;
use super::person::Person;
use super::relays::Relays;
use crate::arguments::Arguments;
use crate::figures::say;

/// People at once, each on a host of their own.
const PEOPLE: usize = 16;
/// Relays that share PostgreSQL in the end.
const RELAYS: usize = 3;

/// What was measured.
pub(super) struct Rate {
    pub(super) store: &'static str,
    pub(super) relays: usize,
    /// Whole approvals in a second.
    pub(super) a_second: f64,
    /// Microseconds of a core that the relays used for one.
    pub(super) used: f64,
}

/// Measures, first the relay with its own file, and adds to the others until they are all there.
pub(super) fn measure(
    small: &mut Relays<'_>,
    large: &mut Relays<'_>,
    arguments: &Arguments,
) -> Vec<Rate> {
    let mut rates = vec![one(small, "SQLite", arguments)];
    rates.push(one(large, "PostgreSQL", arguments));
    while large.count() < RELAYS {
        large.add();
        rates.push(one(large, "PostgreSQL", arguments));
    }
    rates
}

/// Hosts and pages are spread evenly, each of the hosts' relays with each of the pages'.
fn one(relays: &Relays<'_>, store: &'static str, arguments: &Arguments) -> Rate {
    let (count, seconds) = (relays.count(), arguments.seconds);
    say(&format!(
        "{PEOPLE} people approve for {seconds} s by {store}, relays: {count}"
    ));
    let named = |what: &str| -> Vec<String> {
        (0..PEOPLE)
            .map(|number| format!("{what}{number}of{count}"))
            .collect()
    };
    let hosts = relays.join(&named("host"));
    let phones = relays.enrol(&named("person"), count * PEOPLE);
    let people = hosts.iter().zip(&phones).enumerate();
    let people = people.map(|(place, (host, phone))| {
        let (port, page) = (
            relays.port(place % count),
            relays.page((place + place / count) % count),
        );
        let dial = move || host.dial(port).unwrap();
        let mut person = Person::new(phone, &page, &host.name, dial);
        person.approve();
        move || {
            person.approve();
        }
    });
    let people = people.collect();
    let used = relays.used();
    let done = work(people, seconds);
    Rate {
        store,
        relays: count,
        a_second: done.count / done.seconds,
        used: (relays.used() - used) * 1e6 / done.count,
    }
}

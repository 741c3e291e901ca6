//! Relays that share a store, each with the real daemon on a computer of its own.

use antiphon_core::fleet::TokenSecret;
use antiphon_core::wire::{FromDaemon, FromFleet, HostRole, ToDaemon, ToFleet};
use antiphon_tests::{Computer, SOCKET, World};
use ring::rand::{SecureRandom, SystemRandom};

use super::admission::{Admission, now};
use super::host::Host;
use crate::phone::handset::{Handset, ORIGIN};
use crate::phone::http::Web;
use crate::phone::root::Root;
use crate::process;

/// Where all of them are; they differ by their ports.
pub(super) const ADDRESS: &str = "127.0.0.1";
/// The number of the relay whose store is its own; those that share theirs have the numbers from 1.
const ALONE: u16 = 9;
/// How long a token serves, in seconds.
const HOUR: u64 = 3600;
/// As many as a token lets in.
const MOST_HOSTS: u32 = 100_000;

/// What relays keep what they know in.
pub(super) enum Store {
    /// One relay's own file.
    Sqlite,
    /// Where PostgreSQL is.
    Postgres(String),
}

/// Relays of a fleet.
pub(super) struct Relays<'a> {
    world: &'a World,
    pub(super) admission: &'a Admission,
    store: Store,
    computers: Vec<Computer<'a>>,
}

/// The port of the relay of this number that hosts connect to.
pub(super) fn hosts_port(number: u16) -> u16 {
    8500 + number
}

/// The lines of a configuration for a page at `page` whose phones enrol from many addresses: one may only try so often.
pub(super) fn page_lines(page: &str) -> String {
    format!(
        "[page]\norigin = \"{ORIGIN}\"\nlisten = \"{page}\"\ntrusted_proxies = [\"{ADDRESS}\"]\n"
    )
}

impl<'a> Relays<'a> {
    /// One relay.
    pub(super) fn new(world: &'a World, admission: &'a Admission, store: Store) -> Self {
        let mut relays = Self {
            world,
            admission,
            store,
            computers: Vec::new(),
        };
        relays.add();
        relays
    }

    /// Starts another one.
    pub(super) fn add(&mut self) {
        let (place, number) = (self.count(), self.number(self.count()));
        let (page, hosts) = (self.page(place), hosts_port(number));
        let engine = match &self.store {
            Store::Sqlite => String::new(),
            Store::Postgres(url) => format!("engine = \"{url}\"\n"),
        };
        let configuration = format!(
            "{}[relay]\nlisten_hosts = \"{ADDRESS}:{hosts}\"\n{engine}",
            page_lines(&page)
        );
        let name = format!("relay{number}");
        let mut computer = Computer::new(self.world, &name, ADDRESS, &configuration);
        self.admission.admit_relay(&computer, number);
        computer.start_daemon();
        self.computers.push(computer);
    }

    pub(super) fn count(&self) -> usize {
        self.computers.len()
    }

    fn number(&self, place: usize) -> u16 {
        match self.store {
            Store::Sqlite => ALONE,
            Store::Postgres(_) => 1 + u16::try_from(place).unwrap(),
        }
    }

    /// The port for hosts of the relay in this place.
    pub(super) fn port(&self, place: usize) -> u16 {
        hosts_port(self.number(place))
    }

    /// Where the relay in this place serves the page.
    pub(super) fn page(&self, place: usize) -> String {
        format!("{ADDRESS}:{}", 8600 + self.number(place))
    }

    fn socket(&self, place: usize) -> String {
        socket(&self.computers[place])
    }

    /// The process of the relay in this place.
    pub(super) fn process(&self, place: usize) -> u32 {
        self.computers[place]
            .daemon_id()
            .as_raw()
            .try_into()
            .unwrap()
    }

    /// Seconds of a core that all of them have used.
    pub(super) fn used(&self) -> f64 {
        (0..self.count())
            .map(|place| process::used(self.process(place)))
            .sum()
    }

    /// Kills the relay in this place.
    pub(super) fn kill(&mut self, place: usize) {
        self.computers[place].kill_daemon();
    }

    /// Enrols a phone for each of `users`, at the last relay; each of them has a number of its own from `first`.
    pub(super) fn enrol(&self, users: &[String], first: usize) -> Vec<Handset> {
        let last = self.count() - 1;
        let (socket, mut web) = (self.socket(last), Web::connect_to(&self.page(last)));
        let numbered = users.iter().zip(first..);
        numbered
            .map(|(user, number)| Handset::enrol_at(&socket, &mut web, user, number))
            .collect()
    }

    /// Has hosts of these names join at the first relay.
    pub(super) fn join(&self, names: &[String]) -> Vec<Host> {
        let mut secret = [0; 16];
        SystemRandom::new().fill(&mut secret).unwrap();
        let secret = TokenSecret::new(secret);
        let mut root = Root::connect_to(&self.socket(0));
        root.send(&ToDaemon::Fleet(ToFleet::Token {
            hash: secret.hash(),
            role: HostRole::Host,
            hosts: MOST_HOSTS,
            until: now().plus(HOUR),
            network: String::new(),
        }));
        assert_eq!(
            root.hear(),
            Some(FromDaemon::Fleet(FromFleet::TokenOpen {}))
        );
        let (authority, port) = (self.admission.authority(), self.port(0));
        names
            .iter()
            .map(|name| Host::join(name, port, &secret, authority))
            .collect()
    }
}

/// Where the world sees the daemon's socket on a computer.
pub(super) fn socket(computer: &Computer<'_>) -> String {
    computer.path(SOCKET).to_str().unwrap().to_owned()
}

//! Very many hosts: what each sign-in that waits costs a relay, and how soon all are served when their relay is killed and
//! they sign in at once by another.

use std::iter;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use antiphon_tests::{Postgres, until};

use super::host::{Host, Line};
use super::relays::Relays;
use crate::arguments::Arguments;
use crate::figures::say;
use crate::phone::handset::Handset;
use crate::process::{descriptors, resident};
use crate::sample::Times;

/// Descriptors that are wanted for other things.
const SPARE: usize = 512;
/// Sign-ins that come and go before the memory is looked at: what the relay makes once is then there.
const WARM_UP: usize = 100;
/// The relay that is killed, and the one that is left.
const LOST: usize = 0;
const LEFT: usize = 1;
/// Hosts that dial at the same time: more threads than that on the machine that plays all of them would leave the relay and its
/// engine no processor, and what is then measured is that.
const AT_ONCE: usize = 256;
/// How long a host's daemon tries one relay, and how soon a person tries again.
const TRY: Duration = Duration::from_secs(1);

/// What was measured.
pub(super) struct Crowd {
    pub(super) waiting: usize,
    /// Bytes of the relay's memory for each that waits.
    pub(super) each: f64,
    pub(super) hosts: usize,
    /// From the kill until a host's sign-in waits.
    pub(super) served: Times,
    /// The same for the last of them, in seconds.
    pub(super) last: f64,
    /// Times that a host was refused, and tried again.
    pub(super) refused: u32,
    /// Hosts whose daemon would have given the relay up before it said welcome.
    pub(super) late: usize,
}

/// A host, and the phone of the person who signs in there.
struct Pair {
    host: Host,
    phone: Handset,
}

/// Measures. Each host has a certificate of its own.
pub(super) fn measure(mut relays: Relays<'_>, engine: &Postgres, arguments: &Arguments) -> Crowd {
    let most = descriptors() - SPARE;
    let (waiting, hosts) = (arguments.waiting.min(most), arguments.hosts.min(most));
    let pairs = gather(&relays, waiting.max(hosts));
    say(&format!("{waiting} sign-ins wait at a relay"));
    let port = relays.port(LOST);
    // Once: a person who approves nothing may begin three sign-ins in a while.
    let some = pairs.iter().take(WARM_UP);
    let lines: Vec<Line> = some.map(|pair| pair.ask(port)).collect();
    drop(lines);
    all_over(engine);
    let before = resident(relays.process(LOST));
    let lines: Vec<Line> = pairs[..waiting].iter().map(|pair| pair.ask(port)).collect();
    let each = share(resident(relays.process(LOST)) - before, waiting);
    drop(lines);
    all_over(engine);
    relays.kill(LOST);
    say(&format!("{hosts} hosts sign in by the other relay"));
    let ports = [port, relays.port(LEFT)];
    let all = storm(&pairs[..hosts], ports);
    let mut served: Vec<Duration> = all.iter().map(|one| one.waits_after).collect();
    served.sort_unstable();
    Crowd {
        waiting,
        each,
        hosts,
        last: served.last().unwrap().as_secs_f64(),
        served: Times::of(served.iter().map(nanoseconds).collect()),
        refused: all.iter().map(|one| one.refused).sum(),
        late: all.iter().filter(|one| one.welcome_took > TRY).count(),
    }
}

fn gather(relays: &Relays<'_>, count: usize) -> Vec<Pair> {
    say(&format!("{count} hosts join, and as many phones enrol"));
    let named = |what: &str| -> Vec<String> {
        (0..count).map(|number| format!("{what}{number}")).collect()
    };
    let phones = relays.enrol(&named("crowd"), 100);
    let hosts = relays.join(&named("node"));
    hosts
        .into_iter()
        .zip(phones)
        .map(|(host, phone)| Pair { host, phone })
        .collect()
}

impl Pair {
    /// A sign-in that waits.
    fn ask(&self, port: u16) -> Line {
        let dial = || self.host.dial(port).unwrap();
        self.phone.ask_on(&self.host.name, dial).0
    }
}

impl Pair {
    /// A sign-in by the first of the relays at these ports that welcomes the host, who does not give up.
    fn sign_in(&self, ports: [u16; 2], begun: Instant) -> Served {
        let (mut tries, mut welcome_took) = (0, Duration::ZERO);
        let dial = || {
            loop {
                tries += 1;
                let dialled = Instant::now();
                let mut lines = ports.iter().filter_map(|port| self.host.dial(*port).ok());
                if let Some(line) = lines.next() {
                    welcome_took = dialled.elapsed();
                    return line;
                }
                thread::sleep(TRY);
            }
        };
        let (line, _) = self.phone.ask_on(&self.host.name, dial);
        Served {
            refused: tries - 1,
            welcome_took,
            waits_after: begun.elapsed(),
            _line: line,
        }
    }
}

/// Until the relays hold no sign-in.
fn all_over(engine: &Postgres) {
    let count = "SELECT count(*) FROM open_request";
    until("the last sign-in to be over", || {
        (engine.ask_in("antiphon", count) == "0").then_some(())
    });
    // What allocators give back is given back.
    thread::sleep(Duration::from_millis(500));
}

/// How it went for one host.
struct Served {
    refused: u32,
    welcome_took: Duration,
    waits_after: Duration,
    /// Held until all are served.
    _line: Line,
}

/// All of them, as soon as this machine can have them dial, by the relays at these ports in their order.
fn storm(pairs: &[Pair], ports: [u16; 2]) -> Vec<Served> {
    let begun = Instant::now();
    let next = AtomicUsize::new(0);
    let play = || {
        let mine = iter::from_fn(|| pairs.get(next.fetch_add(1, Relaxed)));
        mine.map(|pair| pair.sign_in(ports, begun))
            .collect::<Vec<_>>()
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(play)).collect();
        let served = threads.into_iter().map(|thread| thread.join().unwrap());
        served.flatten().collect()
    })
}

fn nanoseconds(time: &Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap()
}

#[allow(clippy::cast_precision_loss)] // far fewer than 2^52
fn share(bytes: i64, count: usize) -> f64 {
    bytes as f64 / count as f64
}

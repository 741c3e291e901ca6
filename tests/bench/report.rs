//! What was measured, for people and for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::count::WarmAndCold;
use crate::figures::{Counted, Figures, Timed};
use crate::module::Module;
use crate::sample::Times;
use crate::stage::Place;

/// Our peer.
const PEER: Module = Module::Google;

/// Tables.
pub(crate) fn table(figures: &Figures) -> String {
    let mut text = String::new();
    for place in Place::ALL {
        times_table(&mut text, figures, place);
    }
    counts_table(&mut text, figures);
    libraries_table(&mut text, figures);
    text
}

fn times_table(text: &mut String, figures: &Figures, place: Place) {
    let _ = writeln!(
        text,
        "Sign-ins on {}, µs\n{:<26}{:>8} {:>39} {:>39}\n{:<26}{:>8} {:>9}{:>10}{:>9}{:>11} {:>9}{:>10}{:>9}{:>11}",
        place.name(),
        "",
        "",
        "warm",
        "cold",
        "",
        "users",
        "median",
        "p99",
        "/permit",
        "/google",
        "median",
        "p99",
        "/permit",
        "/google",
    );
    for timed in figures.timed.iter().filter(|timed| timed.place == place) {
        let floor = figures.times(Module::Permit, place, 1);
        let peer = figures.times(PEER, place, timed.users);
        let _ = write!(text, "{:<26}{:>8}", timed.module.name(), timed.users);
        for of in [
            |both: WarmAndCold<Times>| both.warm,
            |both: WarmAndCold<Times>| both.cold,
        ] {
            let times = of(timed.times);
            let (floor, peer) = (floor.map(of), peer.map(of));
            let _ = write!(
                text,
                " {:>9.1}{:>10.1}{:>9}{:>11}",
                times.median,
                times.p99,
                ratio(times, floor),
                ratio(times, peer)
            );
        }
        text.push('\n');
    }
    text.push('\n');
}

fn ratio(times: Times, other: Option<Times>) -> String {
    other.map_or_else(
        || "-".to_owned(),
        |other| format!("{:.2}", times.median / other.median),
    )
}

fn counts_table(text: &mut String, figures: &Figures) {
    let _ = writeln!(
        text,
        "What a sign-in does\n{:<26}{:>8} {:>14} {:>12} {:>10} {:>24} {:>12} {:>8} {:>20}",
        "",
        "users",
        "system calls",
        "syncs",
        "clones",
        "thousand instructions",
        "code lines",
        "faults",
        "memory added, KiB"
    );
    let _ = writeln!(
        text,
        "{:<26}{:>8} {:>14} {:>12} {:>10} {:>24} {:>12} {:>8} {:>20}",
        "", "", "warm / cold", "warm / cold", "cold", "warm / cold", "cold", "cold", "RSS / PSS"
    );
    for counted in &figures.counted {
        let pair = |of: &dyn Fn(&Counted) -> Option<(u64, u64)>| {
            of(counted).map_or_else(|| "-".to_owned(), |(warm, cold)| format!("{warm} / {cold}"))
        };
        let _ = writeln!(
            text,
            "{:<26}{:>8} {:>14} {:>12} {:>10} {:>24} {:>12} {:>8} {:>20}",
            counted.module.name(),
            counted.users,
            pair(&|counted| counted.calls.map(|calls| (calls.warm.all, calls.cold.all))),
            pair(&|counted| counted
                .calls
                .map(|calls| (calls.warm.syncs, calls.cold.syncs))),
            counted
                .calls
                .map_or_else(|| "-".to_owned(), |calls| calls.cold.clones.to_string()),
            pair(&|counted| {
                let WarmAndCold { warm, cold } = counted.code?.instructions;
                Some((warm / 1000, cold / 1000))
            }),
            counted
                .code
                .map_or_else(|| "-".to_owned(), |code| code.lines.to_string()),
            counted.faults,
            format!("{} / {}", counted.memory.0, counted.memory.1),
        );
    }
    text.push('\n');
}

fn libraries_table(text: &mut String, figures: &Figures) {
    let _ = writeln!(text, "The files\n{:<26}{:>10}  linked", "", "bytes");
    for library in &figures.libraries {
        let _ = writeln!(
            text,
            "{:<26}{:>10}  {}",
            library.module.name(),
            library.bytes,
            library.links.join(" ")
        );
    }
}

impl Figures {
    fn times(&self, module: Module, place: Place, users: u32) -> Option<WarmAndCold<Times>> {
        self.timed
            .iter()
            .find(|timed| (timed.module, timed.place, timed.users) == (module, place, users))
            .map(|timed| timed.times)
    }
}

/// The same as one object.
pub(crate) fn json(figures: &Figures) -> Value {
    json!({
        "many": figures.many,
        "times": figures.timed.iter().map(json_of_times).collect::<Vec<_>>(),
        "counts": figures.counted.iter().map(json_of_counts).collect::<Vec<_>>(),
        "files": figures.libraries.iter().map(|library| json!({
            "module": library.module.name(),
            "bytes": library.bytes,
            "links": library.links,
        })).collect::<Vec<_>>(),
    })
}

fn json_of_times(timed: &Timed) -> Value {
    json!({
        "module": timed.module.name(),
        "place": timed.place.name(),
        "users": timed.users,
        "warm": timed.times.warm,
        "cold": timed.times.cold,
    })
}

fn json_of_counts(counted: &Counted) -> Value {
    json!({
        "module": counted.module.name(),
        "users": counted.users,
        "system_calls": counted.calls,
        "instructions": counted.code.map(|code| code.instructions),
        "code_lines_cold": counted.code.map(|code| code.lines),
        "page_faults_cold": counted.faults,
        "rss_added_kib": counted.memory.0,
        "pss_added_kib": counted.memory.1,
    })
}

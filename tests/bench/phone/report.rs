//! What was measured, for people and for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::answered::Answered;
use super::crowd::Crowd;
use super::file::File;
use super::pushes::Pushes;
use super::stress::Stream;
use crate::returned::{Column, Row, write_table};
use crate::surroundings::load;

/// Everything.
pub(super) struct Figures {
    pub(super) answered: Vec<Answered>,
    pub(super) streams: Vec<Stream>,
    pub(super) crowd: Crowd,
    pub(super) pushes: Pushes,
    pub(super) file: File,
}

/// Tables.
pub(super) fn table(figures: &Figures) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "Load of the machine at the end: {}\n", load());
    answered_table(&mut text, &figures.answered);
    crowd_table(&mut text, &figures.crowd);
    streams_table(&mut text, &figures.streams);
    let Pushes { sent, rate, used } = &figures.pushes;
    let _ = writeln!(
        text,
        "{sent} pushes to a service that takes 200 ms: {rate:.0} a second, {used:.0} µs of the daemon each\n"
    );
    let File {
        bytes,
        links,
        crates,
        network,
    } = &figures.file;
    let _ = writeln!(
        text,
        "The module: {bytes} bytes, linked with {}; {} crates, of a network {}",
        links.join(" "),
        crates.len(),
        if network.is_empty() {
            "none".to_owned()
        } else {
            network.join(" ")
        },
    );
    text
}

fn answered_table(text: &mut String, answered: &[Answered]) {
    text.push_str("The answer leaves the phone -> pam_authenticate has returned, µs\n");
    let row = |one: &Answered| Row {
        place: one.place,
        kind: one.program.service(),
        columns: Column::of_sign_in(one.times, one.sync),
    };
    write_table(text, &answered.iter().map(row).collect::<Vec<_>>());
}

fn crowd_table(text: &mut String, crowd: &Crowd) {
    let Crowd {
        waiting,
        enrolled,
        asked,
        each,
        pages,
        ..
    } = crowd;
    let _ = writeln!(
        text,
        "{waiting} sign-ins wait at once\n\
         enrolled before, a second      {enrolled:>8.0}\n\
         asked, a second                {asked:>8.0}\n\
         memory of the daemon, each     {each:>8.0} bytes\n\
         and for a page that is open    {:>8.0} bytes ({} pages)",
        pages.1, pages.0
    );
    for (what, times) in [
        ("approved -> heard by root", crowd.approved),
        ("declined -> heard by root", crowd.declined),
        ("approved -> module returned", crowd.returned),
    ] {
        let (median, p99) = (times.median, times.p99);
        let _ = writeln!(text, "{what:<31}{median:>8.0} µs median {p99:>8.0} µs p99");
    }
    text.push('\n');
}

fn streams_table(text: &mut String, streams: &[Stream]) {
    let _ = writeln!(
        text,
        "Approvals a second, each signed by a passkey\n{:<8}{:<14}{:>8}{:>12}{:>26}",
        "", "root's side", "people", "a second", "of the daemon, µs each"
    );
    for stream in streams {
        let _ = writeln!(
            text,
            "{:<8}{:<14}{:>8}{:>12.0}{:>26.0}",
            stream.place.name(),
            if stream.modules {
                "real modules"
            } else {
                "frames alone"
            },
            stream.people,
            stream.rate,
            stream.used
        );
    }
    text.push('\n');
}

/// The same as one object.
pub(super) fn json(figures: &Figures) -> Value {
    let crowd = &figures.crowd;
    json!({
        "load": load(),
        "answered": figures.answered.iter().map(|one| json!({
            "place": one.place.name(),
            "program": one.program.service(),
            "returned": one.times,
            "fdatasync": one.sync,
        })).collect::<Vec<_>>(),
        "crowd": {
            "waiting": crowd.waiting,
            "enrolled_a_second": crowd.enrolled,
            "asked_a_second": crowd.asked,
            "bytes_each": crowd.each,
            "pages": crowd.pages.0,
            "bytes_a_page": crowd.pages.1,
            "approved": crowd.approved,
            "declined": crowd.declined,
            "returned": crowd.returned,
        },
        "pushes": {
            "sent": figures.pushes.sent,
            "a_second": figures.pushes.rate,
            "daemon_us_each": figures.pushes.used,
        },
        "streams": figures.streams.iter().map(|stream| json!({
            "place": stream.place.name(),
            "real_modules": stream.modules,
            "people": stream.people,
            "a_second": stream.rate,
            "daemon_us_each": stream.used,
        })).collect::<Vec<_>>(),
        "file": {
            "bytes": figures.file.bytes,
            "links": figures.file.links,
            "crates": figures.file.crates,
            "network_crates": figures.file.network,
        },
    })
}

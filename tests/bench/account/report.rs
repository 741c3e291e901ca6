//! What was measured, for people and for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::redeemed::Measured;
use crate::surroundings::load;

/// A table.
pub(super) fn table(measured: &[Measured]) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "Load of the machine at the end: {}\n\n\
         The provider has its answer ready -> pam_authenticate has returned, without check digits, µs\n\
         {:<8}{:<8}{:>10}{:>10}{:>20}{:>10}{:>22}{:>10}{:>22}{:>10}",
        load(),
        "",
        "",
        "median",
        "p99",
        "fdatasync: median",
        "p99",
        "beside that: median",
        "p99",
        "token alone: median",
        "p99"
    );
    for one in measured {
        let _ = writeln!(
            text,
            "{:<8}{:<8}{:>10.0}{:>10.0}{:>20.0}{:>10.0}{:>22.0}{:>10.0}{:>22.0}{:>10.0}",
            one.place.name(),
            one.algorithm.name(),
            one.times.median,
            one.times.p99,
            one.sync.median,
            one.sync.p99,
            one.times.median - one.sync.median,
            one.times.p99 - one.sync.median,
            one.verification.median,
            one.verification.p99,
        );
    }
    text
}

/// The same as one object.
pub(super) fn json(measured: &[Measured]) -> Value {
    json!({
        "load": load(),
        "redeemed": measured.iter().map(|one| json!({
            "place": one.place.name(),
            "algorithm": one.algorithm.name(),
            "returned": one.times,
            "fdatasync": one.sync,
            "verification": one.verification,
        })).collect::<Vec<_>>(),
    })
}

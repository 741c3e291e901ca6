//! What was measured, for people and for programs.

use serde_json::{Value, json};

use super::redeemed::Measured;
use crate::returned::{Column, Row, write_table};
use crate::surroundings::load;

/// A table.
pub(super) fn table(measured: &[Measured]) -> String {
    let mut text = format!(
        "Load of the machine at the end: {}\n\n\
         The provider has its answer ready -> pam_authenticate has returned, without check digits, µs\n",
        load()
    );
    let row = |one: &Measured| {
        let mut columns = Column::of_sign_in(one.times, one.sync);
        columns.push(Column {
            of: "token alone: ",
            times: one.verification,
        });
        Row {
            place: one.place,
            kind: one.algorithm.name(),
            columns,
        }
    };
    write_table(&mut text, &measured.iter().map(row).collect::<Vec<_>>());
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

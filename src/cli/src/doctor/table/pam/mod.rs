//! Hosts whose pam.d is broken.

mod locked_out;
mod order;
mod passed;
mod unable;

use super::host::{change, write};
use super::{Broken, Then, hold};
use crate::doctor::host::Host;
use crate::doctor::pam::Verdict;
use crate::finding::Severity;

const OURS: &str = "auth required pam_antiphon.so\n";

const PASSED: Broken = Broken {
    what: "",
    damage: |_| {},
    service: "sshd",
    verdict: Verdict::CanBeJumpedOver,
    severity: Severity::Fault,
    says: "or jumps over it: people get in",
    fix: "sed -i ",
    then: Then::Asks,
};
const LOCKED_OUT: Broken = Broken {
    verdict: Verdict::LocksOut,
    says: "nobody gets in by",
    ..PASSED
};
const ASKS_ALL_THE_SAME: Broken = Broken {
    verdict: Verdict::Asks,
    ..PASSED
};

/// A service whose lines are these and ours.
fn with(host: &mut Host, lines: &str) {
    write(host, "sshd", &format!("{lines}{OURS}"));
}

/// Our line in the file that most services include.
fn ask_in_common_auth(host: &mut Host) {
    let next = "auth\toptional";
    change(host, "common-auth", next, &format!("{OURS}{next}"));
}

pub(super) fn hosts() -> Vec<Broken> {
    [
        passed::hosts(),
        passed::pardoned(),
        order::hosts(),
        locked_out::hosts(),
        unable::hosts(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[test]
fn each_line_that_leads_past_us_is_found_and_its_fix_closes_the_way() {
    hold(&passed::hosts());
    hold(&passed::pardoned());
}

#[test]
fn lines_in_a_wrong_order_are_found_and_put_in_order() {
    hold(&order::hosts());
}

#[test]
fn what_locks_everybody_out_is_found_and_its_fix_lets_them_in() {
    hold(&locked_out::hosts());
}

#[test]
fn services_that_cannot_ask_or_were_forgotten_are_found() {
    hold(&unable::hosts());
}

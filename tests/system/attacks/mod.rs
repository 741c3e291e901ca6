//! A local attacker's script: alice, who knows bob's password, calls `su` and stops, freezes and starves it, at random
//! instants and at those at which `/proc/locks` says that it holds a lock.
//!
//! Run with `--ignored`. `ANTIPHON_ATTACKS=500` makes it so many instants for each lock; with `--nocapture` it says how long others were held up.

mod attack;
mod cage;
mod figures;
mod others;
mod target;

use std::time::Duration;

use antiphon_tests::in_world_for;

use attack::Attack;
use target::Target;

/// Instants for each lock, if the environment says nothing else.
const INSTANTS: u32 = 20;
/// Far more than one takes on a slow machine.
const PATIENCE: Duration = Duration::from_secs(20);

#[test]
#[ignore = "its delays are measured, so it wants a machine of its own: run with --ignored"]
fn a_su_stopped_frozen_or_starved_around_the_lock_of_a_state_gains_nothing_and_fails_nobody() {
    in_world_for(PATIENCE * instants(), |world| {
        Attack::new(world, Target::State).run(instants());
    });
}

#[test]
#[ignore = "its delays are measured, so it wants a machine of its own: run with --ignored"]
fn a_su_stopped_frozen_or_starved_around_the_lock_of_records_gains_nothing_and_fails_nobody() {
    in_world_for(PATIENCE * instants(), |world| {
        Attack::new(world, Target::Records).run(instants());
    });
}

#[test]
#[ignore = "its delays are measured, so it wants a machine of its own: run with --ignored"]
fn a_su_stopped_frozen_or_starved_around_an_unfinished_enrolment_fails_nobody() {
    in_world_for(PATIENCE * instants(), |world| {
        Attack::new(world, Target::Pending).run(instants());
    });
}

fn instants() -> u32 {
    std::env::var("ANTIPHON_ATTACKS").map_or(INSTANTS, |number| number.parse().unwrap())
}

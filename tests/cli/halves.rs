//! Whichever half of a state is lost after root has changed it, the other one knows the new recovery codes.

use std::fs;

use antiphon_core::state::SLOT_LENGTH;
use antiphon_tests::{World, in_world};

use crate::Daemon;
use crate::command::antiphon;
use crate::daemon::in_house;
use crate::fix::status;
use crate::phone_added::add;

fn ten_are_left_whichever_half_is_lost(world: &World) {
    let path = world.state_path("alice");
    let whole = fs::read(&path).unwrap();
    for half in [0, SLOT_LENGTH] {
        let mut spoilt = whole.clone();
        spoilt[half..half + SLOT_LENGTH].fill(0);
        fs::write(&path, spoilt).unwrap();
        let left = status(world)["recovery_left"].clone();
        assert_eq!(left, 10, "without the half at {half}");
    }
    fs::write(&path, whole).unwrap();
}

#[test]
fn new_recovery_codes_stand_in_both_halves() {
    in_world(|world| {
        let _ = world.enrol("alice");
        antiphon(world, "recovery alice").done();
        ten_are_left_whichever_half_is_lost(world);
    });
}

#[test]
fn recovery_codes_that_come_with_a_first_phone_stand_in_both_halves() {
    in_house(|world| {
        let _daemon = Daemon::start(world, "");
        let (_phone, object) = add(world, "Pixel 9");
        assert_eq!(object["recovery_codes"].as_array().unwrap().len(), 10);
        ten_are_left_whichever_half_is_lost(world);
    });
}

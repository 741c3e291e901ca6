//! Sign-ins that are all at the prompt before any of them is answered.

use antiphon_tests::{PamHost, Played, World, in_world};

use crate::phone::wrong_in_a_row;

/// Sign-ins in a race.
const RACERS: usize = 32;
const ROUNDS: usize = 100;

#[test]
fn a_code_is_accepted_once_in_each_of_100_races_of_32_sign_ins() {
    in_world(|world| {
        let mut alice = world.enrol_with_long_codes("alice");
        for _ in 0..ROUNDS {
            alice.change(|_| {});
            must_have_one_winner(&race(world, &alice.code()));
        }
    });
}

#[test]
fn a_recovery_code_is_accepted_once_in_each_of_100_races_of_32_sign_ins() {
    in_world(|world| {
        let mut alice = world.enrol("alice");
        for round in 0..ROUNDS {
            alice.change(|_| {});
            let code = &alice.recovery[round % alice.recovery.len()];
            must_have_one_winner(&race(world, code));
        }
    });
}

#[test]
fn a_state_that_was_lost_before_32_sign_ins_race_accepts_none_of_them() {
    in_world(|world| {
        let mut alice = world.enrol_with_long_codes("alice");
        for _ in 0..10 {
            alice.change(|_| {});
            std::fs::remove_file(world.state_path("alice")).unwrap();
            let played = race(world, &alice.code());
            assert_eq!(played.count("PAM_SUCCESS"), 0, "{played:#?}");
        }
    });
}

#[test]
fn of_96_wrong_codes_in_a_race_as_many_are_looked_at_as_the_throttle_allows() {
    in_world(|world| {
        let mut alice = world.enrol_with_long_codes("alice");
        // Long locks: no machine is so slow that one ends during the race.
        world.configure("[throttle]\nfirst_lock = 900\n");
        for _ in 0..10 {
            alice.change(|_| {});
            let played = race(world, &alice.wrong_code());
            assert_eq!(played.count("PAM_SUCCESS"), 0, "{played:#?}");
            assert_eq!(wrong_in_a_row(world), 5, "{played:#?}");
            // The fifth brings the lock and is not called wrong.
            assert_eq!(played.times_said("is wrong"), 4, "{played:#?}");
        }
    });
}

#[test]
fn every_wrong_code_of_a_race_is_counted_and_told_of() {
    in_world(|world| {
        let alice = world.enrol_with_long_codes("alice");
        world.configure("[throttle]\nattempts = 100\n");
        let played = race(world, &alice.wrong_code());
        assert_eq!(played.count("PAM_SUCCESS"), 0, "{played:#?}");
        let counted = played.times_said("is wrong");
        let all = wrong_in_a_row(world);
        assert_eq!(counted, usize::try_from(all).unwrap(), "{played:#?}");
        let at_last = world.sign_in("alice", [alice.code()], "PAM_SUCCESS");
        let told = &at_last.texts()[1];
        let all = format!("{all} wrong codes since your last sign-in");
        assert!(told.starts_with(&all), "{told}");
    });
}

/// Lets 32 sign-ins of alice give the same answer to each of three prompts.
fn race(world: &World, answer: &str) -> Played {
    let host = PamHost::new(world, "alice").option(&format!("--at-once={RACERS}"));
    let played = host.answers([answer; 3]).play();
    assert_eq!(played.results().len(), RACERS, "{played:#?}");
    played
}

fn must_have_one_winner(played: &Played) {
    assert_eq!(played.count("PAM_SUCCESS"), 1, "{played:#?}");
    // On a machine that is very busy, one may not have had the lock in time.
    let refused = played.count("PAM_AUTH_ERR") + played.count("PAM_AUTHINFO_UNAVAIL");
    assert_eq!(refused, RACERS - 1, "{played:#?}");
}

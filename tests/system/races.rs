//! Sign-ins that are all at the prompt before any of them is answered.

use antiphon_core::state::SlotPair;
use antiphon_tests::{PamHost, Played, World, in_world};

/// Sign-ins in a race.
const RACERS: usize = 32;
const ROUNDS: usize = 100;

#[test]
fn a_code_is_accepted_once_in_each_of_100_races_of_32_sign_ins() {
    in_world(|world| {
        let mut alice = world.enrol("alice");
        alice.set_period(300);
        for round in 0..ROUNDS {
            alice.change(|_| {});
            let played = race(world, &[(); 3].map(|()| alice.code()));
            must_have_one_winner(&played, round);
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
            let played = race(world, &[(); 3].map(|()| code.clone()));
            must_have_one_winner(&played, round);
        }
    });
}

#[test]
fn a_state_that_was_lost_before_32_sign_ins_race_accepts_none_of_them() {
    in_world(|world| {
        let mut alice = world.enrol("alice");
        alice.set_period(300);
        for _ in 0..10 {
            alice.change(|_| {});
            std::fs::remove_file(world.state_path("alice")).unwrap();
            let played = race(world, &[(); 3].map(|()| alice.code()));
            assert_eq!(count(&played, "PAM_SUCCESS"), 0, "{played:#?}");
        }
    });
}

#[test]
fn of_96_wrong_codes_in_a_race_as_many_are_looked_at_as_the_throttle_allows() {
    in_world(|world| {
        let mut alice = world.enrol("alice");
        alice.set_period(300);
        // Long locks: no machine is so slow that one ends during the race.
        world.configure("[throttle]\nfirst_lock = 900\n");
        for _ in 0..10 {
            alice.change(|_| {});
            let played = race(world, &[(); 3].map(|()| alice.wrong_code()));
            assert_eq!(count(&played, "PAM_SUCCESS"), 0, "{played:#?}");
            assert_eq!(wrong_in_a_row(world), 5, "{played:#?}");
            // The fifth brings the lock and is not called wrong.
            assert_eq!(told_to_be_wrong(&played), 4, "{played:#?}");
        }
    });
}

#[test]
fn every_wrong_code_of_a_race_is_counted_and_told_of() {
    in_world(|world| {
        let mut alice = world.enrol("alice");
        alice.set_period(300);
        world.configure("[throttle]\nattempts = 100\n");
        let played = race(world, &[(); 3].map(|()| alice.wrong_code()));
        assert_eq!(count(&played, "PAM_SUCCESS"), 0, "{played:#?}");
        let counted = told_to_be_wrong(&played);
        assert_eq!(wrong_in_a_row(world), counted, "{played:#?}");
        let at_last = PamHost::new(world, "alice").answer(alice.code()).play();
        assert_eq!(at_last.result(), "PAM_SUCCESS");
        let told = &at_last.said()[1].text;
        let all = format!("{counted} wrong codes since your last sign-in");
        assert!(told.starts_with(&all), "{told}");
    });
}

/// Lets 32 sign-ins of alice give the same answers.
fn race(world: &World, answers: &[String]) -> Played {
    let host = PamHost::new(world, "alice").option(&format!("--at-once={RACERS}"));
    let played = answers.iter().fold(host, PamHost::answer).play();
    assert_eq!(played.results().len(), RACERS, "{played:#?}");
    played
}

fn must_have_one_winner(played: &Played, round: usize) {
    let won = count(played, "PAM_SUCCESS");
    assert_eq!(won, 1, "round {round}: {played:#?}");
    // On a machine that is very busy, one may not have had the lock in time.
    let refused = count(played, "PAM_AUTH_ERR") + count(played, "PAM_AUTHINFO_UNAVAIL");
    assert_eq!(refused, RACERS - 1, "round {round}: {played:#?}");
}

fn count(played: &Played, result: &str) -> usize {
    played
        .results()
        .iter()
        .filter(|got| **got == result)
        .count()
}

fn told_to_be_wrong(played: &Played) -> usize {
    played
        .said()
        .iter()
        .filter(|said| said.text.contains("is wrong"))
        .count()
}

fn wrong_in_a_row(world: &World) -> usize {
    let slots = SlotPair::decode(&world.state("alice").unwrap()).unwrap();
    let wrong = slots.state.unwrap().wrong_in_a_row();
    usize::try_from(wrong).unwrap()
}

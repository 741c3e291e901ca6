//! What status and check say of clocks that are apart.

use antiphon_tests::{Enrolled, PamHost, World, in_world};

use crate::command::antiphon;
use crate::fix::status;

/// Somebody with codes of 300 s, whose app is 15 minutes ahead: to one step, which may end meanwhile.
fn with_app_ahead(world: &World, name: &str) -> Enrolled {
    let mut enrolled = world.enrol(name);
    enrolled.set_period(300);
    let played = PamHost::new(world, name).answer(enrolled.code_in(3)).play();
    assert_ne!(played.result(), "PAM_SUCCESS", "{played:#?}");
    enrolled
}

#[test]
fn status_says_by_how_much_the_clock_of_the_app_was_ahead_and_when() {
    in_world(|world| {
        let alice = with_app_ahead(world, "alice");
        let skew = status(world)["skew"].clone();
        let seconds = skew["seconds"].as_i64().unwrap();
        assert!([600, 900].contains(&seconds), "{skew}");
        assert_eq!(skew["refused"], true);
        let seen = skew["seen"].as_str().unwrap();
        let words = format!(
            "the clock of the app was {seconds} s ahead, seen {} UTC",
            seen.trim_end_matches('Z').replace('T', " ")
        );
        antiphon(world, "status").done().says(&words);
        // A code of the present says that they agree.
        let played = PamHost::new(world, "alice").answer(alice.code()).play();
        assert_eq!(played.result(), "PAM_SUCCESS", "{played:#?}");
        assert_eq!(status(world)["skew"]["refused"], false);
    });
}

#[test]
fn where_most_apps_say_the_same_check_says_that_this_computers_clock_is_off() {
    const WORDS: &str = "fault    this computer's clock is about ";
    in_world(|world| {
        let _alice = with_app_ahead(world, "alice");
        // One app may be wrong itself.
        antiphon(world, "check")
            .done()
            .says_no("this computer's clock");
        let bob = with_app_ahead(world, "bob");
        let said = antiphon(world, "check").exits(78);
        let line = said.out.lines().find(|line| line.starts_with(WORDS));
        let line = line.unwrap_or_else(|| panic!("{said:#?}"));
        for part in [
            "00 s behind",
            "2 of 2 people",
            "chronyc makestep",
            "run: timedatectl ",
        ] {
            assert!(line.contains(part), "no {part:?} in {line}");
        }
        // As soon as it is right, they show it.
        let played = PamHost::new(world, "bob").answer(bob.code()).play();
        assert_eq!(played.result(), "PAM_SUCCESS", "{played:#?}");
        antiphon(world, "check").done();
    });
}

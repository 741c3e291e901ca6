//! `antiphon status --prometheus`: figures that Prometheus understands, of everything that can be read.

use antiphon_core::activity::Event;
use antiphon_core::time::UnixTime;
use antiphon_tests::{PamHost, World, in_world};

use crate::command::{antiphon, enroll, sh, signs_in};

fn figures(world: &World) -> String {
    antiphon(world, "status --prometheus").done().out
}

/// Holds that this is a line of it.
#[track_caller]
fn assert_has(figures: &str, line: &str) {
    assert!(
        figures.lines().any(|found| found == line),
        "no {line} in {figures}"
    );
}

#[test]
fn people_and_sign_ins_are_counted_and_nobody_is_named() {
    in_world(|world| {
        let alice = enroll(world, "alice");
        enroll(world, "bob");
        assert!(signs_in(world, &alice.code(), 0));
        PamHost::new(world, "alice")
            .answers(["000000"; 3])
            .ends("PAM_AUTH_ERR");
        let old = Event {
            time: UnixTime(0).to_string(),
            outcome: "accepted".into(),
            service: "sshd".into(),
            ..Event::default()
        };
        world.happened("alice", &old);
        let figures = figures(world);
        for line in [
            "antiphon_people_enrolled 2",
            "antiphon_people_with{way=\"code\"} 2",
            "antiphon_people_with{way=\"phone\"} 0",
            "antiphon_people_with{way=\"account\"} 0",
            "antiphon_people_locked{until=\"time\"} 0",
            "antiphon_people_unusable 0",
            "antiphon_people_few_recovery_codes 0",
            "antiphon_sign_ins_last_day{outcome=\"accepted\"} 1",
            "antiphon_sign_ins_last_day{outcome=\"wrong\"} 1",
            "antiphon_configuration_usable 1",
        ] {
            assert_has(&figures, line);
        }
        for name in ["alice", "bob", antiphon_tests::HOST] {
            assert!(!figures.contains(name), "{name} in {figures}");
        }
        assert!(figures.ends_with('\n'));
    });
}

#[test]
fn locked_and_unusable_people_are_counted() {
    in_world(|world| {
        world.configure("[throttle]\nattempts = 2\nfirst_lock = 3600\nlongest_lock = 3600\n");
        enroll(world, "alice");
        enroll(world, "bob");
        for _ in 0..3 {
            signs_in(world, "000000", 0);
        }
        sh("echo rubbish >/etc/antiphon/users/bob.toml");
        let figures = figures(world);
        assert_has(&figures, "antiphon_people_locked{until=\"time\"} 1");
        assert_has(&figures, "antiphon_people_unusable 1");
        assert_has(&figures, "antiphon_people_enrolled 1");
    });
}

#[test]
fn a_broken_configuration_is_a_figure_and_no_failure() {
    in_world(|world| {
        world.configure("mode = [");
        let figures = figures(world);
        assert_has(&figures, "antiphon_configuration_usable 0");
        let faults = figures
            .lines()
            .find_map(|line| line.strip_prefix("antiphon_findings{severity=\"fault\"} "));
        assert!(faults.unwrap().parse::<u32>().unwrap() > 0);
    });
}

#[test]
fn figures_are_roots_and_of_everybody() {
    in_world(|world| {
        antiphon(world, "status alice --prometheus").exits(64);
        antiphon(world, "status --prometheus --json").exits(64);
    });
}

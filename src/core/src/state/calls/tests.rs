use crate::config::Config;
use crate::method::Method;
use crate::origin::Origin;
use crate::state::{Pause, Quiet, State};
use crate::time::UnixTime;

const NOW: UnixTime = UnixTime(1_795_377_600);
const HOME: Origin<'_> = Origin {
    remote_host: "203.0.113.5",
    terminal: "",
    caller: "",
};
const ELSEWHERE: Origin<'_> = Origin {
    remote_host: "198.51.100.7",
    terminal: "",
    caller: "",
};

#[test]
fn calls_from_usual_origins_and_from_all_others_have_a_budget_each() {
    let config = Config::default();
    let mut state = State::empty();
    assert_eq!(state.is_familiar(HOME, NOW), None);
    state.signed_in(Method::Code, HOME, NOW);
    assert_eq!(state.is_familiar(HOME, NOW), Some(true));
    assert_eq!(state.is_familiar(ELSEWHERE, NOW), Some(false));
    for second in 0..3 {
        assert_eq!(
            state.allows_push(&config, ELSEWHERE, NOW.plus(second)),
            Ok(())
        );
        state.count_push(&config, ELSEWHERE, NOW.plus(second));
    }
    let too_often = Pause {
        why: Quiet::TooOften,
        since: NOW,
        until: NOW.plus(300),
    };
    let now = NOW.plus(3);
    assert_eq!(state.allows_push(&config, ELSEWHERE, now), Err(too_often));
    assert_eq!(state.allows_push(&config, HOME, now), Ok(()));
    let pauses = state.pauses(&config, now);
    assert_eq!(pauses.len(), 1);
    assert_eq!(
        (pauses[0].pause, pauses[0].usual_origin),
        (too_often, false)
    );
    state.uncount_push(ELSEWHERE, NOW.plus(2), now);
    assert_eq!(state.allows_push(&config, ELSEWHERE, now), Ok(()));
    state.report(HOME, now);
    let reported = Pause {
        why: Quiet::Reported,
        since: now,
        until: now.plus(900),
    };
    assert_eq!(state.allows_push(&config, HOME, now), Err(reported));
    assert_eq!(state.allows_push(&config, ELSEWHERE, now), Ok(()));
    let pauses = state.pauses(&config, now);
    assert_eq!(pauses.len(), 1);
    assert_eq!((pauses[0].pause, pauses[0].usual_origin), (reported, true));
}

#[test]
fn who_takes_a_report_back_does_so_everywhere_and_of_that_report_alone() {
    let config = Config::default();
    let mut state = State::empty();
    state.signed_in(Method::Code, HOME, NOW);
    for origin in [HOME, ELSEWHERE] {
        state.report(origin, NOW);
    }
    state.take_report_back(NOW.plus(1));
    assert_eq!(state.pauses(&config, NOW).len(), 2);
    state.take_report_back(NOW);
    assert_eq!(state.pauses(&config, NOW), []);
}

#[test]
fn another_factor_than_the_phone_ends_its_pauses_and_an_approval_only_what_nobody_answered() {
    let config = Config::default();
    for (method, left) in [(Method::Code, 0), (Method::Approval, 2)] {
        let mut state = State::empty();
        state.signed_in(Method::Code, HOME, NOW);
        for origin in [HOME, ELSEWHERE] {
            state.report(origin, NOW);
        }
        state.signed_in(method, HOME, NOW);
        assert_eq!(state.pauses(&config, NOW).len(), left, "{method:?}");
    }
    let mut state = State::empty();
    state.signed_in(Method::Code, HOME, NOW);
    let mut now = NOW;
    for _ in 0..10 {
        now = now.plus(200);
        for origin in [HOME, ELSEWHERE] {
            state.count_push(&config, origin, now);
        }
    }
    let whys: Vec<Quiet> = state
        .pauses(&config, now)
        .iter()
        .map(|paused| paused.pause.why)
        .collect();
    assert_eq!(whys, [Quiet::Unanswered; 2]);
    state.signed_in(Method::Approval, HOME, now);
    assert_eq!(state.pauses(&config, now), []);
}

#[test]
fn an_approved_call_is_none_of_the_three_at_its_origin() {
    let config = Config::default();
    let mut state = State::empty();
    state.signed_in(Method::Code, HOME, NOW);
    for second in 0..3 {
        state.count_push(&config, HOME, NOW.plus(second));
        state.count_push(&config, ELSEWHERE, NOW.plus(second));
    }
    state.approved(HOME, NOW.plus(3));
    assert_eq!(state.allows_push(&config, HOME, NOW.plus(3)), Ok(()));
    assert!(state.allows_push(&config, ELSEWHERE, NOW.plus(3)).is_err());
}

#[test]
fn only_the_console_is_where_nobody_is_named_and_what_nobody_knows_is_familiar_to_none() {
    let of = |terminal| Origin {
        terminal,
        ..Origin::default()
    };
    let (console, display) = (of("/dev/tty1"), of(":0"));
    let unknown = [of(""), of("/dev/pts/7"), of("ttyS0"), of("ftp")];
    let config = Config::default();
    let mut state = State::empty();
    for origin in unknown {
        state.signed_in(Method::Code, origin, NOW);
        assert_eq!(state.is_familiar(console, NOW), None, "{origin:?}");
    }
    state.signed_in(Method::Code, console, NOW);
    assert_eq!(state.is_familiar(display, NOW), Some(true));
    for origin in unknown {
        state.signed_in(Method::Code, origin, NOW);
        assert_eq!(state.is_familiar(origin, NOW), Some(false), "{origin:?}");
    }
    for origin in unknown {
        state.count_push(&config, origin, NOW);
    }
    // Nor do calls from there use up those of the console.
    assert!(state.allows_push(&config, unknown[0], NOW).is_err());
    assert_eq!(state.allows_push(&config, console, NOW), Ok(()));
}

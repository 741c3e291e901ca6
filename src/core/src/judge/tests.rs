//! Verdict, count and message for each kind of answer.

use super::{Expected, Subject, Verdict, judge};
use crate::answer::Answer;
use crate::code::{code_at, step_at};
use crate::config::Config;
use crate::language::Language;
use crate::name::UserName;
use crate::origin::Origin;
use crate::record::{CodeSecret, Record};
use crate::recovery::{RecoveryCode, hashes_of};
use crate::state::{Gate, State};
use crate::text::Text;
use crate::time::UnixTime;

mod once;

const NOW: UnixTime = UnixTime(1_795_377_600);

const HERE: Origin<'_> = Origin {
    remote_host: "203.0.113.5",
    terminal: "ssh",
    caller: "",
};
const ELSEWHERE: Origin<'_> = Origin {
    remote_host: "198.51.100.7",
    ..HERE
};

fn wrong_code(gate: Gate) -> Verdict {
    Verdict::WrongCode { gate, skew: None }
}

/// One person, and a state that is carried on from one judgement to the next.
struct Desk {
    record: Record,
    config: Config,
    state: State,
}

impl Desk {
    fn enrolled() -> Self {
        let mut record = Record::new(&UserName::new("alice").unwrap());
        record.code = Some(CodeSecret::usual(*b"12345678901234567890"));
        let codes: Vec<_> = (0..10).map(|n| RecoveryCode::new([n; 10])).collect();
        record.recovery = Some(hashes_of(&codes, [7; 16]));
        let state = State::enrolled(&record, None);
        Self {
            record,
            config: Config::default(),
            state,
        }
    }

    fn code(&self, at: UnixTime) -> String {
        code_at(self.record.code.as_ref().unwrap(), at).to_string()
    }

    fn wrong_code(&self, now: UnixTime) -> String {
        let right: Vec<_> = (0..=4)
            .map(|n| self.code(UnixTime(now.0 + 30 * n - 60)))
            .collect();
        (0..1_000_000)
            .map(|n| format!("{n:06}"))
            .find(|code| !right.contains(code))
            .unwrap()
    }

    fn answer(&mut self, typed: &str, now: UnixTime) -> Verdict {
        let subject = Subject {
            record: &self.record,
            config: &self.config,
            service: "sshd",
            origin: HERE,
        };
        let digits = self.record.code.as_ref().map(CodeSecret::digits);
        self.state.settle(&self.record, &self.config, now, true);
        let judgement = judge(
            &Answer::parse(typed.as_bytes(), digits),
            Expected::App,
            subject,
            &self.state,
            now,
        );
        if let Some(next) = judgement.next {
            self.state = next;
        } else {
            assert!(!matches!(
                judgement.verdict,
                Verdict::Accepted(_) | Verdict::WrongCode { .. }
            ));
        }
        judgement.verdict
    }

    fn accepts(&mut self, typed: &str, now: UnixTime) -> bool {
        matches!(self.answer(typed, now), Verdict::Accepted(_))
    }
}

#[test]
fn a_right_code_is_accepted_once() {
    let mut desk = Desk::enrolled();
    let code = desk.code(NOW);
    assert!(desk.accepts(&code, NOW));
    for later in 0..120 {
        assert!(!desk.accepts(&code, NOW.plus(later)), "{later} s later");
    }
}

#[test]
fn a_used_code_is_said_to_be_used_and_when_the_next_one_comes() {
    let mut desk = Desk::enrolled();
    let code = desk.code(NOW);
    assert!(desk.accepts(&code, NOW.plus(18)));
    assert_eq!(
        desk.answer(&code, NOW.plus(18)),
        Verdict::UsedCode { next_in: 12 }
    );
    assert_eq!(desk.state.wrong_in_a_row(), 0);
}

#[test]
fn whoever_types_a_used_code_is_never_told_to_wait_for_one_that_is_there_or_used_too() {
    let mut desk = Desk::enrolled();
    let (used, newer) = (desk.code(NOW), desk.code(NOW.plus(30)));
    assert!(desk.accepts(&used, NOW.plus(29)));
    // The app already shows the next code, and it is valid.
    let verdict = desk.answer(&used, NOW.plus(31));
    assert_eq!(verdict, Verdict::UsedCode { next_in: 0 });
    for language in [Language::English, Language::Swedish] {
        for text in [Text::UsedCode(0), Text::UseUnknown(0)] {
            let said = text.in_language(language);
            assert!(!said.contains("0 s"), "{said}");
        }
    }
    assert!(desk.accepts(&newer, NOW.plus(31)));

    // A step accepted while the clock ran ahead is not offered as the next one.
    let mut desk = Desk::enrolled();
    let (before, ahead) = (NOW.plus(2970), NOW.plus(3000));
    assert!(desk.accepts(&desk.code(ahead), ahead));
    desk.state.unlock(&desk.record, &desk.config, NOW);
    assert!(desk.accepts(&desk.code(before), before));
    let verdict = desk.answer(&desk.code(before), before);
    assert_eq!(verdict, Verdict::UsedCode { next_in: 60 });
}

#[test]
fn a_code_before_an_accepted_one_is_refused() {
    let mut desk = Desk::enrolled();
    let (older, newer) = (desk.code(NOW), desk.code(NOW.plus(30)));
    assert!(desk.accepts(&newer, NOW));
    assert!(matches!(desk.answer(&older, NOW), Verdict::UsedCode { .. }));
}

#[test]
fn a_code_from_two_steps_ago_or_ahead_is_wrong() {
    for distance in [-60_i64, 60] {
        let mut desk = Desk::enrolled();
        let code = desk.code(UnixTime(NOW.0.saturating_add_signed(distance)));
        let verdict = desk.answer(&code, NOW);
        assert!(
            matches!(
                verdict,
                Verdict::WrongCode {
                    gate: Gate::Open,
                    ..
                }
            ),
            "{verdict:?}"
        );
    }
}

#[test]
fn setting_the_clock_back_replays_nothing() {
    let mut desk = Desk::enrolled();
    let codes: Vec<_> = (0..10).map(|n| desk.code(NOW.plus(30 * n))).collect();
    for (n, code) in (0..).zip(&codes) {
        assert!(desk.accepts(code, NOW.plus(30 * n)));
    }
    for (n, code) in (0..).zip(&codes) {
        assert!(!desk.accepts(code, NOW.plus(30 * n)));
    }
}

#[test]
fn a_clock_that_ran_far_ahead_and_came_back_is_named_and_unlock_fixes_it_without_a_replay() {
    let mut desk = Desk::enrolled();
    let year = UnixTime(NOW.0 + 365 * 86_400);
    let (future, present) = (desk.code(year), desk.code(NOW));
    assert!(desk.accepts(&present, NOW));
    assert!(desk.accepts(&future, year));
    let second = NOW.plus(30);
    let code = desk.code(second);
    assert!(matches!(
        desk.answer(&code, second),
        Verdict::ClockWasAhead { .. }
    ));
    desk.state.unlock(&desk.record, &desk.config, second);
    assert!(!desk.accepts(&present, NOW) && !desk.accepts(&code, second));
    let later = second.plus(60);
    let code = desk.code(later);
    assert!(desk.accepts(&code, later));
}

#[test]
fn a_code_that_was_accepted_in_a_future_is_not_accepted_when_that_future_comes() {
    let mut desk = Desk::enrolled();
    let day = NOW.plus(86_400);
    let codes: Vec<_> = (0..4).map(|n| desk.code(day.plus(30 * n))).collect();
    for (n, code) in (0..).zip(&codes) {
        assert!(desk.accepts(code, day.plus(30 * n)));
    }
    desk.state.unlock(&desk.record, &desk.config, NOW);
    let later = NOW.plus(60);
    let code = desk.code(later);
    assert!(desk.accepts(&code, later));
    for (n, code) in (0..).zip(&codes) {
        assert!(!desk.accepts(code, day.plus(30 * n)));
    }
    let after = day.plus(120);
    let code = desk.code(after);
    assert!(desk.accepts(&code, after));
}

#[test]
fn an_unlock_in_ordinary_times_makes_no_code_usable_again() {
    let mut desk = Desk::enrolled();
    let code = desk.code(NOW.plus(30));
    assert!(desk.accepts(&code, NOW));
    desk.state.unlock(&desk.record, &desk.config, NOW);
    assert!(!desk.accepts(&code, NOW));
}

#[test]
fn empty_and_malformed_answers_change_nothing() {
    let mut desk = Desk::enrolled();
    let before = desk.state.clone();
    for _ in 0..200 {
        assert_eq!(desk.answer("", NOW), Verdict::Empty);
        assert_eq!(desk.answer("12345", NOW), Verdict::Malformed);
        assert_eq!(desk.answer("１２３４５６", NOW), Verdict::Malformed);
        assert_eq!(desk.answer("123456\0", NOW), Verdict::Malformed);
    }
    assert_eq!(desk.state, before);
}

#[test]
fn while_locked_a_right_code_is_not_looked_at_and_is_still_good_afterwards() {
    let mut desk = Desk::enrolled();
    let wrong = desk.wrong_code(NOW);
    for _ in 0..4 {
        assert_eq!(desk.answer(&wrong, NOW), wrong_code(Gate::Open));
    }
    let until = Gate::LockedUntil(NOW.plus(30));
    assert_eq!(desk.answer(&wrong, NOW), wrong_code(until));
    let before = desk.state.clone();
    let code = desk.code(NOW.plus(30));
    assert_eq!(desk.answer(&code, NOW.plus(29)), Verdict::Locked(until));
    assert_eq!(desk.answer(&wrong, NOW.plus(29)), Verdict::Locked(until));
    assert_eq!(desk.state, before);
    assert!(desk.accepts(&code, NOW.plus(30)));
    assert_eq!(desk.state.wrong_in_a_row(), 0);
}

#[test]
fn the_wrong_codes_since_the_last_sign_in_are_told_once() {
    let mut desk = Desk::enrolled();
    let wrong = desk.wrong_code(NOW);
    desk.answer(&wrong, NOW);
    desk.answer(&wrong, NOW);
    for expected in [2, 0] {
        let later = NOW.plus(60 - 30 * expected);
        let code = desk.code(later);
        let Verdict::Accepted(accepted) = desk.answer(&code, later) else {
            panic!()
        };
        assert_eq!(u64::from(accepted.missed().wrong), expected);
    }
}

#[test]
fn a_fresh_state_refuses_what_could_have_been_used_and_all_recovery_codes() {
    let mut desk = Desk::enrolled();
    desk.state = State::fresh(&desk.record, &desk.config, NOW);
    for at in [NOW, NOW.plus(30)] {
        let code = desk.code(at);
        assert_eq!(desk.answer(&code, NOW), Verdict::UseUnknown { next_in: 60 });
    }
    assert_eq!(
        desk.answer(&RecoveryCode::new([1; 10]).shown(), NOW),
        Verdict::RecoveryClosed
    );
    let later = NOW.plus(60);
    let code = desk.code(later);
    assert!(desk.accepts(&code, later));
    // Root issues new ones.
    desk.state
        .open_recovery(desk.record.recovery.as_ref().unwrap());
    assert!(desk.accepts(&RecoveryCode::new([1; 10]).shown(), later));
}

#[test]
fn another_secret_in_the_record_begins_with_the_fresh_step_rule_and_the_old_one_too_when_it_comes_back()
 {
    let mut desk = Desk::enrolled();
    let old = desk.record.clone();
    let code = desk.code(NOW);
    assert!(desk.accepts(&code, NOW));
    desk.record.code = Some(CodeSecret::usual(*b"09876543210987654321"));
    let other = desk.code(NOW.plus(30));
    assert!(!desk.accepts(&other, NOW));
    desk.record = old;
    assert!(!desk.accepts(&code, NOW));
    let step = step_at(NOW, desk.record.code.as_ref().unwrap());
    assert_eq!(
        desk.state.last_step(desk.record.code.as_ref().unwrap()),
        Some(step + 1)
    );
}

#[test]
fn the_code_that_confirmed_the_enrolment_is_used() {
    let mut desk = Desk::enrolled();
    let code = desk.code(NOW);
    let step = step_at(NOW, desk.record.code.as_ref().unwrap());
    desk.state = State::enrolled(&desk.record, Some(step));
    assert!(!desk.accepts(&code, NOW));
}

#[test]
fn a_code_of_another_time_is_wrong_and_counted_and_says_whose_clock_is_ahead() {
    let mut desk = Desk::enrolled();
    for (seconds, skew) in [
        (90, Some(90)),
        (-600, Some(-600)),
        (600, Some(600)),
        (660, None),
    ] {
        desk.state = State::enrolled(&desk.record, None);
        let code = desk.code(UnixTime(NOW.0.saturating_add_signed(seconds)));
        let gate = Gate::Open;
        assert_eq!(desk.answer(&code, NOW), Verdict::WrongCode { gate, skew });
        assert_eq!(desk.state.wrong_in_a_row(), 1);
        assert_eq!(desk.state.skew().map(|skew| skew.seconds), skew);
    }
    let code = desk.code(NOW.plus(30));
    assert!(desk.accepts(&code, NOW));
    assert_eq!(desk.state.skew().unwrap().seconds, 30);
}

#[test]
fn a_stranger_cannot_keep_the_phone_shut_where_its_owner_signs_in() {
    let mut desk = Desk::enrolled();
    let code = desk.code(NOW);
    assert!(desk.accepts(&code, NOW));
    let config = desk.config.clone();
    for second in 0..3 {
        desk.state.count_push(&config, ELSEWHERE, NOW.plus(second));
    }
    desk.state.report(ELSEWHERE, NOW.plus(3));
    let allows = |desk: &Desk, origin, now| desk.state.allows_push(&config, origin, now).is_ok();
    assert!(!allows(&desk, ELSEWHERE, NOW.plus(400)));
    assert!(allows(&desk, HERE, NOW.plus(3)));
    // A report at home pauses home, but not beyond its time.
    desk.state.report(HERE, NOW.plus(4));
    assert!(!allows(&desk, HERE, NOW.plus(5)));
    assert_eq!(desk.state.pauses(&config, NOW.plus(5)).len(), 2);
    // An origin without a recent sign-in is like any other.
    let later = NOW.plus(31 * 24 * 3600);
    desk.state.report(ELSEWHERE, later);
    assert!(!allows(&desk, HERE, later));
}

#[test]
fn another_factor_and_root_end_every_pause_of_the_phone() {
    for by_root in [false, true] {
        let mut desk = Desk::enrolled();
        let config = desk.config.clone();
        for second in 0..10 {
            desk.state.count_push(&config, ELSEWHERE, NOW.plus(second));
        }
        desk.state.report(ELSEWHERE, NOW);
        assert_eq!(desk.state.pauses(&config, NOW.plus(20)).len(), 1);
        if by_root {
            desk.state.unlock(&desk.record, &config, NOW.plus(20));
        } else {
            let code = desk.code(NOW.plus(20));
            assert!(desk.accepts(&code, NOW.plus(20)));
        }
        assert_eq!(desk.state.pauses(&config, NOW.plus(20)), []);
        assert_eq!(
            desk.state.allows_push(&config, ELSEWHERE, NOW.plus(20)),
            Ok(())
        );
    }
}

#[test]
fn wrong_codes_of_a_rehearsal_are_told_and_lock_nothing_and_after_it_they_do() {
    let mut desk = Desk::enrolled();
    desk.config = Config::parse("mode = \"enforce-after-success\"").unwrap();
    let wrong = desk.wrong_code(NOW);
    for _ in 0..20 {
        assert_eq!(desk.answer(&wrong, NOW), wrong_code(Gate::Open));
    }
    assert_eq!(desk.state.missed.wrong, 20);
    // The owner's first right code is taken, whatever others have typed.
    assert!(desk.accepts(&desk.code(NOW), NOW));
    let locked = (0..5).any(|_| desk.answer(&wrong, NOW) != wrong_code(Gate::Open));
    assert!(locked);
}

#[test]
fn so_many_wrong_codes_in_a_rehearsal_as_close_the_way_make_no_code_the_first_success() {
    let mut desk = Desk::enrolled();
    for mode in ["enforce-after-success", "rehearse"] {
        desk.config = Config::parse(&format!("mode = \"{mode}\"")).unwrap();
        desk.state = State::enrolled(&desk.record, None);
        let wrong = desk.wrong_code(NOW);
        for _ in 1..desk.config.throttle.most_in_a_row {
            assert_eq!(desk.answer(&wrong, NOW), wrong_code(Gate::Open), "{mode}");
        }
        assert_eq!(desk.answer(&wrong, NOW), wrong_code(Gate::Closed));
        assert_eq!(
            desk.answer(&desk.code(NOW), NOW),
            Verdict::Locked(Gate::Closed)
        );
        assert!(desk.state.is_untried(&desk.record));
        // What cannot be guessed counts, and what was counted in a rehearsal counts in earnest.
        desk.config = Config::default();
        assert_eq!(
            desk.answer(&desk.code(NOW), NOW),
            Verdict::Locked(Gate::Closed)
        );
    }
}

#[test]
fn whom_a_rehearsal_let_in_is_told_until_a_factor_was_right_however_many_there_are() {
    let mut desk = Desk::enrolled();
    for from in ["192.0.2.1", "192.0.2.2", "192.0.2.3", "bob (pts/0)"] {
        let before = desk.state.count_let_in(from, NOW);
        assert!(before.count == 0 || before.from.len() < 4);
    }
    for _ in 0..1000 {
        desk.state.count_let_in("192.0.2.3", NOW.plus(60));
    }
    // A new enrolment by root tells nobody.
    desk.state = desk.state.renewed(&desk.record, None);
    let told = match desk.answer(&desk.code(NOW), NOW) {
        Verdict::Accepted(accepted) => accepted.let_in().clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(told.count, 1004);
    assert_eq!(told.from, ["192.0.2.2", "bob (pts/0)", "192.0.2.3"]);
    let later = NOW.plus(60).to_string().replace('T', " ");
    assert!(later.starts_with(&told.last_minute()), "{later}");
    assert_eq!(desk.state.let_in().count, 0);
}

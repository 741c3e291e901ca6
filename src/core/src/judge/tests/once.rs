//! Recovery and bypass codes.

use super::{Desk, NOW};
use crate::bypass::BypassCode;
use crate::judge::Verdict;
use crate::method::Method;
use crate::recovery::{RecoveryCode, hashes_of};
use crate::state::{Bypass, Gate};

#[test]
fn a_recovery_code_is_accepted_once_and_opens_what_was_locked() {
    let mut desk = Desk::enrolled();
    desk.config.throttle.most_in_a_row = 5;
    let wrong = desk.wrong_code(NOW);
    for _ in 0..5 {
        desk.answer(&wrong, NOW);
    }
    assert_eq!(
        desk.state.gate(&desk.config, NOW.plus(1_000_000)),
        Gate::Closed
    );
    let recovery = RecoveryCode::new([3; 10]).shown().to_lowercase();
    let Verdict::Accepted(accepted) = desk.answer(&recovery, NOW) else {
        panic!()
    };
    assert_eq!(
        (accepted.method(), accepted.recovery_left()),
        (Method::Recovery, 9)
    );
    assert_eq!(
        (accepted.missed().wrong, accepted.missed().from[0].as_str()),
        (5, "203.0.113.5")
    );
    assert_eq!(desk.answer(&recovery, NOW), Verdict::UsedRecovery);
    assert_eq!(desk.state.gate(&desk.config, NOW), Gate::Open);
}

#[test]
fn there_are_ten_recovery_codes_in_all() {
    let mut desk = Desk::enrolled();
    for left in (0..10_u8).rev() {
        let Verdict::Accepted(accepted) = desk.answer(&RecoveryCode::new([left; 10]).shown(), NOW)
        else {
            panic!()
        };
        assert_eq!(accepted.recovery_left(), u32::from(left));
    }
    for used in 0..10 {
        assert_eq!(
            desk.answer(&RecoveryCode::new([used; 10]).shown(), NOW),
            Verdict::UsedRecovery
        );
    }
    assert_eq!(
        desk.answer(&RecoveryCode::new([10; 10]).shown(), NOW),
        Verdict::WrongRecovery
    );
}

#[test]
fn a_bypass_code_serves_for_its_uses_until_its_end_or_its_withdrawal() {
    let code = BypassCode::new([5; 10]);
    let mut desk = Desk::enrolled();
    assert_eq!(desk.answer(&code.shown(), NOW), Verdict::WrongBypass);
    let granted = Bypass::new(&code, [9; 16], NOW, 3600, 2);
    let other = BypassCode::new([6; 10]);
    for uses in 0..3 {
        desk.state.grant_bypass(granted.clone());
        assert_eq!(desk.answer(&other.shown(), NOW), Verdict::WrongBypass);
        for _ in 0..uses {
            let Verdict::Accepted(accepted) = desk.answer(&code.shown(), NOW) else {
                panic!()
            };
            assert_eq!(accepted.method(), Method::Bypass);
        }
        // Used up, withdrawn, or expired; setting the clock back afterwards revives none of them.
        let when = match uses {
            0 => NOW.plus(3600),
            1 => {
                assert!(desk.state.end_bypass());
                NOW
            }
            _ => NOW,
        };
        for when in [when, NOW, NOW.plus(1)] {
            assert_eq!(desk.answer(&code.shown(), when), Verdict::WrongBypass);
        }
        assert_eq!(desk.state.bypass(NOW), None);
    }
}

#[test]
fn a_bypass_code_is_taken_while_codes_are_locked_and_wrong_ones_lock_nothing() {
    let code = BypassCode::new([5; 10]);
    let mut desk = Desk::enrolled();
    for _ in 0..200 {
        assert_eq!(desk.answer(&code.shown(), NOW), Verdict::WrongBypass);
    }
    assert_eq!(desk.state.gate(&desk.config, NOW), Gate::Open);
    let wrong = desk.wrong_code(NOW);
    for _ in 0..5 {
        desk.answer(&wrong, NOW);
    }
    assert_ne!(desk.state.gate(&desk.config, NOW), Gate::Open);
    desk.state
        .grant_bypass(Bypass::new(&code, [9; 16], NOW, 3600, 1));
    assert_eq!(desk.state.bypass(NOW).map(Bypass::uses), Some(1));
    assert!(matches!(
        desk.answer(&code.shown(), NOW),
        Verdict::Accepted(_)
    ));
    assert_eq!(desk.state.bypass(NOW), None);
}

#[test]
fn a_bypass_code_does_not_outlive_half_of_its_state() {
    let code = BypassCode::new([5; 10]);
    let mut desk = Desk::enrolled();
    desk.state
        .grant_bypass(Bypass::new(&code, [9; 16], NOW, 3600, 9));
    desk.state.settle(&desk.record, &desk.config, NOW, false);
    assert_eq!(desk.answer(&code.shown(), NOW), Verdict::WrongBypass);
}

#[test]
fn other_recovery_codes_in_the_record_are_closed_until_root_opens_them() {
    let mut desk = Desk::enrolled();
    let codes = [RecoveryCode::new([42; 10])];
    desk.record.recovery = Some(hashes_of(&codes, [9; 16]));
    assert_eq!(desk.answer(&codes[0].shown(), NOW), Verdict::RecoveryClosed);
}

#[test]
fn a_used_recovery_code_stays_used_when_the_list_in_the_record_is_edited() {
    let mut desk = Desk::enrolled();
    let used = RecoveryCode::new([1; 10]).shown();
    assert!(desk.accepts(&used, NOW));
    let whole = desk.record.clone();
    let hashes = &mut desk.record.recovery.as_mut().unwrap().hashes;
    // What was at index 1 is now at index 0, which is not marked.
    hashes.remove(0);
    assert_eq!(desk.answer(&used, NOW), Verdict::RecoveryClosed);
    desk.record = whole.clone();
    desk.record.recovery.as_mut().unwrap().hashes.reverse();
    assert_eq!(desk.answer(&used, NOW), Verdict::RecoveryClosed);
    desk.record = whole;
    assert_eq!(desk.answer(&used, NOW), Verdict::UsedRecovery);
    assert!(desk.accepts(&RecoveryCode::new([0; 10]).shown(), NOW));
}

#[test]
fn a_record_without_codes_takes_recovery_codes_only() {
    let mut desk = Desk::enrolled();
    let code = desk.code(NOW);
    desk.record.code = None;
    assert_eq!(desk.answer(&code, NOW), Verdict::Malformed);
    assert!(desk.accepts(&RecoveryCode::new([1; 10]).shown(), NOW));
}

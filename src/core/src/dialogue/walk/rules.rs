//! Rules that hold in every state of a dialogue.

use std::collections::VecDeque;

use zeroize::Zeroizing;

use super::world::World;
use super::{CODE, Doing, Event, LOCKED, NOW, Walk};
use crate::config::Config;
use crate::dialogue::end::{MOST_ANSWERS, MOST_CHOICES, MOST_EARLY};
use crate::dialogue::{Asking, Dialogue, FirstLook, Heard, Step};
use crate::outcome::Outcome;
use crate::refusal::Refusal;
use crate::state::Gate;
use crate::text::{Entry, Language, Text};
use crate::way::Way;

#[test]
fn every_way_through_a_dialogue_ends_and_wherever_it_asks_a_right_answer_can_be_given() {
    let world = World::new();
    let walk = Walk::through(&world, |_, _, _| {});
    println!(
        "{} states, {} transitions",
        walk.spots.len(),
        walk.transitions
    );
    let origins = walk.origins();
    // Termination: repeatedly removing states that lead only to ends leaves nothing.
    let mut left: Vec<usize> = walk.ways.iter().map(Vec::len).collect();
    let mut ended: VecDeque<usize> = (0..left.len()).filter(|spot| left[*spot] == 0).collect();
    let mut gone = 0;
    while let Some(spot) = ended.pop_front() {
        gone += 1;
        for from in &origins[spot] {
            left[*from] -= 1;
            if left[*from] == 0 {
                ended.push_back(*from);
            }
        }
    }
    assert_eq!(gone, walk.spots.len());
    let mut can: Vec<bool> = walk.accepts.clone();
    let mut reached: Vec<usize> = (0..can.len()).filter(|spot| can[*spot]).collect();
    while let Some(spot) = reached.pop() {
        for from in &origins[spot] {
            if !can[*from] {
                can[*from] = true;
                reached.push(*from);
            }
        }
    }
    for (spot, can) in walk.spots.iter().zip(can) {
        assert!(can || spot.doing != Doing::Ask, "{}", spot.describe());
    }
}

#[test]
fn at_most_three_answers_are_judged_choosing_is_none_and_only_a_judge_accepts() {
    let world = World::new();
    Walk::through(&world, |from, event, to| match to {
        Ok(to) => {
            let is_judged = matches!(to.doing, Doing::Judge { .. } | Doing::JudgeAccount);
            let answers = from.dialogue.answers + u32::from(is_judged);
            assert_eq!(to.dialogue.answers, answers, "{}", from.describe());
            let (most, counted) = (
                [MOST_ANSWERS, MOST_EARLY, MOST_CHOICES],
                [to.dialogue.answers, to.dialogue.early, to.dialogue.choices],
            );
            assert!(
                counted
                    .iter()
                    .zip(most)
                    .all(|(counted, most)| *counted <= most)
            );
        }
        Err(end) => {
            let is_accepted = matches!(end.outcome, Outcome::Accepted(_));
            assert_eq!(is_accepted, event == Event::Accepted, "{}", from.describe());
        }
    });
}

#[test]
fn no_phone_is_called_and_nothing_is_sent_that_was_not_chosen_or_is_first() {
    let world = World::new();
    for (dialogue, step) in world.beginnings() {
        let first = dialogue.ways.first().copied();
        let is_first = first.is_some_and(Way::is_approval);
        let called = match step {
            Step::CallPhone => Some(Way::Approval),
            Step::CallAccount(way) => Some(Way::Account(way)),
            _ => None,
        };
        assert_eq!(called, first.filter(|_| is_first && !dialogue.is_blind()));
        assert_eq!(dialogue.is_uncalled(), is_first && dialogue.is_blind());
        assert!(!matches!(step, Step::Send(_)));
    }
    Walk::through(&world, |from, event, to| {
        let Ok(to) = to else { return };
        let line = match event {
            Event::Line(line) => Some(line),
            _ if from.doing == Doing::HearApproval => {
                from.dialogue.typed.as_ref().and_then(|typed| typed.line)
            }
            _ => None,
        };
        let chosen = line.and_then(|line| from.lines().get(line).copied());
        match to.doing {
            Doing::CallPhone => assert_eq!(
                chosen,
                Some(Entry::Way(Way::Approval)),
                "{}",
                from.describe()
            ),
            Doing::CallAccount => assert_eq!(
                chosen,
                Some(Entry::Way(Way::Account(world.account()))),
                "{}",
                from.describe()
            ),
            Doing::Send => assert!(
                matches!(chosen, Some(Entry::Way(Way::Telephone(..)))),
                "{}",
                from.describe()
            ),
            _ => {}
        }
    });
}

#[test]
fn a_question_mark_shows_the_list_and_enter_does_where_the_prompt_tells_of_other_ways() {
    let world = World::new();
    let mut told = [0, 0];
    Walk::through(&world, |from, event, to| {
        let it = &from.dialogue;
        let is_prompt = from.doing == Doing::Ask && it.asking != Asking::Way && !it.is_called();
        let shows = to
            .as_ref()
            .is_ok_and(|to| to.dialogue.asking == Asking::Way);
        // The list may have reached its limit.
        if !is_prompt || it.choices == MOST_CHOICES || it.look.is_rehearsal {
            return;
        }
        match event {
            Event::Typed("?") => assert!(shows, "{}", from.describe()),
            Event::Typed("") => {
                let tells = it
                    .prompt(None, Language::English)
                    .contains("? for other ways");
                assert_eq!(shows, tells, "{}", from.describe());
                told[usize::from(tells)] += 1;
            }
            _ => {}
        }
    });
    assert!(told[0] > 0 && told[1] > 0, "{told:?}");
}

#[test]
fn a_code_that_was_sent_stays_valid_while_the_list_is_shown() {
    let world = World::new();
    let mut seen = 0;
    Walk::through(&world, |from, event, to| {
        let is_list = from.dialogue.asking == Asking::Way && from.dialogue.awaits_sent_code();
        let is_typed = event == Event::Typed(CODE) && !from.dialogue.is_called();
        if from.doing == Doing::Ask && is_list && is_typed {
            let doing = to.as_ref().map(|to| to.doing);
            assert_eq!(
                doing.ok(),
                Some(Doing::Judge {
                    form: CODE,
                    sent: true
                }),
                "{}",
                from.describe()
            );
            seen += 1;
        }
    });
    assert!(seen > 0);
}

#[test]
fn whatever_is_typed_the_phone_is_heard_first_and_who_turns_away_from_it_takes_the_request_back() {
    let world = World::new();
    let mut turned = 0;
    Walk::through(&world, |from, event, to| {
        if matches!(event, Event::Typed(_) | Event::Line(_)) && from.dialogue.is_called() {
            let doing = to.as_ref().map(|to| to.doing);
            assert_eq!(doing.ok(), Some(Doing::HearApproval), "{}", from.describe());
        }
        let Ok(to) = to else { return };
        let turns = matches!(to.dialogue.asking, Asking::Recovery | Asking::Sent);
        if turns || to.doing == Doing::Send {
            assert!(!to.dialogue.is_called(), "{}", from.describe());
            turned += u32::from(from.dialogue.is_called());
        }
    });
    assert!(turned > 0);
}

#[test]
fn check_digits_are_judged_once_the_token_has_come_and_end_its_request_if_they_are_wrong() {
    let world = World::new();
    let mut seen = [0; 3];
    Walk::through(&world, |from, event, to| {
        let it = &from.dialogue;
        let has_typed = it
            .typed
            .as_ref()
            .is_some_and(|typed| typed.check_digits.is_some());
        match (from.doing, event) {
            (Doing::HearApproval, Event::DigitsWanted) => {
                let doing = to.as_ref().map(|to| to.doing).ok();
                let is_judged = doing == Some(Doing::JudgeAccount);
                assert_eq!(is_judged, has_typed, "{}", from.describe());
                seen[0] += 1;
            }
            (Doing::HearApproval, Event::Waits) if has_typed => {
                // Nothing is used up but patience.
                if let Ok(to) = to {
                    let counts = (to.dialogue.answers, to.dialogue.early);
                    let is_there = to.doing == Doing::JudgeAccount;
                    let early = it.early + u32::from(!is_there);
                    assert_eq!(counts, (it.answers + u32::from(is_there), early));
                }
                seen[1] += 1;
            }
            (Doing::JudgeAccount, Event::Failed) => {
                if let Ok(to) = to {
                    assert!(!to.dialogue.is_called(), "{}", from.describe());
                }
                seen[2] += 1;
            }
            _ => {}
        }
    });
    assert!(seen.iter().all(|seen| *seen > 0), "{seen:?}");
}

#[test]
fn another_approval_is_asked_for_only_once_the_open_one_is_withdrawn() {
    let world = World::new();
    let mut changed = 0;
    Walk::through(&world, |from, _, to| {
        let Ok(to) = to else { return };
        if matches!(to.doing, Doing::CallPhone | Doing::CallAccount) {
            assert!(!to.dialogue.is_called(), "{}", from.describe());
            changed += u32::from(from.dialogue.is_called());
        }
    });
    assert!(changed > 0);
}

#[test]
fn a_program_that_answers_by_itself_or_cannot_ask_ends_it_unseen_and_a_person_who_leaves_has_cancelled()
 {
    let world = World::new();
    Walk::through(&world, |from, event, to| {
        let expected = match event {
            Event::Program(why) => (Outcome::Refused(why), true),
            Event::Nobody { at_once: true } if from.dialogue.is_first_prompt() => {
                (Outcome::Refused(Refusal::CannotAsk), true)
            }
            Event::Nobody { .. } => (Outcome::Cancelled, false),
            _ => return,
        };
        let Err(end) = to else {
            panic!("{}", from.describe())
        };
        let (outcome, was_unseen) = expected;
        assert_eq!(format!("{:?}", end.outcome), format!("{outcome:?}"));
        assert_eq!(end.was_unseen, was_unseen);
    });
}

#[test]
fn a_line_of_the_list_is_taken_for_what_it_is_of_a_person_whose_name_is_a_number_too() {
    let World { record, .. } = World::new();
    let rule = "[telephone]\nsms = true\n[service.sudo]\nmethods = [\"sms\"]";
    let config = Config::parse(rule).unwrap();
    let look = FirstLook {
        gate: Gate::Open,
        now: NOW,
        is_blind: false,
        recovery: false,
        bypass: false,
        is_rehearsal: false,
        is_of_fleet: false,
    };
    for (why, is_taken) in [
        (Refusal::NameAnswered, true),
        (Refusal::PasswordAnswered, false),
    ] {
        let (mut dialogue, _) = Dialogue::begin(&record, &config, "sudo", look, false);
        let step = dialogue.next(Heard::Typed {
            typed: Zeroizing::new(b"1".to_vec()),
            by_program: Some(why),
        });
        assert_eq!(matches!(step, Step::Send(_)), is_taken);
    }
}

fn look(gate: Gate, bypass: bool) -> FirstLook {
    FirstLook {
        gate,
        now: NOW,
        is_blind: false,
        recovery: true,
        bypass,
        is_rehearsal: false,
        is_of_fleet: false,
    }
}

#[test]
fn a_rehearsal_is_ended_by_enter_at_every_prompt_without_an_answer_and_nothing_else_changes_in_it()
{
    let world = World::new();
    let mut skipped = 0;
    Walk::through(&world, |from, event, to| {
        let it = &from.dialogue;
        let is_enter = match from.doing {
            Doing::Ask => event == Event::Typed("") && !it.is_called(),
            Doing::HearApproval => {
                matches!(event, Event::Waits | Event::DigitsWanted) && it.typed.is_none()
            }
            _ => false,
        };
        if !is_enter || !it.look.is_rehearsal {
            return;
        }
        let Err(end) = to else {
            panic!("{}", from.describe())
        };
        assert!(
            matches!(end.outcome, Outcome::Refused(_)),
            "{}",
            from.describe()
        );
        assert!(end.last_words.is_none() && !end.was_unseen);
        skipped += 1;
    });
    assert!(skipped > 0);
}

#[test]
fn a_rehearsal_says_so_before_its_first_prompt_and_offers_nobody_to_look_after_methods() {
    let World { record, .. } = World::new();
    let config = Config::default();
    for is_rehearsal in [false, true] {
        let look = FirstLook {
            is_rehearsal,
            ..look(Gate::Open, false)
        };
        let (dialogue, _) = Dialogue::begin(&record, &config, "sudo", look, false);
        let prompt = dialogue.prompt(None, Language::English);
        let said = Text::Rehearsal.in_language(Language::English);
        assert_eq!(prompt.starts_with(&said), is_rehearsal, "{prompt}");
        let is_offered = dialogue.entries().contains(&Entry::Methods);
        assert_eq!(is_offered, !is_rehearsal);
    }
}

#[test]
fn a_lock_closes_what_can_be_guessed_and_nothing_else() {
    let World { record, .. } = World::new();
    let rule = "[telephone]\nsms = true\n";
    let config = Config::parse(rule).unwrap();
    for (gate, open) in [
        (
            Gate::Open,
            ["approval", "code", "sms", "recovery"].as_slice(),
        ),
        (LOCKED, &["approval", "recovery"]),
    ] {
        let (dialogue, _) = Dialogue::begin(&record, &config, "sudo", look(gate, false), false);
        let ways: Vec<&str> = dialogue
            .ways
            .iter()
            .map(|way| way.method().word())
            .collect();
        assert_eq!(ways, open);
    }
}

#[test]
fn where_no_way_is_allowed_it_ends_unasked_unless_root_has_granted_a_code() {
    let World { mut record, .. } = World::new();
    record.phones.clear();
    let config = Config::parse("[service.sudo]\nmethods = [\"approval\"]\n").unwrap();
    for bypass in [false, true] {
        let look = look(Gate::Open, bypass);
        let (_, step) = Dialogue::begin(&record, &config, "sudo", look, false);
        match step {
            Step::End(end) => {
                let refused = Outcome::Refused(Refusal::NoMethodAllowed);
                assert_eq!(format!("{:?}", end.outcome), format!("{refused:?}"));
                assert!(!bypass);
            }
            step => assert!(bypass && matches!(step, Step::Ask)),
        }
    }
}

#[test]
fn who_hangs_up_at_once_at_the_first_prompt_cannot_ask_and_later_has_left() {
    let World { mut record, .. } = World::new();
    record.phones.clear();
    let config = Config::default();
    let ends = |dialogue: &mut Dialogue<'_>| match dialogue.next(Heard::Nobody { at_once: true }) {
        Step::End(end) => format!("{:?}", end.outcome),
        _ => String::new(),
    };
    let begin = || Dialogue::begin(&record, &config, "sudo", look(Gate::Open, false), false).0;
    let mut first = begin();
    assert!(first.is_first_prompt());
    let cannot_ask = Outcome::Refused(Refusal::CannotAsk);
    assert_eq!(ends(&mut first), format!("{cannot_ask:?}"));
    let mut second = begin();
    let typed = Heard::Typed {
        typed: Zeroizing::new(b"?".to_vec()),
        by_program: None,
    };
    assert!(matches!(second.next(typed), Step::Ask));
    assert!(!second.is_first_prompt());
    assert_eq!(ends(&mut second), format!("{:?}", Outcome::Cancelled));
}

#[test]
fn who_cannot_wait_for_both_hears_the_phone_by_enter() {
    let World { record, .. } = World::new();
    let config = Config::default();
    for by_enter in [false, true] {
        let look = look(Gate::Open, false);
        let (mut dialogue, _) = Dialogue::begin(&record, &config, "sudo", look, by_enter);
        assert_eq!(dialogue.by_enter(), by_enter);
        dialogue.hear_by_enter();
        assert!(dialogue.by_enter());
    }
}

#[test]
fn who_is_locked_is_told_so_at_the_first_prompt_alone() {
    let World { mut record, .. } = World::new();
    record.phones.clear();
    let config = Config::default();
    for (gate, is_told) in [(Gate::Open, false), (LOCKED, true)] {
        let (mut dialogue, _) = Dialogue::begin(&record, &config, "sudo", look(gate, true), false);
        assert_eq!(dialogue.said.is_some(), is_told);
        let typed = Heard::Typed {
            typed: Zeroizing::new(b"?".to_vec()),
            by_program: None,
        };
        assert!(matches!(dialogue.next(typed), Step::Ask));
        assert!(dialogue.said.is_none());
    }
}

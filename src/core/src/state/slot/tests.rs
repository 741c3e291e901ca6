use super::{
    FILE_LENGTH, PAYLOAD, SINCE_VERSION_3, SINCE_VERSION_4, SLOT_LENGTH, SlotPair, StateError,
    checksum_of,
};
use crate::base64url;
use crate::method::Method;
use crate::name::UserName;
use crate::origin::Origin;
use crate::record::{CodeSecret, Record};
use crate::state::tests::VERSION_3;
use crate::state::{Missed, State, UsedRecovery};
use crate::tag::Tag;
use crate::time::UnixTime;

fn state(wrong: u32) -> State {
    State {
        missed: Missed {
            wrong,
            from: vec!["203.0.113.5".into()],
        },
        ..State::empty()
    }
}

fn file(wrong: u32) -> Vec<u8> {
    SlotPair::decode(&[])
        .unwrap()
        .encode_file(&state(wrong))
        .unwrap()
}

fn written_over(file: &[u8], with: u32) -> Vec<u8> {
    let (offset, slot) = SlotPair::decode(file)
        .unwrap()
        .encode_next(&state(with))
        .unwrap();
    let mut file = file.to_vec();
    file[offset..offset + SLOT_LENGTH].copy_from_slice(&slot);
    file
}

#[test]
fn the_newest_good_slot_is_the_state_write_after_write() {
    let mut bytes = file(0);
    assert_eq!(bytes.len(), FILE_LENGTH);
    for wrong in 1..20 {
        bytes = written_over(&bytes, wrong);
        let pair = SlotPair::decode(&bytes).unwrap();
        assert_eq!((pair.state, pair.whole), (Some(state(wrong)), true));
    }
}

#[test]
fn what_was_read_once_goes_on_as_if_it_were_read_after_each_write() {
    let mut bytes = file(0);
    let mut pair = SlotPair::decode(&bytes).unwrap();
    for wrong in 1..5 {
        let (offset, slot) = pair.encode_next(&state(wrong)).unwrap();
        bytes[offset..offset + SLOT_LENGTH].copy_from_slice(&slot);
        pair.advance();
        let read = SlotPair::decode(&bytes).unwrap();
        assert_eq!((pair.sequence, pair.next), (read.sequence, read.next));
        assert_eq!(read.state, Some(state(wrong)));
    }
}

#[test]
fn a_state_may_fill_its_slot_to_the_last_byte_and_no_more() {
    let of_length = |length: usize| {
        let mut state = state(1);
        state.missed.from = vec!["x".repeat(length)];
        state
    };
    // A string of more than 127 bytes has two bytes of length.
    let around = postcard::to_allocvec(&of_length(128)).unwrap().len() - 128;
    let most = SLOT_LENGTH - PAYLOAD - around;
    let pair = SlotPair::nothing();
    let (_, slot) = pair.encode_next(&of_length(most)).unwrap();
    assert_eq!(slot.len(), SLOT_LENGTH);
    for too_long in [most + 1, SLOT_LENGTH, 2 * SLOT_LENGTH] {
        let error = pair.encode_next(&of_length(too_long)).unwrap_err();
        assert_eq!(error, StateError::TooLarge);
    }
}

#[test]
fn what_is_not_known_is_named() {
    let said = StateError::Version(9).to_string();
    assert_eq!(said, "the state's version 9 is not known here");
}

#[test]
fn a_write_torn_at_any_byte_leaves_the_state_before_it_and_is_noticed() {
    let before = written_over(&file(1), 2);
    let after = written_over(&before, 3);
    let torn_slot = before.iter().zip(&after).position(|(a, b)| a != b).unwrap() / SLOT_LENGTH;
    for torn_at in torn_slot * SLOT_LENGTH..(torn_slot + 1) * SLOT_LENGTH {
        let mut torn = after[..torn_at].to_vec();
        torn.extend_from_slice(&before[torn_at..]);
        let pair = SlotPair::decode(&torn).unwrap();
        if torn == after {
            assert_eq!(pair.state, Some(state(3)));
        } else if torn != before {
            assert_eq!(
                (pair.state, pair.whole),
                (Some(state(2)), false),
                "{torn_at}"
            );
            assert_eq!(pair.next, torn_slot, "the good slot is never written over");
        }
    }
}

#[test]
fn a_file_cut_off_anywhere_is_never_whole() {
    let bytes = written_over(&file(1), 2);
    for length in 0..FILE_LENGTH {
        assert!(
            !SlotPair::decode(&bytes[..length]).unwrap().whole,
            "{length}"
        );
    }
    assert_eq!(SlotPair::decode(&bytes[..PAYLOAD]).unwrap().state, None);
}

#[test]
fn no_flipped_bit_goes_unnoticed() {
    let bytes = file(7);
    let payload = postcard::to_allocvec(&state(7)).unwrap();
    for bit in 0..(PAYLOAD + payload.len()) * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let pair = SlotPair::decode(&flipped).unwrap();
        assert!(!pair.whole && pair.state == Some(state(7)), "bit {bit}");
    }
}

#[test]
fn both_slots_bad_is_no_state_and_a_sound_slot_of_another_version_is_an_error() {
    assert_eq!(SlotPair::decode(&[0; FILE_LENGTH]).unwrap().state, None);
    for other in [0, 6] {
        let later = SlotPair::decode(&of_version(other));
        assert_eq!(later, Err(StateError::Version(other.into())));
    }
}

#[test]
fn a_state_of_an_earlier_version_is_carried_over() {
    let text = r#"{"code":null,"recovery":null,"throttle":{"in_a_row":0,"lock":null},"missed":{"wrong":1,"from":["203.0.113.5"]},"push":{"sent":[],"unanswered":0,"reported":null},"passkeys":[]}"#;
    for version in [1, 2] {
        let mut bytes = Vec::new();
        for sequence in [1, 2] {
            bytes.extend(slot_of(version, sequence, text.as_bytes()));
        }
        let before = SlotPair::decode(&bytes).unwrap();
        assert_eq!((before.state, before.whole), (Some(state(1)), true));
        // The next write has the current version, and the other slot is still valid.
        let after = SlotPair::decode(&written_over(&bytes, 2)).unwrap();
        assert_eq!((after.state, after.whole), (Some(state(2)), true));
    }
}

/// A sound slot.
fn slot_of(version: u8, sequence: u8, payload: &[u8]) -> Vec<u8> {
    let mut slot = b"ANTIPHON".to_vec();
    let length = u32::try_from(payload.len()).unwrap();
    slot.extend([0, 0, 0, version]);
    slot.extend(length.to_be_bytes());
    slot.extend([0, 0, 0, 0, 0, 0, 0, sequence]);
    slot.extend(checksum_of(&slot, payload));
    slot.extend(payload);
    slot.resize(SLOT_LENGTH, 0);
    slot
}

#[test]
fn a_state_of_version_3_is_carried_over_and_says_from_then_on_whether_the_person_is_untried() {
    let all = base64url::decode(VERSION_3).unwrap();
    let slots = |payload: &[u8]| [slot_of(3, 1, payload), slot_of(3, 2, payload)].concat();
    let read = SlotPair::decode(&slots(&all)).unwrap();
    let state = read.state.clone().unwrap();
    assert!(read.whole && !state.untried && state.former.is_empty());
    assert_eq!(state.passkeys.len() + state.usual.all().count(), 1);
    // Of a person enrolled without a confirming code: nothing was used and nobody has signed in.
    let mut record = Record::new(&UserName::new("alice").unwrap());
    record.code = Some(CodeSecret::usual([7; 20]));
    let untried = State::enrolled(&record, None);
    let mut succeeded = untried.clone();
    let at_the_console = Origin {
        terminal: "tty1",
        ..Origin::default()
    };
    succeeded.signed_in(Method::Bypass, at_the_console, UnixTime(1_795_377_600));
    // Whose only successes were with recovery codes.
    let mut by_recovery = untried.clone();
    let marks = 1;
    let salt = Tag([1; 16]);
    by_recovery.recovery = Some(UsedRecovery { salt, marks });
    for (state, is_untried) in [
        (&untried, true),
        (&by_recovery, false),
        (&State::enrolled(&record, Some(5)), false),
        (&succeeded, false),
    ] {
        let payload = postcard::to_allocvec(state).unwrap();
        let payload = &payload[..payload.len() - SINCE_VERSION_3.len()];
        let before = slots(payload);
        let read = SlotPair::decode(&before).unwrap().state.unwrap();
        assert_eq!(read.is_untried(&record), is_untried);
        let (offset, slot) = SlotPair::decode(&before)
            .unwrap()
            .encode_next(&read)
            .unwrap();
        let mut after = before;
        after[offset..offset + SLOT_LENGTH].copy_from_slice(&slot);
        let after = SlotPair::decode(&after).unwrap();
        assert_eq!((after.state.as_ref(), after.whole), (Some(&read), true));
    }
}

#[test]
fn a_state_of_version_4_is_carried_over() {
    let now = postcard::to_allocvec(&state(1)).unwrap();
    let before = now.strip_suffix(&SINCE_VERSION_4).unwrap();
    let slots = [slot_of(4, 1, before), slot_of(4, 2, before)].concat();
    let read = SlotPair::decode(&slots).unwrap();
    assert_eq!((read.state, read.whole), (Some(state(1)), true));
    // The list of approvals belongs to the later version alone.
    for (version, payload) in [(4, &now[..]), (5, before)] {
        let odd = [slot_of(5, 1, &now), slot_of(version, 2, payload)].concat();
        assert_eq!(SlotPair::decode(&odd), Err(StateError::Payload));
    }
}

fn of_version(version: u8) -> Vec<u8> {
    slot_of(version, 1, &postcard::to_allocvec(&state(1)).unwrap())
}

#[test]
fn a_sound_slot_that_is_not_understood_is_an_error_and_never_fresh() {
    let right = postcard::to_allocvec(&state(1)).unwrap();
    let [cut, longer] = [&right[..right.len() - 1], &[&right[..], b"x"].concat()];
    for version in [3, 5] {
        for payload in [&b"["[..], cut, longer] {
            let mut odd = slot_of(5, 1, &right);
            odd.extend(slot_of(version, 2, payload));
            assert_eq!(SlotPair::decode(&odd), Err(StateError::Payload));
        }
    }
}

//! The format of the state file: two slots of 4 KiB, written in turn in place, each with its own checksum.
//!
//! | bytes | |
//! | --- | --- |
//! | 0..8 | `ANTIPHON` |
//! | 8..12 | version, big-endian |
//! | 12..16 | length of the payload, big-endian |
//! | 16..24 | sequence number, big-endian: the higher of two valid slots is the state |
//! | 24..32 | XXH64 over bytes 0..24 and the payload, big-endian |
//! | 32.. | the payload, postcard, then zeros |
//!
//! A write torn by a power cut damages only the slot being written; the other one still has the previous state. A
//! cryptographic checksum is not needed for that: whoever could forge a slot is root, and could forge a hash too.

use std::fmt;

use xxhash_rust::xxh64::Xxh64;

use super::State;

/// Length of a slot in bytes: one block of the file system, so that writing one never rewrites the other.
pub const SLOT_LENGTH: usize = 4096;
/// Length of the file, in bytes.
pub const FILE_LENGTH: usize = 2 * SLOT_LENGTH;

const MAGIC: &[u8; 8] = b"ANTIPHON";
/// The version that is written. Postcard names no fields, so each change of a [`State`]'s fields is another version.
const VERSION: u32 = 3;
/// The oldest version that can be read: a payload of version 1 is a valid one of version 2.
const OLDEST: u32 = 1;
/// The last version whose payload is JSON.
const LAST_JSON: u32 = 2;
const HEADER: usize = 24;
const CHECKSUM: usize = 8;
const PAYLOAD: usize = HEADER + CHECKSUM;

/// Why a state is unusable. Never a reason to start afresh.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StateError {
    /// A valid slot of an unknown version.
    Version(u32),
    /// A valid slot with an unknown payload: only we write checksums, so it comes from a later version or a bug.
    Payload,
    /// The state does not fit into its slot.
    TooLarge,
}

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(found) => write!(f, "the state's version {found} is not known here"),
            Self::Payload => f.write_str("the state is sound but not understood"),
            Self::TooLarge => f.write_str("the state does not fit into its slot"),
        }
    }
}

impl std::error::Error for StateError {}

/// The decoded slots.
#[derive(Debug, PartialEq, Eq)]
pub struct SlotPair {
    /// The state, if a slot is valid.
    pub state: Option<State>,
    /// Whether both slots are valid. If not, the latest state may have been in the damaged one.
    pub whole: bool,
    /// The sequence number of the state; 0 without one.
    sequence: u64,
    /// The slot for the next write: never the only valid one.
    next: usize,
}

impl SlotPair {
    /// The contents of an empty file.
    pub(crate) fn nothing() -> Self {
        Self {
            state: None,
            whole: false,
            sequence: 0,
            next: 0,
        }
    }

    /// Decodes a state file of any length.
    ///
    /// # Errors
    /// [`StateError`] if a slot is valid but unknown.
    pub fn decode(file: &[u8]) -> Result<Self, StateError> {
        let mut slots = file.chunks(SLOT_LENGTH);
        let first = slots.next().map_or(Ok(None), sound_slot)?;
        let second = slots.next().map_or(Ok(None), sound_slot)?;
        let whole = first.is_some() && second.is_some() && file.len() == FILE_LENGTH;
        let first_is_newer = match (&first, &second) {
            (Some(first), Some(second)) => first.sequence > second.sequence,
            (first, _) => first.is_some(),
        };
        // The older one only has to be valid; its contents are outdated.
        let (newest, next) = if first_is_newer {
            (first, 1)
        } else {
            (second, 0)
        };
        Ok(Self {
            state: newest.as_ref().map(SoundSlot::state).transpose()?,
            whole,
            sequence: newest.map_or(0, |slot| slot.sequence),
            next,
        })
    }

    /// The offset and bytes of the next write.
    ///
    /// # Errors
    /// [`StateError::TooLarge`].
    pub fn encode_next(&self, state: &State) -> Result<(usize, Vec<u8>), StateError> {
        let slot = encode_slot(self.sequence.saturating_add(1), state)?;
        Ok((self.next * SLOT_LENGTH, slot))
    }

    /// A whole new file with `state` in both slots.
    ///
    /// # Errors
    /// [`StateError::TooLarge`].
    pub fn encode_file(&self, state: &State) -> Result<Vec<u8>, StateError> {
        let mut file = encode_slot(self.sequence.saturating_add(1), state)?;
        file.extend(encode_slot(self.sequence.saturating_add(2), state)?);
        Ok(file)
    }

    /// Records that the bytes of [`Self::encode_next`] are durable: the next write goes to the other slot.
    pub fn advance(&mut self) {
        self.sequence = self.sequence.saturating_add(1);
        self.next = 1 - self.next;
    }
}

struct SoundSlot<'a> {
    version: u32,
    sequence: u64,
    payload: &'a [u8],
}

impl SoundSlot<'_> {
    fn state(&self) -> Result<State, StateError> {
        let state = if self.version <= LAST_JSON {
            serde_json::from_slice(self.payload).ok()
        } else {
            let read = postcard::take_from_bytes(self.payload).ok();
            read.and_then(|(state, rest)| rest.is_empty().then_some(state))
        };
        state.ok_or(StateError::Payload)
    }
}

/// `None` if the slot is invalid for any reason: torn, zeros, foreign.
fn sound_slot(slot: &[u8]) -> Result<Option<SoundSlot<'_>>, StateError> {
    match checked_slot(slot) {
        Some(sound) if (OLDEST..=VERSION).contains(&sound.version) => Ok(Some(sound)),
        Some(sound) => Err(StateError::Version(sound.version)),
        None => Ok(None),
    }
}

fn checked_slot(slot: &[u8]) -> Option<SoundSlot<'_>> {
    let (header, rest) = slot.split_at_checked(HEADER)?;
    let (checksum, rest) = rest.split_at_checked(PAYLOAD - HEADER)?;
    let (magic, numbers) = header.split_first_chunk::<8>()?;
    let (version, numbers) = numbers.split_first_chunk::<4>()?;
    let (length, numbers) = numbers.split_first_chunk::<4>()?;
    let (sequence, _) = numbers.split_first_chunk::<8>()?;
    let payload = rest.get(..usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    (magic == MAGIC && checksum_of(header, payload) == checksum).then(|| SoundSlot {
        version: u32::from_be_bytes(*version),
        sequence: u64::from_be_bytes(*sequence),
        payload,
    })
}

fn encode_slot(sequence: u64, state: &State) -> Result<Vec<u8>, StateError> {
    let mut slot = vec![0; SLOT_LENGTH];
    let (before, room) = slot.split_at_mut(PAYLOAD);
    let payload = postcard::to_slice(state, room).map_err(|_| StateError::TooLarge)?;
    let length = u32::try_from(payload.len()).map_err(|_| StateError::TooLarge)?;
    let mut header = Vec::with_capacity(PAYLOAD);
    header.extend_from_slice(MAGIC);
    header.extend_from_slice(&VERSION.to_be_bytes());
    header.extend_from_slice(&length.to_be_bytes());
    header.extend_from_slice(&sequence.to_be_bytes());
    let checksum = checksum_of(&header, payload);
    header.extend_from_slice(&checksum);
    before.copy_from_slice(&header);
    Ok(slot)
}

fn checksum_of(header: &[u8], payload: &[u8]) -> [u8; CHECKSUM] {
    let mut sum = Xxh64::new(0);
    sum.update(header);
    sum.update(payload);
    sum.digest().to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::{FILE_LENGTH, PAYLOAD, SLOT_LENGTH, SlotPair, StateError, checksum_of};
    use crate::state::{Missed, State};

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
        for other in [0, 4] {
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

    fn of_version(version: u8) -> Vec<u8> {
        slot_of(version, 1, &postcard::to_allocvec(&state(1)).unwrap())
    }

    #[test]
    fn a_sound_slot_that_is_not_understood_is_an_error_and_never_fresh() {
        let right = postcard::to_allocvec(&state(1)).unwrap();
        let [cut, longer] = [&right[..right.len() - 1], &[&right[..], b"x"].concat()];
        for payload in [&b"["[..], cut, longer] {
            let mut odd = slot_of(3, 1, &right);
            odd.extend(slot_of(3, 2, payload));
            assert_eq!(SlotPair::decode(&odd), Err(StateError::Payload));
        }
    }
}

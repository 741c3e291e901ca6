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
const VERSION: u32 = 5;
/// The oldest version that can be read: a payload of version 1 is a valid one of version 2.
const OLDEST: u32 = 1;
/// The last version whose payload is JSON.
const LAST_JSON: u32 = 2;
/// What a payload of version 3 lacks at its end: no former secrets, a person who is not untried, no approval with an
/// account, and nobody whom a rehearsal let in.
const SINCE_VERSION_3: [u8; 6] = [0; 6];
/// What a payload of version 4 lacks at its end: no approval with an account, and nobody whom a rehearsal let in.
const SINCE_VERSION_4: [u8; 4] = [0; 4];
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
        let state = match self.version {
            ..=LAST_JSON => serde_json::from_slice(self.payload).ok(),
            3 => read_postcard(&[self.payload, &SINCE_VERSION_3].concat()),
            4 => read_postcard(&[self.payload, &SINCE_VERSION_4].concat()),
            _ => read_postcard(self.payload),
        };
        let state = state.ok_or(StateError::Payload)?;
        Ok(if self.version <= 3 {
            state.of_version_3()
        } else {
            state
        })
    }
}

fn read_postcard(payload: &[u8]) -> Option<State> {
    let (state, rest) = postcard::take_from_bytes(payload).ok()?;
    rest.is_empty().then_some(state)
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
mod tests;

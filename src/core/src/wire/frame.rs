//! Frames.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The most bytes of JSON in a frame.
pub const MAX_FRAME: usize = 64 * 1024;
/// Bytes of the length before it.
pub const PREFIX: usize = 4;
/// The most bytes kept unread: one frame and the beginning of the next.
const MOST_UNREAD: usize = 2 * (MAX_FRAME + PREFIX);

/// A frame that is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameError {
    /// Longer than [`MAX_FRAME`].
    TooLong,
    /// Not a message that is known.
    NotUnderstood,
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "a frame is longer than 64 KiB",
            Self::NotUnderstood => "a frame holds no message that is known",
        })
    }
}

impl std::error::Error for FrameError {}

/// The frame of `message`.
///
/// # Errors
/// [`FrameError::TooLong`].
pub fn encode(message: &impl Serialize) -> Result<Vec<u8>, FrameError> {
    let json = serde_json::to_vec(message).map_err(|_| FrameError::NotUnderstood)?;
    if json.len() > MAX_FRAME {
        return Err(FrameError::TooLong);
    }
    let length = u32::try_from(json.len()).map_err(|_| FrameError::TooLong)?;
    let mut frame = length.to_be_bytes().to_vec();
    frame.extend(json);
    Ok(frame)
}

/// The bytes of JSON that follow `prefix`.
///
/// # Errors
/// [`FrameError::TooLong`]: then nothing more is to be read from there.
pub fn length_of(prefix: [u8; PREFIX]) -> Result<usize, FrameError> {
    usize::try_from(u32::from_be_bytes(prefix))
        .ok()
        .filter(|length| *length <= MAX_FRAME)
        .ok_or(FrameError::TooLong)
}

/// The message in the JSON of a frame.
///
/// # Errors
/// [`FrameError::NotUnderstood`].
pub fn decode<M: DeserializeOwned>(json: &[u8]) -> Result<M, FrameError> {
    serde_json::from_slice(json).map_err(|_| FrameError::NotUnderstood)
}

/// What has been read and not yet understood: a frame comes in pieces, or several come at once.
#[derive(Debug, Default)]
pub struct Unread(Vec<u8>);

impl Unread {
    /// Puts `bytes` behind what is there.
    ///
    /// # Errors
    /// [`FrameError::TooLong`] if nobody who means well would have sent so much.
    pub fn put(&mut self, bytes: &[u8]) -> Result<(), FrameError> {
        self.0.extend_from_slice(bytes);
        if self.0.len() > MOST_UNREAD {
            return Err(FrameError::TooLong);
        }
        Ok(())
    }

    /// Takes the next message, if it is there whole.
    ///
    /// # Errors
    /// [`FrameError`]: then nothing more is to be read from there.
    pub fn take<M: DeserializeOwned>(&mut self) -> Result<Option<M>, FrameError> {
        let Some((prefix, rest)) = self.0.split_first_chunk::<PREFIX>() else {
            return Ok(None);
        };
        let length = length_of(*prefix)?;
        let Some(json) = rest.get(..length) else {
            return Ok(None);
        };
        let message = decode(json)?;
        self.0.drain(..PREFIX + length);
        Ok(Some(message))
    }
}

#[cfg(test)]
mod tests {
    use super::{FrameError, MOST_UNREAD, Unread, encode};
    use crate::wire::FromDaemon;

    #[test]
    fn messages_are_taken_whole_whatever_pieces_they_come_in() {
        let mut bytes = encode(&FromDaemon::TicketOpen {}).unwrap();
        bytes.extend(encode(&FromDaemon::TicketSeen {}).unwrap());
        for pieces in [1, 5, bytes.len()] {
            let mut unread = Unread::default();
            let mut taken = Vec::new();
            for piece in bytes.chunks(pieces) {
                unread.put(piece).unwrap();
                while let Some(message) = unread.take::<FromDaemon>().unwrap() {
                    taken.push(message);
                }
            }
            assert_eq!(
                taken,
                [FromDaemon::TicketOpen {}, FromDaemon::TicketSeen {}]
            );
        }
    }

    #[test]
    fn neither_a_flood_nor_garbage_is_kept() {
        let mut unread = Unread::default();
        let flood = vec![0; MOST_UNREAD + 1];
        assert_eq!(unread.put(&flood), Err(FrameError::TooLong));
        for (bytes, error) in [
            (&[0, 1, 0, 1][..], FrameError::TooLong),
            (b"\0\0\0\x02{}", FrameError::NotUnderstood),
        ] {
            let mut unread = Unread::default();
            unread.put(bytes).unwrap();
            assert_eq!(unread.take::<FromDaemon>(), Err(error));
        }
    }
}

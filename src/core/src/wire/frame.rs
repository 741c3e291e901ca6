//! Length-prefixed JSON frames.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The longest JSON in a frame, in bytes.
pub const MAX_FRAME: usize = 64 * 1024;
/// Length of the length prefix, in bytes.
pub const PREFIX: usize = 4;
/// The most unread bytes kept: one frame and the start of the next.
const MOST_UNREAD: usize = 2 * (MAX_FRAME + PREFIX);

/// Why a frame is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameError {
    /// Longer than [`MAX_FRAME`].
    TooLong,
    /// Not a known message.
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

/// Encodes `message` as a frame.
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

/// The length in `prefix` of the JSON that follows.
///
/// # Errors
/// [`FrameError::TooLong`]; the connection is then unusable.
pub fn length_of(prefix: [u8; PREFIX]) -> Result<usize, FrameError> {
    usize::try_from(u32::from_be_bytes(prefix))
        .ok()
        .filter(|length| *length <= MAX_FRAME)
        .ok_or(FrameError::TooLong)
}

/// Decodes the message in a frame's JSON.
///
/// # Errors
/// [`FrameError::NotUnderstood`].
pub fn decode<M: DeserializeOwned>(json: &[u8]) -> Result<M, FrameError> {
    serde_json::from_slice(json).map_err(|_| FrameError::NotUnderstood)
}

/// Bytes received but not decoded yet: frames may arrive in pieces or several at once.
#[derive(Debug, Default)]
pub struct Unread(Vec<u8>);

impl Unread {
    /// Appends `bytes`.
    ///
    /// # Errors
    /// [`FrameError::TooLong`] if there is more than any honest peer would send.
    pub fn put(&mut self, bytes: &[u8]) -> Result<(), FrameError> {
        self.0.extend_from_slice(bytes);
        if self.0.len() > MOST_UNREAD {
            return Err(FrameError::TooLong);
        }
        Ok(())
    }

    /// Takes the next message if it is complete.
    ///
    /// # Errors
    /// [`FrameError`]; the connection is then unusable.
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

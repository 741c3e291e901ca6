//! Frames.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The most bytes of JSON in a frame.
pub const MAX_FRAME: usize = 64 * 1024;
/// Bytes of the length before it.
pub const PREFIX: usize = 4;

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

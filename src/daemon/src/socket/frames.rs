//! Frames on a connection, limited in length and time.

use std::time::Duration;

use antiphon_core::wire::{self, FrameError, PREFIX, ToDaemon};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::time::{Instant, timeout, timeout_at};

/// The time limit for a frame once it has started, in either direction.
const PATIENCE: Duration = Duration::from_secs(5);
/// Space reserved before the length is known.
const ROOM: usize = 512;

/// Why the connection has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// The peer closed it between two frames.
    Closed,
    /// The peer closed it or stalled inside a frame, or does not read.
    Broken,
    Frame(FrameError),
}

pub(super) struct Frames {
    stream: UnixStream,
    /// The frame being received. Freed between frames, since ten thousand connections may be waiting.
    buffer: Vec<u8>,
    /// When it must be complete.
    due: Option<Instant>,
}

impl Frames {
    pub(super) fn new(stream: UnixStream) -> Self {
        Self {
            stream,
            buffer: Vec::new(),
            due: None,
        }
    }

    /// The next message. Cancel-safe.
    pub(super) async fn next(&mut self) -> Result<ToDaemon, Ended> {
        self.next_of().await
    }

    /// Likewise, for another kind of messages.
    pub(super) async fn next_of<M: DeserializeOwned>(&mut self) -> Result<M, Ended> {
        loop {
            let missing = match self.buffer.split_first_chunk::<PREFIX>() {
                None => ROOM,
                Some((prefix, json)) => {
                    let length = wire::length_of(*prefix).map_err(Ended::Frame)?;
                    if let Some(whole) = json.get(..length) {
                        let message = wire::decode(whole).map_err(Ended::Frame)?;
                        self.buffer = json.get(length..).unwrap_or_default().to_vec();
                        self.due = (!self.buffer.is_empty()).then(|| Instant::now() + PATIENCE);
                        return Ok(message);
                    }
                    length - json.len()
                }
            };
            self.read(missing).await?;
        }
    }

    async fn read(&mut self, room: usize) -> Result<(), Ended> {
        if self.due.is_none() {
            // Buffers for ten thousand would be megabytes, so one is allocated only when there is something to read.
            self.stream.readable().await.map_err(|_| Ended::Broken)?;
        }
        self.buffer.reserve(room);
        let reading = self.stream.read_buf(&mut self.buffer);
        let read = match self.due {
            None => reading.await,
            Some(due) => timeout_at(due, reading).await.map_err(|_| Ended::Broken)?,
        };
        match read {
            Ok(0) if self.buffer.is_empty() => Err(Ended::Closed),
            Ok(0) | Err(_) => Err(Ended::Broken),
            Ok(_) => {
                self.due.get_or_insert_with(|| Instant::now() + PATIENCE);
                Ok(())
            }
        }
    }

    /// Sends the last message.
    pub(super) async fn reply(&mut self, message: &impl Serialize) -> Ended {
        self.send(message).await.err().unwrap_or(Ended::Closed)
    }

    pub(super) async fn send(&mut self, message: &impl Serialize) -> Result<(), Ended> {
        let frame = wire::encode(message).map_err(Ended::Frame)?;
        match timeout(PATIENCE, self.stream.write_all(&frame)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Ended::Broken),
        }
    }
}

#[cfg(test)]
mod tests {
    use antiphon_core::wire::{FrameError, ToDaemon, encode};
    use tokio::io::AsyncWriteExt;
    use tokio::net::UnixStream;

    use super::{Ended, Frames};

    fn pair() -> (Frames, UnixStream) {
        let (ours, theirs) = UnixStream::pair().unwrap();
        (Frames::new(ours), theirs)
    }

    #[tokio::test]
    async fn frames_that_come_together_or_byte_by_byte_are_read_one_by_one() {
        let (mut frames, mut theirs) = pair();
        let outcome = ToDaemon::Outcome {
            pause: None,
            outcome: "accepted".into(),
        };
        let mut bytes = encode(&ToDaemon::Keep {}).unwrap();
        bytes.extend(encode(&outcome).unwrap());
        theirs.write_all(&bytes).await.unwrap();
        assert_eq!(frames.next().await, Ok(ToDaemon::Keep {}));
        assert_eq!(frames.next().await, Ok(outcome));
        for byte in encode(&ToDaemon::Keep {}).unwrap() {
            let unfinished = tokio::time::timeout(std::time::Duration::ZERO, frames.next());
            assert!(unfinished.await.is_err());
            theirs.write_all(&[byte]).await.unwrap();
        }
        assert_eq!(frames.next().await, Ok(ToDaemon::Keep {}));
        drop(theirs);
        assert_eq!(frames.next().await, Err(Ended::Closed));
    }

    #[tokio::test]
    async fn a_frame_that_is_too_long_or_garbage_is_refused() {
        for (bytes, error) in [
            (&[0, 1, 0, 1][..], FrameError::TooLong),
            (b"GET / HTTP/1.1\r\n", FrameError::TooLong),
            (b"\0\0\0\0", FrameError::NotUnderstood),
            (b"\0\0\0\x02{}", FrameError::NotUnderstood),
        ] {
            let (mut frames, mut theirs) = pair();
            theirs.write_all(bytes).await.unwrap();
            assert_eq!(frames.next().await, Err(Ended::Frame(error)));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn half_a_frame_is_waited_for_a_while_only() {
        let (mut frames, mut theirs) = pair();
        theirs.write_all(&[0, 0]).await.unwrap();
        assert_eq!(frames.next().await, Err(Ended::Broken));
        let (mut frames, mut theirs) = pair();
        theirs.write_all(&[0, 0, 0, 9, b'{']).await.unwrap();
        drop(theirs);
        assert_eq!(frames.next().await, Err(Ended::Broken));
    }
}

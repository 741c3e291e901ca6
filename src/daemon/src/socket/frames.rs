//! Frames on a connection, limited in length and time.

use std::net::IpAddr;
use std::time::Duration;

use antiphon_core::wire::{self, FrameError, PREFIX, Peer, ToDaemon};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
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
    /// The peer has no right to send what it sent.
    Forbidden,
}

/// A connection of any kind.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

pub(super) struct Frames {
    stream: Box<dyn Stream>,
    /// Whose rights count.
    peer: Peer,
    /// Where it is, if it is not on this computer.
    from: Option<IpAddr>,
    /// The frame being received. Freed between frames, since ten thousand connections may be waiting.
    buffer: Vec<u8>,
    /// When it must be complete.
    due: Option<Instant>,
}

impl Frames {
    pub(super) fn new(stream: Box<dyn Stream>, peer: Peer) -> Self {
        Self {
            stream,
            peer,
            from: None,
            buffer: Vec::new(),
            due: None,
        }
    }

    /// The same over the network.
    pub(super) fn of(stream: Box<dyn Stream>, peer: Peer, from: IpAddr) -> Self {
        Self {
            from: Some(from),
            ..Self::new(stream, peer)
        }
    }

    /// Where the peer is, if it is not on this computer.
    pub(super) fn from(&self) -> Option<IpAddr> {
        self.from
    }

    /// Whose rights count.
    pub(super) fn peer(&self) -> &Peer {
        &self.peer
    }

    /// The next message, which the peer has the right to send. Cancel-safe.
    pub(super) async fn next(&mut self) -> Result<ToDaemon, Ended> {
        let message = self.next_of().await?;
        let may = self.peer.may(&message);
        may.then_some(message).ok_or(Ended::Forbidden)
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
        let Some(due) = self.due else {
            // Buffers for ten thousand would be megabytes, so one is allocated only once a frame has begun.
            let mut first = [0];
            return match self.stream.read(&mut first).await {
                Ok(0) => Err(Ended::Closed),
                Ok(_) => {
                    self.buffer.extend(first);
                    self.due = Some(Instant::now() + PATIENCE);
                    Ok(())
                }
                Err(_) => Err(Ended::Broken),
            };
        };
        self.buffer.reserve(room);
        let reading = timeout_at(due, self.stream.read_buf(&mut self.buffer));
        match reading.await {
            Ok(Ok(1..)) => Ok(()),
            _ => Err(Ended::Broken),
        }
    }

    /// Sends the last message.
    pub(super) async fn reply(&mut self, message: &impl Serialize) -> Ended {
        self.send(message).await.err().unwrap_or(Ended::Closed)
    }

    pub(super) async fn send(&mut self, message: &impl Serialize) -> Result<(), Ended> {
        let frame = wire::encode(message).map_err(Ended::Frame)?;
        let sending = async {
            self.stream.write_all(&frame).await?;
            // TLS keeps back what the network does not take at once.
            self.stream.flush().await
        };
        match timeout(PATIENCE, sending).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Ended::Broken),
        }
    }
}

#[cfg(test)]
mod tests {
    use antiphon_core::wire::{FrameError, HostRole, Peer, ToDaemon, encode};
    use tokio::io::AsyncWriteExt;
    use tokio::net::UnixStream;

    use super::{Ended, Frames};

    fn pair() -> (Frames, UnixStream) {
        let (ours, theirs) = UnixStream::pair().unwrap();
        (Frames::new(Box::new(ours), Peer::Root), theirs)
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

    #[tokio::test]
    async fn what_a_peer_has_no_right_to_send_is_not_passed_on() {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let host = Peer::Host {
            name: "db7".into(),
            role: HostRole::Host,
        };
        let mut frames = Frames::new(Box::new(ours), host);
        let outcome = ToDaemon::Outcome {
            pause: None,
            outcome: "accepted".into(),
        };
        for message in [&outcome, &ToDaemon::Keep {}] {
            theirs.write_all(&encode(message).unwrap()).await.unwrap();
        }
        assert_eq!(frames.next().await, Ok(outcome));
        assert_eq!(frames.next().await, Err(Ended::Forbidden));
    }
}

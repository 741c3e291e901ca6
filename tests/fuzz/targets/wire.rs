//! Frames from the other side of the socket, in whatever pieces: what is understood comes back the same, and nothing is
//! kept without a bound. The first byte is the length of a piece.
#![no_main]

use std::fmt::Debug;

use antiphon_core::wire::{FromDaemon, MAX_FRAME, ToDaemon, Unread, encode};
use libfuzzer_sys::fuzz_target;
use serde::Serialize;
use serde::de::DeserializeOwned;

fuzz_target!(|data: &[u8]| {
    let Some((piece, bytes)) = data.split_first() else {
        return;
    };
    let piece = usize::from(*piece).max(1);
    read::<ToDaemon>(bytes, piece);
    read::<FromDaemon>(bytes, piece);
});

fn read<M: Serialize + DeserializeOwned + PartialEq + Debug>(bytes: &[u8], piece: usize) {
    let mut unread = Unread::default();
    for piece in bytes.chunks(piece) {
        if unread.put(piece).is_err() {
            return;
        }
        loop {
            match unread.take::<M>() {
                Ok(Some(message)) => comes_back(&message),
                Ok(None) => break,
                Err(_) => return,
            }
        }
    }
}

fn comes_back<M: Serialize + DeserializeOwned + PartialEq + Debug>(message: &M) {
    // Written anew it may be longer than it came: escapes of JSON.
    let Ok(frame) = encode(message) else {
        return;
    };
    assert!(frame.len() <= MAX_FRAME + 4);
    let mut unread = Unread::default();
    unread.put(&frame).unwrap();
    assert_eq!(unread.take::<M>().unwrap().as_ref(), Some(message));
    assert_eq!(unread.take::<M>(), Ok(None));
}

//! Wipes the stack after a sign-in.
//!
//! Secrets live in types that wipe themselves. But hashing copies them to its working memory (the buffer of a SHA-256,
//! the key block of an HMAC), and moving a value leaves its old location unchanged. All of that is on the stack below
//! the entry point, and the calling program lives on: sudo waits for the command it runs.

use std::hint::black_box;

/// Twice the stack measured for a sign-in, 8 KiB in the release build.
const DEPTH: usize = 16 * 1024;

/// Likewise for an enrolment, which draws a QR code and writes a record.
const DEPTH_OF_ENROLMENT: usize = 128 * 1024;

/// Wipes the stack below its owner's frame on drop, even after a panic.
pub(crate) struct WipeBelow;

impl Drop for WipeBelow {
    fn drop(&mut self) {
        wipe::<DEPTH>();
    }
}

/// The same, deeper.
pub(crate) struct WipeDeepBelow;

impl Drop for WipeDeepBelow {
    fn drop(&mut self) {
        wipe::<DEPTH_OF_ENROLMENT>();
    }
}

/// Not inlined: its caller's frame would then start with the very bytes to be wiped.
#[inline(never)]
fn wipe<const LENGTH: usize>() {
    let mut below = [0_u8; LENGTH];
    // The compiler must assume that the zeros are read. The system tests check that it does.
    black_box(&mut below);
}

//! The stack, wiped when a sign-in is over.
//!
//! Secrets live in types that wipe themselves. But hashing copies them into working memory of its own (the buffer of a
//! SHA-256, the key block of an HMAC), and moving a value leaves its old place as it was. All that lies on the stack
//! below the entry point, and the program around us lives on: sudo waits for the command it runs.

use std::hint::black_box;

/// Twice what a sign-in was measured to use, 8 KiB in the release build.
const DEPTH: usize = 16 * 1024;

/// The same for an enrolment, which draws a QR code and writes a record.
const DEPTH_OF_ENROLMENT: usize = 128 * 1024;

/// Wipes the stack below its owner's frame when it is dropped, after a panic too.
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

/// Not part of its caller, whose frame would then begin with the very bytes that are to be wiped.
#[inline(never)]
fn wipe<const LENGTH: usize>() {
    let mut below = [0_u8; LENGTH];
    // The compiler must believe that somebody reads the zeros. The system tests look whether it does.
    black_box(&mut below);
}

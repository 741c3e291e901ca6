//! The stack, wiped when a sign-in is over.
//!
//! Secrets live in types that wipe themselves. But hashing copies them into working memory of its own (the buffer of a
//! SHA-256, the key block of an HMAC), and moving a value leaves its old place as it was. All that lies on the stack
//! below the entry point, and the program around us lives on: sudo waits for the command it runs.

use std::hint::black_box;

/// Twice what a sign-in was measured to use, 8 KiB in the release build.
const DEPTH: usize = 16 * 1024;

/// Wipes the stack below its owner's frame when it is dropped, after a panic too.
pub(crate) struct WipeBelow;

impl Drop for WipeBelow {
    fn drop(&mut self) {
        wipe();
    }
}

/// Not part of its caller, whose frame would then begin with the very bytes that are to be wiped.
#[inline(never)]
fn wipe() {
    let mut below = [0_u8; DEPTH];
    // The compiler must believe that somebody reads the zeros. The system tests look whether it does.
    black_box(&mut below);
}

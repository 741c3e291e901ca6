//! Ctrl-Z at the prompt, while a child holds the conversation.
//!
//! Child and parent would stop separately: the shell takes the terminal back once the parent has stopped, and a child
//! that stops a moment later swallows the first key. sudo's own prompt, continued in a child, fails on the parent's
//! locks. So the parent blocks the signal, kills the child, and then stops like any other program.

use nix::sys::signal::{SigSet, SigmaskHow, Signal};

use crate::ffi;

/// Blocks SIGTSTP until dropped; the process then stops, if Ctrl-Z was pressed.
pub(crate) struct Held(Option<SigSet>);

impl Held {
    pub(crate) fn begin() -> Self {
        let mut stop = SigSet::empty();
        stop.add(Signal::SIGTSTP);
        let before = stop.thread_swap_mask(SigmaskHow::SIG_BLOCK).ok();
        // A program that blocks it already has its own reasons.
        Self(before.filter(|mask| !mask.contains(Signal::SIGTSTP)))
    }

    /// Whether Ctrl-Z was pressed.
    pub(crate) fn is_wanted(&self) -> bool {
        self.0.is_some() && ffi::is_pending(&[Signal::SIGTSTP])
    }

    /// Unblocks through a reference: for the child, which stops as its program does.
    pub(crate) fn end(&mut self) {
        if let Some(before) = self.0.take() {
            let _ = before.thread_set_mask();
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.end();
    }
}

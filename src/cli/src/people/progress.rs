//! A bar on standard error while a long list is written to a file or a pipe.

use std::io::{self, IsTerminal, Write};

/// The length of the bar.
const LENGTH: usize = 30;
/// Fewer than this are done before a bar is of use.
const FEW: usize = 200;

/// The bar; it goes when this is dropped.
pub(crate) struct Progress {
    done: usize,
    total: usize,
    /// What was drawn last; `None` if nothing is to be drawn.
    drawn: Option<usize>,
}

impl Progress {
    /// Begins a bar of `total` steps: where standard error is a terminal, and standard output, which would show the
    /// progress by itself, is none.
    pub(crate) fn begin(total: usize) -> Self {
        let is_wanted = total >= FEW && io::stderr().is_terminal() && !io::stdout().is_terminal();
        Self {
            done: 0,
            total,
            drawn: is_wanted.then_some(0),
        }
    }

    /// One more is done.
    pub(crate) fn step(&mut self) {
        self.done += 1;
        let percent = self.done * 100 / self.total.max(1);
        if let Some(drawn) = self.drawn
            && percent != drawn
        {
            self.drawn = Some(percent);
            let full = (percent * LENGTH / 100).min(LENGTH);
            let bar = format!("{}{}", "#".repeat(full), ".".repeat(LENGTH - full));
            let (done, total) = (self.done, self.total);
            let _ = write!(io::stderr(), "\r[{bar}] {done} of {total}");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.drawn.is_some() {
            let _ = write!(io::stderr(), "\r\u{1b}[K");
        }
    }
}

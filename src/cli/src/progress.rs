//! A bar for work that takes a while, on standard error if that is a terminal.

use std::io::{self, IsTerminal, Write};

use antiphon_core::visible::visible;

/// Squares of the bar.
const WIDTH: usize = 30;
/// The longest name beside it, in bytes.
const LONGEST: usize = 32;

/// How far the work is. Wiped off the screen when dropped, so that what is said afterwards stands alone.
pub(crate) struct Progress {
    total: usize,
    done: usize,
    is_shown: bool,
}

impl Progress {
    /// The work has `total` steps.
    pub(crate) fn new(total: usize) -> Self {
        Self {
            total,
            done: 0,
            // A step or two need none.
            is_shown: io::stderr().is_terminal() && total > 2,
        }
    }

    /// Begins the next step.
    pub(crate) fn step(&mut self, name: &str) {
        self.done += 1;
        if self.is_shown {
            write(&format!("\r\u{1b}[K{}", self.bar(name)));
        }
    }

    fn bar(&self, name: &str) -> String {
        let full = (WIDTH * self.done)
            .checked_div(self.total)
            .unwrap_or(WIDTH)
            .min(WIDTH);
        format!(
            "[{}{}] {}/{} {}",
            "#".repeat(full),
            ".".repeat(WIDTH - full),
            self.done,
            self.total,
            visible(name, LONGEST)
        )
    }
}

/// A terminal that is gone stops no work.
fn write(text: &str) {
    let mut err = io::stderr();
    let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.is_shown {
            write("\r\u{1b}[K");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Progress;

    #[test]
    fn the_bar_is_full_at_the_end_and_a_name_cannot_move_the_cursor() {
        let mut progress = Progress::new(40);
        progress.is_shown = false;
        for _ in 0..10 {
            progress.step("alice");
        }
        let bar = progress.bar("al\u{1b}[2Jice");
        assert_eq!(bar, "[#######.......................] 10/40 al?[2Jice");
        for _ in 0..30 {
            progress.step("bob");
        }
        assert!(
            progress
                .bar("bob")
                .starts_with(&format!("[{}]", "#".repeat(30)))
        );
    }
}

//! Lines of a source that may have lines without end.

use std::io::{self, BufRead, Read};

/// The longest line that is read, in bytes; longer ones are none of ours.
const LONGEST: u64 = 64 * 1024;

/// A source of lines.
pub(super) struct Lines<R> {
    from: R,
    line: Vec<u8>,
    /// Whether the rest of a line is to be passed over.
    is_too_long: bool,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(from: R) -> Self {
        Self {
            from,
            line: Vec::new(),
            is_too_long: false,
        }
    }

    /// The source itself.
    pub(super) fn source(&mut self) -> &mut R {
        &mut self.from
    }

    /// The next line, without its newline; `None` if there is no whole one, at least not yet.
    ///
    /// # Errors
    /// From the source.
    pub(super) fn next(&mut self) -> io::Result<Option<String>> {
        loop {
            let room = LONGEST.saturating_sub(self.line.len() as u64);
            let mut source = self.from.by_ref().take(room);
            source.read_until(b'\n', &mut self.line)?;
            if self.line.last() == Some(&b'\n') {
                let line = String::from_utf8_lossy(self.line.trim_ascii_end()).into_owned();
                self.line.clear();
                if std::mem::take(&mut self.is_too_long) {
                    continue;
                }
                return Ok(Some(line));
            }
            if (self.line.len() as u64) < LONGEST {
                return Ok(None);
            }
            self.line.clear();
            self.is_too_long = true;
        }
    }

    /// Forgets the beginning of a line whose end will not come.
    pub(super) fn start_again(&mut self) {
        self.line.clear();
        self.is_too_long = false;
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, Lines};

    #[test]
    fn a_line_without_end_is_passed_over_and_half_a_line_is_waited_for() {
        let long = "x".repeat(3 * usize::try_from(LONGEST).unwrap());
        let text = format!("one\n{long}\ntwo\r\n\nhal");
        let mut lines = Lines::new(text.as_bytes());
        let mut read = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            read.push(line);
        }
        assert_eq!(read, ["one", "two", ""]);
        *lines.source() = &b"f\n"[..];
        assert_eq!(lines.next().unwrap().unwrap(), "half");
    }
}

//! Standard output and standard error: lines, notes, one JSON object, and colours if wanted.

use std::io::{self, BufRead, IsTerminal, Read, Write};

use antiphon_core::qr::Size;
use antiphon_core::visible::visible;
use serde::Serialize;
use terminal_size::{Height, Width};

use crate::failure::{Failure, Kind};
use crate::zone::Zone;

/// The longest accepted answer, in bytes.
const LONGEST_ANSWER: u64 = 64;
/// The longest displayed error, in bytes.
const LONGEST_ERROR: usize = 4096;
/// Assumed for a terminal that does not report its size.
const USUAL_SIZE: Size = Size {
    columns: 80,
    rows: 24,
};

/// A command's output.
pub(crate) struct Screen {
    out: Box<dyn Write>,
    err: Box<dyn Write>,
    json: bool,
    colours: bool,
    /// `None` if standard output is not a terminal.
    size: Option<Size>,
    zone: Zone,
}

impl Screen {
    /// The streams of this process.
    pub(crate) fn of_process(json: bool) -> Self {
        let size = io::stdout().is_terminal().then(|| {
            terminal_size::terminal_size_of(io::stdout()).map_or(
                USUAL_SIZE,
                |(Width(columns), Height(rows))| Size {
                    columns: columns.into(),
                    rows: rows.into(),
                },
            )
        });
        // https://no-color.org: any value but the empty one.
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        Self {
            out: Box::new(io::stdout()),
            err: Box::new(io::stderr()),
            json,
            colours: size.is_some() && !unwanted,
            size,
            zone: Zone::of_environment(),
        }
    }

    /// Discards all output.
    #[cfg(test)]
    pub(crate) fn dark() -> Self {
        Self {
            out: Box::new(io::sink()),
            err: Box::new(io::sink()),
            json: false,
            colours: false,
            size: None,
            zone: Zone::utc(),
        }
    }

    /// Whether to print one JSON object instead of text.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Whether standard output is a terminal and may be coloured.
    pub(crate) fn has_colours(&self) -> bool {
        self.colours
    }

    /// The terminal's size; `None` if standard output is not a terminal.
    pub(crate) fn size(&self) -> Option<Size> {
        self.size
    }

    pub(crate) fn zone(&self) -> &Zone {
        &self.zone
    }

    /// Writes `text` and a newline, and flushes.
    pub(crate) fn line(&mut self, text: &str) -> Result<(), Failure> {
        writeln!(self.out, "{text}")
            .and_then(|()| self.out.flush())
            .map_err(|error| Failure::new(Kind::Io, format!("standard output: {error}")))
    }

    /// Writes a record of comma-separated values, with the line end that RFC 4180 wants.
    pub(crate) fn record(&mut self, text: &str) -> Result<(), Failure> {
        self.line(&format!("{text}\r"))
    }

    /// Writes a sentence that may contain untrusted names.
    pub(crate) fn say(&mut self, text: &str) -> Result<(), Failure> {
        self.line(&visible(text, LONGEST_ERROR))
    }

    /// Writes the object of `--json`.
    pub(crate) fn object(&mut self, object: &impl Serialize) -> Result<(), Failure> {
        self.part(object)?;
        self.line("")
    }

    /// Writes a part of that object, one that is too long to be kept whole.
    pub(crate) fn part(&mut self, object: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string(object)
            .map_err(|error| Failure::new(Kind::Io, format!("JSON: {error}")))?;
        self.raw(&text)
    }

    /// Writes `text` as it is.
    pub(crate) fn raw(&mut self, text: &str) -> Result<(), Failure> {
        write!(self.out, "{text}")
            .map_err(|error| Failure::new(Kind::Io, format!("standard output: {error}")))
    }

    /// Writes a side note to standard error. Failures are ignored.
    pub(crate) fn note(&mut self, text: &str) {
        let _ = writeln!(self.err, "{}", visible(text, LONGEST_ERROR));
    }

    /// Prompts without a newline, on standard error, since standard output may be a file.
    pub(crate) fn prompt(&mut self, text: &str) {
        let _ = write!(self.err, "{text}").and_then(|()| self.err.flush());
    }

    /// Asks and reads the answer; `None` if none came.
    pub(crate) fn ask(&mut self, question: &str) -> Option<Vec<u8>> {
        self.ask_unless(question, || false)
    }

    /// The same, unless what is done between the question and the answer says otherwise.
    pub(crate) fn ask_unless(
        &mut self,
        question: &str,
        is_over: impl FnOnce() -> bool,
    ) -> Option<Vec<u8>> {
        self.prompt(question);
        if is_over() {
            return None;
        }
        let mut answer = Vec::new();
        let read = io::stdin()
            .lock()
            .take(LONGEST_ANSWER)
            .read_until(b'\n', &mut answer);
        // Without a newline the input has ended, for instance with Ctrl-D.
        (read.is_ok() && answer.ends_with(b"\n")).then(|| answer.trim_ascii().to_vec())
    }

    /// Writes an additional object to standard error.
    pub(crate) fn aside(&mut self, object: &impl Serialize) -> Result<(), Failure> {
        serde_json::to_string(object)
            .map_err(io::Error::from)
            .and_then(|text| writeln!(self.err, "{text}"))
            .and_then(|()| self.err.flush())
            .map_err(|error| Failure::new(Kind::Io, format!("standard error: {error}")))
    }

    /// Reports why the command failed.
    pub(crate) fn fail(&mut self, failure: &Failure) {
        self.note(&format!("antiphon: {failure}"));
    }

    /// `text` in bold, if supported.
    pub(crate) fn bold(&self, text: &str) -> String {
        self.styled("1", text)
    }

    /// `text` in yellow: a warning.
    pub(crate) fn yellow(&self, text: &str) -> String {
        self.styled("33", text)
    }

    /// `text` in red: an error.
    pub(crate) fn red(&self, text: &str) -> String {
        self.styled("31", text)
    }

    fn styled(&self, style: &str, text: &str) -> String {
        if self.colours {
            format!("\u{1b}[{style}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

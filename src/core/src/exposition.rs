//! Figures in the text format that Prometheus and its `node_exporter` read (version 0.0.4): those of the daemon, and those that
//! root's command finds in the files.
//!
//! Everybody on the computer may read them: never a name, an address or anything else of a person. Every label has a
//! fixed set of values.

use std::fmt::Write as _;

/// The media type of the text.
pub const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What a figure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only grows, and begins anew with the program. The name must end with `_total`.
    Counter,
    /// How it stands now.
    Gauge,
}

/// The text, family by family.
#[derive(Debug, Default)]
pub struct Exposition(String);

impl Exposition {
    /// Begins a family. `help` is one sentence without a full stop, and has neither line breaks nor backslashes.
    pub fn family(&mut self, name: &str, kind: Kind, help: &str) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
        };
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    /// Adds a figure without labels.
    pub fn figure(&mut self, name: &str, value: u64) {
        let _ = writeln!(self.0, "{name} {value}");
    }

    /// Adds a figure of the family with a label, whose value is one of our own words.
    pub fn labelled(&mut self, name: &str, label: &str, word: &str, value: u64) {
        let _ = writeln!(self.0, "{name}{{{label}=\"{word}\"}} {value}");
    }

    /// The whole text.
    #[must_use]
    pub fn into_text(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::{Exposition, Kind};

    #[test]
    fn figures_have_the_form_that_prometheus_reads() {
        let mut exposition = Exposition::default();
        exposition.family("x_open", Kind::Gauge, "How many are open");
        exposition.figure("x_open", 3);
        exposition.family("x_ended_total", Kind::Counter, "How they ended");
        exposition.labelled("x_ended_total", "outcome", "accepted", u64::MAX);
        assert_eq!(
            exposition.into_text(),
            "# HELP x_open How many are open\n\
             # TYPE x_open gauge\n\
             x_open 3\n\
             # HELP x_ended_total How they ended\n\
             # TYPE x_ended_total counter\n\
             x_ended_total{outcome=\"accepted\"} 18446744073709551615\n"
        );
    }
}

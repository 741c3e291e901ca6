//! Findings of `check` and `doctor`: severity, place, meaning, and the command that fixes it.

use std::fmt;

use antiphon_core::visible::visible;
use serde::{Serialize, Serializer};

/// The longest displayed finding, in bytes.
const LONGEST: usize = 1024;
/// The longest command, in bytes; a longer one is dropped, since a truncated command must not be typed.
const LONGEST_FIX: usize = 8192;
/// Precedes a command at the end of a sentence.
const RUN: &str = "run: ";

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Severity {
    /// Sign-ins are refused because of it, or let in without a second factor.
    Fault,
    /// Somebody should look at it.
    Warning,
}

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub(crate) struct At {
    /// Its path. It may contain anything, and is displayed with [`visible`].
    #[serde(serialize_with = "as_shown")]
    pub(crate) file: String,
    /// From 1.
    pub(crate) line: usize,
}

/// A finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    pub(crate) severity: Severity,
    /// What is wrong and what it means for people. May end with the command.
    pub(crate) says: String,
    /// The line to blame, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) at: Option<At>,
    /// The command that fixes it.
    pub(crate) fix: Option<String>,
    /// The PAM services concerned; empty if it is about no particular one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) services: Vec<String>,
}

/// All findings.
#[derive(Debug, Clone, Default)]
pub(crate) struct Findings(Vec<Finding>);

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", visible(&self.file, LONGEST), self.line)
    }
}

fn as_shown<S: Serializer>(file: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&visible(file, LONGEST))
}

impl Finding {
    pub(crate) fn fault(says: impl fmt::Display) -> Self {
        Self::new(Severity::Fault, says)
    }

    pub(crate) fn warning(says: impl fmt::Display) -> Self {
        Self::new(Severity::Warning, says)
    }

    /// In a sentence that ends with a command, `run: ` precedes it.
    pub(crate) fn new(severity: Severity, says: impl fmt::Display) -> Self {
        let says = says.to_string();
        let fix = says.rsplit_once(RUN).map(|(_, fix)| fix.to_owned());
        Self {
            severity,
            says,
            at: None,
            fix,
            services: Vec::new(),
        }
    }

    pub(crate) fn at(self, at: At) -> Self {
        Self {
            at: Some(at),
            ..self
        }
    }

    pub(crate) fn fix(self, command: impl Into<String>) -> Self {
        Self {
            fix: Some(command.into()),
            ..self
        }
    }

    pub(crate) fn of(self, services: Vec<String>) -> Self {
        Self { services, ..self }
    }

    /// Its place and what is wrong, without the command.
    pub(crate) fn sentence(&self) -> String {
        let says = match &self.fix {
            Some(fix) => self.says.strip_suffix(fix.as_str()).unwrap_or(&self.says),
            None => &self.says,
        };
        let says = says.strip_suffix(RUN).unwrap_or(says);
        let mut says = says.trim_end_matches(END);
        for word in [" or", " else", " then"] {
            says = says
                .strip_suffix(word)
                .map_or(says, |says| says.trim_end_matches(END));
        }
        match &self.at {
            Some(at) => format!("{at}: {says}"),
            None => says.to_owned(),
        }
    }

    /// The same with the command.
    pub(crate) fn whole(&self) -> String {
        match &self.fix {
            Some(fix) if !self.says.ends_with(fix.as_str()) => {
                format!("{}; {RUN}{fix}", self.sentence())
            }
            _ => match &self.at {
                Some(at) => format!("{at}: {}", self.says),
                None => self.says.clone(),
            },
        }
    }

    /// Whether it is about `service`.
    pub(crate) fn is_about(&self, service: &str) -> bool {
        self.services.is_empty() || self.services.iter().any(|about| about == service)
    }
}

/// Punctuation before a command.
const END: [char; 4] = [' ', ',', ';', ':'];

impl Findings {
    pub(crate) fn fault(&mut self, says: impl fmt::Display) {
        self.add(Finding::fault(says));
    }

    pub(crate) fn warning(&mut self, says: impl fmt::Display) {
        self.add(Finding::warning(says));
    }

    pub(crate) fn add(&mut self, finding: Finding) {
        let finding = Finding {
            says: visible(&finding.says, LONGEST),
            services: finding
                .services
                .iter()
                .map(|service| visible(service, LONGEST))
                .collect(),
            fix: finding
                .fix
                // A command that cannot be displayed literally must not be typed.
                .filter(|fix| visible(fix, LONGEST_FIX) == *fix),
            ..finding
        };
        // A file can be reported twice: with its person and with its folder.
        let is_known = |found: &Finding| found.says == finding.says && found.at == finding.at;
        if !self.0.iter().any(is_known) {
            self.0.push(finding);
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.0.iter()
    }

    pub(crate) fn count(&self, severity: Severity) -> usize {
        self.iter()
            .filter(|finding| finding.severity == severity)
            .count()
    }

    /// Those that concern `service`.
    pub(crate) fn about(self, service: &str) -> Self {
        let about = self.0.into_iter();
        Self(about.filter(|found| found.is_about(service)).collect())
    }

    /// The same, the faults first.
    pub(crate) fn sorted(mut self) -> Self {
        self.0
            .sort_by_key(|finding| finding.severity == Severity::Warning);
        self
    }

    pub(crate) fn into_list(self) -> Vec<Finding> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::{At, Finding, Findings};

    #[test]
    fn the_command_at_the_end_of_a_sentence_is_its_fix() {
        for (says, sentence, fix) in [
            (
                "x: mode 0644 lets others in; run: chmod 0600 x",
                "x: mode 0644 lets others in",
                Some("chmod 0600 x"),
            ),
            (
                "x: is not there; enrolling makes it, or run: install -d x",
                "x: is not there; enrolling makes it",
                Some("install -d x"),
            ),
            ("x is odd; look at it", "x is odd; look at it", None),
        ] {
            let finding = Finding::fault(says);
            assert_eq!(finding.fix.as_deref(), fix, "{says}");
            assert_eq!(finding.sentence(), sentence);
            assert_eq!(finding.whole(), says);
        }
    }

    #[test]
    fn a_fix_of_its_own_stands_behind_the_place_and_the_sentence() {
        let at = At {
            file: "/etc/pam.d/sshd".to_owned(),
            line: 4,
        };
        let finding = Finding::warning("stands twice").at(at).fix("sed -i 4d x");
        assert_eq!(finding.sentence(), "/etc/pam.d/sshd:4: stands twice");
        assert_eq!(
            finding.whole(),
            "/etc/pam.d/sshd:4: stands twice; run: sed -i 4d x"
        );
    }

    #[test]
    fn the_same_is_found_once_and_a_command_that_is_too_long_is_none() {
        let mut findings = Findings::default();
        findings.fault("x");
        findings.fault("x");
        findings.add(Finding::warning("y").fix("z".repeat(10_000)));
        let found = findings.into_list();
        assert_eq!(found.len(), 2);
        assert_eq!(found[1].fix, None);
    }
}

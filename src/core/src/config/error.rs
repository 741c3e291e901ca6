//! What is wrong with a configuration, where, and the mend.

use std::fmt;

/// A configuration that cannot be used. `Display` is one line for the administrator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    line: Option<usize>,
    what: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.what),
            None => f.write_str(&self.what),
        }
    }
}

impl std::error::Error for ConfigError {}

impl ConfigError {
    pub(super) fn value(key: &str, rule: &str) -> Self {
        Self {
            line: None,
            what: format!("`{key}` {rule}"),
        }
    }

    pub(super) fn out_of_range(key: &str, value: u32, least: u32, most: u32) -> Self {
        Self::value(
            key,
            &format!("is {value}; it must be from {least} to {most}"),
        )
    }

    pub(super) fn from_toml(error: &toml::de::Error, text: &str) -> Self {
        let message = error.message().replace('\n', "; ");
        Self {
            line: line_of(error, text),
            what: nearest_known(&message).unwrap_or(message),
        }
    }
}

/// The line, from 1, in which `error` says that `text` is wrong.
pub(crate) fn line_of(error: &toml::de::Error, text: &str) -> Option<usize> {
    let before = text.get(..error.span()?.start)?;
    Some(before.matches('\n').count() + 1)
}

/// For serde's "unknown field" and "unknown variant" messages, which quote the known names: the nearest of them.
pub(crate) fn nearest_known(message: &str) -> Option<String> {
    let kind = ["field", "variant"]
        .into_iter()
        .find(|kind| message.starts_with(&format!("unknown {kind} `")))?;
    let mut quoted = message.split('`').skip(1).step_by(2);
    let unknown = quoted.next()?;
    let known = quoted.min_by_key(|known| strsim::damerau_levenshtein(unknown, known))?;
    let noun = if kind == "field" { "key" } else { "value" };
    Some(format!(
        "unknown {noun} `{unknown}`; did you mean `{known}`?"
    ))
}

//! The configuration, `/etc/antiphon/antiphon.toml`: every key has a default, and without the file the defaults hold.
//!
//! Text comes in, a [`Config`] goes out, or a [`ConfigError`] that names the key, the line and the mend. A
//! configuration that is not wholly understood is refused: a misspelt key must not quietly leave a door open.

mod error;
mod exempt;
mod paths;

use serde::Deserialize;

pub use error::ConfigError;
pub(crate) use error::line_of;
pub use exempt::{Exempt, NetworkRule};
pub use paths::Paths;
pub(crate) use paths::is_plain_absolute;

use crate::text::Language;

/// What the administrator decided.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Whether the second factor is asked for, or only logged.
    pub mode: Mode,
    /// What happens to a person without a record.
    pub unenrolled: Unenrolled,
    /// Whether sshd must have seen a password or a key before we ask.
    pub first_factor: FirstFactor,
    /// The language of those whose record names none.
    pub language: Language,
    /// The issuer that authenticator apps show; the host's name if absent.
    pub organisation: Option<String>,
    /// How codes are checked.
    pub code: CodePolicy,
    /// When wrong codes close the way of codes.
    pub throttle: ThrottlePolicy,
    /// Who is not asked.
    pub exempt: Exempt,
    /// Where things stand.
    pub paths: Paths,
}

/// `mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Ask, and refuse who cannot answer.
    Enforce,
    /// Ask nobody and let everybody through; log what would have been done.
    Observe,
}

/// `unenrolled`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unenrolled {
    /// No record, no sign-in.
    Deny,
    /// No record, no second factor.
    Allow,
}

/// `first_factor`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FirstFactor {
    /// On sshd a sign-in with neither password nor key before us is refused unasked.
    Required,
    /// Another module, which leaves no trace that we can see, has asked.
    Optional,
}

/// `[code]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CodePolicy {
    /// Steps before and after the present one whose codes count (RFC 6238 §5.2 recommends 1); 0 to 10.
    pub window: u8,
}

/// `[throttle]`: times in seconds.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ThrottlePolicy {
    /// The wrong code in a row that brings the first lock; 1 to 100.
    pub attempts: u32,
    /// The length of the first lock; each wrong code from then on doubles it; 1 to `longest_lock`.
    pub first_lock: u32,
    /// The length at which doubling ends; at most a day.
    pub longest_lock: u32,
    /// Wrong codes in a row after which only a recovery code, an approval or root opens codes again; at most 100
    /// (NIST SP 800-63B-4, section 3.2.2).
    pub most_in_a_row: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            mode: Mode::Enforce,
            unenrolled: Unenrolled::Deny,
            first_factor: FirstFactor::Required,
            language: Language::English,
            organisation: None,
            code: CodePolicy::default(),
            throttle: ThrottlePolicy::default(),
            exempt: Exempt::default(),
            paths: Paths::default(),
        }
    }
}

impl Default for CodePolicy {
    fn default() -> Self {
        Self { window: 1 }
    }
}

impl Default for ThrottlePolicy {
    fn default() -> Self {
        Self {
            attempts: 5,
            first_lock: 30,
            longest_lock: 15 * 60,
            most_in_a_row: 100,
        }
    }
}

impl Config {
    /// Reads the text of a configuration.
    ///
    /// # Errors
    /// [`ConfigError`], which names the line and what to do.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let config: Self =
            toml::from_str(text).map_err(|error| ConfigError::from_toml(&error, text))?;
        config.check_ranges()?;
        Ok(config)
    }

    fn check_ranges(&self) -> Result<(), ConfigError> {
        let throttle = &self.throttle;
        let in_range = |key, value: u32, least, most| {
            if (least..=most).contains(&value) {
                Ok(())
            } else {
                Err(ConfigError::out_of_range(key, value, least, most))
            }
        };
        in_range("code.window", self.code.window.into(), 0, 10)?;
        in_range("throttle.most_in_a_row", throttle.most_in_a_row, 1, 100)?;
        in_range(
            "throttle.attempts",
            throttle.attempts,
            1,
            throttle.most_in_a_row,
        )?;
        in_range("throttle.longest_lock", throttle.longest_lock, 1, 86_400)?;
        in_range(
            "throttle.first_lock",
            throttle.first_lock,
            1,
            throttle.longest_lock,
        )?;
        if self.organisation.as_deref().is_some_and(|name| {
            name.is_empty() || name.contains(':') || name.chars().any(char::is_control)
        }) {
            return Err(ConfigError::value(
                "organisation",
                "must not be empty and must hold neither a colon nor control characters",
            ));
        }
        self.paths.check()
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests {
    use super::{Config, Mode, Unenrolled};

    #[test]
    fn an_empty_configuration_is_the_default_and_denies_the_unenrolled() {
        let config = Config::parse("").unwrap();
        assert_eq!(config, Config::default());
        assert_eq!(
            (config.mode, config.unenrolled),
            (Mode::Enforce, Unenrolled::Deny)
        );
    }

    #[test]
    fn the_shipped_file_says_the_defaults() {
        let shipped = include_str!("../../../../conf/antiphon.toml");
        assert_eq!(Config::parse(shipped).unwrap(), Config::default());
        // Its commented settings are the defaults too, spelt right.
        let uncommented: String = shipped
            .lines()
            .map(|line| line.strip_prefix("#: ").unwrap_or(line))
            .fold(String::new(), |text, line| text + line + "\n");
        assert_ne!(uncommented, shipped);
        Config::parse(&uncommented).unwrap();
    }

    #[test]
    fn a_misspelt_key_is_refused_with_its_line_and_the_nearest_known_one() {
        let error = Config::parse("language = \"sv\"\n\n[throttle]\natempts = 3\n").unwrap_err();
        let said = error.to_string();
        assert!(said.contains("line 4"), "{said}");
        assert!(
            said.contains("`atempts`") && said.contains("`attempts`"),
            "{said}"
        );
        let error = Config::parse("[trottle]\n").unwrap_err().to_string();
        assert!(
            error.contains("line 1") && error.contains("`throttle`"),
            "{error}"
        );
    }

    #[test]
    fn a_value_of_the_wrong_kind_or_range_is_refused_with_its_place() {
        for (text, expected) in [
            ("mode = \"off\"", "line 1"),
            ("\nunenrolled = true", "line 2"),
            ("[code]\nwindow = 11", "code.window"),
            ("[code]\nwindow = -1", "line 2"),
            ("[throttle]\nmost_in_a_row = 101", "throttle.most_in_a_row"),
            ("[throttle]\nattempts = 0", "throttle.attempts"),
            ("[throttle]\nlongest_lock = 10", "throttle.first_lock"),
            ("organisation = \"a:b\"", "organisation"),
            ("[paths]\nusers = \"relative\"", "paths.users"),
            ("[paths]\nstate = \"/a/../b\"", "paths.state"),
            ("mode = [\n", "line"),
            (
                "[[exempt.network]]\nnetworks = [\"10.0.0.0/8\"]\n",
                "services",
            ),
            (
                "[[exempt.network]]\nnetworks = [\"host.example\"]\nservices = [\"sshd\"]\n",
                "line 2",
            ),
        ] {
            let said = Config::parse(text).unwrap_err().to_string();
            assert!(said.contains(expected), "{text:?} gave {said}");
        }
    }
}

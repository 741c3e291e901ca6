//! The configuration, `/etc/antiphon/antiphon.toml`: every key has a default, and without the file the defaults hold.
//!
//! Text comes in, a [`Config`] goes out, or a [`ConfigError`] that names the key, the line and the fix. A
//! configuration that is not wholly understood is refused: a misspelt key must not quietly leave a door open.

mod enroll;
mod exempt;
pub(crate) mod network;
mod page;
mod paths;
mod place;
mod service;
mod telephone;

use std::fmt;

pub use enroll::Enroll;
pub use exempt::{Exempt, NetworkRule};
pub use page::{Page, Push, PushLimits, TlsFiles};
pub use paths::Paths;
pub use paths::is_plain_absolute;
pub use place::Place;
pub use service::Services;
pub use telephone::Telephone;

use crate::document::{Document, Fault, Section, Slip, whole_number, without_comments};
use crate::language::Language;

/// What the administrator decided.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// Who may enrol at the sign-in.
    pub enroll: Enroll,
    /// What networks are called.
    pub places: Vec<Place>,
    /// Where things stand.
    pub paths: Paths,
    /// Digits of the number that a terminal shows for an approval; 2 to 6.
    pub number_digits: u8,
    /// The phones' page.
    pub page: Page,
    /// How phones are called.
    pub push: Push,
    /// Which ways each PAM service allows.
    pub services: Services,
    /// Codes by text message and call.
    pub telephone: Telephone,
}

/// `mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Ask, and refuse who cannot answer.
    Enforce,
    /// Ask nobody and let everybody through; log what would have been done.
    Observe,
}

/// `unenrolled`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unenrolled {
    /// No record, no sign-in.
    Deny,
    /// No record, no second factor.
    Allow,
    /// No record, but one is made at the sign-in for whom [`Enroll`] lets.
    Enroll,
}

/// `first_factor`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstFactor {
    /// On sshd a sign-in with neither password nor key before us is refused unasked.
    Required,
    /// Another module, which leaves no trace that we can see, has asked.
    Optional,
}

/// `[code]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodePolicy {
    /// Steps before and after the present one whose codes count (RFC 6238 §5.2 recommends 1); 0 to 10.
    pub window: u8,
}

/// `[throttle]`: times in seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
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
            enroll: Enroll::default(),
            places: Vec::new(),
            paths: Paths::default(),
            number_digits: 2,
            page: Page::default(),
            push: Push::default(),
            services: Services::default(),
            telephone: Telephone::default(),
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

/// A configuration that cannot be used. `Display` is one line for the administrator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError(Fault);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for ConfigError {}

impl ConfigError {
    /// The line, from 1, where one is to blame.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        self.0.line()
    }

    /// The misspelt key, if it is one.
    #[must_use]
    pub fn slip(&self) -> Option<Slip<'_>> {
        self.0.slip()
    }
}

impl From<Fault> for ConfigError {
    fn from(fault: Fault) -> Self {
        Self(fault)
    }
}

impl Config {
    /// Reads the text of a configuration.
    ///
    /// # Errors
    /// [`ConfigError`], which names the line and what to do.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let text = without_comments(text);
        let document = Document::parse(&text)?;
        let mut top = document.root();
        let mut config = Self::default();
        top.set(
            &mut config.mode,
            "mode",
            "must be \"enforce\" or \"observe\"",
            |value| match value.as_str()? {
                "enforce" => Some(Mode::Enforce),
                "observe" => Some(Mode::Observe),
                _ => None,
            },
        )?;
        top.set(
            &mut config.unenrolled,
            "unenrolled",
            "must be \"deny\", \"enroll\" or \"allow\"",
            |value| match value.as_str()? {
                "deny" => Some(Unenrolled::Deny),
                "enroll" => Some(Unenrolled::Enroll),
                "allow" => Some(Unenrolled::Allow),
                _ => None,
            },
        )?;
        top.set(
            &mut config.first_factor,
            "first_factor",
            "must be \"required\" or \"optional\"",
            |value| match value.as_str()? {
                "required" => Some(FirstFactor::Required),
                "optional" => Some(FirstFactor::Optional),
                _ => None,
            },
        )?;
        top.set(&mut config.language, "language", Language::RULE, |value| {
            Language::from_tag(value.as_str()?)
        })?;
        let rule = "must be a name without colons and control characters";
        config.organisation = top.optional("organisation", rule, |value| {
            let name = value.as_str()?;
            let fits = !name.is_empty() && !name.contains(':') && !name.contains(char::is_control);
            fits.then(|| name.to_owned())
        })?;
        config.code.read(top.section("code")?)?;
        config.throttle.read(top.section("throttle")?)?;
        config.exempt.read(top.section("exempt")?)?;
        config.enroll.read(top.section("enroll")?)?;
        let places = top.sections("place")?.into_iter();
        config.places = places.map(Place::read).collect::<Result<_, _>>()?;
        config.paths.read(top.section("paths")?)?;
        top.set(
            &mut config.number_digits,
            "number_digits",
            "must be a whole number from 2 to 6",
            |value| {
                u8::try_from(whole_number(value)?)
                    .ok()
                    .filter(|digits| (2..=6).contains(digits))
            },
        )?;
        config.page.read(top.section("page")?)?;
        config.push.read(top.section("push")?)?;
        config.services.read(top.named_sections("service")?)?;
        config.telephone.read(top.section("telephone")?)?;
        // Read by those who need it: a slip in it must cost that way and not every sign-in.
        top.optional("gateway", "must be a table", toml::de::DeValue::as_table)?;
        top.done()?;
        Ok(config)
    }
}

impl CodePolicy {
    fn read(&mut self, mut section: Section<'_>) -> Result<(), Fault> {
        section.set(
            &mut self.window,
            "window",
            "must be a whole number from 0 to 10",
            |value| {
                whole_number(value)?
                    .try_into()
                    .ok()
                    .filter(|window| *window <= 10)
            },
        )?;
        section.done()
    }
}

impl ThrottlePolicy {
    fn read(&mut self, mut section: Section<'_>) -> Result<(), Fault> {
        let up_to = |most: u32| {
            move |value: &_| whole_number(value).filter(|number| (1..=most).contains(number))
        };
        section.set(
            &mut self.attempts,
            "attempts",
            "must be a whole number from 1 to 100",
            up_to(100),
        )?;
        let rule = "must be a whole number of seconds from 1 to 86400";
        section.set(&mut self.first_lock, "first_lock", rule, up_to(86_400))?;
        section.set(&mut self.longest_lock, "longest_lock", rule, up_to(86_400))?;
        section.set(
            &mut self.most_in_a_row,
            "most_in_a_row",
            "must be a whole number from 1 to 100",
            up_to(100),
        )?;
        section.done()?;
        for (key, value, most_key, most) in [
            (
                "throttle.attempts",
                self.attempts,
                "most_in_a_row",
                self.most_in_a_row,
            ),
            (
                "throttle.first_lock",
                self.first_lock,
                "longest_lock",
                self.longest_lock,
            ),
        ] {
            if value > most {
                let rule = format!("is {value}, more than {most_key}, which is {most}");
                return Err(Fault::rule(key, rule));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
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
            said.contains("`throttle.atempts`") && said.contains("`attempts`"),
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
            (
                "[throttle]\nattempts = 4\nmost_in_a_row = 3",
                "throttle.attempts",
            ),
            ("throttle = 3", "`throttle` must be a table"),
            ("[exempt]\nnetwork = [3]", "array of tables"),
            ("organisation = \"a:b\"", "organisation"),
            ("[paths]\nusers = \"relative\"", "paths.users"),
            ("[paths]\nstate = \"/a/../b\"", "paths.state"),
            ("[paths]\nstate = \"/etc//antiphon/users/\"", "paths.state"),
            (
                "[paths]\nusers = \"/a\"\nactivity = \"/a\"",
                "paths.activity",
            ),
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

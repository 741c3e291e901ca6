//! The configuration, `/etc/antiphon/antiphon.toml`. Every key has a default; without the file, the defaults apply.
//!
//! [`Config::parse`] returns a [`Config`], or a [`ConfigError`] that names the key, the line and the fix. A
//! configuration with any unknown key or invalid value is refused: a typo must not silently leave a door open.

mod enroll;
mod exempt;
mod fleet;
mod metrics;
pub(crate) mod network;
mod organisation;
mod page;
mod paths;
mod place;
mod provider;
mod rollout;
mod service;
mod telephone;

pub use enroll::Enroll;
pub use exempt::{Exempt, NetworkRule};
pub use fleet::{Fleet, Relay};
pub use metrics::Metrics;
pub use organisation::Organisation;
pub use page::{Page, Push, PushLimits, TlsFiles};
pub(crate) use paths::PATH_RULE;
pub use paths::{Paths, is_plain_absolute};
pub use place::Place;
pub(crate) use provider::{CONSUMERS, is_guid};
pub use provider::{CheckDigitsWhen, Label, Provider, Strength, StrengthClaim, SubjectClaim};
pub use rollout::{Applies, Membership, Rollout, Turn, Unclear};
pub use service::Services;
pub use telephone::Telephone;

pub use crate::document::Fault as ConfigError;
use crate::document::{Document, Fault, Section, without_comments};
use crate::language::Language;
pub use crate::web_origin::{origin_of, secure_origin_of};

/// The administrator's configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Whether to ask for the second factor or only to log.
    pub mode: Mode,
    /// What happens to a person without a record, unless one of `rollout` says it.
    pub unenrolled: Unenrolled,
    /// What happens to people without a record, by group and date.
    pub rollout: Vec<Rollout>,
    /// Whether sshd must have checked a password or a key before us.
    pub first_factor: FirstFactor,
    /// The language of people whose record sets none.
    pub language: Language,
    /// Who people belong to, and whom they ask for help.
    pub organisation: Organisation,
    /// How codes are checked.
    pub code: CodePolicy,
    /// When wrong codes lock codes.
    pub throttle: ThrottlePolicy,
    /// Who is exempt.
    pub exempt: Exempt,
    /// Who may enrol during a sign-in.
    pub enroll: Enroll,
    /// Names of networks.
    pub places: Vec<Place>,
    /// Where files and the socket are.
    pub paths: Paths,
    /// Length of the number shown for an approval, in digits; 2 to 6.
    pub number_digits: u8,
    /// The page that phones open.
    pub page: Page,
    /// Push notifications to phones.
    pub push: Push,
    /// The methods that each PAM service allows.
    pub services: Services,
    /// Codes by text message and call.
    pub telephone: Telephone,
    /// Providers of the organisation's accounts.
    pub providers: Vec<Provider>,
    /// Where the daemon shows its figures.
    pub metrics: Metrics,
    /// Whether people's phones are known from a fleet.
    pub fleet: Option<Fleet>,
    /// Whether the daemon carries for a fleet's hosts.
    pub relay: Option<Relay>,
}

/// `mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Ask, and refuse whoever cannot answer.
    Enforce,
    /// As [`Mode::Rehearse`] until the person has given their first right answer, from then on as [`Mode::Enforce`].
    EnforceAfterSuccess,
    /// Ask, say what was right or wrong, and let in whatever the answer is.
    Rehearse,
    /// Ask nobody and let everybody in; log what would have been done.
    Observe,
}

/// `unenrolled`, the strictest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unenrolled {
    /// No record, no second factor.
    Allow,
    /// Without a record, make one at the sign-in, if [`Enroll`] allows it.
    Enroll,
    /// No record, no sign-in.
    Deny,
}

/// `first_factor`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstFactor {
    /// On sshd, refuse a sign-in that had neither password nor key before us.
    Required,
    /// Another module checks a first factor without a trace that we can see.
    Optional,
}

/// `[code]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodePolicy {
    /// Accepted steps before and after the current one (RFC 6238 §5.2 recommends 1); 0 to 10.
    pub window: u8,
}

/// `[throttle]`, in seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThrottlePolicy {
    /// How many wrong codes in a row cause the first lock; 1 to 100.
    pub attempts: u32,
    /// Length of the first lock, doubled by each further wrong code; 1 to `longest_lock`.
    pub first_lock: u32,
    /// Maximum length of a lock; at most a day.
    pub longest_lock: u32,
    /// Wrong codes in a row after which only a recovery code, an approval or root unlocks codes; at most 100 (NIST SP
    /// 800-63B-4, section 3.2.2).
    pub most_in_a_row: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            mode: Mode::Enforce,
            unenrolled: Unenrolled::Deny,
            rollout: Vec::new(),
            first_factor: FirstFactor::Required,
            language: Language::English,
            organisation: Organisation::default(),
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
            providers: Vec::new(),
            metrics: Metrics::default(),
            fleet: None,
            relay: None,
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
    /// Parses a configuration.
    ///
    /// # Errors
    /// [`ConfigError`], which names the line and what to do.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        // A fault is looked for again where each line has its number.
        Self::read(&without_comments(text)).or_else(|_| Self::read(text))
    }

    /// The provider called `name`.
    #[must_use]
    pub fn provider(&self, name: &str) -> Option<&Provider> {
        self.providers.iter().find(|provider| provider.name == name)
    }

    fn read(text: &str) -> Result<Self, ConfigError> {
        let document = Document::parse(text)?;
        let mut top = document.root();
        let mut config = Self::default();
        top.set(
            &mut config.mode,
            "mode",
            "must be \"enforce\", \"enforce-after-success\", \"rehearse\" or \"observe\"",
            |value| match value.as_str()? {
                "enforce" => Some(Mode::Enforce),
                "enforce-after-success" => Some(Mode::EnforceAfterSuccess),
                "rehearse" => Some(Mode::Rehearse),
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
        for section in top.sections("rollout")? {
            let rollout = Rollout::read(section)?;
            let is_same = |other: &Rollout| other.group == rollout.group;
            if config.rollout.iter().any(is_same) {
                let rule = format!(
                    "names {} twice: write its dates in one table",
                    rollout.group
                );
                return Err(Fault::rule("rollout.group", rule));
            }
            config.rollout.push(rollout);
        }
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
        config.organisation.read(&mut top)?;
        config.code.read(top.section("code")?)?;
        config.throttle.read(top.section("throttle")?)?;
        config.exempt.read(top.section("exempt")?)?;
        config.enroll.read(top.section("enroll")?)?;
        let places = top.sections("place")?.into_iter();
        config.places = places.map(Place::read).collect::<Result<_, _>>()?;
        config.paths.read(top.section("paths")?)?;
        top.set_number(&mut config.number_digits, "number_digits", 2..=6)?;
        config.page.read(top.section("page")?)?;
        config.push.read(top.section("push")?)?;
        config.services.read(top.named_sections("service")?)?;
        config.telephone.read(top.section("telephone")?)?;
        config.providers = Provider::read_all(top.sections("provider")?)?;
        config.metrics.read(top.section("metrics")?)?;
        config.fleet = Fleet::read(top.section("fleet")?)?;
        config.relay = Relay::read(top.section("relay")?)?;
        // Parsed by those who need it: a mistake there must disable sending only, not every sign-in.
        top.optional("gateway", "must be a table", toml::de::DeValue::as_table)?;
        top.done()?;
        config.check_fleet()?;
        Ok(config)
    }
}

impl CodePolicy {
    fn read(&mut self, mut section: Section<'_>) -> Result<(), Fault> {
        section.set_number(&mut self.window, "window", 0..=10)?;
        section.done()
    }
}

impl ThrottlePolicy {
    fn read(&mut self, mut section: Section<'_>) -> Result<(), Fault> {
        section.set_number(&mut self.attempts, "attempts", 1..=100)?;
        section.set_seconds(&mut self.first_lock, "first_lock")?;
        section.set_seconds(&mut self.longest_lock, "longest_lock")?;
        section.set_number(&mut self.most_in_a_row, "most_in_a_row", 1..=100)?;
        section.done()?;
        let (attempts, in_a_row) = (self.attempts, self.most_in_a_row);
        if attempts > in_a_row {
            let rule = format!("is {attempts}, more than most_in_a_row, which is {in_a_row}");
            return Err(Fault::rule("throttle.attempts", rule));
        }
        let (first, longest) = (self.first_lock, self.longest_lock);
        if first > longest {
            let rule = format!("is {first}, more than longest_lock, which is {longest}");
            return Err(Fault::rule("throttle.first_lock", rule));
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
        // Its commented-out settings are valid too.
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

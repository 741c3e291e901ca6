//! Whether this sign-in is asked at all. Every way to be let through unasked stands in this file.

use crate::config::{Config, Mode, Unenrolled};
use crate::outcome::Refusal;

/// What the rules look at.
#[derive(Debug, Clone, Copy)]
pub struct SignIn<'a> {
    /// The PAM service.
    pub service: &'a str,
    /// `PAM_RHOST`, empty if there is none.
    pub remote_host: &'a str,
    /// Those of the configured groups that the person is a member of.
    pub groups: &'a [String],
    /// Whether the user database gives this very name for the person's user id. It does not for a second name of root
    /// (`toor`), nor for a directory that echoes the case that was typed.
    pub is_the_name_of_its_uid: bool,
}

/// Leave to pass without a factor. It cannot be made outside this module.
#[derive(Debug, PartialEq, Eq)]
pub struct Exemption {
    rule: Rule,
}

/// The rule that exempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// `mode = "observe"`.
    Observed,
    /// `exempt.services`.
    Service,
    /// `[[exempt.network]]`.
    Network,
    /// `exempt.groups`.
    Group,
    /// `unenrolled = "allow"`.
    Unenrolled,
}

impl Exemption {
    /// By which rule.
    #[must_use]
    pub fn rule(&self) -> Rule {
        self.rule
    }
}

impl Rule {
    /// The word after `reason=` in the log.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Observed => "observed",
            Self::Service => "exempt-service",
            Self::Network => "exempt-network",
            Self::Group => "exempt-group",
            Self::Unenrolled => "unenrolled-allowed",
        }
    }
}

/// The exemption of `mode = "observe"`, if that is the mode.
#[must_use]
pub fn observed(config: &Config) -> Option<Exemption> {
    (config.mode == Mode::Observe).then_some(Exemption {
        rule: Rule::Observed,
    })
}

/// The exemption that `[exempt]` gives this sign-in, if any.
#[must_use]
pub fn exempted(config: &Config, sign_in: SignIn<'_>) -> Option<Exemption> {
    let exempt = &config.exempt;
    let rule = if exempt
        .services
        .iter()
        .any(|listed| listed == sign_in.service)
    {
        Rule::Service
    } else if exempt
        .network
        .iter()
        .any(|rule| rule.covers(sign_in.service, sign_in.remote_host))
    {
        Rule::Network
    } else if exempt
        .groups
        .iter()
        .any(|listed| sign_in.groups.contains(listed))
    {
        Rule::Group
    } else {
        return None;
    };
    Some(Exemption { rule })
}

/// What becomes of a person who is not enrolled.
///
/// # Errors
/// The refusal, unless the configuration says `unenrolled = "allow"` and the name is the one that the user database
/// gives for this user id: a second name must not lead around the record of the first.
pub fn unenrolled(config: &Config, sign_in: SignIn<'_>) -> Result<Exemption, Refusal> {
    match config.unenrolled {
        Unenrolled::Allow if sign_in.is_the_name_of_its_uid => Ok(Exemption {
            rule: Rule::Unenrolled,
        }),
        Unenrolled::Allow | Unenrolled::Deny => Err(Refusal::NotEnrolled),
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
    use super::{Rule, SignIn, exempted, observed, unenrolled};
    use crate::config::Config;
    use crate::outcome::Refusal;

    const PLAIN: SignIn<'_> = SignIn {
        service: "sshd",
        remote_host: "203.0.113.5",
        groups: &[],
        is_the_name_of_its_uid: true,
    };

    #[test]
    fn the_default_configuration_lets_nobody_through_unasked() {
        let config = Config::default();
        assert_eq!(observed(&config), None);
        assert_eq!(exempted(&config, PLAIN), None);
        assert_eq!(unenrolled(&config, PLAIN), Err(Refusal::NotEnrolled));
    }

    #[test]
    fn each_rule_exempts_what_it_names_and_nothing_else() {
        let config = Config::parse(
            "[exempt]\nservices = [\"cron\"]\ngroups = [\"robots\"]\n\
             [[exempt.network]]\nnetworks = [\"10.0.0.0/8\"]\nservices = [\"sshd\"]\n",
        )
        .unwrap();
        let robots = ["robots".to_owned()];
        for (sign_in, expected) in [
            (PLAIN, None),
            (
                SignIn {
                    service: "cron",
                    ..PLAIN
                },
                Some(Rule::Service),
            ),
            (
                SignIn {
                    remote_host: "10.9.9.9",
                    ..PLAIN
                },
                Some(Rule::Network),
            ),
            (
                SignIn {
                    remote_host: "10.9.9.9",
                    service: "sudo",
                    ..PLAIN
                },
                None,
            ),
            (
                SignIn {
                    remote_host: "",
                    ..PLAIN
                },
                None,
            ),
            (
                SignIn {
                    groups: &robots,
                    ..PLAIN
                },
                Some(Rule::Group),
            ),
            (
                SignIn {
                    groups: &["people".to_owned()],
                    ..PLAIN
                },
                None,
            ),
        ] {
            assert_eq!(
                exempted(&config, sign_in).map(|exemption| exemption.rule()),
                expected
            );
        }
    }

    #[test]
    fn allowing_the_unenrolled_does_not_hold_for_a_second_name_of_a_user_id() {
        let config = Config::parse("unenrolled = \"allow\"\n").unwrap();
        assert_eq!(unenrolled(&config, PLAIN).unwrap().rule(), Rule::Unenrolled);
        let toor = SignIn {
            is_the_name_of_its_uid: false,
            ..PLAIN
        };
        assert_eq!(unenrolled(&config, toor), Err(Refusal::NotEnrolled));
    }

    #[test]
    fn only_the_mode_observe_observes() {
        let config = Config::parse("mode = \"observe\"\n").unwrap();
        assert_eq!(observed(&config).unwrap().rule(), Rule::Observed);
    }
}

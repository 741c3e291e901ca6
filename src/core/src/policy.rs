//! Whether this sign-in needs a second factor. Every exemption is decided in this file.

use crate::config::network::is_host_name;
use crate::config::{Config, Mode, Unenrolled};
use crate::method::Method;
use crate::record::Record;
use crate::refusal::{EnrolmentClosed, Refusal};
use crate::time::UnixTime;
use crate::way;

/// The input of the rules.
#[derive(Debug, Clone, Copy)]
pub struct SignIn<'a> {
    /// The PAM service.
    pub service: &'a str,
    /// `PAM_RHOST`, empty if there is none.
    pub remote_host: &'a str,
    /// The person's groups, out of those in the configuration.
    pub groups: &'a [String],
    /// Whether the user database maps the person's user id back to this name. It does not for a second name of root
    /// (`toor`), or with a directory that echoes the name as typed.
    pub is_the_name_of_its_uid: bool,
}

/// Permission to pass without a factor. Only this module can make one.
#[derive(Debug, PartialEq, Eq)]
pub struct Exemption {
    rule: Rule,
}

/// The exempting rule.
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
    /// The exempting rule.
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

/// The exemption by `mode = "observe"`, if set.
#[must_use]
pub fn observed(config: &Config) -> Option<Exemption> {
    (config.mode == Mode::Observe).then_some(Exemption {
        rule: Rule::Observed,
    })
}

/// The exemption by `[exempt]`, if any applies.
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

/// Whether a network rule might exempt this sign-in if the host had given an address rather than a name. A name never
/// matches, which puzzles whoever wrote the rule.
#[must_use]
pub fn lacks_address(config: &Config, service: &str, remote_host: &str) -> bool {
    let mut rules = config.exempt.network.iter();
    is_host_name(remote_host) && rules.any(|rule| rule.is_for(service))
}

/// Decides about a person who is not enrolled.
///
/// # Errors
/// The refusal, unless the configuration says `unenrolled = "allow"` and the user database maps the user id back to
/// this name: a second name must not bypass the record of the first.
pub fn unenrolled(config: &Config, sign_in: SignIn<'_>) -> Result<Exemption, Refusal> {
    match config.unenrolled {
        Unenrolled::Allow if sign_in.is_the_name_of_its_uid => Ok(Exemption {
            rule: Rule::Unenrolled,
        }),
        Unenrolled::Allow | Unenrolled::Enroll | Unenrolled::Deny => Err(Refusal::NotEnrolled),
    }
}

/// Permission to create a record during the sign-in. Only this module can make one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MayEnrol {
    number_first: bool,
}

impl MayEnrol {
    /// Whether a code sent to the number on file must be verified before anything is shown.
    #[must_use]
    pub fn number_first(self) -> bool {
        self.number_first
    }
}

/// Whether a person who has `record` may enrol in this sign-in; `groups` are the person's groups out of those in
/// `enroll.groups`. Otherwise the person is refused as with `unenrolled = "deny"`.
///
/// # Errors
/// The refusal, with the first rule that is not met.
pub fn may_enrol(
    config: &Config,
    sign_in: SignIn<'_>,
    groups: &[String],
    record: Option<&Record>,
    now: UnixTime,
) -> Result<MayEnrol, Refusal> {
    let rules = &config.enroll;
    let closed = |why| Err(Refusal::EnrolmentClosed(why));
    if config.unenrolled != Unenrolled::Enroll {
        return Err(Refusal::NotEnrolled);
    }
    if record.is_some_and(|record| !record.is_beginning()) {
        return Err(Refusal::NothingToAsk);
    }
    if !sign_in.is_the_name_of_its_uid {
        return closed(EnrolmentClosed::SecondName);
    }
    if rules.until.is_some_and(|until| now >= until) {
        return closed(EnrolmentClosed::Over);
    }
    if !rules.covers(sign_in.remote_host) {
        return closed(if is_host_name(sign_in.remote_host) {
            EnrolmentClosed::HostName
        } else {
            EnrolmentClosed::Network
        });
    }
    let is_member = rules.groups.iter().any(|listed| groups.contains(listed));
    if !rules.groups.is_empty() && !is_member {
        return closed(EnrolmentClosed::Group);
    }
    // Enrolment here sets up codes: on a service that does not accept codes, it would let the person in just this once.
    if !config.services.allows(sign_in.service, Method::Code) {
        return Err(Refusal::NoMethodAllowed);
    }
    if rules.number_on_file && record.is_none() {
        return closed(EnrolmentClosed::NoNumber);
    }
    // Whoever can be asked by telephone is asked: enrolling must not be easier than signing in.
    let can_be_asked = record.is_some_and(|record| way::has_any(record, config));
    Ok(MayEnrol {
        number_first: rules.number_on_file || can_be_asked,
    })
}

#[cfg(test)]
mod tests {
    use super::{MayEnrol, Rule, SignIn, exempted, lacks_address, may_enrol, observed, unenrolled};
    use crate::config::Config;
    use crate::name::UserName;
    use crate::record::Record;
    use crate::refusal::{EnrolmentClosed, Refusal};
    use crate::time::UnixTime;

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
    fn a_host_name_is_missed_as_an_address_only_where_a_network_counts() {
        let config = Config::parse(
            "[[exempt.network]]\nnetworks = [\"10.0.0.0/8\"]\nservices = [\"sshd\"]\n",
        )
        .unwrap();
        for (service, remote_host, expected) in [
            ("sshd", "laptop.example.org", true),
            ("sshd", "10.0.0.1", false),
            ("sshd", "203.0.113.5", false),
            ("sshd", "", false),
            ("sudo", "laptop.example.org", false),
        ] {
            let lacks = [&config, &Config::default()]
                .map(|config| lacks_address(config, service, remote_host));
            assert_eq!(lacks, [expected, false], "{service} {remote_host}");
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

    fn record(text: &str) -> Record {
        let alice = UserName::new("alice").unwrap();
        Record::parse(&format!("version = 1\nuser = \"alice\"\n{text}"), &alice).unwrap()
    }

    #[test]
    fn every_rule_of_enrolment_must_hold() {
        let config = Config::parse(
            "unenrolled = \"enroll\"\n[enroll]\ngroups = [\"staff\"]\nnetworks = [\"203.0.113.0/24\"]\n\
             until = 2027-01-31\nnumber_on_file = true\n",
        )
        .unwrap();
        let number = record("[[number]]\ntel = \"+46701234521\"\nuses = [\"sms\"]\n");
        let staff = ["staff".to_owned()];
        let last = UnixTime(config.enroll.until.unwrap().0 - 1);
        let ask = |config, sign_in, groups, record, now| {
            may_enrol(config, sign_in, groups, record, now).map(MayEnrol::number_first)
        };
        assert_eq!(ask(&config, PLAIN, &staff, Some(&number), last), Ok(true));
        let toor = SignIn {
            is_the_name_of_its_uid: false,
            ..PLAIN
        };
        let elsewhere = SignIn {
            remote_host: "198.51.100.1",
            ..PLAIN
        };
        let console = SignIn {
            remote_host: "",
            ..PLAIN
        };
        let named = SignIn {
            remote_host: "laptop.example.org",
            ..PLAIN
        };
        let some = Some(&number);
        for (sign_in, groups, record, now, why) in [
            (toor, &staff[..], some, last, EnrolmentClosed::SecondName),
            (elsewhere, &staff, some, last, EnrolmentClosed::Network),
            (console, &staff, some, last, EnrolmentClosed::Network),
            (named, &staff, some, last, EnrolmentClosed::HostName),
            (PLAIN, &[], some, last, EnrolmentClosed::Group),
            (PLAIN, &staff, some, last.plus(1), EnrolmentClosed::Over),
            (PLAIN, &staff, None, last, EnrolmentClosed::NoNumber),
        ] {
            assert_eq!(
                ask(&config, sign_in, groups, record, now),
                Err(Refusal::EnrolmentClosed(why))
            );
        }
    }

    #[test]
    fn nobody_enrols_over_a_record_that_holds_more_than_numbers_or_nothing_at_all() {
        let config = Config::parse("unenrolled = \"enroll\"\n").unwrap();
        let code = "[code]\nsecret = \"JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP\"\nalgorithm = \"SHA1\"\ndigits = 6\n\
                    period = 30\n";
        let recovery = "[recovery]\nsalt = \"AAECAwQFBgcICQoLDA0ODw\"\nhashes = []\n";
        for text in ["", "language = \"sv\"\n", code, recovery] {
            let record = record(text);
            let asked = may_enrol(&config, PLAIN, &[], Some(&record), UnixTime(0));
            assert_eq!(asked, Err(Refusal::NothingToAsk), "{text}");
        }
        let asked = may_enrol(&config, PLAIN, &[], None, UnixTime(0)).unwrap();
        assert!(!asked.number_first());
        // Whoever could sign in with a text message needs one to enrol.
        let number = record("[[number]]\ntel = \"+46701234521\"\nuses = [\"sms\"]\n");
        for (text, first) in [
            ("", false),
            ("[telephone]\ncall = true\n", false),
            ("[telephone]\nsms = true\n", true),
        ] {
            let config = Config::parse(&format!("unenrolled = \"enroll\"\n{text}")).unwrap();
            let asked = may_enrol(&config, PLAIN, &[], Some(&number), UnixTime(0)).unwrap();
            assert_eq!(asked.number_first(), first, "{text}");
        }
    }

    #[test]
    fn nobody_enrols_at_a_service_that_takes_no_codes() {
        let config = Config::parse(
            "unenrolled = \"enroll\"\n[service.sudo]\nmethods = [\"approval\", \"recovery\"]\n\
             [service.su]\nmethods = [\"code\"]\n",
        )
        .unwrap();
        for (service, expected) in [
            ("sudo", Err(Refusal::NoMethodAllowed)),
            ("sudo-i", Err(Refusal::NoMethodAllowed)),
            ("su", Ok(false)),
            ("sshd", Ok(false)),
        ] {
            let sign_in = SignIn { service, ..PLAIN };
            let asked = may_enrol(&config, sign_in, &[], None, UnixTime(0));
            assert_eq!(asked.map(MayEnrol::number_first), expected, "{service}");
        }
    }

    #[test]
    fn nobody_enrols_where_the_configuration_does_not_say_so() {
        for text in ["", "unenrolled = \"allow\"\n", "[enroll]\ngroups = []\n"] {
            let config = Config::parse(text).unwrap();
            assert!(may_enrol(&config, PLAIN, &[], None, UnixTime(0)).is_err());
        }
        let config = Config::parse("unenrolled = \"enroll\"\n").unwrap();
        assert_eq!(unenrolled(&config, PLAIN), Err(Refusal::NotEnrolled));
    }
}

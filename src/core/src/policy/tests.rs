use super::{
    MayEnrol, Newcomer, Rule, SignIn, exempted, is_rehearsal, lacks_address, may_enrol, observed,
    rehearsed, unenrolled,
};
use crate::config::{Config, Unenrolled};
use crate::name::UserName;
use crate::outcome::{Outcome, Trouble};
use crate::record::Record;
use crate::refusal::{EnrolmentClosed, Refusal};
use crate::state::Gate;
use crate::time::UnixTime;

const PLAIN: SignIn<'_> = SignIn {
    service: "sshd",
    remote_host: "203.0.113.5",
    groups: &[],
};

/// A person in no group, of whom `unenrolled` decides.
fn newcomer(config: &Config) -> Newcomer<'_> {
    Newcomer {
        rule: config.unenrolled,
        is_the_name_of_its_uid: true,
        groups: &[],
    }
}

fn allowed(config: &Config) -> Result<Rule, Refusal> {
    unenrolled(newcomer(config)).map(|exemption| exemption.rule())
}

#[test]
fn the_default_configuration_lets_nobody_through_unasked() {
    let config = Config::default();
    assert_eq!(observed(&config), None);
    assert_eq!(exempted(&config, PLAIN), None);
    assert_eq!(allowed(&config), Err(Refusal::NotEnrolled));
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
    let config =
        Config::parse("[[exempt.network]]\nnetworks = [\"10.0.0.0/8\"]\nservices = [\"sshd\"]\n")
            .unwrap();
    for (service, remote_host, expected) in [
        ("sshd", "laptop.example.org", true),
        ("sshd", "10.0.0.1", false),
        ("sshd", "203.0.113.5", false),
        ("sshd", "", false),
        ("sudo", "laptop.example.org", false),
    ] {
        let lacks =
            [&config, &Config::default()].map(|config| lacks_address(config, service, remote_host));
        assert_eq!(lacks, [expected, false], "{service} {remote_host}");
    }
}

#[test]
fn allowing_the_unenrolled_does_not_hold_for_a_second_name_of_a_user_id() {
    let config = Config::parse("unenrolled = \"allow\"\n").unwrap();
    assert_eq!(allowed(&config), Ok(Rule::Unenrolled));
    let toor = Newcomer {
        is_the_name_of_its_uid: false,
        ..newcomer(&config)
    };
    assert_eq!(unenrolled(toor), Err(Refusal::NotEnrolled));
}

#[test]
fn each_mode_lets_in_whom_it_says_and_nobody_else() {
    let wrong = || Outcome::Refused(Refusal::Wrong);
    for (mode, everybody, tried, untried) in [
        ("enforce", None, false, false),
        ("enforce-after-success", None, false, true),
        ("rehearse", Some(Rule::Rehearsed), true, true),
        ("observe", Some(Rule::Observed), false, false),
    ] {
        let config = Config::parse(&format!("mode = \"{mode}\"\n")).unwrap();
        let rule = observed(&config).map(|exemption| exemption.rule());
        assert_eq!(rule, everybody, "{mode}");
        for (is_untried, expected) in [(false, tried), (true, untried)] {
            assert_eq!(is_rehearsal(&config, is_untried), expected, "{mode}");
            let exemption = rehearsed(&config, is_untried, &wrong());
            assert_eq!(exemption.is_some(), expected, "{mode}");
        }
    }
}

#[test]
fn a_rehearsal_lets_in_after_every_failure_but_not_whom_the_person_turned_away() {
    let trouble = Trouble::new("state", &"x");
    for (outcome, is_let_in) in [
        (Outcome::Refused(Refusal::Wrong), true),
        (Outcome::Refused(Refusal::NoAnswer), true),
        (Outcome::Refused(Refusal::CannotAsk), true),
        (Outcome::Refused(Refusal::NoMethodAllowed), true),
        (Outcome::Locked(Gate::Closed), true),
        (Outcome::Unusable(trouble), true),
        (Outcome::Cancelled, false),
        (Outcome::Refused(Refusal::Reported), false),
        (Outcome::Refused(Refusal::Mistake), false),
        (Outcome::Refused(Refusal::NotTheirs), false),
    ] {
        let config = Config::parse("mode = \"rehearse\"\n").unwrap();
        let exemption = rehearsed(&config, false, &outcome);
        let rule = exemption.map(|exemption| exemption.rule());
        assert_eq!(rule, is_let_in.then_some(Rule::Rehearsed), "{outcome:?}");
        assert_eq!(rehearsed(&Config::default(), true, &outcome), None);
    }
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
    let ask = |sign_in, newcomer, record, now| {
        may_enrol(&config, sign_in, newcomer, record, now).map(MayEnrol::number_first)
    };
    let anna = Newcomer {
        groups: &staff,
        ..newcomer(&config)
    };
    assert_eq!(ask(PLAIN, anna, Some(&number), last), Ok(true));
    let toor = Newcomer {
        is_the_name_of_its_uid: false,
        ..anna
    };
    let guest = Newcomer {
        groups: &[],
        ..anna
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
    for (sign_in, newcomer, record, now, why) in [
        (PLAIN, toor, some, last, EnrolmentClosed::SecondName),
        (elsewhere, anna, some, last, EnrolmentClosed::Network),
        (console, anna, some, last, EnrolmentClosed::Network),
        (named, anna, some, last, EnrolmentClosed::HostName),
        (PLAIN, guest, some, last, EnrolmentClosed::Group),
        (PLAIN, anna, some, last.plus(1), EnrolmentClosed::Over),
        (PLAIN, anna, None, last, EnrolmentClosed::NoNumber),
    ] {
        assert_eq!(
            ask(sign_in, newcomer, record, now),
            Err(Refusal::EnrolmentClosed(why))
        );
    }
    for rule in [Unenrolled::Allow, Unenrolled::Deny] {
        let asked = ask(PLAIN, Newcomer { rule, ..anna }, some, last);
        assert_eq!(asked, Err(Refusal::NotEnrolled));
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
        let asked = may_enrol(
            &config,
            PLAIN,
            newcomer(&config),
            Some(&record),
            UnixTime(0),
        );
        assert_eq!(asked, Err(Refusal::NothingToAsk), "{text}");
    }
    let asked = may_enrol(&config, PLAIN, newcomer(&config), None, UnixTime(0)).unwrap();
    assert!(!asked.number_first());
    // Whoever could sign in with a text message needs one to enrol.
    let number = record("[[number]]\ntel = \"+46701234521\"\nuses = [\"sms\"]\n");
    for (text, first) in [
        ("", false),
        ("[telephone]\ncall = true\n", false),
        ("[telephone]\nsms = true\n", true),
    ] {
        let config = Config::parse(&format!("unenrolled = \"enroll\"\n{text}")).unwrap();
        let asked = may_enrol(
            &config,
            PLAIN,
            newcomer(&config),
            Some(&number),
            UnixTime(0),
        )
        .unwrap();
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
        let asked = may_enrol(&config, sign_in, newcomer(&config), None, UnixTime(0));
        assert_eq!(asked.map(MayEnrol::number_first), expected, "{service}");
    }
}

#[test]
fn nobody_enrols_where_the_configuration_does_not_say_so() {
    for text in ["", "unenrolled = \"allow\"\n", "[enroll]\ngroups = []\n"] {
        let config = Config::parse(text).unwrap();
        assert!(may_enrol(&config, PLAIN, newcomer(&config), None, UnixTime(0)).is_err());
    }
    let config = Config::parse("unenrolled = \"enroll\"\n").unwrap();
    assert_eq!(allowed(&config), Err(Refusal::NotEnrolled));
}

#[test]
fn the_log_has_a_word_for_each_rule() {
    let words = [
        (Rule::Observed, "observed"),
        (Rule::Rehearsed, "rehearsed"),
        (Rule::Service, "exempt-service"),
        (Rule::Network, "exempt-network"),
        (Rule::Group, "exempt-group"),
        (Rule::Unenrolled, "unenrolled-allowed"),
    ];
    for (rule, word) in words {
        assert_eq!(rule.word(), word);
    }
}

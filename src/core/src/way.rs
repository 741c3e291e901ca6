//! The methods available to one person on one service: what the record has, the service allows, and the host supports,
//! in the service's order.

use crate::config::Config;
use crate::method::Method;
use crate::record::{Record, TelephoneNumber, TelephoneUse};

/// One method, as an entry to choose from a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way<'r> {
    /// An approval on a phone.
    Approval,
    /// A code from an authenticator app.
    Code,
    /// A code sent to this number.
    Telephone(TelephoneUse, &'r TelephoneNumber),
    /// A recovery code.
    Recovery,
}

impl Way<'_> {
    /// The method.
    #[must_use]
    pub fn method(self) -> Method {
        match self {
            Self::Approval => Method::Approval,
            Self::Code => Method::Code,
            Self::Telephone(by, _) => by.method(),
            Self::Recovery => Method::Recovery,
        }
    }
}

/// The methods of `record` on the PAM service `service`, in order of preference. If empty, the person cannot sign in
/// there.
///
/// Ignores whether one is locked or used up, which is known only under the lock of the state.
#[must_use]
pub fn ways<'r>(record: &'r Record, config: &Config, service: &str) -> Vec<Way<'r>> {
    among(config.services.methods(service), record, config)
}

/// Whether `record` has any method at all, whatever services allow.
#[must_use]
pub fn has_any(record: &Record, config: &Config) -> bool {
    !among(&Method::ALL, record, config).is_empty()
}

fn among<'r>(methods: &[Method], record: &'r Record, config: &Config) -> Vec<Way<'r>> {
    let mut ways = Vec::new();
    for method in methods {
        match method {
            Method::Approval => ways.extend(record.phones.first().map(|_| Way::Approval)),
            Method::Code => ways.extend(record.code.as_ref().map(|_| Way::Code)),
            Method::Recovery => ways.extend(record.recovery.as_ref().map(|_| Way::Recovery)),
            Method::Sms if config.telephone.sms => {
                ways.extend(by_telephone(record, TelephoneUse::Sms));
            }
            Method::Call if config.telephone.call => {
                ways.extend(by_telephone(record, TelephoneUse::Call));
            }
            Method::Sms | Method::Call | Method::Bypass | Method::Enrolment => {}
        }
    }
    ways
}

fn by_telephone(record: &Record, by: TelephoneUse) -> impl Iterator<Item = Way<'_>> {
    record
        .numbers
        .iter()
        .filter(move |number| number.uses.contains(&by))
        .map(move |number| Way::Telephone(by, number))
}

#[cfg(test)]
mod tests {
    use super::{Way, ways};
    use crate::config::Config;
    use crate::method::Method;
    use crate::name::UserName;
    use crate::record::{CodeSecret, Record, TelephoneNumber, TelephoneUse};
    use crate::recovery::{RecoveryCode, hashes_of};

    fn number(tel: &str, uses: &[TelephoneUse]) -> TelephoneNumber {
        TelephoneNumber {
            tel: tel.into(),
            uses: uses.to_vec(),
        }
    }

    fn alice() -> Record {
        let mut record = Record::new(&UserName::new("alice").unwrap());
        record.code = Some(CodeSecret::usual([7; 20]));
        record.recovery = Some(hashes_of(&[RecoveryCode::new([1; 10])], [7; 16]));
        record.numbers = vec![
            number("+46701234521", &[TelephoneUse::Sms, TelephoneUse::Call]),
            number("+46701234522", &[TelephoneUse::Call]),
            number("+46701234523", &[]),
        ];
        record
    }

    fn words(record: &Record, config: &str, service: &str) -> Vec<&'static str> {
        let config = Config::parse(config).unwrap();
        let ways = ways(record, &config, service);
        ways.iter().map(|way| way.method().word()).collect()
    }

    #[test]
    fn the_ways_are_those_that_the_record_has_and_the_service_allows_in_its_order() {
        let alice = alice();
        let both = "[telephone]\nsms = true\ncall = true\n";
        for (config, service, expected) in [
            ("", "sudo", vec!["code", "recovery"]),
            (
                both,
                "sudo",
                vec!["code", "sms", "call", "call", "recovery"],
            ),
            (
                "[telephone]\nsms = true\n",
                "sudo",
                vec!["code", "sms", "recovery"],
            ),
            (
                "[service.sudo]\nmethods = [\"recovery\", \"approval\", \"code\"]\n",
                "sudo",
                vec!["recovery", "code"],
            ),
            ("[service.sudo]\nmethods = [\"approval\"]\n", "sudo", vec![]),
            (
                "[service.sudo]\nmethods = [\"approval\"]\n",
                "sshd",
                vec!["code", "recovery"],
            ),
            // Allowed, but there is no gateway.
            (
                "[service.sudo]\nmethods = [\"sms\", \"call\"]\n",
                "sudo",
                vec![],
            ),
        ] {
            assert_eq!(
                words(&alice, config, service),
                expected,
                "{config} {service}"
            );
        }
        let nothing = Record::new(&UserName::new("alice").unwrap());
        assert!(words(&nothing, both, "sudo").is_empty());
    }

    #[test]
    fn each_number_is_a_way_of_its_own_by_the_uses_that_it_has() {
        let alice = alice();
        let config = Config::parse(
            "[telephone]\nsms = true\ncall = true\n[service.sudo]\nmethods = [\"call\", \"sms\"]\n",
        )
        .unwrap();
        assert_eq!(
            ways(&alice, &config, "sudo"),
            [
                Way::Telephone(TelephoneUse::Call, &alice.numbers[0]),
                Way::Telephone(TelephoneUse::Call, &alice.numbers[1]),
                Way::Telephone(TelephoneUse::Sms, &alice.numbers[0]),
            ]
        );
        assert_eq!(Way::Approval.method(), Method::Approval);
    }
}

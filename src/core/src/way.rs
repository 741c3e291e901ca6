//! The methods available to one person on one service: what the record has, the service allows, and the host supports,
//! in the service's order.

use crate::config::{Config, Provider};
use crate::method::Method;
use crate::record::{Account, Record, TelephoneNumber, TelephoneUse};

/// One method, as an entry to choose from a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way<'r> {
    /// An approval on a phone.
    Approval,
    /// An approval with this account.
    Account(AccountWay<'r>),
    /// A code from an authenticator app.
    Code,
    /// A code sent to this number.
    Telephone(TelephoneUse, &'r TelephoneNumber),
    /// A recovery code.
    Recovery,
}

/// An account, and its provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountWay<'r> {
    /// The account.
    pub account: &'r Account,
    /// Where it is.
    pub provider: &'r Provider,
    /// Whether the person has others there, and must be shown which one it is.
    pub is_one_of_several: bool,
}

impl<'r> AccountWay<'r> {
    /// The account's name, if only that tells it from another.
    #[must_use]
    pub fn told_apart_by(self) -> &'r str {
        if self.is_one_of_several {
            &self.account.name
        } else {
            ""
        }
    }
}

impl Way<'_> {
    /// The method.
    #[must_use]
    pub fn method(self) -> Method {
        match self {
            Self::Approval => Method::Approval,
            Self::Account(_) => Method::Account,
            Self::Code => Method::Code,
            Self::Telephone(by, _) => by.method(),
            Self::Recovery => Method::Recovery,
        }
    }

    /// Whether it asks somebody elsewhere for an approval: begun by itself where it comes first, and over once it has
    /// failed, unless it is chosen again.
    #[must_use]
    pub fn is_approval(self) -> bool {
        matches!(self, Self::Approval | Self::Account(_))
    }
}

/// The methods of `record` on the PAM service `service`, in order of preference. If empty, the person cannot sign in
/// there.
///
/// Ignores whether one is locked or used up, which is known only under the lock of the state.
#[must_use]
pub fn ways<'r>(record: &'r Record, config: &'r Config, service: &str) -> Vec<Way<'r>> {
    among(config.services.methods(service), record, config)
}

/// Whether `record` has any method at all, whatever services allow.
#[must_use]
pub fn has_any(record: &Record, config: &Config) -> bool {
    !among(&Method::ALL, record, config).is_empty()
}

fn among<'r>(methods: &[Method], record: &'r Record, config: &'r Config) -> Vec<Way<'r>> {
    let mut ways = Vec::new();
    for method in methods {
        match method {
            Method::Approval => ways.extend(record.phones.first().map(|_| Way::Approval)),
            Method::Account => ways.extend(accounts(record, config)),
            Method::Code => ways.extend(record.code.as_ref().map(|_| Way::Code)),
            Method::Recovery => ways.extend(record.recovery.as_ref().map(|_| Way::Recovery)),
            Method::Sms if config.telephone.sms => {
                ways.extend(by_telephone(record, config, TelephoneUse::Sms));
            }
            Method::Call if config.telephone.call => {
                ways.extend(by_telephone(record, config, TelephoneUse::Call));
            }
            Method::Sms | Method::Call | Method::Bypass | Method::Enrolment => {}
        }
    }
    ways
}

/// An account of a provider that is no longer configured, or that names people in another way by now, is none.
fn accounts<'r>(record: &'r Record, config: &'r Config) -> impl Iterator<Item = Way<'r>> {
    let at = |name: &str| {
        let accounts = record.accounts.iter();
        accounts.filter(|account| account.provider == name).count()
    };
    record.accounts.iter().filter_map(move |account| {
        let provider = config.provider(&account.provider)?;
        let is_usable = account.subject.is_of(provider.subject);
        is_usable.then_some(Way::Account(AccountWay {
            account,
            provider,
            is_one_of_several: at(&account.provider) > 1,
        }))
    })
}

/// From a fleet's host nothing is sent to a number of its own: a relay takes none.
fn by_telephone<'r>(
    record: &'r Record,
    config: &Config,
    by: TelephoneUse,
) -> impl Iterator<Item = Way<'r>> {
    let at_relay_alone = config.is_host_of_fleet();
    record
        .numbers
        .iter()
        .filter(move |number| number.uses.contains(&by))
        .filter(move |number| !at_relay_alone || number.tel.digits().is_none())
        .map(move |number| Way::Telephone(by, number))
}

#[cfg(test)]
mod tests {
    use super::{Way, ways};
    use crate::config::Config;
    use crate::method::Method;
    use crate::name::UserName;
    use crate::record::{
        Account, AccountSubject, CodeSecret, Record, TelephoneNumber, TelephoneUse,
    };
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

    #[test]
    fn a_fleets_host_offers_the_numbers_that_its_relays_know_and_a_relay_its_own_too() {
        let mut alice = alice();
        alice.numbers.push(alice.numbers[0].at_relay(0));
        let sms = "[telephone]\nsms = true\n[service.sudo]\nmethods = [\"sms\"]\n[fleet]\n";
        assert_eq!(words(&alice, sms, "sudo"), ["sms"]);
        let relay = format!("{sms}[relay]\n");
        assert_eq!(words(&alice, &relay, "sudo"), ["sms", "sms"]);
    }

    #[test]
    fn an_account_is_a_way_where_its_provider_is_configured_and_names_people_as_the_record_does() {
        let account = |provider: &str, tenant: Option<&str>| Account {
            provider: provider.into(),
            subject: AccountSubject {
                id: "a".into(),
                tenant: tenant.map(str::to_owned),
            },
            name: "Anna Ek".into(),
            enrolled: "2026-11-22T20:00:00Z".parse().unwrap(),
        };
        let mut alice = alice();
        alice.accounts = vec![
            account("kmh", None),
            account("gone", None),
            account("kmh", Some("11111111-2222-3333-4444-555555555555")),
            account("kmh", None),
        ];
        let kmh = "[[provider]]\nname = \"kmh\"\nissuer = \"https://id.example.org\"\nclient_id = \"a\"\n\
                   label = { sv = \"KMH-konto\", en = \"KMH account\" }\n";
        assert_eq!(
            words(&alice, kmh, "sudo"),
            ["account", "account", "code", "recovery"]
        );
        assert_eq!(words(&alice, "", "sudo"), ["code", "recovery"]);
        let narrow = format!("{kmh}[service.sudo]\nmethods = [\"code\"]\n");
        assert_eq!(words(&alice, &narrow, "sudo"), ["code"]);
    }
}

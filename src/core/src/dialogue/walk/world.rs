//! The person of the dialogue, and every way it can begin.

use super::{LOCKED, NOW};
use crate::answer::Answer;
use crate::config::Config;
use crate::dialogue::{Dialogue, FirstLook, Step};
use crate::judge::{Accepted, Expected, Subject, Verdict, judge};
use crate::name::UserName;
use crate::one_time::SentTo;
use crate::origin::Origin;
use crate::record::{
    Account, AccountSubject, CodeSecret, Phone, Record, TelephoneNumber, TelephoneUse,
};
use crate::recovery::{RecoveryCode, hashes_of};
use crate::state::{Gate, State};
use crate::way::AccountWay;

/// The provider of the account.
pub(in crate::dialogue) const PROVIDER: &str = "[[provider]]\nname = \"kmh\"\nissuer = \"https://id.example.org\"\nclient_id = \"a\"\n\
                        label = { sv = \"KMH-konto\", en = \"KMH account\" }\n";

fn alice() -> Record {
    let mut record = Record::new(&UserName::new("alice").unwrap());
    record.code = Some(CodeSecret::usual([7; 20]));
    record.recovery = Some(hashes_of(&[RecoveryCode::new([1; 10])], [7; 16]));
    record.numbers = vec![TelephoneNumber {
        tel: "+46701234521".into(),
        uses: vec![TelephoneUse::Sms],
    }];
    record.phones = vec![Phone {
        name: "Pixel".into(),
        credential: vec![1],
        public_key: Vec::new(),
        origin: "https://mfa.example.org".into(),
        backup_eligible: false,
        enrolled: "2026-11-22T20:00:00Z".parse().unwrap(),
    }];
    record.accounts = vec![account("a")];
    record
}

fn account(id: &str) -> Account {
    Account {
        provider: "kmh".into(),
        subject: AccountSubject {
            id: id.into(),
            tenant: None,
        },
        name: format!("Anna {id}"),
        enrolled: "2026-11-29T20:00:00Z".parse().unwrap(),
    }
}

/// A genuine `Accepted`, made by the judge.
fn accepted(record: &Record) -> Accepted {
    let subject = Subject {
        record,
        config: &Config::default(),
        service: "sudo",
        origin: Origin::default(),
    };
    let right = RecoveryCode::new([1; 10]);
    let state = State::enrolled(record, None);
    let judged = judge(
        &Answer::Recovery(right),
        Expected::App,
        subject,
        &state,
        NOW,
    );
    let Verdict::Accepted(accepted) = judged.verdict else {
        panic!("{:?}", judged.verdict)
    };
    accepted
}

/// Alice, who has every method, and an accepted answer of hers.
pub(in crate::dialogue) struct World {
    pub(in crate::dialogue) record: Record,
    /// One for each set of methods and each of them first.
    configs: Vec<Config>,
    pub(in crate::dialogue) accepted: Accepted,
}

impl World {
    pub(in crate::dialogue) fn new() -> Self {
        let record = alice();
        let beginnings = beginnings_of(&["approval", "account", "code", "sms", "recovery"]);
        let config = |ways| {
            let rule =
                format!("[telephone]\nsms = true\n{PROVIDER}[service.sudo]\nmethods = {ways:?}");
            Config::parse(&rule).unwrap()
        };
        Self {
            accepted: accepted(&record),
            record,
            configs: beginnings.into_iter().map(config).collect(),
        }
    }

    pub(in crate::dialogue) fn account(&self) -> AccountWay<'_> {
        AccountWay {
            account: &self.record.accounts[0],
            provider: &self.configs[0].providers[0],
            is_one_of_several: self.record.accounts.len() > 1,
        }
    }

    /// With a second account at the same provider.
    pub(in crate::dialogue) fn with_two_accounts() -> Self {
        let mut world = Self::new();
        world.record.accounts.push(account("b"));
        world
    }

    pub(in crate::dialogue) fn telephone(&self) -> SentTo<'_> {
        SentTo {
            by: TelephoneUse::Sms,
            number: &self.record.numbers[0],
        }
    }

    /// Every beginning: each set of methods, each of them first, and each initial state.
    pub(super) fn beginnings(&self) -> Vec<(Dialogue<'_>, Step<'_>)> {
        let mut all = Vec::new();
        for config in &self.configs {
            for bits in 0..64_u32 {
                let bit = |index: u32| bits >> index & 1 == 1;
                let look = FirstLook {
                    gate: if bit(0) { Gate::Open } else { LOCKED },
                    now: NOW,
                    is_blind: bit(1),
                    recovery: bit(2),
                    bypass: bit(3),
                    is_rehearsal: bit(5),
                    is_of_fleet: false,
                };
                let begun = Dialogue::begin(&self.record, config, "sudo", look, bit(4));
                all.push(begun);
            }
        }
        all
    }
}

/// Each non-empty subset with each of its methods first, which is the one asked for: the order of the others only numbers
/// the list. A configuration cannot have an empty one.
fn beginnings_of(methods: &[&'static str]) -> Vec<Vec<&'static str>> {
    let mut all = Vec::new();
    for set in 1..1_u32 << methods.len() {
        let chosen = (0..).zip(methods).filter(|(bit, _)| set >> bit & 1 == 1);
        let mut ways: Vec<&'static str> = chosen.map(|(_, method)| *method).collect();
        for _ in 0..ways.len() {
            all.push(ways.clone());
            ways.rotate_left(1);
        }
    }
    all
}

//! The person of the dialogue, and every way it can begin.

use super::{LOCKED, NOW};
use crate::answer::Answer;
use crate::config::Config;
use crate::dialogue::{Dialogue, FirstLook, Step};
use crate::judge::{Accepted, Expected, Subject, Verdict, judge};
use crate::name::UserName;
use crate::one_time::SentTo;
use crate::origin::Origin;
use crate::record::{CodeSecret, Phone, Record, TelephoneNumber, TelephoneUse};
use crate::recovery::{RecoveryCode, hashes_of};
use crate::state::{Gate, State};

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
    record
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
    pub(in crate::dialogue) accepted: Accepted,
}

impl World {
    pub(in crate::dialogue) fn new() -> Self {
        let record = alice();
        Self {
            accepted: accepted(&record),
            record,
        }
    }

    pub(in crate::dialogue) fn telephone(&self) -> SentTo<'_> {
        SentTo {
            by: TelephoneUse::Sms,
            number: &self.record.numbers[0],
        }
    }

    /// Every beginning: each order of each set of methods, and each initial state.
    pub(super) fn beginnings(&self) -> Vec<(Dialogue<'_>, Step<'_>)> {
        let mut all = Vec::new();
        for ways in orders(&["approval", "code", "sms", "recovery"]) {
            let rule = format!("[telephone]\nsms = true\n[service.sudo]\nmethods = {ways:?}");
            let config = Config::parse(&rule).unwrap();
            for bits in 0..64_u32 {
                let bit = |index: u32| bits >> index & 1 == 1;
                let look = FirstLook {
                    gate: if bit(0) { Gate::Open } else { LOCKED },
                    now: NOW,
                    is_blind: bit(1),
                    recovery: bit(2),
                    bypass: bit(3),
                    is_rehearsal: bit(5),
                };
                let begun = Dialogue::begin(&self.record, &config, "sudo", look, bit(4));
                all.push(begun);
            }
        }
        all
    }
}

/// Each order of each non-empty subset; a configuration cannot have an empty one.
fn orders(of: &[&'static str]) -> Vec<Vec<&'static str>> {
    let mut all = Vec::new();
    for (index, first) in of.iter().enumerate() {
        let rest = [&of[..index], &of[index + 1..]].concat();
        all.push(vec![*first]);
        for mut order in orders(&rest) {
            order.insert(0, first);
            all.push(order);
        }
    }
    all
}

//! Codes for telephones of the fleet's people, as a host has them sent.

use antiphon_core::fleet::{Kind, SignedDocument};
use antiphon_core::record::{TelephoneNumber, TelephoneUse};
use antiphon_core::wire::{
    self, Deliver, DeliverToPerson, FleetRefusal, FromDaemon, FromFleet, HostRole, ToDaemon,
    ToFleet, Undelivered, Unwilling,
};

use crate::store::Store;
use crate::store::fleet::{NumbersText, Publication, Published};

use super::{DB7, Served, Uplink, ask, not_allowed, publish, record_of};

/// What no host and no log is told of the numbers.
const HIDDEN: &str = "70123";

fn number(tel: &str, uses: &[TelephoneUse]) -> TelephoneNumber {
    TelephoneNumber {
        tel: tel.into(),
        uses: uses.to_vec(),
    }
}

fn annas() -> [TelephoneNumber; 2] {
    [
        number("+46701234521", &[TelephoneUse::Sms]),
        number("+46701234522", &[TelephoneUse::Call]),
    ]
}

fn sms() -> DeliverToPerson {
    DeliverToPerson {
        user: "anna".into(),
        host: DB7.into(),
        service: "sshd".into(),
        remote_host: "203.0.113.5".into(),
        place: 0,
        ending: "21".into(),
        by: TelephoneUse::Sms,
        language: "en".into(),
        code: "918273".into(),
    }
}

fn undelivered(reason: Undelivered) -> FromDaemon {
    FromDaemon::Undelivered { reason }
}

/// A relay with a gateway for texts, and two computers of its fleet.
struct Fleet {
    served: Served,
    enrol: Uplink,
    host: Uplink,
}

impl Fleet {
    /// With these ceilings.
    async fn new(ceilings: &str) -> Self {
        let served = Served::serving(|folder| {
            format!(
                "[telephone]\nsms = true\n{ceilings}\n[gateway.sms]\nkind = \"command\"\n\
                 command = [\"/usr/bin/tee\", \"-a\", \"{}\"]\nstdin = \"{{to}} {{text}}\\n\"\n",
                folder.join("sent").display()
            )
        });
        let served = served.await;
        let relays = [served.address.as_str()];
        let enrol = served.join("enrol1", HostRole::Enrol, &relays).await;
        let host = served.join(DB7, HostRole::Host, &relays).await;
        let fleet = Self {
            served,
            enrol,
            host,
        };
        let keys = publish(&fleet.served.fleet.keys(1));
        assert_eq!(ask(&fleet.enrol, &keys).await, Some(published()));
        fleet
    }

    /// `user`'s record with these numbers.
    fn record(&self, user: &str, serial: u32, numbers: &[TelephoneNumber]) -> SignedDocument {
        let fleet = &self.served.fleet;
        fleet.record_with(user, serial, &[], numbers)
    }

    fn numbers(&self, user: &str, serial: u32, numbers: &[TelephoneNumber]) -> SignedDocument {
        self.served.fleet.numbers(user, serial, numbers)
    }

    async fn publish(
        &self,
        document: SignedDocument,
        numbers: Option<SignedDocument>,
    ) -> Option<FromDaemon> {
        let message = ToFleet::Publish { document, numbers };
        ask(&self.enrol, &ToDaemon::Fleet(message)).await
    }

    /// Publishes `user`'s record with anna's numbers.
    async fn enrol(&self, user: &str) {
        let record = self.record(user, 1, &annas());
        let numbers = self.numbers(user, 1, &annas());
        let said = self.publish(record, Some(numbers)).await;
        assert_eq!(said, Some(published()));
    }

    async fn send(&self, wanted: DeliverToPerson) -> FromDaemon {
        ask(&self.host, &wanted.into()).await.unwrap()
    }

    /// What the gateway has sent so far, a line each.
    fn sent(&self) -> Vec<String> {
        let sent = std::fs::read_to_string(self.served.folder.join("sent"));
        sent.unwrap_or_default()
            .lines()
            .map(str::to_owned)
            .collect()
    }
}

fn published() -> FromDaemon {
    FromDaemon::Fleet(FromFleet::Published {})
}

#[tokio::test]
async fn a_host_has_a_code_sent_to_a_number_that_only_the_relay_knows() {
    let fleet = Fleet::new("").await;
    fleet.enrol("anna").await;
    let said = ask(&fleet.host, &record_of("anna")).await.unwrap();
    let said = String::from_utf8(wire::encode(&said).unwrap()).unwrap();
    assert!(said.contains("ending") && !said.contains(HIDDEN), "{said}");
    assert_eq!(fleet.send(sms()).await, FromDaemon::Delivered {});
    let text = "+46701234521 918273 is your code to sign in to db7 (sshd) as anna, from 203.0.113.5. \
                Never give it to anybody.";
    assert_eq!(fleet.sent(), [text]);
}

#[tokio::test]
async fn a_host_reaches_the_numbers_that_are_published_for_their_uses_and_writes_nothing() {
    let fleet = Fleet::new("").await;
    fleet.enrol("anna").await;
    let spoils: [fn(&mut DeliverToPerson); 6] = [
        |said| said.user = "bob".into(),
        |said| said.place = 1,
        |said| said.place = 255,
        |said| said.ending = "22".into(),
        |said| (said.place, said.ending) = (1, "22".into()),
        |said| said.ending = String::new(),
    ];
    for (index, spoil) in spoils.iter().enumerate() {
        let mut wanted = sms();
        spoil(&mut wanted);
        let said = fleet.send(wanted).await;
        assert_eq!(said, undelivered(Undelivered::NoNumber), "{index}");
    }
    for code in ["", "91827", "9182734", "91827x", "call us"] {
        let said = fleet.send(DeliverToPerson {
            code: code.into(),
            ..sms()
        });
        let reason = Unwilling::NotUnderstood;
        let refused = FromDaemon::Unwilling { reason };
        assert_eq!(said.await, refused, "{code}");
    }
    let call = DeliverToPerson {
        place: 1,
        ending: "22".into(),
        by: TelephoneUse::Call,
        ..sms()
    };
    // There is no gateway for it.
    let said = fleet.send(call).await;
    assert_eq!(said, undelivered(Undelivered::NoGateway));
    let other = DeliverToPerson {
        host: "web1".into(),
        ..sms()
    };
    assert_eq!(fleet.send(other).await, not_allowed());
    let whole = Deliver {
        user: "anna".into(),
        tel: "+46701234521".into(),
        by: TelephoneUse::Sms,
        language: "en".into(),
        code: "918273".into(),
        text: "918273".into(),
    };
    for uplink in [&fleet.host, &fleet.enrol] {
        let said = ask(uplink, &whole.clone().into()).await;
        assert_eq!(said, Some(not_allowed()));
    }
    assert!(fleet.sent().is_empty());
}

#[tokio::test]
async fn a_host_and_a_person_have_no_more_codes_than_the_ceilings_say() {
    let fleet = Fleet::new("most_in_ten_minutes = 2\nmost_a_day_for_one_host = 3\n").await;
    for user in ["anna", "bob", "eve"] {
        fleet.enrol(user).await;
    }
    let web1 = fleet
        .served
        .join("web1", HostRole::Host, &[&fleet.served.address])
        .await;
    let taken = FromDaemon::Delivered {};
    let full = undelivered(Undelivered::Ceiling);
    for (uplink, host, user, expected) in [
        (&fleet.host, DB7, "anna", &taken),
        (&web1, "web1", "anna", &taken),
        // Of one person, wherever.
        (&fleet.host, DB7, "anna", &full),
        (&fleet.host, DB7, "bob", &taken),
        (&fleet.host, DB7, "eve", &taken),
        // Of one host, whoever.
        (&fleet.host, DB7, "bob", &full),
        (&web1, "web1", "bob", &taken),
    ] {
        let wanted = DeliverToPerson {
            host: host.into(),
            user: user.into(),
            ..sms()
        };
        let said = ask(uplink, &wanted.into()).await;
        assert_eq!(said.as_ref(), Some(expected), "{user} at {host}");
    }
    assert_eq!(fleet.sent().len(), 5);
}

#[tokio::test]
async fn a_record_is_published_with_its_own_numbers_and_takes_away_those_before() {
    let fleet = Fleet::new("").await;
    fleet.enrol("anna").await;
    let record = |serial| fleet.record("anna", serial, &annas());
    let stranger = antiphon_tests::Fleet::new("example");
    let mut others = annas();
    others[0].tel = "+46701234523".into();
    let mut uses = annas();
    uses[0].uses.push(TelephoneUse::Call);
    let reason = FleetRefusal::Document;
    let refused = Some(FromDaemon::Fleet(FromFleet::Refused { reason }));
    for (what, document, numbers) in [
        ("none", record(2), None),
        (
            "a stranger's",
            record(2),
            Some(stranger.numbers("anna", 2, &annas())),
        ),
        (
            "another version's",
            record(2),
            Some(fleet.numbers("anna", 1, &annas())),
        ),
        (
            "another person's",
            record(2),
            Some(fleet.numbers("bob", 2, &annas())),
        ),
        (
            "other numbers",
            record(2),
            Some(fleet.numbers("anna", 2, &others)),
        ),
        (
            "other uses",
            record(2),
            Some(fleet.numbers("anna", 2, &uses)),
        ),
        (
            "too few",
            record(2),
            Some(fleet.numbers("anna", 2, &annas()[..1])),
        ),
        ("a record", record(2), Some(record(2))),
        (
            "of no use",
            fleet.record("anna", 2, &[]),
            Some(fleet.numbers("anna", 2, &annas())),
        ),
        (
            "empty",
            fleet.record("anna", 2, &[]),
            Some(fleet.numbers("anna", 2, &[])),
        ),
        ("alone", fleet.numbers("anna", 2, &annas()), None),
        (
            "with keys",
            fleet.served.fleet.keys(2),
            Some(fleet.numbers("anna", 2, &annas())),
        ),
    ] {
        assert_eq!(fleet.publish(document, numbers).await, refused, "{what}");
    }
    assert_eq!(fleet.send(sms()).await, FromDaemon::Delivered {});
    let said = fleet.publish(fleet.record("anna", 2, &[]), None).await;
    assert_eq!(said, Some(published()));
    let said = fleet.send(sms()).await;
    assert_eq!(said, undelivered(Undelivered::NoNumber));
    assert_eq!(fleet.sent().len(), 1);
}

#[tokio::test]
async fn numbers_are_used_only_with_the_record_that_they_belong_to() {
    let fleet = Fleet::new("").await;
    let stranger = antiphon_tests::Fleet::new("example");
    let own = fleet.record("anna", 1, &annas());
    let nothing = || undelivered(Undelivered::NoNumber);
    let numbers = fleet.numbers("anna", 1, &annas());
    // In a store that somebody else writes to, nothing is verified.
    for (serial, record, numbers, expected) in [
        (1, &own, &numbers, FromDaemon::Delivered {}),
        (2, &fleet.record("anna", 2, &annas()), &numbers, nothing()),
        (
            3,
            &fleet.record("anna", 1, &annas()[..1]),
            &numbers,
            nothing(),
        ),
        (4, &fleet.record("anna", 1, &[]), &numbers, nothing()),
        (
            5,
            &stranger.record_with("anna", 1, &[], &annas()),
            &numbers,
            nothing(),
        ),
        (6, &own, &stranger.numbers("anna", 1, &annas()), nothing()),
        (7, &fleet.record("bob", 1, &annas()), &numbers, nothing()),
        (8, &own, &numbers, FromDaemon::Delivered {}),
    ] {
        let kept = fleet.served.store.publish(Published {
            kind: Kind::Record,
            name: "anna".into(),
            serial,
            text: record.to_text().unwrap(),
            numbers: Some(NumbersText(numbers.to_text().unwrap())),
        });
        assert_eq!(kept.await, Ok(Publication::Kept));
        assert_eq!(fleet.send(sms()).await, expected, "{serial}");
    }
    assert_eq!(fleet.sent().len(), 2);
}

use super::{FleetRecord, MOST_PHONES, TrustedRecord};
use crate::approval::passkey::Passkey;
use crate::fleet::signer::{Authority, FLEET, NOW, Signer, each_byte_flipped};
use crate::fleet::{FleetNumbers, Keys, Kind, LONGEST_BODY, SignedDocument, Untrusted, Use};
use crate::language::Language;
use crate::name::UserName;
use crate::person::MOST_NUMBERS;
use crate::record::{CodeSecret, Phone, Record, TelephoneNumber, TelephoneUse};
use crate::time::UnixTime;

fn user(name: &str) -> UserName {
    UserName::new(name).unwrap()
}

fn phone(name: &str, credential: &[u8]) -> Phone {
    Phone {
        name: name.to_owned(),
        credential: credential.to_vec(),
        ..Passkey::new().phone()
    }
}

fn number(tel: &str) -> TelephoneNumber {
    TelephoneNumber {
        tel: tel.into(),
        uses: vec![TelephoneUse::Sms],
    }
}

fn anna() -> FleetRecord {
    FleetRecord {
        user: "anna".into(),
        serial: 7,
        issued: NOW,
        until: NOW.plus(30 * 86_400),
        language: Some(Language::Swedish),
        phones: vec![phone("Pixel 9", &[1]), phone("Åsas telefon", &[2])],
        numbers: FleetNumbers::hidden(&[number("+46701234521"), number("+46701234522")]),
    }
}

fn verify(authority: &Authority, document: &SignedDocument) -> Result<TrustedRecord, Untrusted> {
    TrustedRecord::verify(document, &authority.trusted_keys(), &user("anna"), NOW)
}

#[test]
fn a_record_comes_back_as_it_was_written() {
    let authority = Authority::new();
    for record in [
        anna(),
        FleetRecord {
            language: None,
            phones: Vec::new(),
            numbers: Vec::new(),
            ..anna()
        },
    ] {
        let trusted = verify(&authority, &authority.sign_record(&record)).unwrap();
        assert_eq!(trusted.record(), &record);
        assert_eq!(trusted.record().to_body(), record.to_body());
    }
}

#[test]
fn the_largest_record_fits_a_document() {
    let mut record = anna();
    let name = "\u{65e5}".repeat(Phone::LONGEST_NAME / 3);
    record.phones = (0..MOST_PHONES)
        .map(|number| phone(&name, &[u8::try_from(number).unwrap(); 64]))
        .collect();
    record.numbers = FleetNumbers::hidden(&vec![number("+46701234521"); MOST_NUMBERS]);
    assert!(record.to_body().len() <= LONGEST_BODY);
    let authority = Authority::new();
    assert!(verify(&authority, &authority.sign_record(&record)).is_ok());
    record.phones.push(phone("one more", &[0]));
    let refused = verify(&authority, &authority.sign_record(&record)).unwrap_err();
    assert!(matches!(refused, Untrusted::Text(_)), "{refused}");
}

#[test]
fn only_a_key_for_records_of_this_fleet_signs_a_record() {
    let authority = Authority::new();
    let body = anna().to_body();
    for (signer, kind, fleet, expected) in [
        (
            &authority.records,
            Kind::Record,
            "other",
            Untrusted::Signature,
        ),
        (&authority.records, Kind::Keys, FLEET, Untrusted::OtherKind),
        (&authority.root, Kind::Record, FLEET, Untrusted::UnknownKey),
        (
            &Signer::new("enrol1"),
            Kind::Record,
            FLEET,
            Untrusted::Signature,
        ),
        (
            &Signer::new("enrol2"),
            Kind::Record,
            FLEET,
            Untrusted::UnknownKey,
        ),
    ] {
        assert_eq!(
            verify(&authority, &signer.sign(kind, fleet, &body)),
            Err(expected)
        );
    }
}

#[test]
fn a_key_for_certificates_signs_no_record() {
    let authority = Authority::new();
    let ca = Signer::new("ca");
    let mut keys = authority.keys(2);
    keys.keys.push(ca.named(Use::Certificates));
    let root = authority.root.public_key();
    let keys = authority.sign_keys(&keys);
    let keys = crate::fleet::TrustedKeys::verify(&keys, FLEET, &root, NOW).unwrap();
    let document = ca.sign(Kind::Record, FLEET, &anna().to_body());
    let refused = TrustedRecord::verify(&document, &keys, &user("anna"), NOW);
    assert_eq!(refused, Err(Untrusted::UnknownKey));
}

#[test]
fn a_key_that_is_taken_out_signs_nothing_from_then_on() {
    let authority = Authority::new();
    let document = authority.sign_record(&anna());
    assert!(verify(&authority, &document).is_ok());
    let keys = Keys {
        keys: Vec::new(),
        ..authority.keys(2)
    };
    let root = authority.root.public_key();
    let keys = authority.sign_keys(&keys);
    let keys = crate::fleet::TrustedKeys::verify(&keys, FLEET, &root, NOW).unwrap();
    let refused = TrustedRecord::verify(&document, &keys, &user("anna"), NOW);
    assert_eq!(refused, Err(Untrusted::UnknownKey));
}

#[test]
fn a_record_is_its_persons_alone() {
    let authority = Authority::new();
    let document = authority.sign_record(&anna());
    for other in ["bob", "Anna", "anna@example.org", "ann"] {
        let keys = authority.trusted_keys();
        let refused = TrustedRecord::verify(&document, &keys, &user(other), NOW);
        assert_eq!(refused, Err(Untrusted::OtherUser), "{other}");
    }
}

#[test]
fn an_expired_record_asks_no_phone() {
    let authority = Authority::new();
    let record = FleetRecord {
        until: NOW.plus(60),
        ..anna()
    };
    let document = authority.sign_record(&record);
    let keys = authority.trusted_keys();
    let at = |now: UnixTime| TrustedRecord::verify(&document, &keys, &user("anna"), now);
    assert!(at(NOW.plus(59)).is_ok());
    for late in [60, 61, 86_400] {
        assert_eq!(at(NOW.plus(late)), Err(Untrusted::Expired(NOW.plus(60))));
    }
}

#[test]
fn a_lower_serial_is_refused() {
    let authority = Authority::new();
    let trusted = verify(&authority, &authority.sign_record(&anna())).unwrap();
    for (seen, fine) in [(1, true), (7, true), (8, false), (u32::MAX, false)] {
        let known = FleetRecord {
            serial: seen,
            ..anna_with(&trusted)
        };
        assert_eq!(trusted.clone().after(&known).is_ok(), fine, "{seen}");
    }
    // Two texts with one serial: one of them is not what this host has seen.
    let known = FleetRecord {
        phones: Vec::new(),
        ..anna_with(&trusted)
    };
    let refused = trusted.after(&known).unwrap_err();
    assert_eq!(refused, Untrusted::Older { seen: 7, found: 7 });
    assert_eq!(refused.word(), "older");
}

fn anna_with(trusted: &TrustedRecord) -> FleetRecord {
    trusted.record().clone()
}

#[test]
fn a_record_that_is_not_wholly_understood_is_refused_even_if_signed() {
    let authority = Authority::new();
    let whole = anna().to_body();
    for (from, to) in [
        ("version = 1", "version = 2"),
        ("version = 1\n", ""),
        ("user = \"anna\"\n", ""),
        ("serial = 7", "serial = 7.5"),
        ("serial = 7\n", ""),
        ("until = ", "unti = "),
        ("language = \"sv\"", "language = \"tlh\""),
        ("language = \"sv\"", "more = 1"),
        (
            "language = \"sv\"",
            "[code]\nsecret = \"JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP\"",
        ),
        (
            "language = \"sv\"",
            "[[number]]\ntel = \"+46701234521\"\nuses = []",
        ),
        ("ending = \"21\"", "tel = \"+46701234521\""),
        ("ending = \"21\"", "ending = \"2x\""),
        ("ending = \"21\"", "ending = \"521\""),
        ("uses = [\"sms\"]", "uses = [\"fax\"]"),
        ("language = \"sv\"", "fleet = true"),
        ("name = \"Pixel 9\"", "name = \"Pixel\\u001b\""),
        ("name = \"Pixel 9\"", "name = \" \""),
        ("public_key = \"MFkw", "public_key = \"AFkw"),
        ("credential = \"Ag\"", "credential = \"AQ\""),
        ("origin = \"https:", "origin = \"http:"),
        ("[[phone]]", "[[phones]]"),
    ] {
        assert!(whole.contains(from), "{from}");
        let body = whole.replacen(from, to, 1);
        let document = authority.records.sign(Kind::Record, FLEET, &body);
        let refused = verify(&authority, &document).unwrap_err();
        assert!(matches!(refused, Untrusted::Text(_)), "{from}: {refused}");
        // What was signed is not quoted.
        assert!(!refused.to_string().contains("JBSW"), "{refused}");
    }
}

#[test]
fn a_bit_flipped_in_any_byte_is_refused() {
    let authority = Authority::new();
    let mut record = anna();
    record.phones.truncate(1);
    let document = authority.sign_record(&record);
    let (keys, anna) = (authority.trusted_keys(), user("anna"));
    let bodies = each_byte_flipped(&document.body).map(|body| SignedDocument {
        body,
        ..document.clone()
    });
    let names = each_byte_flipped(&document.key).map(|key| SignedDocument {
        key,
        ..document.clone()
    });
    let mut tried = 0;
    for flipped in bodies.chain(names) {
        assert!(TrustedRecord::verify(&flipped, &keys, &anna, NOW).is_err());
        tried += 1;
    }
    assert!(tried > document.body.len() / 2, "{tried}");
}

#[test]
fn it_gives_a_person_without_a_local_record_their_phones_and_numbers_and_nothing_else() {
    let record = anna().alone(&user("anna@example.org"));
    assert_eq!(record.user, "anna@example.org");
    assert_eq!(record.phones.len(), 2);
    assert_eq!(record.language, Some(Language::Swedish));
    assert!(record.code.is_none() && record.recovery.is_none());
    assert_eq!(record.numbers, anna().numbers);
    assert!(record.is_enrolled());
    let gone = FleetRecord {
        phones: Vec::new(),
        numbers: Vec::new(),
        ..anna()
    };
    assert!(!gone.alone(&user("anna")).is_enrolled());
}

#[test]
fn beside_a_local_record_the_local_one_wins() {
    let fleet = anna();
    let mut local = Record::new(&user("anna"));
    local.language = Some(Language::English);
    local.code = Some(CodeSecret::usual([7; 20]));
    local.phones = vec![phone("mine", &[2]), phone("another", &[3])];
    local.numbers = vec![number("+46701234521"), number("+46701234523")];
    let both = fleet.beside(&local);
    let names: Vec<&str> = both
        .phones
        .iter()
        .map(|phone| phone.name.as_str())
        .collect();
    assert_eq!(names, ["mine", "another", "Pixel 9"]);
    assert_eq!(both.phones.first(), local.phones.first());
    let numbers = [&[number("+46701234523")], &*fleet.numbers].concat();
    assert_eq!(both.numbers, numbers);
    assert_eq!(both.language, Some(Language::English));
    assert_eq!(both.code, local.code);
    local.language = None;
    assert_eq!(fleet.beside(&local).language, Some(Language::Swedish));
}

//! What a fleet signs and what a host pins: whatever is signed, what is understood comes back the same, is its person's and
//! within its bounds; what is not signed with the right key is nothing.
#![no_main]

use antiphon_core::fleet::{
    FleetNumbers, FleetRecord, JoinToken, Keys, Kind, MOST_PHONES, NamedKey, Pinned, PublicKey, RelayAddress,
    SignedDocument, TrustedKeys, TrustedRecord, Use,
};
use antiphon_core::name::UserName;
use antiphon_core::record::Phone;
use antiphon_core::time::UnixTime;
use libfuzzer_sys::fuzz_target;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, SigningKey};

const FLEET: &str = "example";
const NOW: UnixTime = UnixTime(1_795_377_600);
/// What comes before the point in the DER of a P-256 key (RFC 5480).
const SPKI_BEFORE_POINT: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

fuzz_target!(|text: &str| {
    if let Some(token) = JoinToken::read(text) {
        assert_eq!(*token.to_text(), text);
    }
    if let Some(relay) = RelayAddress::read(text) {
        assert_eq!(RelayAddress::read(&relay.to_string()), Some(relay));
    }
    if let Ok(pinned) = Pinned::parse(text) {
        assert_eq!(Pinned::parse(&pinned.to_toml()), Ok(pinned));
    }
    document(text);
    keys(text);
    record(text);
    numbers(text);
});

/// Not signed by anybody whom this host believes.
fn document(text: &str) {
    let Ok(document) = SignedDocument::parse(text.as_bytes()) else {
        return;
    };
    if let Ok(text) = document.to_text() {
        assert_eq!(
            SignedDocument::parse(text.as_bytes()).as_ref(),
            Ok(&document)
        );
    }
    assert!(TrustedKeys::verify(&document, FLEET, &public(&key(1)), NOW).is_err());
    let Ok(alice) = UserName::new("alice") else {
        return;
    };
    assert!(TrustedRecord::verify(&document, &trusted(), &alice, NOW).is_err());
}

fn keys(body: &str) {
    let root = key(1);
    let document = sign(&root, "root", Kind::Keys, body);
    let Ok(trusted) = TrustedKeys::verify(&document, FLEET, &public(&root), NOW) else {
        return;
    };
    let keys = trusted.keys();
    assert!(NOW < keys.until);
    assert_eq!(Keys::parse(&keys.to_body()).as_ref(), Ok(keys));
    is_nothing_else(&document, |document| {
        TrustedKeys::verify(document, FLEET, &public(&root), NOW).is_ok()
    });
}

fn record(body: &str) {
    let Ok(alice) = UserName::new("alice") else {
        return;
    };
    let document = sign(&key(2), "enrol1", Kind::Record, body);
    let believes =
        |document: &SignedDocument| TrustedRecord::verify(document, &trusted(), &alice, NOW);
    match believes(&document) {
        Ok(trusted) => {
            let record = trusted.record();
            assert!(NOW < record.until && record.user == "alice");
            assert!(record.phones.len() <= MOST_PHONES);
            assert!(
                record
                    .phones
                    .iter()
                    .all(|phone| Phone::is_name(&phone.name))
            );
            let again = FleetRecord::parse(&record.to_body(), &alice);
            assert_eq!(again.as_ref(), Ok(record));
            let alone = record.alone(&alice);
            assert!(alone.code.is_none() && alone.recovery.is_none());
            let mut numbers = alone.numbers.iter();
            assert!(numbers.all(|number| number.tel.digits().is_none()));
            is_nothing_else(&document, |document| believes(document).is_ok());
        }
        Err(untrusted) => assert!(!untrusted.to_string().contains('\n')),
    }
}

fn numbers(body: &str) {
    let Ok(alice) = UserName::new("alice") else {
        return;
    };
    let document = sign(&key(2), "enrol1", Kind::Numbers, body);
    let believes =
        |document: &SignedDocument| FleetNumbers::verify(document, &trusted(), &alice, NOW);
    match believes(&document) {
        Ok(numbers) => {
            assert!(NOW < numbers.until && numbers.user == "alice");
            let again = sign(&key(2), "enrol1", Kind::Numbers, &numbers.to_body());
            assert!(believes(&again) == Ok(numbers));
            is_nothing_else(&document, |document| believes(document).is_ok());
        }
        Err(untrusted) => assert!(!untrusted.to_string().contains('\n')),
    }
}

/// What is right is right with its own signature, of its own kind, alone.
fn is_nothing_else(document: &SignedDocument, is_believed: impl Fn(&SignedDocument) -> bool) {
    let mut other = document.clone();
    let place = other.body.len() % other.signature.len();
    other.signature[place] ^= 1;
    assert!(!is_believed(&other));
    let mut other = document.clone();
    other.body.push('\n');
    assert!(!is_believed(&other));
    let mut other = document.clone();
    other.kind = match other.kind {
        Kind::Keys => Kind::Record,
        Kind::Record => Kind::Numbers,
        Kind::Numbers => Kind::Keys,
    };
    assert!(!is_believed(&other));
}

fn key(number: u8) -> SigningKey {
    SigningKey::from_slice(&[number; 32]).unwrap()
}

fn public(key: &SigningKey) -> PublicKey {
    let point = key.verifying_key().to_sec1_point(false);
    PublicKey::from_spki(&[&SPKI_BEFORE_POINT, point.as_bytes()].concat()).unwrap()
}

fn trusted() -> TrustedKeys {
    let keys = Keys {
        serial: 1,
        issued: NOW,
        until: NOW.plus(1),
        keys: vec![NamedKey {
            name: "enrol1".into(),
            purpose: Use::Records,
            public_key: public(&key(2)),
        }],
    };
    let document = sign(&key(1), "root", Kind::Keys, &keys.to_body());
    TrustedKeys::verify(&document, FLEET, &public(&key(1)), NOW).unwrap()
}

fn sign(key: &SigningKey, name: &str, kind: Kind, body: &str) -> SignedDocument {
    let signature: DerSignature = key.sign(&SignedDocument::statement(kind, FLEET, body));
    SignedDocument {
        kind,
        body: body.to_owned(),
        key: name.to_owned(),
        signature: signature.as_bytes().to_vec(),
    }
}

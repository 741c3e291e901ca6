use antiphon_certificate::DocumentKey;
use antiphon_certificate::authority::{Authority, OwnKey, Side};
use antiphon_core::fleet::{
    JoinToken, Keys, Kind, NamedKey, PublicKey, RelayAddress, SignedDocument, TokenSecret, Use,
};
use antiphon_core::time::UnixTime;
use antiphon_core::wire::Joined;

use super::verify;

const NOW: UnixTime = UnixTime(1_795_377_600);
const DB7: &str = "db7";

/// A fleet, a token for it, and the key of a host that joins.
struct Fleet {
    root: DocumentKey,
    authority: Authority,
    token: JoinToken,
    own: OwnKey,
}

impl Fleet {
    fn new() -> Self {
        let root = DocumentKey::new().unwrap();
        let address = RelayAddress::read("relay1:8471").unwrap();
        let relay = OwnKey::new().unwrap().public;
        let secret = TokenSecret::new([7; 16]);
        Self {
            token: JoinToken::new(address, &relay, &root.public().unwrap(), secret),
            authority: Authority::new("example").unwrap(),
            own: OwnKey::new().unwrap(),
            root,
        }
    }

    /// What a relay that tells the truth gives.
    fn joined(&self) -> Joined {
        Joined {
            fleet: "example".into(),
            root: self.root.public().unwrap().spki().to_vec(),
            keys: keys(&self.root, &self.authority, Use::Certificates),
            authority: self.authority.certificate(NOW).unwrap(),
            certificate: certificate(&self.authority, DB7, &self.own.public),
            relays: vec!["relay1:8471".into()],
        }
    }

    fn verdict(&self, joined: Joined, now: UnixTime) -> Result<String, String> {
        let verified = verify(joined, &self.token, DB7, &self.own, now)?;
        Ok(verified.pinned.to_toml())
    }
}

fn keys(root: &DocumentKey, authority: &Authority, purpose: Use) -> SignedDocument {
    let keys = Keys {
        serial: 1,
        issued: NOW,
        until: NOW.plus(60),
        keys: vec![NamedKey {
            name: "certificates".into(),
            purpose,
            public_key: authority.public_key().unwrap(),
        }],
    };
    root.sign(Kind::Keys, "example", Keys::ROOT, keys.to_body())
        .unwrap()
}

fn certificate(authority: &Authority, name: &str, key: &PublicKey) -> String {
    authority.sign(name, key, Side::Host, NOW).unwrap()
}

/// A part of the sentence that refuses it, and what a relay says instead of the truth.
type Lie<'a> = (&'static str, &'a dyn Fn(&mut Joined));

#[test]
fn a_relay_that_tells_the_truth_is_believed_and_its_root_key_pinned() {
    let fleet = Fleet::new();
    let pinned = fleet.verdict(fleet.joined(), NOW).unwrap();
    let root = fleet.root.public().unwrap().to_text();
    assert!(
        pinned.contains(&root) && pinned.contains("host = \"db7\""),
        "{pinned}"
    );
}

#[test]
fn nothing_is_believed_that_does_not_lead_to_the_root_key_of_the_token() {
    let (fleet, strangers) = (Fleet::new(), Fleet::new());
    let other = OwnKey::new().unwrap().public;
    let lies: [Lie<'_>; 12] = [
        ("the root key is none", &|joined| joined.root.truncate(1)),
        ("not the one that the token", &|joined| {
            *joined = strangers.joined();
        }),
        ("which keys sign", &|joined| {
            joined.keys = keys(&strangers.root, &fleet.authority, Use::Certificates);
        }),
        ("which keys sign", &|joined| joined.fleet = "other".into()),
        ("no name", &|joined| joined.fleet = "Example".into()),
        ("not named its authority", &|joined| {
            joined.keys = keys(&fleet.root, &fleet.authority, Use::Records);
        }),
        ("not named its authority", &|joined| {
            joined.authority = strangers.authority.certificate(NOW).unwrap();
        }),
        ("another name or key", &|joined| {
            joined.certificate = certificate(&fleet.authority, "web1", &fleet.own.public);
        }),
        ("another name or key", &|joined| {
            joined.certificate = certificate(&fleet.authority, DB7, &other);
        }),
        ("", &|joined| joined.certificate = "nothing".into()),
        ("names no relays", &|joined| joined.relays.clear()),
        ("names no relays", &|joined| {
            joined.relays.push("relay2".into());
        }),
    ];
    for (why, lie) in lies {
        let mut joined = fleet.joined();
        lie(&mut joined);
        let said = fleet.verdict(joined, NOW).unwrap_err();
        assert!(said.contains(why), "{why}: {said}");
    }
    let late = fleet.verdict(fleet.joined(), NOW.plus(60)).unwrap_err();
    assert!(late.contains("expired"), "{late}");
}

use std::fs;
use std::path::PathBuf;

use super::{FleetFiles, NotKept, Sent, begin, known_keys, pinned};
use crate::disk::Walk;
use crate::disk::contest::AtOnce;
use crate::disk::fixture::{Host, STRANGER, entries, mode_of, own, put};
use crate::fleet::signer::{Authority, FLEET, NOW, Signer};
use crate::fleet::{FleetRecord, Keys, Pinned, RelayAddress, SignedDocument, Untrusted, Use};
use crate::time::UnixTime;

struct Joined {
    host: Host,
    authority: Authority,
    pinned: Pinned,
}

impl Joined {
    /// A host that has joined: the keys with serial 1 are on file, and nobody's record.
    fn new() -> Self {
        let authority = Authority::new();
        let joined = Self {
            host: Host::new(),
            pinned: Pinned {
                fleet: FLEET.into(),
                host: "db7".into(),
                root: authority.root.public_key(),
                relays: vec![RelayAddress::read("relay1:8471").unwrap()],
            },
            authority,
        };
        let keys = joined.authority.sign_keys(&joined.authority.keys(1));
        joined.send(Some(&keys), None).unwrap();
        joined
    }

    fn files(&self) -> FleetFiles<'_> {
        let Host { config, alice, .. } = &self.host;
        FleetFiles::open(config, &self.pinned, alice, &Walk::default()).unwrap()
    }

    fn send(
        &self,
        keys: Option<&SignedDocument>,
        record: Option<&SignedDocument>,
    ) -> Result<(), NotKept> {
        let sent = Sent {
            keys: keys.cloned(),
            record: record.cloned(),
        };
        let files = self.files();
        files.keep(&files.look()?, &sent, &|| Ok(NOW), &mut AtOnce)
    }

    fn signed(&self, serial: u32) -> SignedDocument {
        self.authority.sign_record(&alice(serial))
    }

    /// The serial of alice's record that this host believes at `now`.
    fn believed(&self, now: UnixTime) -> Result<Option<u32>, Untrusted> {
        let files = self.files();
        let believed = files.believed(files.look().unwrap(), now).unwrap()?;
        Ok(believed.map(|believed| believed.record().serial))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.host.config.paths.fleet.join(name)
    }
}

fn alice(serial: u32) -> FleetRecord {
    FleetRecord {
        user: "alice".into(),
        serial,
        issued: NOW,
        until: NOW.plus(3600),
        language: None,
        phones: vec![Host::phone(1)],
        numbers: Vec::new(),
    }
}

fn untrusted(refused: Result<(), NotKept>) -> Untrusted {
    match refused {
        Err(NotKept::Untrusted(untrusted)) => untrusted,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_was_verified_is_kept_in_files_of_roots_and_believed() {
    let joined = Joined::new();
    assert_eq!(joined.believed(NOW), Ok(None));
    joined.send(None, Some(&joined.signed(7))).unwrap();
    assert_eq!(joined.believed(NOW), Ok(Some(7)));
    assert_eq!(mode_of(joined.path("records/alice")), 0o600);
    assert_eq!(mode_of(joined.path("keys")), 0o600);
    assert_eq!(mode_of(joined.path("records")), 0o700);
    assert_eq!(entries(&joined.files().records), ["alice"]);
    assert_eq!(entries(&joined.files().folder), ["keys", "records"]);
    joined.send(None, Some(&joined.signed(8))).unwrap();
    assert_eq!(joined.believed(NOW), Ok(Some(8)));
}

#[test]
fn a_host_never_goes_back_even_when_what_it_has_is_no_longer_valid() {
    let joined = Joined::new();
    joined.send(None, Some(&joined.signed(7))).unwrap();
    let older = Untrusted::Older { seen: 7, found: 6 };
    assert_eq!(untrusted(joined.send(None, Some(&joined.signed(6)))), older);
    assert_eq!(joined.believed(NOW), Ok(Some(7)));
    // The signer's key was taken out: its last record is not believed, but its serial stands.
    let other = Signer::new("enrol2");
    let keys = Keys {
        keys: vec![other.named(Use::Records)],
        ..joined.authority.keys(2)
    };
    let keys = joined.authority.sign_keys(&keys);
    joined.send(Some(&keys), None).unwrap();
    assert_eq!(joined.believed(NOW), Err(Untrusted::UnknownKey));
    let signed = |serial| {
        let body = alice(serial).to_body();
        other.sign(crate::fleet::Kind::Record, FLEET, &body)
    };
    assert_eq!(untrusted(joined.send(None, Some(&signed(6)))), older);
    joined.send(None, Some(&signed(8))).unwrap();
    assert_eq!(joined.believed(NOW), Ok(Some(8)));
    // And the keys never go back either, which would bring the old signer back.
    let keys = joined.authority.sign_keys(&joined.authority.keys(1));
    let older = Untrusted::Older { seen: 2, found: 1 };
    assert_eq!(untrusted(joined.send(Some(&keys), None)), older);
    assert_eq!(joined.believed(NOW), Ok(Some(8)));
}

#[test]
fn a_record_may_come_with_the_keys_that_it_needs() {
    let joined = Joined::new();
    let other = Signer::new("enrol2");
    let keys = Keys {
        keys: vec![other.named(Use::Records)],
        ..joined.authority.keys(2)
    };
    let keys = joined.authority.sign_keys(&keys);
    let record = other.sign(crate::fleet::Kind::Record, FLEET, &alice(1).to_body());
    assert_eq!(
        untrusted(joined.send(None, Some(&record))),
        Untrusted::UnknownKey
    );
    joined.send(Some(&keys), Some(&record)).unwrap();
    assert_eq!(joined.believed(NOW), Ok(Some(1)));
}

#[test]
fn what_a_lying_relay_sends_changes_nothing_on_file() {
    let joined = Joined::new();
    joined.send(None, Some(&joined.signed(7))).unwrap();
    let on_file =
        || [joined.path("keys"), joined.path("records/alice")].map(|path| fs::read(path).unwrap());
    let before = on_file();
    let stranger = Authority::new();
    let keys = stranger.sign_keys(&stranger.keys(9));
    let record = stranger.sign_record(&alice(9));
    let mallorys = joined.authority.sign_record(&FleetRecord {
        user: "mallory".into(),
        ..alice(9)
    });
    let expired = joined.authority.sign_record(&FleetRecord {
        until: NOW,
        ..alice(9)
    });
    let mut spoilt = joined.signed(9);
    spoilt.body.push('\n');
    for (keys, record) in [
        (Some(&keys), None),
        (Some(&keys), Some(&record)),
        (None, Some(&record)),
        (None, Some(&mallorys)),
        (None, Some(&expired)),
        (None, Some(&spoilt)),
        (Some(&record), Some(&keys)),
    ] {
        untrusted(joined.send(keys, record));
        assert_eq!(on_file(), before);
    }
    assert_eq!(joined.believed(NOW), Ok(Some(7)));
}

#[test]
fn nothing_is_written_and_no_lock_is_taken_for_what_is_already_known() {
    let joined = Joined::new();
    let document = joined.signed(7);
    joined.send(None, Some(&document)).unwrap();
    Host::make_read_only("/var/lib");
    joined.send(None, Some(&document)).unwrap();
    joined.send(None, None).unwrap();
    assert_eq!(joined.believed(NOW), Ok(Some(7)));
    // What cannot be kept does not count: the host would forget it.
    let refused = joined.send(None, Some(&joined.signed(8)));
    assert!(matches!(refused, Err(NotKept::Trouble(_))), "{refused:?}");
    assert_eq!(joined.believed(NOW), Ok(Some(7)));
}

#[test]
fn what_is_on_file_ends_when_the_record_or_the_keys_end() {
    let joined = Joined::new();
    joined.send(None, Some(&joined.signed(7))).unwrap();
    let until = NOW.plus(3600);
    assert_eq!(joined.believed(UnixTime(until.0 - 1)), Ok(Some(7)));
    assert_eq!(joined.believed(until), Err(Untrusted::Expired(until)));
    let keys = Keys {
        until: NOW.plus(60),
        ..joined.authority.keys(2)
    };
    let keys = joined.authority.sign_keys(&keys);
    joined.send(Some(&keys), None).unwrap();
    let until = NOW.plus(60);
    assert_eq!(joined.believed(until), Err(Untrusted::Expired(until)));
    let files = joined.files();
    let kept = files.look().unwrap();
    let believed = files.believed(kept.clone(), NOW).unwrap().unwrap().unwrap();
    assert!(believed.is_still(&kept, NOW) && !believed.is_still(&kept, until));
    joined.send(None, Some(&joined.signed(8))).unwrap();
    assert!(!believed.is_still(&files.look().unwrap(), NOW));
}

#[test]
fn a_damaged_or_foreign_file_is_not_taken_for_none() {
    let joined = Joined::new();
    joined.send(None, Some(&joined.signed(7))).unwrap();
    let path = joined.path("records/alice");
    let whole = fs::read(&path).unwrap();
    for damaged in [&whole[..whole.len() - 1], &b""[..], b"{}"] {
        put(path.clone(), damaged, 0o600);
        let files = joined.files();
        let trouble = files.believed(files.look().unwrap(), NOW).unwrap_err();
        assert!(
            trouble
                .detail
                .ends_with("run: rm /var/lib/antiphon/fleet/records/alice")
        );
        let refused = joined.send(None, Some(&joined.signed(8)));
        assert!(matches!(refused, Err(NotKept::Trouble(_))), "{refused:?}");
    }
    put(path.clone(), &whole, 0o600);
    own(path.clone(), STRANGER);
    assert!(joined.files().look().is_err());
    own(path, 0);
    assert_eq!(joined.believed(NOW), Ok(Some(7)));
    // Where the keys are lost, nothing is believed until a relay sends them again.
    fs::remove_file(joined.path("keys")).unwrap();
    assert_eq!(joined.files().look().unwrap().keys_serial(), 0);
    assert_eq!(joined.believed(NOW), Err(Untrusted::UnknownKey));
}

#[test]
fn a_relay_is_asked_for_newer_keys_by_the_serial_on_file() {
    let joined = Joined::new();
    assert_eq!(joined.files().look().unwrap().keys_serial(), 1);
    let keys = joined.authority.sign_keys(&joined.authority.keys(5));
    joined.send(Some(&keys), None).unwrap();
    assert_eq!(joined.files().look().unwrap().keys_serial(), 5);
}

#[test]
fn what_root_has_pinned_is_read_from_roots_file_alone() {
    let joined = Joined::new();
    let said = || pinned(&Walk::default()).unwrap_err().detail;
    assert!(said().contains("antiphon join"), "{}", said());
    let text = joined.pinned.to_toml();
    put(Pinned::FILE, &text, 0o644);
    assert_eq!(pinned(&Walk::default()), Ok(joined.pinned.clone()));
    put(Pinned::FILE, &text, 0o664);
    assert!(said().contains("chmod"), "{}", said());
    put(Pinned::FILE, text.replace("host", "hots"), 0o644);
    assert!(
        said().contains("/etc/antiphon/fleet.toml: line"),
        "{}",
        said()
    );
    put(Pinned::FILE, b"\xff", 0o644);
    assert!(said().contains("UTF-8"), "{}", said());
}

#[test]
fn a_host_begins_with_the_keys_that_it_joined_with_and_never_goes_back() {
    let joined = Joined::new();
    joined.send(None, Some(&joined.signed(7))).unwrap();
    let begin = |pinned: &Pinned, keys: &SignedDocument| {
        begin(&joined.host.config.paths, pinned, keys, NOW, &mut AtOnce)
    };
    let keys = |serial| joined.authority.sign_keys(&joined.authority.keys(serial));
    begin(&joined.pinned, &keys(3)).unwrap();
    assert_eq!(joined.believed(NOW), Ok(Some(7)));
    let older = Untrusted::Older { seen: 3, found: 2 };
    assert_eq!(untrusted(begin(&joined.pinned, &keys(2))), older);
    // Another fleet, or the same set up again: nothing of the former one counts, not even its serials.
    let authority = Authority::new();
    let other = Pinned {
        root: authority.root.public_key(),
        ..joined.pinned.clone()
    };
    let refused = untrusted(begin(&other, &keys(4)));
    assert_eq!(refused, Untrusted::Signature);
    assert_eq!(entries(&joined.files().records), ["alice"]);
    begin(&other, &authority.sign_keys(&authority.keys(1))).unwrap();
    assert!(entries(&joined.files().records).is_empty());
    let known = known_keys(&joined.host.config.paths, &Walk::default());
    let serial = |document: SignedDocument| Keys::parse(&document.body).unwrap().serial;
    assert_eq!(known.unwrap().map(serial), Some(1));
}

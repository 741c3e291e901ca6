//! Hosts that join, leave and renew their certificates.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use antiphon_certificate::authority::{OwnKey, Side};
use antiphon_core::fleet::{PublicKey, TokenSecret};
use antiphon_core::time::UnixTime;
use antiphon_core::wire::{FleetRefusal, FromFleet, HostRole, Join, Peer, ToFleet};

use super::super::{Asked, Identity, Register, Relay, kept, renewal};
use super::{DB7, RELAY, Served, ask, files, record_of};
use crate::clock;
use crate::store::Store;

/// What a relay with the authority's key answers to somebody who asks to join from 10.0.0.7, or to a host.
async fn register(served: &Served, message: ToFleet, peer: &Peer) -> FromFleet {
    let register = Register::find("example", &served.folder.join(RELAY)).unwrap();
    let relay = Relay::new(served.fleet.pinned("relay1", &["relay1:1"]), register);
    let asked = Asked {
        message,
        peer,
        from: Some([10, 0, 0, 7].into()),
    };
    let store = Arc::clone(&served.store) as Arc<dyn Store>;
    relay.answer(asked, &store).await
}

fn join(secret: &TokenSecret, name: &str, key: &[u8]) -> ToFleet {
    ToFleet::Join(Join {
        secret: secret.to_text().to_string(),
        name: name.to_owned(),
        key: key.to_vec(),
    })
}

#[tokio::test]
async fn who_has_a_token_joins_with_a_certificate_that_gets_in() {
    let served = Served::new().await;
    let secret = TokenSecret::new([9; 16]);
    let root = Peer::Root;
    let token = |hash| ToFleet::Token {
        hash,
        role: HostRole::Host,
        hosts: 1,
        until: clock::now().plus(60),
        network: "10.0.0.0/8".into(),
    };
    let opened = register(&served, token(secret.hash()), &root).await;
    assert_eq!(opened, FromFleet::TokenOpen {});
    let key = OwnKey::new().unwrap();
    let newcomer = Peer::Newcomer;
    let refused = |reason| FromFleet::Refused { reason };
    let spki = key.public.spki();
    // Without keys of the fleet there is nothing that a host could believe.
    let said = register(&served, join(&secret, DB7, spki), &newcomer).await;
    assert_eq!(said, refused(FleetRefusal::Overloaded));
    let document = served.fleet.keys(1);
    let publish = ToFleet::Publish {
        document,
        numbers: None,
    };
    assert_eq!(
        register(&served, publish, &root).await,
        FromFleet::Published {}
    );
    for (message, reason) in [
        (
            join(&TokenSecret::new([8; 16]), DB7, spki),
            FleetRefusal::Token,
        ),
        (join(&secret, "DB 7", spki), FleetRefusal::Name),
        (join(&secret, "10.0.0.5", spki), FleetRefusal::Name),
        (join(&secret, "relay1", spki), FleetRefusal::NameTaken),
        (join(&secret, DB7, &spki[1..]), FleetRefusal::Key),
    ] {
        assert_eq!(register(&served, message, &newcomer).await, refused(reason));
    }
    let said = register(&served, join(&secret, DB7, spki), &newcomer).await;
    let FromFleet::Joined(joined) = said else {
        panic!("{said:?}");
    };
    let path = served.folder.join(DB7);
    fs::create_dir_all(&path).unwrap();
    fs::write(path.join("ca.pem"), joined.authority).unwrap();
    fs::write(path.join("host.pem"), joined.certificate).unwrap();
    fs::write(path.join("host.key"), &*key.pem).unwrap();
    let host = served.uplink(DB7, &path, &[&served.address]);
    assert!(ask(&host, &record_of("anna")).await.is_some());
    // Whoever did not hear the answer asks again; else it is used up. The next certificate is for the same key alone.
    let again = register(&served, join(&secret, DB7, spki), &newcomer).await;
    assert!(matches!(again, FromFleet::Joined(_)), "{again:?}");
    let said = register(&served, join(&secret, "db8", spki), &newcomer).await;
    assert_eq!(said, refused(FleetRefusal::Token));
    let peer = Peer::Host {
        name: DB7.into(),
        role: HostRole::Host,
    };
    let renew = |key: &PublicKey| ToFleet::Renew {
        key: key.spki().to_vec(),
    };
    let renewed = register(&served, renew(&key.public), &peer).await;
    assert!(matches!(renewed, FromFleet::Renewed { .. }), "{renewed:?}");
    let other = OwnKey::new().unwrap().public;
    let said = register(&served, renew(&other), &peer).await;
    assert_eq!(said, refused(FleetRefusal::Key));
}

#[tokio::test]
async fn what_was_signed_with_a_clock_ahead_is_not_published() {
    let mut served = Served::new().await;
    for (serial, ahead, is_taken) in [(1, 0, true), (2, 3600, true), (3, 2 * 86_400, false)] {
        served.fleet.ahead = ahead;
        let keys = served.fleet.keys(serial);
        let record = served.fleet.record("anna", serial, &[], 60);
        for document in [keys, record] {
            let said = register(
                &served,
                ToFleet::Publish {
                    document,
                    numbers: None,
                },
                &Peer::Root,
            )
            .await;
            let expected = if is_taken {
                FromFleet::Published {}
            } else {
                FromFleet::Refused {
                    reason: FleetRefusal::Document,
                }
            };
            assert_eq!(said, expected, "{ahead}");
        }
    }
}

#[tokio::test]
async fn a_revoked_host_leaves_no_way_in_behind() {
    let served = Served::new().await;
    let document = served.fleet.keys(1);
    register(
        &served,
        ToFleet::Publish {
            document,
            numbers: None,
        },
        &Peer::Root,
    )
    .await;
    let (key, other) = (OwnKey::new().unwrap().public, OwnKey::new().unwrap().public);
    served.enter("enrol2", HostRole::Enrol, &key).await;
    let enrol2 = Peer::Host {
        name: "enrol2".into(),
        role: HostRole::Enrol,
    };
    let secret = TokenSecret::new([9; 16]);
    let token = |role, hosts| ToFleet::Token {
        hash: secret.hash(),
        role,
        hosts,
        until: clock::now().plus(60),
        network: String::new(),
    };
    let refused = |reason| FromFleet::Refused { reason };
    let open = async |role, hosts| register(&served, token(role, hosts), &enrol2).await;
    let not_allowed = refused(FleetRefusal::NotAllowed);
    assert_eq!(open(HostRole::Enrol, 1).await, not_allowed);
    for hosts in [0, 100_001, u32::MAX] {
        let said = open(HostRole::Host, hosts).await;
        assert_eq!(said, refused(FleetRefusal::Token));
    }
    assert_eq!(open(HostRole::Host, 9).await, FromFleet::TokenOpen {});
    let said = open(HostRole::Host, 10).await;
    assert_eq!(said, refused(FleetRefusal::TokenKnown));
    let host = "enrol2".into();
    let said = register(&served, ToFleet::Revoke { host }, &Peer::Root).await;
    assert_eq!(said, FromFleet::Revoked {});
    // Over a connection that it had before.
    assert_eq!(open(HostRole::Host, 9).await, not_allowed);
    let ask = join(&secret, "db8", other.spki());
    let said = register(&served, ask, &Peer::Newcomer).await;
    assert_eq!(said, refused(FleetRefusal::Token));
    register(&served, token(HostRole::Host, 9), &Peer::Root).await;
    let ask = join(&secret, "enrol2", key.spki());
    let said = register(&served, ask, &Peer::Newcomer).await;
    assert_eq!(said, refused(FleetRefusal::Key));
    let ask = join(&secret, "enrol2", other.spki());
    let said = register(&served, ask, &Peer::Newcomer).await;
    assert!(matches!(said, FromFleet::Joined(_)), "{said:?}");
}

#[tokio::test]
async fn a_certificate_is_renewed_for_its_key_and_serves_after_a_restart() {
    let served = Served::new().await;
    let document = served.fleet.keys(1);
    let publish = ToFleet::Publish {
        document,
        numbers: None,
    };
    let published = register(&served, publish, &Peer::Root).await;
    assert_eq!(published, FromFleet::Published {});
    let key = OwnKey::new().unwrap();
    let path = served.folder.join(DB7);
    fs::create_dir_all(&path).unwrap();
    let long_ago = UnixTime(clock::now().0 - 300 * 86_400);
    let certificate = served
        .authority
        .sign(DB7, &key.public, Side::Host, long_ago);
    let own = served.authority.certificate(long_ago).unwrap();
    fs::write(path.join("ca.pem"), own).unwrap();
    fs::write(path.join("host.pem"), certificate.unwrap()).unwrap();
    fs::write(path.join("host.key"), &*key.pem).unwrap();
    served.enter(DB7, HostRole::Host, &key.public).await;
    let before = Identity::load(&path).unwrap();
    let is_old = |identity: &Identity| identity.certificate().unwrap().is_half_over(clock::now());
    let folder = served.folder.join("own");
    fs::create_dir_all(&folder).unwrap();
    assert!(is_old(&before) && kept(&folder, &before).is_none());
    let host = served.uplink(DB7, &path, &[&served.address]);
    renewal::renew(&host, &folder).await.unwrap();
    assert!(!is_old(&host.identity()));
    assert!(ask(&host, &record_of("anna")).await.is_some());
    let after = kept(&folder, &before).unwrap();
    assert!(!is_old(&after));
    // Another key, as after joining again: what was kept is of no use.
    let (path, _) = files(&served.folder, "web1", &served.authority, &served.authority);
    assert!(kept(&folder, &Identity::load(&path).unwrap()).is_none());
}

#[tokio::test]
async fn nothing_is_signed_for_who_has_no_token_that_serves() {
    let served = Served::new().await;
    let document = served.fleet.keys(1);
    let publish = ToFleet::Publish {
        document,
        numbers: None,
    };
    register(&served, publish, &Peer::Root).await;
    let secret = TokenSecret::new([9; 16]);
    let token = ToFleet::Token {
        hash: secret.hash(),
        role: HostRole::Host,
        hosts: 1,
        until: clock::now().plus(60),
        network: "10.0.0.0/8".into(),
    };
    register(&served, token, &Peer::Root).await;
    let found = Register::find("example", &served.folder.join(RELAY)).unwrap();
    let relay = Relay::new(served.fleet.pinned("relay1", &["relay1:1"]), found);
    let store = Arc::clone(&served.store) as Arc<dyn Store>;
    let ask = async |secret: &TokenSecret, name: &str, key: &OwnKey, from: [u8; 4]| {
        let asked = Asked {
            message: join(secret, name, key.public.spki()),
            peer: &Peer::Newcomer,
            from: Some(from.into()),
        };
        let said = relay.answer(asked, &store).await;
        let register = relay.register.as_ref().unwrap();
        let signed = register.signed.swap(0, Ordering::Relaxed);
        assert_eq!(
            signed == 1,
            matches!(said, FromFleet::Joined(_)),
            "{said:?}"
        );
        signed
    };
    let (key, other) = (OwnKey::new().unwrap(), OwnKey::new().unwrap());
    let inside = [10, 0, 0, 7];
    assert_eq!(ask(&TokenSecret::new([8; 16]), DB7, &key, inside).await, 0);
    assert_eq!(ask(&secret, DB7, &key, [11, 0, 0, 7]).await, 0);
    assert_eq!(ask(&secret, DB7, &key, inside).await, 1);
    // Used up; and somebody else's name.
    assert_eq!(ask(&secret, "db8", &key, inside).await, 0);
    assert_eq!(ask(&secret, DB7, &other, inside).await, 0);
    assert_eq!(ask(&secret, DB7, &key, inside).await, 1);
}

//! A host and a relay, each with its certificate, over a real connection.

mod crowd;
mod joining;
mod telephone;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use antiphon_certificate::authority::{Authority, OwnKey, Side};
use antiphon_core::approval::ApprovalRequest;
use antiphon_core::config::Config;
use antiphon_core::fleet::{Kind, PublicKey, SignedDocument};
use antiphon_core::invitation::TRIAL_SERVICE;
use antiphon_core::wire::{
    self, FleetRefusal, FromDaemon, FromFleet, Hints, HostRole, Silence, ToDaemon, ToFleet,
    Unwilling,
};
use antiphon_gateway::Gateways;
use antiphon_tests::Fleet;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UnixStream};

use super::{HostDoor, Identity, Register, Relay, Uplink};
use crate::clock;
use crate::exchange::Exchange;
use crate::scratch::Scratch;
use crate::store::conformance::phone;
use crate::store::fleet::{Joining, Newcomer, OpenToken, Opening};
use crate::store::{Memory, Store};

const DB7: &str = "db7";
const RELAY: &str = "127.0.0.1";

/// The files of a computer of this name, whose certificate `authority` has signed, and which believes `other`'s
/// certificates; and its key.
fn files(
    folder: &Scratch,
    name: &str,
    authority: &Authority,
    other: &Authority,
) -> (PathBuf, PublicKey) {
    let path = folder.join(name);
    fs::create_dir_all(&path).unwrap();
    let key = OwnKey::new().unwrap();
    let side = if name == RELAY {
        Side::Relay
    } else {
        Side::Host
    };
    let certificate = authority
        .sign(name, &key.public, side, clock::now())
        .unwrap();
    let own = other.certificate(clock::now()).unwrap();
    fs::write(path.join("ca.pem"), own).unwrap();
    fs::write(path.join("host.pem"), certificate).unwrap();
    fs::write(path.join("host.key"), &*key.pem).unwrap();
    (path, key.public)
}

/// A relay that serves, and what belongs to its fleet.
struct Served {
    folder: Scratch,
    authority: Authority,
    fleet: Fleet,
    store: Arc<Memory>,
    exchange: Arc<Exchange>,
    address: String,
}

impl Served {
    async fn new() -> Self {
        Self::serving(|_| String::new()).await
    }

    /// With a configuration, which may name what is in its folder.
    async fn serving(configuration: impl FnOnce(&Scratch) -> String) -> Self {
        let (folder, authority, fleet) = (
            Scratch::new(),
            Authority::new("example").unwrap(),
            Fleet::new("example"),
        );
        let store = Arc::new(Memory::default());
        let kept = Arc::clone(&store) as Arc<dyn Store>;
        let text = configuration(&folder);
        let (config, gateways) = (Config::parse(&text), Gateways::parse(&text));
        let exchange = Exchange::new(config.unwrap(), &gateways.unwrap(), kept).await;
        let mut exchange = exchange.unwrap();
        let (path, _) = files(&folder, RELAY, &authority, &authority);
        fs::write(path.join("ca.key"), &*authority.key()).unwrap();
        let register = Register::find("example", &path).unwrap();
        exchange.relay = Some(Relay::new(fleet.pinned("relay1", &["relay1:1"]), register));
        let identity = Identity::load(&path).unwrap();
        let door = HostDoor::open(([127, 0, 0, 1], 0).into(), &identity).unwrap();
        let address = door.address().to_string();
        let exchange = Arc::new(exchange);
        tokio::spawn(door.serve(Arc::clone(&exchange)));
        Self {
            folder,
            authority,
            fleet,
            store,
            exchange,
            address,
        }
    }

    /// Has the host `name` join with `role`; its way to the relays at `relays`.
    async fn join(&self, name: &str, role: HostRole, relays: &[&str]) -> Uplink {
        let (path, key) = files(&self.folder, name, &self.authority, &self.authority);
        self.enter(name, role, &key).await;
        self.uplink(name, &path, relays)
    }

    /// Notes a host and its key, as joining does.
    async fn enter(&self, name: &str, role: HostRole, key: &PublicKey) {
        let now = clock::now();
        let hash = key.fingerprint();
        let token = OpenToken {
            hash,
            role,
            hosts: 1,
            until: now.plus(60),
            network: None,
            opener: String::new(),
        };
        let opened = self.store.open_token(token).await;
        assert_eq!(opened, Ok(Opening::Opened));
        let newcomer = Newcomer {
            hash,
            name: name.to_owned(),
            key: key.fingerprint(),
            from: [127, 0, 0, 1].into(),
            now,
        };
        let joined = self.store.join(newcomer).await;
        assert_eq!(joined, Ok(Joining::Joined(role)));
    }

    fn uplink(&self, name: &str, files: &Path, relays: &[&str]) -> Uplink {
        let pinned = self.fleet.pinned(name, relays);
        Uplink::new(&pinned, Identity::load(files).unwrap()).unwrap()
    }
}

/// What a relay says to the module of a host; `None` if there is no connection to it.
async fn ask(uplink: &Uplink, message: &ToDaemon) -> Option<FromDaemon> {
    let (module, mut daemon) = (UnixStream::pair().unwrap(), Vec::new());
    let (mut module, theirs) = module;
    let frame = wire::encode(message).unwrap();
    let asked = async {
        module.write_all(&frame).await.unwrap();
        let mut prefix = [0; wire::PREFIX];
        module.read_exact(&mut prefix).await.ok()?;
        daemon.resize(wire::length_of(prefix).unwrap(), 0);
        module.read_exact(&mut daemon).await.ok()?;
        drop(module);
        Some(wire::decode(&daemon).unwrap())
    };
    let (said, ()) = tokio::join!(asked, uplink.carry(theirs));
    said
}

fn record_of(user: &str) -> ToDaemon {
    let user = user.to_owned();
    ToDaemon::Fleet(ToFleet::Record { user, keys: 0 })
}

fn publish(document: &SignedDocument) -> ToDaemon {
    let document = document.clone();
    ToDaemon::Fleet(ToFleet::Publish {
        document,
        numbers: None,
    })
}

fn not_allowed() -> FromDaemon {
    let reason = FleetRefusal::NotAllowed;
    FromDaemon::Fleet(FromFleet::Refused { reason })
}

fn approve(host: &str) -> ToDaemon {
    let now = clock::now();
    let request = ApprovalRequest {
        nonce: [7; 32],
        user: "anna".into(),
        host: host.into(),
        service: "sshd".into(),
        caller: String::new(),
        remote_host: String::new(),
        terminal: String::new(),
        issued: now,
        expires: now.plus(60),
    };
    ToDaemon::Approve {
        request,
        credentials: vec![vec![1]],
        digits: 2,
        hints: Hints::default(),
    }
}

#[tokio::test]
async fn what_an_enrolment_host_publishes_every_host_is_given() {
    let served = Served::new().await;
    let relays = [served.address.as_str()];
    let enrol = served.join("enrol1", HostRole::Enrol, &relays).await;
    let host = served.join(DB7, HostRole::Host, &relays).await;
    let given = |record: Option<&SignedDocument>, keys: Option<&SignedDocument>| {
        let (record, keys) = (record.cloned(), keys.cloned());
        Some(FromDaemon::Fleet(FromFleet::Record { record, keys }))
    };
    assert_eq!(ask(&host, &record_of("anna")).await, given(None, None));
    let (keys, record) = (
        served.fleet.keys(1),
        served.fleet.record("anna", 7, &[], 60),
    );
    let published = Some(FromDaemon::Fleet(FromFleet::Published {}));
    for document in [&keys, &record] {
        assert_eq!(ask(&enrol, &publish(document)).await, published);
    }
    let asked = ask(&host, &record_of("anna")).await;
    assert_eq!(asked, given(Some(&record), Some(&keys)));
    let known = ToDaemon::Fleet(ToFleet::Record {
        user: "bob".into(),
        keys: 1,
    });
    assert_eq!(ask(&host, &known).await, given(None, None));
    // What hosts would not believe is not kept, nor what is older.
    let stranger = Fleet::new("example").record("anna", 9, &[], 60);
    let reason = FleetRefusal::Document;
    let refused = Some(FromDaemon::Fleet(FromFleet::Refused { reason }));
    assert_eq!(ask(&enrol, &publish(&stranger)).await, refused);
    let older = served.fleet.record("anna", 6, &[], 60);
    let outdated = Some(FromDaemon::Fleet(FromFleet::Outdated { serial: 7 }));
    assert_eq!(ask(&enrol, &publish(&older)).await, outdated);
}

#[tokio::test]
async fn a_host_asks_for_itself_alone_and_can_neither_publish_nor_forget() {
    let served = Served::new().await;
    let host = served.join(DB7, HostRole::Host, &[&served.address]).await;
    let no_phone = FromDaemon::Unwilling {
        reason: Unwilling::NoPhone,
    };
    assert_eq!(ask(&host, &approve(DB7)).await, Some(no_phone));
    let forget = ToDaemon::Forget {
        credentials: vec![vec![1]],
    };
    let revoke = ToDaemon::Fleet(ToFleet::Revoke { host: DB7.into() });
    // The trial of a phone would be asked whatever was asked before, and be called one on the phone.
    let mut trial = approve(DB7);
    if let ToDaemon::Approve { request, .. } = &mut trial {
        request.service = TRIAL_SERVICE.into();
    }
    for message in [
        approve("web1"),
        trial,
        publish(&served.fleet.keys(1)),
        forget,
        revoke,
    ] {
        assert_eq!(
            ask(&host, &message).await,
            Some(not_allowed()),
            "{message:?}"
        );
    }
    let record = served.store.document(Kind::Keys, "").await;
    assert_eq!(record, Ok(None));
}

#[tokio::test]
async fn pauses_of_people_without_a_phone_are_not_kept() {
    let served = Served::new().await;
    let host = served.join(DB7, HostRole::Host, &[&served.address]).await;
    let since = clock::now();
    let pause = Silence {
        since,
        until: since.plus(900),
    };
    let paused = |user: &str| ToDaemon::Paused {
        user: user.into(),
        host: DB7.into(),
        pause,
    };
    served.store.keep(phone(&[1], "anna", 1)).await.unwrap();
    for user in ["anna", "nobody", &"x".repeat(10_000)] {
        let said = ask(&host, &paused(user)).await;
        assert_eq!(said, Some(FromDaemon::StillPaused {}));
        let kept = served.exchange.pauses.of(user).await;
        assert_eq!(kept.is_some(), user == "anna", "{user}");
    }
}

#[tokio::test]
async fn hosts_seen_lately_get_in_while_the_store_is_away() {
    let served = Served::new().await;
    let relays = [served.address.as_str()];
    let host = served.join(DB7, HostRole::Host, &relays).await;
    let unseen = served.join("web1", HostRole::Host, &relays).await;
    let revoked = served.join("web2", HostRole::Host, &relays).await;
    assert!(ask(&host, &record_of("anna")).await.is_some());
    assert!(ask(&revoked, &record_of("anna")).await.is_some());
    served.store.revoke("web2", clock::now()).await.unwrap();
    assert_eq!(ask(&revoked, &record_of("anna")).await, None);
    served.store.go_away();
    let _page = served
        .exchange
        .switchboard
        .listen(Arc::new(phone(&[1], "anna", 1)));
    let waiting = FromDaemon::Waiting { phones: 1 };
    assert_eq!(ask(&host, &approve(DB7)).await, Some(waiting));
    // It can do no more than before.
    assert_eq!(ask(&host, &approve("web1")).await, Some(not_allowed()));
    for other in [&unseen, &revoked] {
        assert_eq!(ask(other, &record_of("anna")).await, None);
    }
    // Nor does another key under its name.
    let (path, _) = files(&served.folder, DB7, &served.authority, &served.authority);
    let stranger = served.uplink(DB7, &path, &relays);
    assert_eq!(ask(&stranger, &record_of("anna")).await, None);
}

#[tokio::test]
async fn a_revoked_host_is_refused_at_its_next_connection() {
    let served = Served::new().await;
    let relays = [served.address.as_str()];
    let enrol = served.join("enrol1", HostRole::Enrol, &relays).await;
    let host = served.join(DB7, HostRole::Host, &relays).await;
    assert!(ask(&host, &record_of("anna")).await.is_some());
    let revoke = ToDaemon::Fleet(ToFleet::Revoke { host: DB7.into() });
    let revoked = ask(&enrol, &revoke).await;
    assert_eq!(revoked, Some(FromDaemon::Fleet(FromFleet::Revoked {})));
    assert_eq!(ask(&host, &record_of("anna")).await, None);
    // One that joins again under the name is another; the former key stays out.
    let again = served.join(DB7, HostRole::Host, &relays).await;
    assert!(ask(&again, &record_of("anna")).await.is_some());
    assert_eq!(ask(&host, &record_of("anna")).await, None);
}

#[tokio::test]
async fn a_certificate_of_another_authority_gets_nobody_in() {
    let served = Served::new().await;
    let stranger = Authority::new("example").unwrap();
    let (path, key) = files(&served.folder, DB7, &stranger, &served.authority);
    served.enter(DB7, HostRole::Host, &key).await;
    let host = served.uplink(DB7, &path, &[&served.address]);
    assert_eq!(ask(&host, &record_of("anna")).await, None);
    // Nor does a host believe a relay of another authority.
    let (path, key) = files(&served.folder, "web1", &served.authority, &stranger);
    served.enter("web1", HostRole::Host, &key).await;
    let host = served.uplink("web1", &path, &[&served.address]);
    assert_eq!(ask(&host, &record_of("anna")).await, None);
}

#[tokio::test]
async fn a_host_that_says_another_name_than_its_certificate_is_refused() {
    let served = Served::new().await;
    let (path, key) = files(&served.folder, DB7, &served.authority, &served.authority);
    served.enter(DB7, HostRole::Host, &key).await;
    let host = served.uplink("web1", &path, &[&served.address]);
    assert_eq!(ask(&host, &record_of("anna")).await, None);
}

#[tokio::test]
async fn a_relay_that_is_away_is_passed_over() {
    let served = Served::new().await;
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dead = closed.local_addr().unwrap().to_string();
    drop(closed);
    let host = served
        .join(DB7, HostRole::Host, &[&dead, &served.address, &dead])
        .await;
    for _ in 0..8 {
        assert!(ask(&host, &record_of("anna")).await.is_some());
    }
    let host = served.uplink(DB7, &served.folder.join(DB7), &[&dead]);
    assert_eq!(ask(&host, &record_of("anna")).await, None);
}

#[tokio::test]
async fn files_that_are_missing_are_named_with_the_fix() {
    let folder = Scratch::new();
    let authority = Authority::new("example").unwrap();
    let (path, _) = files(&folder, DB7, &authority, &authority);
    for name in ["ca.pem", "host.pem", "host.key"] {
        let file = path.join(name);
        let whole = fs::read(&file).unwrap();
        fs::remove_file(&file).unwrap();
        let said = Identity::load(&path).err().unwrap();
        assert!(
            said.contains(name) && said.contains("antiphon join"),
            "{said}"
        );
        fs::write(&file, "").unwrap();
        let said = Identity::load(&path).err().unwrap();
        assert!(said.contains(name), "{said}");
        fs::write(&file, whole).unwrap();
    }
    assert!(Identity::load(&path).is_ok());
}

//! What a relay answers about the fleet.

use std::fs;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use antiphon_core::fleet::{
    Keys, Kind, Pinned, PublicKey, RelayAddress, SignedDocument, TokenSecret, is_host_name, is_name,
};
use antiphon_core::wire::{
    FLEET_VERSION, FleetRefusal, FromFleet, HostRole, Join, Joined, Peer, ToFleet, TokenEntry,
};

use super::publication::Offered;
use super::register::Register;
use crate::seldom::Seldom;
use crate::store::fleet::{Joining, Newcomer, OpenToken, Opening};
use crate::store::{Store, StoreError};
use crate::{clock, log};

/// Most hosts or tokens in one answer: they fit in a frame, whatever their names.
const MOST_LISTED: u32 = 200;
/// The longest that a token may serve, in seconds: 90 days.
const LONGEST_TOKEN: u64 = 90 * 86_400;
/// For how many hosts a token may be.
const HOSTS_OF_TOKEN: std::ops::RangeInclusive<u32> = 1..=100_000;

/// A message, and who sent it from where.
pub(crate) struct Asked<'a> {
    pub(crate) message: ToFleet,
    pub(crate) peer: &'a Peer,
    /// The address, if it came over the network.
    pub(crate) from: Option<IpAddr>,
}

/// A relay of a fleet.
pub(crate) struct Relay {
    pub(super) pinned: Pinned,
    /// What signs certificates, on the computer on which the fleet was set up.
    pub(super) register: Option<Register>,
}

impl Relay {
    pub(crate) fn new(pinned: Pinned, register: Option<Register>) -> Self {
        Self { pinned, register }
    }

    /// Publishes the keys that root has put into `folder`, if they are newer: when the fleet is set up, nobody can be asked
    /// to yet.
    pub(crate) async fn begin(&self, folder: &Path, store: &Arc<dyn Store>) {
        let path = folder.join("keys");
        let Ok(text) = fs::read(&path) else { return };
        let shown = path.display();
        match SignedDocument::parse(&text) {
            Ok(document) => match self.publish(document.into(), &Peer::Root, store).await {
                Ok(FromFleet::Refused { .. }) => {
                    log::fail(format_args!(
                        "{shown}: is not signed with the fleet's root key, or is over"
                    ));
                }
                Ok(_) => {}
                Err(error) => log::fail(format_args!("{shown}: {error}")),
            },
            Err(untrusted) => log::fail(format_args!("{shown}: {untrusted}")),
        }
    }

    /// The answer to a message that its sender has the right to send.
    pub(crate) async fn answer(&self, asked: Asked<'_>, store: &Arc<dyn Store>) -> FromFleet {
        let answered = match asked.message {
            ToFleet::Hello { version, .. } => greet(version),
            ToFleet::Record { user, keys } => self.record(&user, keys, store).await,
            ToFleet::Publish { document, numbers } => {
                let offered = Offered { document, numbers };
                self.publish(offered, asked.peer, store).await
            }
            ToFleet::Token {
                hash,
                role,
                hosts,
                until,
                network,
            } => {
                let network = (!network.is_empty()).then(|| network.parse());
                let serves =
                    until <= clock::now().plus(LONGEST_TOKEN) && HOSTS_OF_TOKEN.contains(&hosts);
                let opener = match (asked.peer, role) {
                    (Peer::Root, _) => Some(String::new()),
                    (Peer::Host { name, .. }, HostRole::Host) => Some(name.clone()),
                    // An enrolment host that a host had let in would let in others when that one is revoked.
                    (Peer::Host { .. }, HostRole::Enrol) | (Peer::Newcomer, _) => None,
                };
                match (opener, network.transpose()) {
                    (None, _) => refused(FleetRefusal::NotAllowed),
                    (Some(opener), Ok(network)) if serves => {
                        let token = OpenToken {
                            hash,
                            role,
                            hosts,
                            until,
                            network,
                            opener,
                        };
                        open(token, asked.peer, store).await
                    }
                    _ => refused(FleetRefusal::Token),
                }
            }
            ToFleet::Tokens { after } => tokens(after, store).await,
            ToFleet::Withdraw { hash } => withdraw(hash, asked.peer, store).await,
            ToFleet::Revoke { host } => revoke(&host, asked.peer, store).await,
            ToFleet::Hosts { after } => list(&after, store).await,
            ToFleet::Join(join) => self.join(join, asked.from, store).await,
            ToFleet::Renew { key } => self.renew(asked.peer, &key, store).await,
        };
        answered.unwrap_or_else(|error| {
            static SELDOM: Seldom = Seldom::new();
            SELDOM.fail(format_args!(
                "a question about the fleet was not answered: {error}"
            ));
            FromFleet::Refused {
                reason: FleetRefusal::Overloaded,
            }
        })
    }

    /// Lets a host in. Its certificate is signed only once the name is noted as its own: nobody without a token has us sign
    /// anything. A host that gets none then asks again, which uses up nothing more of its token.
    async fn join(
        &self,
        join: Join,
        from: Option<IpAddr>,
        store: &Arc<dyn Store>,
    ) -> Result<FromFleet, StoreError> {
        let (Some(register), Some(from)) = (&self.register, from) else {
            return refused(FleetRefusal::NotAllowed);
        };
        let is_relay = |relay: &RelayAddress| relay.host() == join.name;
        if !is_host_name(&join.name) {
            return refused(FleetRefusal::Name);
        }
        // A host of that name would be taken for the relay.
        if self.pinned.relays.iter().any(is_relay) || join.name == self.pinned.host {
            return refused(FleetRefusal::NameTaken);
        }
        let Some(key) = PublicKey::from_spki(&join.key) else {
            return refused(FleetRefusal::Key);
        };
        let Some(secret) = TokenSecret::read(&join.secret) else {
            return refused(FleetRefusal::Token);
        };
        let keys = store.document(Kind::Keys, "").await?;
        let keys = keys.and_then(|keys| SignedDocument::parse(keys.as_bytes()).ok());
        let Some(keys) = keys else {
            return refused(FleetRefusal::Overloaded);
        };
        let now = clock::now();
        let newcomer = Newcomer {
            hash: secret.hash(),
            name: join.name.clone(),
            key: key.fingerprint(),
            from,
            now,
        };
        match store.join(newcomer).await? {
            Joining::Token => refused(FleetRefusal::Token),
            Joining::NameTaken => refused(FleetRefusal::NameTaken),
            Joining::Revoked => refused(FleetRefusal::Key),
            Joining::Joined(_) => {
                let Ok(certificate) = register.sign(&join.name, &key, now) else {
                    return refused(FleetRefusal::Overloaded);
                };
                log::note(format_args!(
                    "the host {} has joined, from {from}",
                    join.name
                ));
                let relays = self.pinned.relays.iter().map(RelayAddress::to_string);
                Ok(FromFleet::Joined(Joined {
                    fleet: self.pinned.fleet.clone(),
                    root: self.pinned.root.spki().to_vec(),
                    keys,
                    authority: register.certificate().to_owned(),
                    certificate,
                    relays: relays.collect(),
                }))
            }
        }
    }

    /// The next certificate of a host, for the key that it has joined with.
    async fn renew(
        &self,
        peer: &Peer,
        key: &[u8],
        store: &Arc<dyn Store>,
    ) -> Result<FromFleet, StoreError> {
        let (Some(register), Peer::Host { name, .. }) = (&self.register, peer) else {
            return refused(FleetRefusal::NotAllowed);
        };
        let host = store.host(name).await?;
        let key = PublicKey::from_spki(key);
        let key = key.filter(|key| host.is_some_and(|host| host.key == key.fingerprint()));
        match key.map(|key| register.sign(name, &key, clock::now())) {
            None => refused(FleetRefusal::Key),
            Some(Err(_)) => refused(FleetRefusal::Overloaded),
            Some(Ok(certificate)) => Ok(FromFleet::Renewed { certificate }),
        }
    }

    async fn record(
        &self,
        user: &str,
        known: u32,
        store: &Arc<dyn Store>,
    ) -> Result<FromFleet, StoreError> {
        let parse = |text: Option<String>| {
            text.and_then(|text| SignedDocument::parse(text.as_bytes()).ok())
        };
        let record = parse(store.document(Kind::Record, user).await?);
        let keys = parse(store.document(Kind::Keys, "").await?);
        let serial = |keys: &SignedDocument| Keys::parse(&keys.body).map_or(0, |keys| keys.serial);
        Ok(FromFleet::Record {
            record,
            keys: keys.filter(|keys| serial(keys) > known),
        })
    }
}

/// This version and the one before, which there is not yet.
fn greet(version: u32) -> Result<FromFleet, StoreError> {
    if version == FLEET_VERSION {
        Ok(FromFleet::Welcome {
            version: FLEET_VERSION,
        })
    } else {
        refused(FleetRefusal::Version)
    }
}

async fn open(
    token: OpenToken,
    by: &Peer,
    store: &Arc<dyn Store>,
) -> Result<FromFleet, StoreError> {
    let (hosts, until) = (token.hosts, token.until);
    let what = match token.role {
        HostRole::Host => "hosts",
        HostRole::Enrol => "enrolment hosts",
    };
    match store.open_token(token).await? {
        Opening::Opened => {
            log::note(format_args!(
                "a token was opened by {by}: for {hosts} {what}, until {until}"
            ));
            Ok(FromFleet::TokenOpen {})
        }
        Opening::Known => refused(FleetRefusal::TokenKnown),
        Opening::NoOpener => refused(FleetRefusal::NotAllowed),
    }
}

async fn tokens(after: [u8; 32], store: &Arc<dyn Store>) -> Result<FromFleet, StoreError> {
    let mut open = store.tokens(after, MOST_LISTED + 1, clock::now()).await?;
    let more = cut(&mut open);
    let entry = |token: OpenToken| TokenEntry {
        hash: token.hash,
        role: token.role,
        hosts: token.hosts,
        until: token.until,
        network: token
            .network
            .map_or_else(String::new, |network| network.to_string()),
        opener: token.opener,
    };
    let tokens = open.into_iter().map(entry).collect();
    Ok(FromFleet::Tokens { tokens, more })
}

async fn withdraw(
    hash: [u8; 32],
    by: &Peer,
    store: &Arc<dyn Store>,
) -> Result<FromFleet, StoreError> {
    if !store.withdraw(hash).await? {
        return refused(FleetRefusal::NoSuchToken);
    }
    log::note(format_args!("a token was withdrawn by {by}"));
    Ok(FromFleet::Withdrawn {})
}

async fn revoke(host: &str, by: &Peer, store: &Arc<dyn Store>) -> Result<FromFleet, StoreError> {
    if !is_name(host) || !store.revoke(host, clock::now()).await? {
        return refused(FleetRefusal::NoSuchHost);
    }
    log::note(format_args!("the host {host} was revoked by {by}"));
    Ok(FromFleet::Revoked {})
}

async fn list(after: &str, store: &Arc<dyn Store>) -> Result<FromFleet, StoreError> {
    let mut hosts = store.hosts(after, MOST_LISTED + 1).await?;
    let more = cut(&mut hosts);
    Ok(FromFleet::Hosts { hosts, more })
}

/// Leaves what fits into an answer; whether there was more.
fn cut<T>(listed: &mut Vec<T>) -> bool {
    let most = usize::try_from(MOST_LISTED).unwrap_or(usize::MAX);
    let more = listed.len() > most;
    listed.truncate(most);
    more
}

#[expect(clippy::unnecessary_wraps, reason = "as those who return it")]
pub(super) fn refused(reason: FleetRefusal) -> Result<FromFleet, StoreError> {
    Ok(FromFleet::Refused { reason })
}

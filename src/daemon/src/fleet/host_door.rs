//! A relay's port for hosts: both sides show a certificate of the fleet's authority, and the store says what the host may do.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant as Moment};

use antiphon_certificate::Certificate;
use antiphon_core::fleet::PublicKey;
use antiphon_core::wire::Peer;
use tokio::io::{Interest, Ready};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, interval_at, sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::server::TlsStream;

use super::identity::Identity;
use super::lately::{Known, Lately};
use super::uplink::keep_alive;
use crate::clock;
use crate::exchange::Exchange;
use crate::port::listen_at;
use crate::seats::{Seats, Share};
use crate::seldom::Seldom;
use crate::socket::carry_remote;
use crate::store::fleet::FleetHost;
use crate::store::{Store, StoreError};

/// Most connections, and most from one address: behind it may be all of a fleet's hosts.
const MOST: usize = 20_000;
const MOST_OF_ADDRESS: usize = 19_000;
/// The time limit for a handshake.
const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(10);
/// How long the store is waited for where a host has been known lately: it gives a relay a second before it tries another one
/// as well.
const STORE_PATIENCE: Duration = Duration::from_millis(600);
/// How long else: as long as the module waits. Other relays have the same store, and would know the host no sooner.
const LONGEST: Duration = Duration::from_secs(3);
/// How often it is looked whether the certificate was renewed.
const LOOK_EVERY: Duration = Duration::from_secs(3600);
/// How exactly it is kept when a host was last seen, in seconds, and for how long hosts are gathered that are noted together:
/// each time is a write, and look-ups wait behind it.
const HOUR: u64 = 3600;
const SEEN_TOGETHER: Duration = Duration::from_secs(5);

/// The listening socket for hosts.
pub(crate) struct HostDoor {
    listener: TcpListener,
    acceptor: TlsAcceptor,
    /// Where the relay's certificate is, which root's command renews.
    folder: PathBuf,
}

impl HostDoor {
    /// Listens.
    ///
    /// # Errors
    /// One sentence, with the fix.
    pub(crate) fn open(address: SocketAddr, identity: &Identity) -> Result<Self, String> {
        let listener = listen_at(address)
            .map_err(|error| format!("[relay] listen_hosts = \"{address}\": {error}"))?;
        Ok(Self {
            listener,
            acceptor: identity.acceptor()?,
            folder: identity.folder().to_owned(),
        })
    }

    /// Where it listens.
    #[cfg(test)]
    pub(super) fn address(&self) -> SocketAddr {
        self.listener.local_addr().unwrap()
    }

    /// Takes connections until the daemon shuts down.
    pub(crate) async fn serve(mut self, exchange: Arc<Exchange>) {
        let seats = Seats::new(MOST);
        let lately = Arc::new(Lately::default());
        let mut look = interval_at(Instant::now() + LOOK_EVERY, LOOK_EVERY);
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                _ = look.tick() => {
                    self.look_at_certificate();
                    continue;
                }
                () = exchange.closing() => return,
            };
            let (stream, from) = match accepted {
                Ok((stream, from)) => (stream, from.ip().to_canonical()),
                Err(error) => {
                    // Usually out of file descriptors: some will be freed.
                    static SELDOM: Seldom = Seldom::once_a_minute();
                    SELDOM.fail(format_args!(
                        "the port for hosts takes no connection: {error}"
                    ));
                    sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            let share = Share {
                of: from,
                most: MOST_OF_ADDRESS,
            };
            // A connection that has not shown a certificate gives way to a new one: behind an address may be strangers, and
            // people of a host who are not its root.
            let Ok(seat) = seats.take_from_idle(&[share]).await else {
                static SELDOM: Seldom = Seldom::once_a_minute();
                SELDOM.warn(format_args!(
                    "the port for hosts has all the connections that it takes, or all that {from} may have; further ones \
                     are closed"
                ));
                continue;
            };
            let (acceptor, exchange) = (self.acceptor.clone(), Arc::clone(&exchange));
            let lately = Arc::clone(&lately);
            tokio::spawn(async move {
                let arrival = Arrival {
                    stream,
                    from,
                    lately: &lately,
                };
                tokio::select! {
                    () = welcome(arrival, acceptor, &exchange, || seat.work()) => {}
                    () = seat.sent_away() => {}
                }
            });
        }
    }
}

impl HostDoor {
    /// Shows the certificate that is there now from the next connection on. One that cannot be used changes nothing.
    fn look_at_certificate(&mut self) {
        match Identity::load(&self.folder).and_then(|identity| identity.acceptor()) {
            Ok(acceptor) => self.acceptor = acceptor,
            Err(why) => {
                static SELDOM: Seldom = Seldom::new();
                SELDOM.warn(format_args!(
                    "the certificate for hosts stays the one of before: {why}"
                ));
            }
        }
    }
}

/// A connection.
pub(super) struct Arrival<'a> {
    pub(super) stream: TcpStream,
    pub(super) from: IpAddr,
    pub(super) lately: &'a Arc<Lately>,
}

/// Serves one connection. `is_known` is called once it has proved to be a host's.
pub(super) async fn welcome(
    arrival: Arrival<'_>,
    acceptor: TlsAcceptor,
    exchange: &Arc<Exchange>,
    is_known: impl FnOnce(),
) {
    let from = arrival.from;
    // Boxed, so that a sign-in that waits reserves no space for it.
    let Some(Visitor { stream, peer }) = Box::pin(let_in(arrival, acceptor, exchange)).await else {
        return;
    };
    if peer != Peer::Newcomer {
        is_known();
    }
    carry_remote(stream, peer, from, Arc::clone(exchange)).await;
}

/// A connection that was let in.
struct Visitor {
    stream: Box<TlsStream<TcpStream>>,
    peer: Peer,
}

/// Shakes hands. `None` if the connection has ended, and whoever should know of it does.
async fn let_in(
    arrival: Arrival<'_>,
    acceptor: TlsAcceptor,
    exchange: &Exchange,
) -> Option<Visitor> {
    static SELDOM: Seldom = Seldom::new();
    let Arrival {
        stream,
        from,
        lately,
    } = arrival;
    keep_alive(&stream);
    let handshake = async {
        // A host that has given up meanwhile would only keep those who still wait from being served in time.
        let ready = stream.ready(Interest::READABLE).await;
        if ready.is_ok_and(Ready::is_read_closed) {
            return None;
        }
        Some(acceptor.accept(stream).await)
    };
    let stream = match timeout(HANDSHAKE_PATIENCE, handshake).await.ok()?? {
        Ok(stream) => stream,
        Err(error) => {
            // Also how a certificate that has expired, or is another authority's, shows.
            SELDOM.warn(format_args!("{from} did not get in as a host: {error}"));
            return None;
        }
    };
    let certificates = stream.get_ref().1.peer_certificates();
    let certificate = certificates.and_then(<[_]>::first).cloned();
    match peer(certificate, lately, exchange).await {
        Ok(peer) => Some(Visitor {
            stream: Box::new(stream),
            peer,
        }),
        Err(why) => {
            SELDOM.warn(format_args!("{from} did not get in as a host: {why}"));
            None
        }
    }
}

/// Whom the certificate names, if the store knows the host with this very key, and it is not revoked; or has known it
/// lately, and does not answer now.
pub(super) async fn peer(
    certificate: Option<CertificateDer<'static>>,
    lately: &Arc<Lately>,
    exchange: &Exchange,
) -> Result<Peer, String> {
    let Some(certificate) = certificate else {
        return Ok(Peer::Newcomer);
    };
    let certificate = Certificate::read(&certificate)?;
    let [name] = certificate.names() else {
        return Err("its certificate is not for one name".to_owned());
    };
    let key = PublicKey::from_spki(certificate.key()).ok_or("its key is not a P-256 key")?;
    let as_peer = |role| Peer::Host {
        name: name.clone(),
        role,
    };
    let moment = Moment::now();
    let known_lately = || lately.role(name, key.fingerprint(), moment);
    let patience = known_lately().map_or(LONGEST, |_| STORE_PATIENCE);
    // To its end, also where nobody waits for it any more: a store that is slow is heard at the next connection at the latest.
    let (store, lately_too, wanted) = (
        Arc::clone(&exchange.store),
        Arc::clone(lately),
        name.clone(),
    );
    let asked = tokio::spawn(async move { look_up(&*store, &lately_too, &wanted, moment).await });
    let host = match timeout(patience, asked).await {
        Ok(Ok(Ok(host))) => host,
        gone => {
            let why = match gone {
                Ok(Ok(Err(error))) => error.to_string(),
                _ => "the store does not answer".to_owned(),
            };
            return known_lately().map(as_peer).ok_or(why);
        }
    };
    let Some(host) = host else {
        return Err(format!("{name} is not a host of the fleet"));
    };
    if host.entry.revoked.is_some() {
        return Err(format!("{name} was revoked"));
    }
    if host.key != key.fingerprint() {
        return Err(format!("{name} has joined again since, with another key"));
    }
    let now = clock::now();
    if host
        .entry
        .seen
        // That of the store's clock, which may be ahead of ours.
        .is_none_or(|seen| seen.plus(HOUR) <= now || now.plus(HOUR) < seen)
        && lately.see(name)
    {
        // In the background: nobody waits for it.
        let (store, lately) = (Arc::clone(&exchange.store), Arc::clone(lately));
        tokio::spawn(async move {
            sleep(SEEN_TOGETHER).await;
            let _ = store.seen(lately.take_seen(), now).await;
        });
    }
    Ok(as_peer(host.entry.role))
}

/// Asks the store, and remembers what it says.
async fn look_up(
    store: &dyn Store,
    lately: &Lately,
    name: &str,
    at: Moment,
) -> Result<Option<FleetHost>, StoreError> {
    let host = store.host(name).await?;
    match &host {
        Some(host) if host.entry.revoked.is_none() => lately.note(
            name,
            Known {
                key: host.key,
                role: host.entry.role,
                at,
            },
        ),
        _ => lately.forget(name),
    }
    Ok(host)
}

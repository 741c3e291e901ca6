//! A host's way to the relays: one connection for each that the module makes, carried unread in both directions.
//!
//! A request lives exactly as long as its connection, so it ends at the relay when the module goes, and here when the relay
//! goes.

use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use antiphon_core::fleet::{Pinned, RelayAddress};
use antiphon_core::wire::{self, FLEET_VERSION, FromDaemon, FromFleet, ToDaemon, ToFleet};
use nix::sys::socket::{setsockopt, sockopt};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional_with_sizes};
use tokio::net::{TcpStream, UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;

use super::identity::Identity;
use crate::random;
use crate::seldom::Seldom;
use crate::socket;

/// How long relays are tried: the module waits for three seconds in all.
const TRIES: Duration = Duration::from_millis(2500);
/// After how long without a welcome the next one is tried as well.
const TRY: Duration = Duration::from_secs(1);
/// How long a connection may be silent before the other side is asked whether it is still there, and how long it has to
/// answer: a host that vanishes takes its request with it.
const KEEP_ALIVE: u32 = 15;
const LOST_AFTER: u32 = 30_000;
/// The buffer in each direction: messages are smaller, nearly always.
const BUFFER: usize = 2048;
/// No relay was good yet.
const NONE: usize = usize::MAX;

pub(crate) struct Uplink {
    host: String,
    relays: Vec<RelayAddress>,
    own: Mutex<Own>,
    /// The relay that answered last, by its place in the list.
    last_good: AtomicUsize,
}

/// This host's certificate, and connections with it.
#[derive(Clone)]
struct Own {
    identity: Arc<Identity>,
    connector: TlsConnector,
}

impl Uplink {
    /// # Errors
    /// One sentence.
    pub(crate) fn new(pinned: &Pinned, identity: Identity) -> Result<Self, String> {
        Ok(Self {
            host: pinned.host.clone(),
            relays: pinned.relays.clone(),
            own: Mutex::new(Own {
                connector: identity.connector()?,
                identity: Arc::new(identity),
            }),
            last_good: AtomicUsize::new(NONE),
        })
    }

    /// Shows this certificate from the next connection on.
    pub(super) fn take(&self, identity: Identity) -> Result<(), String> {
        let own = Own {
            connector: identity.connector()?,
            identity: Arc::new(identity),
        };
        *self.own.lock().unwrap_or_else(PoisonError::into_inner) = own;
        Ok(())
    }

    pub(super) fn identity(&self) -> Arc<Identity> {
        self.own().identity
    }

    fn own(&self) -> Own {
        let own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        own.clone()
    }

    /// Carries `module`'s connection to its end.
    pub(crate) async fn carry(&self, mut module: UnixStream) {
        let Ok(Some(mut relay)) = timeout(TRIES, self.dial()).await else {
            static SELDOM: Seldom = Seldom::once_a_minute();
            SELDOM.fail(format_args!(
                "no relay of the fleet answers: no phone can be asked"
            ));
            return;
        };
        // The end of either side is the end of both.
        let _ = copy_bidirectional_with_sizes(&mut module, &mut relay, BUFFER, BUFFER).await;
    }

    /// A connection to a relay that has said welcome: the last good one first, then the others in random order.
    pub(super) async fn dial(&self) -> Option<TlsStream<TcpStream>> {
        let dialled = self.dial_one_of(&self.order()).await;
        if dialled.is_none() {
            self.last_good.store(NONE, Relaxed);
        }
        dialled
    }

    /// Tries the relays at these places, each a while after the one before. One that takes its time is not given up for the
    /// next: they may all be busy, after one's death, and would have worked for nothing.
    async fn dial_one_of(&self, places: &[usize]) -> Option<TlsStream<TcpStream>> {
        let (place, others) = places.split_first()?;
        let mut first = pin!(self.try_at(*place));
        match timeout(TRY, &mut first).await {
            Ok(None) => Box::pin(self.dial_one_of(others)).await,
            Ok(dialled) => dialled,
            Err(_) => {
                self.warn(*place, "it is slow to answer");
                tokio::select! {
                    Some(stream) = first => Some(stream),
                    Some(stream) = Box::pin(self.dial_one_of(others)) => Some(stream),
                    else => None,
                }
            }
        }
    }

    /// The number of relays.
    pub(super) fn relays(&self) -> usize {
        self.relays.len()
    }

    /// A connection to the relay at this place in the list, that has said welcome.
    pub(super) async fn dial_at(&self, place: usize) -> Option<TlsStream<TcpStream>> {
        timeout(TRIES, self.try_at(place)).await.ok()?
    }

    async fn try_at(&self, place: usize) -> Option<TlsStream<TcpStream>> {
        match self.try_relay(self.relays.get(place)?).await {
            Ok(stream) => {
                self.last_good.store(place, Relaxed);
                Some(stream)
            }
            Err(why) => {
                self.warn(place, &why);
                None
            }
        }
    }

    fn warn(&self, place: usize, why: &str) {
        static SELDOM: Seldom = Seldom::new();
        if let Some(relay) = self.relays.get(place) {
            SELDOM.warn(format_args!("the relay {relay} cannot be used: {why}"));
        }
    }

    fn order(&self) -> Vec<usize> {
        let mut places: Vec<usize> = (0..self.relays.len()).collect();
        // Fisher and Yates. Without randomness in the order of the file.
        for last in (1..places.len()).rev() {
            let drawn = random::bytes::<8>().map_or(0, u64::from_ne_bytes);
            let other = usize::try_from(drawn).unwrap_or_default() % (last + 1);
            places.swap(last, other);
        }
        let good = self.last_good.load(Relaxed);
        // Stable: the others stay as they were drawn.
        places.sort_by_key(|place| *place != good);
        places
    }

    async fn try_relay(&self, relay: &RelayAddress) -> Result<TlsStream<TcpStream>, String> {
        let name =
            ServerName::try_from(relay.host().to_owned()).map_err(|error| error.to_string())?;
        let stream = TcpStream::connect((relay.host(), relay.port()))
            .await
            .map_err(|error| error.to_string())?;
        keep_alive(&stream);
        let connecting = self.own().connector.connect(name, stream);
        let mut stream = connecting.await.map_err(|error| error.to_string())?;
        let hello = ToDaemon::Fleet(ToFleet::Hello {
            version: FLEET_VERSION,
            name: self.host.clone(),
        });
        match say(&mut stream, &hello).await? {
            FromDaemon::Fleet(FromFleet::Welcome { .. }) => Ok(stream),
            FromDaemon::Fleet(FromFleet::Refused { reason }) => {
                Err(format!("it refuses this host: {reason:?}"))
            }
            _ => Err("it says no welcome; is it of another version?".to_owned()),
        }
    }
}

/// Says something of the daemon's own to a relay; what it answers.
pub(super) async fn say(
    relay: &mut TlsStream<TcpStream>,
    message: &ToDaemon,
) -> Result<FromDaemon, String> {
    let failed = |error: std::io::Error| error.to_string();
    let frame = wire::encode(message).map_err(|error| error.to_string())?;
    relay.write_all(&frame).await.map_err(failed)?;
    relay.flush().await.map_err(failed)?;
    let mut prefix = [0; wire::PREFIX];
    relay.read_exact(&mut prefix).await.map_err(failed)?;
    let length = wire::length_of(prefix).map_err(|error| error.to_string())?;
    let mut json = vec![0; length];
    relay.read_exact(&mut json).await.map_err(failed)?;
    wire::decode(&json).map_err(|error| error.to_string())
}

/// Loses no time to Nagle's algorithm, and notices when the other side has vanished.
pub(super) fn keep_alive(stream: &TcpStream) {
    let _ = stream.set_nodelay(true);
    let _ = setsockopt(stream, sockopt::KeepAlive, &true);
    let _ = setsockopt(stream, sockopt::TcpKeepIdle, &KEEP_ALIVE);
    let _ = setsockopt(stream, sockopt::TcpKeepInterval, &(KEEP_ALIVE / 3));
    let _ = setsockopt(stream, sockopt::TcpUserTimeout, &LOST_AFTER);
}

/// Serves the module on a host until the daemon shuts down.
pub(crate) async fn serve(
    listener: UnixListener,
    uplink: Arc<Uplink>,
    mut closing: watch::Receiver<bool>,
) {
    let closing = async move {
        let _ = closing.wait_for(|closing| *closing).await;
    };
    socket::serve(listener, closing, move |stream| {
        let uplink = Arc::clone(&uplink);
        async move { uplink.carry(stream).await }
    })
    .await;
}

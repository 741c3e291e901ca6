//! Start-up and shutdown.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use antiphon_core::config::Config;
use antiphon_core::disk::{Walk, config_file, fleet_files};
use antiphon_core::fleet::Pinned;
use antiphon_gateway::Gateways;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::stat::{Mode, umask};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::time::sleep;

use crate::engine::{self, Engine, Trouble};
use crate::exchange::Exchange;
use crate::fleet::{self, HostDoor, Identity, Register, Relay, Uplink};
use crate::post::{ByEngine, Post};
use crate::seldom::Seldom;
use crate::store::{self, Store};
use crate::{http, log, metrics, notify, own_folder, socket};

/// How long streams have to end.
const FAREWELL: Duration = Duration::from_secs(2);
/// How long after a vain try the engine is tried again.
const ENGINE_PAUSE: Duration = Duration::from_secs(1);
/// How long a sign-in or a phone waits for the engine to tell other relays.
const ENGINE_PATIENCE: Duration = Duration::from_secs(1);

/// Serves until SIGTERM or SIGINT.
///
/// # Errors
/// One sentence, with the fix.
pub(crate) fn run(named: Option<&Path>) -> Result<(), String> {
    if nix::unistd::geteuid().is_root() {
        return Err(
            "runs as root, and must not: whoever broke into it would be root; run: systemctl start antiphond, \
             or: setpriv --reuid antiphon --regid antiphon --clear-groups antiphond"
                .to_owned(),
        );
    }
    // Our files are private. Permissions of the socket's folder are set explicitly.
    umask(Mode::from_bits_truncate(0o077));
    take_descriptors();
    let walk = Walk::default();
    let config = config_file::load(named, &walk).map_err(|trouble| trouble.detail)?;
    let member = Member::find(&config, &walk)?;
    let gateways = Gateways::load(named, &walk).map_err(|trouble| trouble.detail)?;
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    // A relay works with all cores. For one host's sign-ins one thread is plenty, and two would spend a third more on waking
    // each other.
    if config.relay.is_none() {
        runtime.worker_threads(1);
    }
    let runtime = runtime
        .enable_all()
        .thread_name("antiphond")
        .build()
        .map_err(|error| format!("no threads: {error}"))?;
    let served = match member {
        Some(member) if config.relay.is_none() => runtime.block_on(serve_host(&config, member)),
        member => runtime.block_on(serve(config, &gateways, member)),
    };
    // Does not wait for pending DNS look-ups or pushes.
    runtime.shutdown_timeout(FAREWELL);
    served
}

/// What makes this daemon one of a fleet.
struct Member {
    pinned: Pinned,
    identity: Identity,
}

impl Member {
    /// `None` if the configuration names no fleet.
    fn find(config: &Config, walk: &Walk) -> Result<Option<Self>, String> {
        if config.fleet.is_none() && config.relay.is_none() {
            return Ok(None);
        }
        Ok(Some(Self {
            pinned: fleet_files::pinned(walk).map_err(|trouble| trouble.detail)?,
            identity: Identity::load(Path::new(fleet::FOLDER))?,
        }))
    }
}

/// The signals that end the daemon.
struct Signals {
    terminated: Signal,
    interrupted: Signal,
}

impl Signals {
    fn listen() -> Result<Self, String> {
        let listen = |kind| signal(kind).map_err(|error| error.to_string());
        Ok(Self {
            terminated: listen(SignalKind::terminate())?,
            interrupted: listen(SignalKind::interrupt())?,
        })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.terminated.recv() => {}
            _ = self.interrupted.recv() => {}
        }
    }
}

/// A host of a fleet: it carries the module's connections to a relay. No page, no store, no port.
async fn serve_host(config: &Config, member: Member) -> Result<(), String> {
    let mut signals = Signals::listen()?;
    let Member { pinned, identity } = member;
    let folder = own_folder::for_store()?;
    let identity = fleet::kept(&folder, &identity).unwrap_or(identity);
    let uplink = Arc::new(Uplink::new(&pinned, identity)?);
    let path = &config.paths.socket;
    let root_side = socket::bind(path, socket::Open::ToRoot)?;
    let closing = watch::Sender::new(false);
    let carried = fleet::serve(root_side, Arc::clone(&uplink), closing.subscribe());
    let root = tokio::spawn(carried);
    log::note(format_args!(
        "carries for {} to the relays of {}",
        pinned.host, pinned.fleet
    ));
    notify::tell("READY=1");
    tokio::select! {
        () = signals.wait() => {}
        () = fleet::keep_valid(&uplink, folder) => {}
    }
    notify::tell("STOPPING=1");
    let _ = fs::remove_file(path);
    closing.send_replace(true);
    let _ = tokio::time::timeout(FAREWELL, root).await;
    Ok(())
}

async fn serve(config: Config, gateways: &Gateways, member: Option<Member>) -> Result<(), String> {
    let mut signals = Signals::listen()?;
    let kept = tokio::select! {
        kept = Kept::open(&config) => kept?,
        // While the engine is waited for.
        () = signals.wait() => return Ok(()),
    };
    let door = http::Door::open(&config.page)?;
    let figures = match config.metrics.listen {
        Some(address) => metrics::Door::open(address).await,
        None => None,
    };
    let path = config.paths.socket.clone();
    let people_place = config.paths.person_socket();
    let root_side = socket::bind(&path, socket::Open::ToRoot)?;
    let people_side = socket::bind(&people_place, socket::Open::ToAll)?;
    let hosts = match (&config.relay, &member) {
        (Some(relay), Some(member)) => Some(HostDoor::open(relay.listen_hosts, &member.identity)?),
        _ => None,
    };
    let mut exchange = Exchange::new(config, gateways, kept.store).await?;
    if let Some(post) = &kept.post {
        exchange.join(post);
    }
    exchange.relay = match member {
        Some(member) => {
            let folder = Path::new(fleet::FOLDER);
            let register = Register::find(&member.pinned.fleet, folder)?;
            let relay = Relay::new(member.pinned, register);
            relay.begin(folder, &exchange.store).await;
            Some(relay)
        }
        None => None,
    };
    let exchange = Arc::new(exchange);
    exchange.accounts.providers.look_up();
    let phones = tokio::spawn(http::serve(door, Arc::clone(&exchange)));
    let root = tokio::spawn(socket::serve_root(root_side, Arc::clone(&exchange)));
    let people = tokio::spawn(socket::serve_persons(people_side, Arc::clone(&exchange)));
    let hearing = kept.post.map(|post| {
        let exchange = Arc::clone(&exchange);
        tokio::spawn(async move { exchange.hear_all(&*post).await })
    });
    let figures = figures.map(|door| tokio::spawn(door.serve(Arc::clone(&exchange))));
    let hosts = hosts.map(|door| tokio::spawn(door.serve(Arc::clone(&exchange))));
    let page = &exchange.config.page;
    log::note(format_args!("serves {} at {}", page.origin, page.listen));
    notify::tell("READY=1");
    signals.wait().await;
    notify::tell("STOPPING=1");
    // Accept nothing more, and tell whoever is waiting.
    let _ = fs::remove_file(&path);
    let _ = fs::remove_file(&people_place);
    exchange.close();
    for task in [phones, root, people]
        .into_iter()
        .chain(figures)
        .chain(hosts)
    {
        let _ = tokio::time::timeout(FAREWELL, task).await;
    }
    if let Some(hearing) = hearing {
        hearing.abort();
    }
    Ok(())
}

/// Where everything is kept.
struct Kept {
    store: Arc<dyn Store>,
    /// The way to other relays, if there may be some.
    post: Option<Arc<dyn Post>>,
}

impl Kept {
    /// The relays' engine, once it can be reached, or a file of our own.
    async fn open(config: &Config) -> Result<Self, String> {
        let relay = config.relay.as_ref();
        let Some(url) = relay.and_then(|relay| relay.engine.as_ref()) else {
            let path = own_folder::for_store()?.join("antiphond.db");
            let store = Arc::new(store::Sqlite::open(&path)?);
            return Ok(Self { store, post: None });
        };
        let address = engine::Address::read(url, Path::new(fleet::FOLDER))?;
        let engine = Arc::new(Engine::new(address)?);
        while let Err(trouble) = engine.begin().await {
            match trouble {
                Trouble::Refused(why) => return Err(why),
                // Both may have been started by the same power cut's end.
                Trouble::Away(why) => {
                    static SELDOM: Seldom = Seldom::once_a_minute();
                    SELDOM.warn(format_args!("[relay] engine: {why}; it is tried again"));
                    sleep(ENGINE_PAUSE).await;
                }
            }
        }
        let post = ByEngine::new(Arc::clone(&engine), ENGINE_PATIENCE);
        let post = post.map_err(|_| "the kernel gives no random bytes")?;
        post.appear().await;
        Ok(Self {
            store: Arc::new(store::Postgres::new(engine)),
            post: Some(Arc::new(post)),
        })
    }
}

/// Raises the limit on file descriptors: each connected phone needs one, and each sign-in.
fn take_descriptors() {
    let taken = getrlimit(Resource::RLIMIT_NOFILE).and_then(|(now, most)| match now {
        // systemd has set it to the maximum, and lets us change no limits.
        _ if now == most => Ok(()),
        _ => setrlimit(Resource::RLIMIT_NOFILE, most, most),
    });
    if let Err(errno) = taken {
        log::warn(format_args!("the limit of open files stays: {errno}"));
    }
}

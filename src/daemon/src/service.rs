//! Start-up and shutdown.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use antiphon_core::config::Config;
use antiphon_core::disk::{Walk, config_file};
use antiphon_gateway::Gateways;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::stat::{Mode, umask};
use tokio::signal::unix::{SignalKind, signal};

use crate::exchange::Exchange;
use crate::store::Sqlite;
use crate::{http, log, metrics, notify, own_folder, socket};

/// How long streams have to end.
const FAREWELL: Duration = Duration::from_secs(2);

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
    let gateways = Gateways::load(named, &walk).map_err(|trouble| trouble.detail)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("antiphond")
        .build()
        .map_err(|error| format!("no threads: {error}"))?;
    let served = runtime.block_on(serve(config, &gateways));
    // Does not wait for pending DNS look-ups or pushes.
    runtime.shutdown_timeout(FAREWELL);
    served
}

async fn serve(config: Config, gateways: &Gateways) -> Result<(), String> {
    let mut terminated = signal(SignalKind::terminate()).map_err(|error| error.to_string())?;
    let mut interrupted = signal(SignalKind::interrupt()).map_err(|error| error.to_string())?;
    let store = Sqlite::open(&own_folder::for_store()?.join("antiphond.db"))?;
    let door = http::Door::open(&config.page)?;
    let figures = match config.metrics.listen {
        Some(address) => metrics::Door::open(address).await,
        None => None,
    };
    let path = config.paths.socket.clone();
    let people_place = config.paths.person_socket();
    let root_side = socket::bind(&path, socket::Open::ToRoot)?;
    let people_side = socket::bind(&people_place, socket::Open::ToAll)?;
    let exchange = Arc::new(Exchange::new(config, gateways, Arc::new(store)).await?);
    let phones = tokio::spawn(http::serve(door, Arc::clone(&exchange)));
    let root = tokio::spawn(socket::serve(root_side, Arc::clone(&exchange)));
    let people = tokio::spawn(socket::serve_persons(people_side, Arc::clone(&exchange)));
    let figures = figures.map(|door| tokio::spawn(door.serve(Arc::clone(&exchange))));
    let page = &exchange.config.page;
    log::note(format_args!("serves {} at {}", page.origin, page.listen));
    notify::tell("READY=1");
    tokio::select! {
        _ = terminated.recv() => {}
        _ = interrupted.recv() => {}
    }
    notify::tell("STOPPING=1");
    // Accept nothing more, and tell whoever is waiting.
    let _ = fs::remove_file(&path);
    let _ = fs::remove_file(&people_place);
    exchange.close();
    for task in [phones, root, people].into_iter().chain(figures) {
        let _ = tokio::time::timeout(FAREWELL, task).await;
    }
    Ok(())
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

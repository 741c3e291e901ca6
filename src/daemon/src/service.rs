//! From a configuration to a daemon that runs, and its end.

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
use crate::{http, log, notify, socket, state_folder};

/// How long streams are given to end.
const FAREWELL: Duration = Duration::from_secs(2);

/// Serves until SIGTERM or SIGINT.
///
/// # Errors
/// One sentence: what is wrong and what to do.
pub(crate) fn run(named: Option<&Path>) -> Result<(), String> {
    if nix::unistd::geteuid().is_root() {
        return Err(
            "runs as root, and must not: whoever broke into it would be root; run: systemctl start antiphond, \
             or: setpriv --reuid antiphon --regid antiphon --clear-groups antiphond"
                .to_owned(),
        );
    }
    // Files are ours alone. What others need of the socket's folder is given by name.
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
    // What hangs in a name look-up or a push is not waited for.
    runtime.shutdown_timeout(FAREWELL);
    served
}

async fn serve(config: Config, gateways: &Gateways) -> Result<(), String> {
    let mut terminated = signal(SignalKind::terminate()).map_err(|error| error.to_string())?;
    let mut interrupted = signal(SignalKind::interrupt()).map_err(|error| error.to_string())?;
    let store = Sqlite::open(&state_folder::find()?.join("antiphond.db"))?;
    let door = http::Door::open(&config.page)?;
    let path = config.paths.socket.clone();
    let people_place = config.paths.person_socket();
    let root_side = socket::bind(&path, socket::Open::ToRoot)?;
    let people_side = socket::bind(&people_place, socket::Open::ToAll)?;
    let exchange = Arc::new(Exchange::new(config, gateways, Arc::new(store)).await?);
    let phones = tokio::spawn(http::serve(door, Arc::clone(&exchange)));
    let root = tokio::spawn(socket::serve(root_side, Arc::clone(&exchange)));
    let people = tokio::spawn(socket::serve_persons(people_side, Arc::clone(&exchange)));
    let page = &exchange.config.page;
    log::note(format_args!("serves {} at {}", page.origin, page.listen));
    notify::tell(notify::State::Ready);
    tokio::select! {
        _ = terminated.recv() => {}
        _ = interrupted.recv() => {}
    }
    notify::tell(notify::State::Stopping);
    // Nobody comes in any more; who waits is told.
    let _ = fs::remove_file(&path);
    let _ = fs::remove_file(&people_place);
    exchange.close();
    for task in [phones, root, people] {
        let _ = tokio::time::timeout(FAREWELL, task).await;
    }
    Ok(())
}

/// All descriptors that we may have: each phone that listens takes one, and each sign-in.
fn take_descriptors() {
    let taken = getrlimit(Resource::RLIMIT_NOFILE).and_then(|(now, most)| match now {
        // systemd gives them all, and lets us change no limit.
        _ if now == most => Ok(()),
        _ => setrlimit(Resource::RLIMIT_NOFILE, most, most),
    });
    if let Err(errno) = taken {
        log::warn(format_args!("the limit of open files stays: {errno}"));
    }
}

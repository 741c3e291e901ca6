//! From a configuration to a daemon that runs, and its end.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use antiphon_core::config::Config;
use antiphon_core::disk::config_file;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::exchange::Exchange;
use crate::store::Sqlite;
use crate::{http, journal, socket, state_folder};

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
    let config = config_file::load(named).map_err(|trouble| trouble.detail)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("antiphond")
        .build()
        .map_err(|error| format!("no threads: {error}"))?;
    let served = runtime.block_on(serve(config));
    // What hangs in a name look-up or a push is not waited for.
    runtime.shutdown_timeout(FAREWELL);
    served
}

async fn serve(config: Config) -> Result<(), String> {
    let mut terminated = signal(SignalKind::terminate()).map_err(|error| error.to_string())?;
    let mut interrupted = signal(SignalKind::interrupt()).map_err(|error| error.to_string())?;
    let root_side = socket::bind(&config.paths.socket)?;
    let listen = config.page.listen;
    let phones_side = TcpListener::bind(listen)
        .await
        .map_err(|error| format!("[page] listen = \"{listen}\": {error}"))?;
    let store = Sqlite::open(&state_folder::find()?.join("antiphond.db"))?;
    let exchange = Arc::new(Exchange::new(config, Arc::new(store)).await?);
    let page = tokio::spawn(http::serve(phones_side, Arc::clone(&exchange)));
    let sign_ins = tokio::spawn(socket::serve(root_side, Arc::clone(&exchange)));
    let origin = &exchange.config.page.origin;
    journal::note(format_args!("serves {origin} at {listen}"));
    tokio::select! {
        _ = terminated.recv() => {}
        _ = interrupted.recv() => {}
    }
    exchange.close();
    for task in [page, sign_ins] {
        let _ = tokio::time::timeout(FAREWELL, task).await;
    }
    Ok(())
}

//! The listener for Prometheus: plain HTTP, `GET /metrics` and nothing else.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use antiphon_core::exposition::MEDIA_TYPE;
use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::routing::get;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use crate::exchange::Exchange;
use crate::log;

/// Connections that are served at once; others wait.
const MOST: usize = 64;
/// The time limit for the head of a request, which comes in one piece from whoever means it.
const HEAD_PATIENCE: Duration = Duration::from_secs(1);
/// The time limit for a connection, which has one request.
const PATIENCE: Duration = Duration::from_secs(5);
/// The largest head, in bytes.
const BUFFER: usize = 8 * 1024;

/// The listening socket.
pub(crate) struct Door(TcpListener);

impl Door {
    /// Listens at `address`. Without figures people can still sign in: a failure is logged, and is no reason to stop.
    pub(crate) async fn open(address: SocketAddr) -> Option<Self> {
        match TcpListener::bind(address).await {
            Ok(listener) => Some(Self(listener)),
            Err(error) => {
                log::fail(format_args!(
                    "[metrics] listen = \"{address}\": {error}; no figures are shown"
                ));
                None
            }
        }
    }

    /// Answers until the daemon shuts down.
    pub(crate) async fn serve(self, exchange: Arc<Exchange>) {
        let router = Router::new()
            .route("/metrics", get(figures))
            .with_state(Arc::clone(&exchange));
        let seats = Arc::new(Semaphore::new(MOST));
        loop {
            // Never closed.
            let Ok(seat) = Arc::clone(&seats).acquire_owned().await else {
                return;
            };
            let accepted = tokio::select! {
                accepted = self.0.accept() => accepted,
                () = exchange.closing() => return,
            };
            let Ok((stream, _)) = accepted else {
                // Usually out of file descriptors: some will be freed.
                sleep(Duration::from_millis(100)).await;
                continue;
            };
            let service = TowerToHyperService::new(router.clone());
            tokio::spawn(async move {
                let answering = hyper::server::conn::http1::Builder::new()
                    .timer(TokioTimer::new())
                    .header_read_timeout(HEAD_PATIENCE)
                    .keep_alive(false)
                    .max_buf_size(BUFFER)
                    .serve_connection(TokioIo::new(stream), service);
                // Errors are the peer's: it has gone, was too slow, or did not speak HTTP.
                let _ = timeout(PATIENCE, answering).await;
                drop(seat);
            });
        }
    }
}

async fn figures(
    State(exchange): State<Arc<Exchange>>,
) -> ([(header::HeaderName, &'static str); 1], String) {
    let load = exchange.switchboard.load();
    let text = exchange.metrics.text(load, exchange.store.errors());
    ([(header::CONTENT_TYPE, MEDIA_TYPE)], text)
}

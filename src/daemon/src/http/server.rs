//! Connections of phones.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::sleep;

use super::router;
use crate::exchange::Exchange;
use crate::journal;

/// Connections at once.
const MOST: usize = 16_000;
/// How long a request's head may take; and how long a connection may be idle before it.
const HEAD_PATIENCE: Duration = Duration::from_secs(15);
/// The largest head, and the room for what is written.
const BUFFER: usize = 16 * 1024;

/// Who is at the other end of the connection: a phone, or a proxy in front of it.
#[derive(Clone, Copy)]
pub(super) struct Peer(pub(super) SocketAddr);

/// Serves phones until the daemon ends.
pub(crate) async fn serve(listener: TcpListener, exchange: Arc<Exchange>) {
    let places = Arc::new(Semaphore::new(MOST));
    let router = router(&exchange);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = exchange.closing() => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of descriptors, as a rule: some come back.
                journal::fail(format_args!("the page takes no connection: {error}"));
                sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            continue;
        };
        let (router, exchange) = (router.clone(), Arc::clone(&exchange));
        tokio::spawn(async move {
            talk(stream, peer, router, &exchange).await;
            drop(place);
        });
    }
    // All that were open have ended when every place is free.
    let most = u32::try_from(MOST).unwrap_or(u32::MAX);
    let _ = places.acquire_many(most).await;
}

async fn talk(stream: TcpStream, peer: SocketAddr, router: Router, exchange: &Exchange) {
    // An event is small and wanted now.
    let _ = stream.set_nodelay(true);
    let service = TowerToHyperService::new(router);
    let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        service.call(request)
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        // Errors are the other side's: it went away, or spoke no HTTP.
        _ = connection.as_mut() => {}
        () = exchange.closing() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

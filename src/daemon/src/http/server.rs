//! The phones' connections.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use antiphon_core::config::Page;
use axum::Router;
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use nix::sys::socket::{setsockopt, sockopt};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::crowd::{Crowd, Guest};
use super::patience::Patient;
use super::{inbox, router, tls};
use crate::exchange::Exchange;
use crate::port::listen_at;
use crate::seldom::Seldom;

/// The time limit for a TLS handshake.
const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(10);
/// The time limit for a request's head, and for an idle connection before it.
const HEAD_PATIENCE: Duration = Duration::from_secs(15);
/// Milliseconds without an acknowledgement after which the connection is considered lost.
const LOST_AFTER: u32 = 60_000;
/// The largest head, and the size of the write buffer.
const BUFFER: usize = 8 * 1024;

/// The peer of a connection: a phone, or a proxy in front of it.
#[derive(Clone, Copy)]
pub(super) struct Peer(pub(super) SocketAddr);

/// The listening socket for phones.
pub(crate) struct Door {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
}

impl Door {
    /// Listens as configured.
    ///
    /// # Errors
    /// One sentence, with the fix.
    pub(crate) fn open(page: &Page) -> Result<Self, String> {
        let listen = page.listen;
        if page.tls.is_none() && !listen.ip().is_loopback() && page.trusted_proxies.is_empty() {
            return Err(format!(
                "[page] listen = \"{listen}\" would show tokens to the network: set certificate and key, or listen \
                 on 127.0.0.1 with a proxy in front, or name that proxy in trusted_proxies"
            ));
        }
        let tls = page.tls.as_ref();
        let tls = tls.map(|files| tls::acceptor(files, page)).transpose()?;
        let listener =
            listen_at(listen).map_err(|error| format!("[page] listen = \"{listen}\": {error}"))?;
        Ok(Self { listener, tls })
    }
}

/// Serves phones until the daemon shuts down.
pub(crate) async fn serve(door: Door, exchange: Arc<Exchange>) {
    let router = router(&exchange);
    let crowd = Crowd::new(&exchange.config.page);
    loop {
        let accepted = tokio::select! {
            accepted = door.listener.accept() => accepted,
            () = exchange.closing() => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Usually out of file descriptors: some will be freed.
                static SELDOM: Seldom = Seldom::once_a_minute();
                SELDOM.fail(format_args!("the page takes no connection: {error}"));
                sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        // Without TLS only proxies may connect: tokens would otherwise cross the network in clear text.
        if door.tls.is_none() && !crowd.is_near(peer.ip()) {
            continue;
        }
        let Some(guest) = crowd.enter(peer.ip()).await else {
            continue;
        };
        let guest = Arc::new(guest);
        let visit = Visit {
            peer,
            router: router.clone(),
            guest: Some(Arc::clone(&guest)),
        };
        let (tls, exchange) = (door.tls.clone(), Arc::clone(&exchange));
        tokio::spawn(async move {
            tokio::select! {
                () = welcome(stream, tls, visit, &exchange) => {}
                () = guest.sent_away() => {}
            }
        });
    }
    crowd.empty().await;
}

/// A connection and its context.
pub(super) struct Visit {
    pub(super) peer: SocketAddr,
    pub(super) router: Router,
    /// Its seat; `None` where connections are not counted.
    pub(super) guest: Option<Arc<Guest>>,
}

async fn welcome(stream: TcpStream, tls: Option<TlsAcceptor>, visit: Visit, exchange: &Exchange) {
    // Events are small and urgent.
    let _ = stream.set_nodelay(true);
    let _ = setsockopt(&stream, sockopt::TcpUserTimeout, &LOST_AFTER);
    let stream = Patient::new(stream);
    match tls {
        None => talk(stream, visit, exchange).await,
        Some(tls) => {
            // Failures are the peer's: it has gone, or does not trust the certificate.
            let handshake = timeout(HANDSHAKE_PATIENCE, tls.accept(stream));
            // Boxed, so that an open page reserves no space for it.
            if let Ok(Ok(stream)) = Box::pin(handshake).await {
                Box::pin(talk(stream, visit, exchange)).await;
            }
        }
    }
}

pub(super) async fn talk(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    visit: Visit,
    exchange: &Exchange,
) {
    let Visit {
        peer,
        router,
        guest,
    } = visit;
    let service = TowerToHyperService::new(router);
    let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        let guest = guest.clone();
        if let Some(guest) = &guest {
            guest.work();
        }
        let answering = service.call(request);
        async move {
            let answer = answering.await;
            if let (Some(guest), Ok(answer)) = (&guest, &answer)
                && !inbox::is_one(answer)
            {
                guest.rest();
            }
            answer
        }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        // Errors are the peer's: it has gone, or did not speak HTTP.
        _ = connection.as_mut() => {}
        () = exchange.closing() => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

//! Connects, in limited time, to addresses that were judged before.

use std::error::Error;
use std::future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tower_service::Service;

use super::look_up::LookUps;

/// Limits a connection, TLS included, also one that nobody waits for any more.
const PATIENCE: Duration = Duration::from_secs(10);
/// The time limit for a DNS look-up.
const LOOK_UP_PATIENCE: Duration = Duration::from_secs(5);

/// Whether a host, given by its name, may be connected to at this address; otherwise why not.
pub type Judge = dyn Fn(&str, IpAddr) -> Result<(), &'static str> + Send + Sync;

type Failure = Box<dyn Error + Send + Sync>;
type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;
type Outcome<T> = Pin<Box<dyn Future<Output = Result<T, Failure>> + Send>>;

#[derive(Clone)]
pub(super) struct Connector {
    https: HttpsConnector<HttpConnector<Resolver>>,
    judge: Arc<Judge>,
}

impl Connector {
    /// # Errors
    /// One sentence.
    pub(super) fn new(roots: RootCertStore, judge: Arc<Judge>) -> Result<Self, String> {
        let provider = Arc::new(ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut tcp = HttpConnector::new_with_resolver(Resolver {
            judge: Arc::clone(&judge),
            look_ups: LookUps::of_the_system(),
        });
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        let https = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            // Plain http goes only where the configuration of a gateway says so.
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        Ok(Self { https, judge })
    }

    /// hyper's connector asks no resolver about an address that is written as one.
    fn judge_literal(&self, to: &Uri) -> Result<(), &'static str> {
        let host = to.host().unwrap_or_default();
        let address = host.trim_start_matches('[').trim_end_matches(']').parse();
        address.map_or(Ok(()), |address| (self.judge)(host, address))
    }
}

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = Failure;
    type Future = Outcome<Stream>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        self.https.poll_ready(context)
    }

    fn call(&mut self, to: Uri) -> Outcome<Stream> {
        if let Err(why) = self.judge_literal(&to) {
            return Box::pin(future::ready(Err(why.into())));
        }
        let connecting = self.https.call(to);
        Box::pin(async move {
            let connected = timeout(PATIENCE, connecting).await;
            connected.unwrap_or_else(|_| Err("it could not be connected to in time".into()))
        })
    }
}

/// The system's resolver. Connections go to the very addresses that were judged.
#[derive(Clone)]
struct Resolver {
    judge: Arc<Judge>,
    look_ups: Arc<LookUps>,
}

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = Failure;
    type Future = Outcome<Self::Response>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Outcome<Self::Response> {
        let Self { judge, look_ups } = self.clone();
        Box::pin(async move {
            let found = timeout(LOOK_UP_PATIENCE, look_ups.look_up(name.as_str())).await;
            let found =
                found.unwrap_or_else(|_| Err("its name could not be looked up in time".into()))?;
            for address in &found {
                judge(name.as_str(), address.ip())?;
            }
            Ok(found.into_iter())
        })
    }
}

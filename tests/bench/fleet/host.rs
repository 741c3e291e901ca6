//! A host of the fleet, as far as a relay can tell: it connects as a host's daemon does, with a certificate of its own.

use std::io::{Error, ErrorKind, Result, Write};
use std::net::TcpStream;
use std::sync::Arc;

use antiphon_certificate::authority::OwnKey;
use antiphon_core::fleet::TokenSecret;
use antiphon_core::wire::{FLEET_VERSION, FromDaemon, FromFleet, Join, ToDaemon, ToFleet, encode};
use antiphon_tests::PATIENCE;
use rustls::client::WantsClientCert;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, ConfigBuilder, RootCertStore, StreamOwned};

use super::admission::Papers;
use super::relays::ADDRESS;
use crate::phone::root::Root;

/// A connection to a relay.
pub(super) type Line = Root<Tls>;
type Tls = StreamOwned<ClientConnection, TcpStream>;

/// A host.
pub(super) struct Host {
    pub(super) name: String,
    key: OwnKey,
    certificate: String,
    tls: Arc<ClientConfig>,
}

impl Host {
    /// Has one join by the relay at `port`, with a new key.
    pub(super) fn join(name: &str, port: u16, secret: &TokenSecret, authority: &str) -> Self {
        let key = OwnKey::new().unwrap();
        let newcomer = Arc::new(trusting(authority).with_no_client_auth());
        let mut line = Root::over(connect(&newcomer, port).unwrap());
        line.send(&ToDaemon::Fleet(ToFleet::Join(Join {
            secret: secret.to_text().to_string(),
            name: name.to_owned(),
            key: key.public.spki().to_vec(),
        })));
        let joined = match line.hear() {
            Some(FromDaemon::Fleet(FromFleet::Joined(joined))) => joined,
            other => panic!("{other:?}"),
        };
        let chain = vec![CertificateDer::from_pem_slice(joined.certificate.as_bytes()).unwrap()];
        let private = PrivateKeyDer::from_pem_slice(key.pem.as_bytes()).unwrap();
        let tls = trusting(authority).with_client_auth_cert(chain, private);
        Self {
            name: name.to_owned(),
            certificate: joined.certificate,
            key,
            tls: Arc::new(tls.unwrap()),
        }
    }

    /// What it is known by.
    pub(super) fn papers(&self) -> Papers<'_> {
        Papers {
            key: &self.key.pem,
            certificate: &self.certificate,
        }
    }

    /// Connects to the relay at `port`, which has welcomed it.
    pub(super) fn dial(&self, port: u16) -> Result<Line> {
        let mut stream = connect(&self.tls, port)?;
        let hello = ToDaemon::Fleet(ToFleet::Hello {
            version: FLEET_VERSION,
            name: self.name.clone(),
        });
        stream.write_all(&encode(&hello).unwrap())?;
        let mut line = Root::over(stream);
        match line.hear() {
            Some(FromDaemon::Fleet(FromFleet::Welcome { .. })) => Ok(line),
            other => Err(Error::new(ErrorKind::InvalidData, format!("{other:?}"))),
        }
    }
}

fn trusting(authority: &str) -> ConfigBuilder<ClientConfig, WantsClientCert> {
    let mut roots = RootCertStore::empty();
    let authority = CertificateDer::from_pem_slice(authority.as_bytes());
    roots.add(authority.unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(roots)
}

fn connect(tls: &Arc<ClientConfig>, port: u16) -> Result<Tls> {
    let stream = TcpStream::connect((ADDRESS, port))?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let name = ServerName::try_from(ADDRESS).unwrap();
    let tls = ClientConnection::new(Arc::clone(tls), name).unwrap();
    Ok(StreamOwned::new(tls, stream))
}

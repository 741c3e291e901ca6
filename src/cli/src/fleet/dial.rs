//! A connection of the command's own to a relay, for what comes before the daemon has a certificate, or asks whether it
//! serves.

use std::fmt;
use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use antiphon_certificate::Certificate;
use antiphon_core::fleet::{JoinToken, PublicKey, RelayAddress};
use antiphon_core::wire::{self, FromDaemon, FromFleet, ToDaemon, ToFleet};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, ring, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::version::TLS13;
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    StreamOwned,
};

/// The time limits for connecting, and for each answer.
const CONNECTING: Duration = Duration::from_secs(5);
const ANSWERING: Duration = Duration::from_secs(10);

/// A connection to a relay, whose key is the expected one.
pub(crate) struct Conversation(StreamOwned<ClientConnection, TcpStream>);

/// A computer's certificate and key, and the authority that it believes, PEM.
pub(crate) struct Shown<'a> {
    pub(crate) authority: &'a str,
    pub(crate) certificate: &'a str,
    pub(crate) key: &'a str,
}

/// Connects to the relay of `token`. It has proved that it has the key that the token names before this returns, so that
/// the token's secret can be told.
///
/// # Errors
/// One sentence.
pub(crate) fn of_token(token: &JoinToken) -> Result<Conversation, String> {
    let provider = Arc::new(ring::default_provider());
    let verifier = OfToken {
        token: token.clone(),
        algorithms: provider.signature_verification_algorithms,
    };
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Conversation::open(&token.relay, config)
}

/// Connects to `relay` as this computer does, whose certificate the relay must let in.
///
/// # Errors
/// One sentence.
pub(crate) fn as_host(relay: &RelayAddress, shown: &Shown<'_>) -> Result<Conversation, String> {
    let said = |error: rustls::pki_types::pem::Error| error.to_string();
    let mut roots = RootCertStore::empty();
    for authority in CertificateDer::pem_slice_iter(shown.authority.as_bytes()) {
        roots
            .add(authority.map_err(said)?)
            .map_err(|error| error.to_string())?;
    }
    let chain = CertificateDer::pem_slice_iter(shown.certificate.as_bytes());
    let chain = chain.collect::<Result<Vec<_>, _>>().map_err(said)?;
    let key = PrivateKeyDer::from_pem_slice(shown.key.as_bytes()).map_err(said)?;
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&TLS13])
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_client_auth_cert(chain, key)
        .map_err(|error| error.to_string())?;
    Conversation::open(relay, config)
}

impl Conversation {
    fn open(relay: &RelayAddress, config: ClientConfig) -> Result<Self, String> {
        let said = |error: std::io::Error| error.to_string();
        let name = ServerName::try_from(relay.host().to_owned());
        let name = name.map_err(|error| error.to_string())?;
        let mut stream = connect(relay)?;
        stream.set_read_timeout(Some(ANSWERING)).map_err(said)?;
        stream.set_write_timeout(Some(ANSWERING)).map_err(said)?;
        let client = ClientConnection::new(Arc::new(config), name);
        let mut client = client.map_err(|error| error.to_string())?;
        while client.is_handshaking() {
            client.complete_io(&mut stream).map_err(said)?;
        }
        Ok(Self(StreamOwned::new(client, stream)))
    }

    /// Says something; the answer.
    ///
    /// # Errors
    /// One sentence.
    pub(crate) fn say(&mut self, message: ToFleet) -> Result<FromFleet, String> {
        let said = |error: std::io::Error| error.to_string();
        // Wiped: it may have the secret of a token.
        let frame = wire::encode(&ToDaemon::Fleet(message)).map_err(|error| error.to_string())?;
        let frame = zeroize::Zeroizing::new(frame);
        self.0.write_all(&frame).map_err(said)?;
        self.0.flush().map_err(said)?;
        let mut prefix = [0; wire::PREFIX];
        self.0.read_exact(&mut prefix).map_err(said)?;
        let length = wire::length_of(prefix).map_err(|error| error.to_string())?;
        let mut json = vec![0; length];
        self.0.read_exact(&mut json).map_err(said)?;
        match wire::decode(&json) {
            Ok(FromDaemon::Fleet(answer)) => Ok(answer),
            Ok(_) => Err("it speaks of something else".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }
}

fn connect(relay: &RelayAddress) -> Result<TcpStream, String> {
    let addresses = (relay.host(), relay.port()).to_socket_addrs();
    let mut why = "the name has no address".to_owned();
    for address in addresses.map_err(|error| error.to_string())? {
        match TcpStream::connect_timeout(&address, CONNECTING) {
            Ok(stream) => return Ok(stream),
            Err(error) => why = error.to_string(),
        }
    }
    Err(why)
}

/// Believes the certificate whose key the token has the fingerprint of, whoever has signed it.
struct OfToken {
    token: JoinToken,
    algorithms: WebPkiSupportedAlgorithms,
}

impl fmt::Debug for OfToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OfToken").finish_non_exhaustive()
    }
}

impl ServerCertVerifier for OfToken {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let key = Certificate::read(end_entity)
            .ok()
            .and_then(|certificate| PublicKey::from_spki(certificate.key()));
        if key.is_some_and(|key| self.token.is_for_relay(&key)) {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(Error::General(
                "it is not the relay that the token is for".to_owned(),
            ))
        }
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("only TLS 1.3 is spoken".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

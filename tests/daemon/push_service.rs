//! A push service: HTTPS on the loopback, which keeps what it is sent and answers as it is told.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use antiphon_tests::World;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::certificate::Certificate;
use crate::daemon::PATIENCE;

/// The service. It answers `201 Created`, or as [`PushService::answer_with`] says.
pub(crate) struct PushService {
    port: u16,
    certificate: Certificate,
    requests: Receiver<Vec<u8>>,
    answer: Arc<Mutex<String>>,
}

impl PushService {
    /// The configuration that lets pushes come here.
    pub(crate) const ALLOWED: &str =
        "[push]\ncontact = \"mailto:root@example.org\"\nprivate_hosts = [\"localhost\"]\n";

    pub(crate) fn start(world: &World) -> Self {
        let certificate = Certificate::make(world, "push");
        let chain = CertificateDer::pem_file_iter(&certificate.chain).unwrap();
        let chain = chain.map(Result::unwrap).collect();
        let key = PrivateKeyDer::from_pem_file(&certificate.key).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, requests) = channel();
        let answer = Arc::new(Mutex::new("201 Created".to_owned()));
        let (config, answers) = (Arc::new(config), Arc::clone(&answer));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
                // Who does not trust us leaves in the handshake.
                let _ = serve(connection, stream.unwrap(), &sender, &answers);
            }
        });
        Self {
            port,
            certificate,
            requests,
            answer,
        }
    }

    pub(crate) fn origin(&self) -> String {
        format!("https://localhost:{}", self.port)
    }

    /// The environment in which the daemon knows this service's certificate.
    pub(crate) fn trusted(&self) -> [(&str, &str); 1] {
        [("SSL_CERT_FILE", self.certificate.chain.to_str().unwrap())]
    }

    /// Status and further head of the answers from now on.
    pub(crate) fn answer_with(&self, answer: &str) {
        *self.answer.lock().unwrap() = answer.into();
    }

    /// The next request, head and body.
    pub(crate) fn next(&self) -> Vec<u8> {
        self.requests.recv_timeout(PATIENCE).expect("a push")
    }

    /// Whether nothing has come.
    pub(crate) fn is_idle(&self) -> bool {
        self.requests.try_recv().is_err()
    }
}

fn serve(
    connection: ServerConnection,
    stream: TcpStream,
    sender: &Sender<Vec<u8>>,
    answer: &Mutex<String>,
) -> std::io::Result<()> {
    let mut stream = StreamOwned::new(connection, stream);
    let mut all = Vec::new();
    while !is_whole(&all) {
        let mut piece = [0; 4096];
        let length = stream.read(&mut piece)?;
        if length == 0 {
            return Ok(());
        }
        all.extend(&piece[..length]);
    }
    let answer = answer.lock().unwrap().clone();
    write!(
        stream,
        "HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )?;
    stream.flush()?;
    sender.send(all).unwrap();
    Ok(())
}

fn is_whole(all: &[u8]) -> bool {
    let Some(end) = all.windows(4).position(|window| window == b"\r\n\r\n") else {
        return false;
    };
    let head = String::from_utf8_lossy(&all[..end]).to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.map_or(0, |length| length.parse().unwrap());
    all.len() >= end + 4 + length
}

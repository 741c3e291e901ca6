//! A gateway or a push service: a server on the loopback, by https or http, that keeps what it is sent and answers as a
//! test says.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use antiphon_tests::{PATIENCE, World};
use nix::sys::socket::Backlog;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::certificate::Certificate;

/// The configuration that lets pushes come here.
pub(crate) const PUSHES: &str =
    "[push]\ncontact = \"mailto:root@example.org\"\nprivate_hosts = [\"localhost\"]\n";

/// A request, taken apart.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Which connection it came by, numbered from 0.
    pub(crate) connection: usize,
}

/// What is answered.
pub(crate) enum Reply {
    /// Status with further head, and body; and the connection ends.
    Say(String, String),
    /// Status; and the connection waits for the next request.
    Keep(String),
    /// Status; and the connection ends, though nothing has said that it would.
    Leave(String),
    /// Nothing, while the connection stays open.
    Silence,
    /// A body without end.
    Flood(String),
}

type Answering = dyn Fn(&Seen) -> Reply + Send + Sync;

/// The server.
pub(crate) struct Server {
    port: u16,
    certificate: Option<Certificate>,
    seen: Mutex<Receiver<Seen>>,
    answer: Arc<Mutex<Arc<Answering>>>,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut all = self.headers.iter().filter(|(found, _)| found == name);
        let value = all.next().map(|(_, value)| value.as_str());
        assert!(all.next().is_none(), "{name} twice");
        value
    }

    /// The body, which is text.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// The fields of a form; each is there once.
    pub(crate) fn form(&self) -> BTreeMap<String, String> {
        let kind = self.header("content-type");
        assert_eq!(kind, Some("application/x-www-form-urlencoded"));
        let mut fields = BTreeMap::new();
        for pair in self.text().split('&') {
            let (name, value) = pair.split_once('=').expect("a field");
            let before = fields.insert(decoded(name), decoded(value));
            assert!(before.is_none(), "{name} twice in {}", self.text());
        }
        fields
    }

    /// User name and password.
    pub(crate) fn basic(&self) -> Option<String> {
        let encoded = self.header("authorization")?.strip_prefix("Basic ")?;
        let pair = data_encoding::BASE64.decode(encoded.as_bytes()).ok()?;
        String::from_utf8(pair).ok()
    }
}

/// As HTML's forms and RFC 3986 have it.
pub(crate) fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let pair = [rest.next().unwrap(), rest.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&pair).unwrap(), 16).unwrap()
            }
            plain => plain,
        });
    }
    String::from_utf8(bytes).unwrap()
}

impl Server {
    /// By https, with a certificate of its own for `localhost`.
    pub(crate) fn secure(
        world: &World,
        answer: impl Fn(&Seen) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::secure_as(world, "server", answer)
    }

    /// The same, where there is another one: its certificate has a name of its own.
    pub(crate) fn secure_as(
        world: &World,
        name: &str,
        answer: impl Fn(&Seen) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::start(Some(Certificate::make(world, name)), answer)
    }

    /// A push service that takes all.
    pub(crate) fn of_pushes(world: &World) -> Self {
        Self::secure(world, |_| Reply::Say("201 Created".into(), String::new()))
    }

    /// By http, as a modem's server on this computer.
    pub(crate) fn plain(answer: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        Self::start(None, answer)
    }

    fn start(
        certificate: Option<Certificate>,
        answer: impl Fn(&Seen) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        // More than the standard library asks for: the pushes to a crowd come at once.
        nix::sys::socket::listen(&listener, Backlog::MAXCONN).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, seen) = channel();
        let answer: Arc<Mutex<Arc<Answering>>> = Arc::new(Mutex::new(Arc::new(answer)));
        let tls = certificate.as_ref().map(tls);
        let answers = Arc::clone(&answer);
        thread::spawn(move || {
            for (connection, stream) in listener.incoming().enumerate() {
                let (sender, answers, tls) = (sender.clone(), Arc::clone(&answers), tls.clone());
                thread::spawn(move || {
                    let stream = stream.unwrap();
                    // Who does not trust us leaves in the handshake.
                    let _ = match tls {
                        None => serve(stream, connection, &sender, &answers),
                        Some(tls) => {
                            let secured = ServerConnection::new(tls).unwrap();
                            let stream = StreamOwned::new(secured, stream);
                            serve(stream, connection, &sender, &answers)
                        }
                    };
                });
            }
        });
        Self {
            port,
            certificate,
            seen: Mutex::new(seen),
            answer,
        }
    }

    pub(crate) fn origin(&self) -> String {
        match self.certificate {
            Some(_) => format!("https://localhost:{}", self.port),
            None => format!("http://127.0.0.1:{}", self.port),
        }
    }

    /// The address of the same server by a name that its certificate does not have.
    pub(crate) fn origin_by_another_name(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    /// The environment in which the daemon knows its certificate.
    pub(crate) fn trusted(&self) -> (&'static str, String) {
        let chain = &self.certificate.as_ref().unwrap().chain;
        ("SSL_CERT_FILE", chain.to_str().unwrap().to_owned())
    }

    pub(crate) fn answer_with(&self, answer: impl Fn(&Seen) -> Reply + Send + Sync + 'static) {
        *self.answer.lock().unwrap() = Arc::new(answer);
    }

    /// The next request.
    pub(crate) fn next(&self) -> Seen {
        let seen = self.seen.lock().unwrap();
        seen.recv_timeout(PATIENCE).expect("a request")
    }

    /// The next request, if it has come already.
    pub(crate) fn next_already(&self) -> Option<Seen> {
        self.seen.lock().unwrap().try_recv().ok()
    }

    /// Whether nothing has come that was not looked at.
    pub(crate) fn is_idle(&self) -> bool {
        self.next_already().is_none()
    }
}

fn tls(certificate: &Certificate) -> Arc<ServerConfig> {
    let chain = CertificateDer::pem_file_iter(&certificate.chain).unwrap();
    let chain = chain.map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(&certificate.key).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key);
    Arc::new(config.unwrap())
}

fn serve(
    mut stream: impl Read + Write,
    connection: usize,
    sender: &Sender<Seen>,
    answers: &Mutex<Arc<Answering>>,
) -> std::io::Result<()> {
    while let Some(seen) = request(&mut stream, connection)? {
        let answer = Arc::clone(&answers.lock().unwrap());
        let reply = answer(&seen);
        sender.send(seen).unwrap();
        match reply {
            Reply::Say(head, body) => {
                let length = body.len();
                write!(
                    stream,
                    "HTTP/1.1 {head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
                )?;
                return stream.flush();
            }
            Reply::Keep(head) => {
                write!(stream, "HTTP/1.1 {head}\r\nContent-Length: 0\r\n\r\n")?;
                stream.flush()?;
            }
            Reply::Leave(head) => {
                write!(stream, "HTTP/1.1 {head}\r\nContent-Length: 0\r\n\r\n")?;
                return stream.flush();
            }
            Reply::Silence => {
                // Until the other side gives up.
                while stream.read(&mut [0; 16])? > 0 {}
                return Ok(());
            }
            Reply::Flood(head) => {
                write!(stream, "HTTP/1.1 {head}\r\nConnection: close\r\n\r\n")?;
                loop {
                    stream.write_all(&[b'x'; 4096])?;
                    thread::sleep(Duration::from_millis(1));
                }
            }
        }
    }
    Ok(())
}

/// The next request; `None` where the other side has nothing more to say.
fn request(stream: &mut impl Read, connection: usize) -> std::io::Result<Option<Seen>> {
    let mut all = Vec::new();
    loop {
        let mut piece = [0; 4096];
        let length = stream.read(&mut piece)?;
        if length == 0 {
            return Ok(None);
        }
        all.extend(&piece[..length]);
        if let Some(seen) = whole(&all, connection) {
            return Ok(Some(seen));
        }
    }
}

fn whole(all: &[u8], connection: usize) -> Option<Seen> {
    let end = all.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&all[..end]).unwrap();
    let mut lines = head.lines();
    let mut first = lines.next().unwrap().split(' ');
    let (method, path) = (first.next().unwrap(), first.next().unwrap());
    let headers: Vec<_> = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length: usize = length.map_or(0, |(_, length)| length.parse().unwrap());
    let body = all.get(end + 4..end + 4 + length)?;
    Some(Seen {
        method: method.to_owned(),
        path: path.to_owned(),
        headers,
        body: body.to_vec(),
        connection,
    })
}

//! TLS by certificate and key files.

use std::fs;
use std::io::{Read, Write};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::daemon::in_house;
use crate::http::parse;
use crate::push_service::Certificate;
use crate::{Daemon, Web};

const ORIGIN: &str = "[page]\norigin = \"https://localhost:8470\"\n";

/// The page's status, for somebody who trusts this certificate alone.
fn open(trusted: &Certificate) -> std::io::Result<u16> {
    let mut roots = RootCertStore::empty();
    let certificate = CertificateDer::from_pem_file(&trusted.chain).unwrap();
    roots.add(certificate).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = StreamOwned::new(connection, Web::default().connect());
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost:8470\r\nConnection: close\r\n\r\n")?;
    let mut all = Vec::new();
    stream.read_to_end(&mut all)?;
    Ok(parse(&all).status)
}

fn install(from: &Certificate, to: &Certificate) {
    // As certbot and others do it: each file whole, one after the other.
    for (from, to) in [(&from.chain, &to.chain), (&from.key, &to.key)] {
        let beside = to.with_extension("new");
        fs::copy(from, &beside).unwrap();
        fs::rename(&beside, to).unwrap();
    }
}

#[test]
fn a_new_certificate_is_taken_without_a_restart_and_a_broken_one_is_not() {
    in_house(|world| {
        let [first, second, live] =
            ["first", "second", "live"].map(|name| Certificate::make(world, name));
        install(&first, &live);
        let configuration = format!(
            "{ORIGIN}certificate = \"{}\"\nkey = \"{}\"\n",
            live.chain.display(),
            live.key.display()
        );
        let mut daemon = Daemon::start(world, &configuration);
        assert_eq!(open(&first).unwrap(), 200);
        assert!(open(&second).is_err());
        install(&second, &live);
        while open(&second).is_err() {}
        assert!(open(&first).is_err());
        // A key that is not the certificate's.
        fs::copy(&first.key, &live.key).unwrap();
        while !daemon.log().contains("the old certificate stays") {
            assert_eq!(open(&second).unwrap(), 200);
        }
        install(&first, &live);
        while open(&first).is_err() {}
        daemon.expect_log("everybody can read this key");
    });
}

#[test]
fn who_speaks_plainly_to_tls_is_let_go() {
    in_house(|world| {
        let certificate = Certificate::make(world, "page");
        let configuration = format!(
            "{ORIGIN}listen = \"0.0.0.0:8470\"\ncertificate = \"{}\"\nkey = \"{}\"\n",
            certificate.chain.display(),
            certificate.key.display()
        );
        let _daemon = Daemon::start(world, &configuration);
        let mut stream = Web::default().connect();
        stream
            .write_all(b"GET / HTTP/1.1\r\nHost: localhost:8470\r\n\r\n")
            .unwrap();
        let mut said = Vec::new();
        let _ = stream.read_to_end(&mut said);
        assert!(!said.starts_with(b"HTTP"));
        assert_eq!(open(&certificate).unwrap(), 200);
    });
}

#[test]
fn without_tls_only_a_trusted_proxy_is_spoken_to() {
    in_house(|world| {
        let configuration =
            "[page]\nlisten = \"0.0.0.0:8470\"\ntrusted_proxies = [\"198.51.100.1\"]\n";
        let _daemon = Daemon::start(world, configuration);
        // An address that this world has besides the loopback's own.
        let elsewhere = Web {
            address: "203.0.113.5:8470".into(),
            ..Web::default()
        };
        let mut stream = elsewhere.connect();
        let _ = stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost:8470\r\n\r\n");
        let mut said = Vec::new();
        let _ = stream.read_to_end(&mut said);
        assert!(said.is_empty());
        assert_eq!(Web::default().call("GET", "/", None, None).status, 200);
    });
}

//! TLS by certificate and key files.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use antiphon_core::wire::Unwilling;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::certificate::Certificate;
use crate::daemon::{in_house, refused};
use crate::http::parse;
use crate::root::{ticket, unwilling};
use crate::{Daemon, Root, Web};

/// The page's status, for somebody who trusts this certificate alone.
pub(crate) fn open(trusted: &Certificate) -> std::io::Result<u16> {
    open_at(&Web::default().address, trusted)
}

/// The same at another address of this computer, which is then also where the connection comes from.
pub(crate) fn open_at(address: &str, trusted: &Certificate) -> std::io::Result<u16> {
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
    let web = Web {
        address: address.to_owned(),
        ..Web::default()
    };
    let mut stream = StreamOwned::new(connection, web.connect());
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
        let daemon = Daemon::start(world, &live.configured());
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

/// What comes back when the page is asked for without TLS.
fn said_plainly(web: &Web) -> Vec<u8> {
    let mut stream = web.connect();
    let _ = stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost:8470\r\n\r\n");
    let mut said = Vec::new();
    let _ = stream.read_to_end(&mut said);
    said
}

#[test]
fn who_speaks_plainly_to_tls_is_let_go() {
    in_house(|world| {
        let certificate = Certificate::make(world, "page");
        let configuration = format!("{}listen = \"0.0.0.0:8470\"\n", certificate.configured());
        let _daemon = Daemon::start(world, &configuration);
        assert!(!said_plainly(&Web::default()).starts_with(b"HTTP"));
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
        assert!(said_plainly(&elsewhere).is_empty());
        assert_eq!(Web::default().call("GET", "/", None, None).status, 200);
    });
}

#[test]
fn a_certificate_that_phones_refuse_or_soon_will_is_said_at_the_start() {
    in_house(|world| {
        for (days, said) in [
            (-1, Some("expired at")),
            (13, Some("expires at")),
            (15, None),
        ] {
            let certificate = Certificate::lasting(world, &format!("ends{days}"), days);
            let daemon = Daemon::start(world, &certificate.configured());
            daemon.expect_log("serves https://localhost:8470");
            let log = daemon.log();
            match said {
                Some(said) => {
                    assert!(log.contains(said) && log.contains("renew it"), "{log}");
                    assert!(log.contains(certificate.chain.to_str().unwrap()), "{log}");
                }
                None => assert!(!log.contains("expire"), "{log}"),
            }
            assert!(daemon.terminate().success());
        }
        let certificate = Certificate::make(world, "other");
        let elsewhere = certificate
            .configured()
            .replace("localhost", "mfa.example.org");
        let daemon = Daemon::start(world, &elsewhere);
        daemon.expect_log("is not for mfa.example.org");
    });
}

#[test]
fn a_key_that_the_daemon_cannot_read_is_said_with_the_fix() {
    in_house(|world| {
        let certificate = Certificate::make(world, "page");
        let key = certificate.key.display().to_string();
        let closed = fs::Permissions::from_mode(0o600);
        fs::set_permissions(&certificate.key, closed).unwrap();
        let daemon = refused(world, &certificate.configured(), &[]);
        daemon.expect_log(&format!("{key}: Permission denied"));
        daemon.expect_log("run: chgrp ");
        fs::remove_file(&certificate.key).unwrap();
        let words = "No such file or directory (os error 2); put it there";
        refused(world, &certificate.configured(), &[]).expect_log(&format!("{key}: {words}"));
    });
}

#[test]
fn no_ticket_leads_to_a_page_that_phones_refuse() {
    in_house(|world| {
        let certificate = Certificate::lasting(world, "page", -1);
        let _daemon = Daemon::start(world, &certificate.configured());
        let mut root = Root::say(&ticket([1; 16], "alice", &[]));
        assert_eq!(root.hear(), Some(unwilling(Unwilling::Certificate)));
        let renewed = Certificate::make(world, "renewed");
        install(&renewed, &certificate);
        drop(Root::ticket([1; 16], "alice", &[]));
    });
}

//! The certified provider `oidc-provider`, installed by npm once, beside the real daemon.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use antiphon_core::account::{KeySet, published_keys};
use antiphon_core::config::Config;
use antiphon_core::disk::{Folder, key_file};
use antiphon_core::record::{Account, AccountSubject};
use antiphon_core::time::UnixTime;
use antiphon_tests::{Provider, World};
use serde_json::json;

use crate::certificate::Certificate;
use crate::daemon::Daemon;
use crate::npm;
use crate::real::CONFIGURED;

/// The version that was tried.
const MODULE: &str = "oidc-provider@9.13.3";
const PORT: u16 = 8443;
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/page/account/provider.mjs");

/// Where npm has put it. The first call must come from where there is a network.
pub(super) fn installed() -> PathBuf {
    npm::installed(MODULE)
}

/// How it signs, and what it asks of clients.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    pub(super) algorithm: &'static str,
    pub(super) kid: &'static str,
    /// Whether parameters are left with it beforehand.
    pub(super) pushed: bool,
}

pub(super) const ES256: Kind = Kind {
    algorithm: "ES256",
    kid: "k1",
    pushed: false,
};

/// The provider; it ends with the value.
pub(super) struct Idp {
    process: Child,
    certificate: Certificate,
    /// As it publishes them.
    keys: String,
}

impl Idp {
    pub(super) fn start(world: &World, kind: Kind) -> Self {
        Self::with(Certificate::make(world, kind.kid), kind)
    }

    fn with(certificate: Certificate, kind: Kind) -> Self {
        let settings = json!({
            "port": PORT, "certificate": certificate.chain, "key": certificate.key, "alg": kind.algorithm,
            "kid": kind.kid, "par": kind.pushed, "modules": installed(),
            "redirect": "http://localhost:8470/account/kmh",
        });
        let mut process = Command::new("node")
            .arg(SCRIPT)
            .arg(settings.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("node; packaging/depends installs it");
        let mut keys = String::new();
        let read = BufReader::new(process.stdout.take().unwrap()).read_line(&mut keys);
        assert!(read.unwrap() > 0, "the provider did not start");
        Self {
            process,
            certificate,
            keys,
        }
    }

    /// Ends it, and starts it again with another key.
    pub(super) fn rotate(mut self, kind: Kind) -> Self {
        self.end();
        let certificate = Certificate {
            chain: self.certificate.chain.clone(),
            key: self.certificate.key.clone(),
        };
        drop(self);
        Self::with(certificate, kind)
    }

    pub(super) fn end(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    pub(super) fn issuer() -> String {
        format!("https://localhost:{PORT}")
    }

    /// The configuration that names it, with these lines more of the provider.
    pub(super) fn configured(more: &str) -> String {
        format!(
            "{CONFIGURED}[[provider]]\nname = \"kmh\"\nissuer = \"{}\"\nclient_id = \"antiphon\"\n\
             label = {{ sv = \"KMH-konto\", en = \"KMH account\" }}\n{more}",
            Self::issuer()
        )
    }

    /// The daemon that knows it.
    pub(super) fn daemon(&self, world: &World, more: &str) -> Daemon {
        let trusted = self.certificate.chain.to_str().unwrap().to_owned();
        let environment = [("SSL_CERT_FILE", trusted)];
        Daemon::start_with(world, &Self::configured(more), &environment)
    }

    /// Writes its keys to root's file.
    pub(super) fn store_keys(&self, more: &str) {
        let config = Config::parse(&Self::configured(more)).unwrap();
        let provider = config.provider("kmh").unwrap();
        let published = published_keys(&self.keys, provider).unwrap();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let now = UnixTime(now.as_secs());
        let keys = KeySet::refreshed(None, provider, published, now);
        let folder = Folder::open_or_make(Path::new(Provider::FOLDER)).unwrap();
        key_file::store(&folder, &keys).unwrap();
    }
}

impl Drop for Idp {
    fn drop(&mut self) {
        self.end();
    }
}

/// An account there, as the record has it.
pub(super) fn account(id: &str) -> Account {
    Account {
        provider: "kmh".into(),
        subject: AccountSubject {
            id: id.into(),
            tenant: None,
        },
        name: id.into(),
        enrolled: "2026-11-29T20:00:00Z".parse().unwrap(),
    }
}

//! Where the engine is, as whom we come, and by what way.

use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use antiphon_outgoing::trusted;
use tokio_postgres::config::{Config, Host, SslMode, TargetSessionAttrs};
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Connection, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::{Care, said};
use crate::private_file;

/// Its name in `LoadCredential=`.
const CREDENTIAL: &str = "engine";
/// Where the password is without systemd, and the CA of the engine's certificate if the system does not trust it.
const PASSWORD: &str = "engine.password";
const AUTHORITY: &str = "engine-ca.pem";
/// Where the engine's own package has its socket.
const USUAL_SOCKET: &str = "/run/postgresql";

/// What libpq calls a server whose certificate is verified, name and all, as ours always is; and what our client calls it.
const VERIFIED: [&str; 2] = ["sslmode=verify-full", "sslmode=require"];

/// How long a host of the address may take to let us in, and may be silent.
const CONNECT_PATIENCE: Duration = Duration::from_secs(2);
const SILENCE: Duration = Duration::from_secs(5);
/// After how much silence on a connection it is asked whether it is still there.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// What the engine is told of our patience, which ends before ours. The first stands for itself. And that each statement
/// sees what was committed before it, whatever the database's default is: what waits for a lock looks again after it.
const SETTINGS: &str = "-c statement_timeout=4000 -c lock_timeout=3000 -c idle_in_transaction_session_timeout=10000 \
                        -c default_transaction_isolation=read\\ committed";

type Tls = MakeRustlsConnect;
type Driver = Connection<Socket, <Tls as MakeTlsConnect<Socket>>::Stream>;

/// The address.
pub(crate) struct Address {
    config: Config,
    tls: Tls,
}

/// A connection that nothing but notifications come by, and what drives it.
pub(crate) struct Line {
    pub(crate) client: Client,
    pub(crate) driver: Driver,
}

impl Address {
    /// Reads a URL; the password and the CA are looked for in `folder`, unless systemd has handed over the first.
    ///
    /// # Errors
    /// One sentence, with the fix.
    pub(crate) fn read(url: &str, folder: &Path) -> Result<Self, String> {
        let [verified, required] = VERIFIED;
        let mut config: Config = url
            .replace(verified, required)
            .parse()
            .map_err(|error| format!("[relay] engine = \"{url}\": {}", said(&error)))?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            config.host_path(USUAL_SOCKET);
        }
        let is_remote =
            config.get_hosts().iter().any(is_remote) || !config.get_hostaddrs().is_empty();
        match config.get_ssl_mode() {
            SslMode::Disable => {}
            // What is only preferred, somebody on the way can take away.
            _ if is_remote => {
                config.ssl_mode(SslMode::Require);
            }
            _ => {
                config.ssl_mode(SslMode::Disable);
            }
        }
        if let Some(password) = password(folder)? {
            config.password(password.as_bytes());
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_PATIENCE);
        }
        config
            .application_name("antiphond")
            // A standby, or a primary that has been one and does not know it yet, is none.
            .target_session_attrs(TargetSessionAttrs::ReadWrite)
            .tcp_user_timeout(SILENCE)
            .keepalives_idle(KEEP_ALIVE);
        Ok(Self {
            config,
            tls: tls(folder, is_remote)?,
        })
    }

    pub(super) fn config(&self, care: Care) -> Config {
        let care = match care {
            Care::Sure => "on",
            Care::Soft => "off",
        };
        let mut config = self.config.clone();
        let own = config.get_options().unwrap_or_default();
        let options = format!("{own} {SETTINGS} -c synchronous_commit={care}");
        config.options(options.trim());
        config
    }

    pub(super) fn tls(&self) -> Tls {
        self.tls.clone()
    }

    pub(super) async fn line(&self) -> Result<Line, String> {
        let connected = self.config(Care::Soft).connect(self.tls()).await;
        let (client, driver) = connected.map_err(|error| said(&error))?;
        Ok(Line { client, driver })
    }
}

fn is_remote(host: &Host) -> bool {
    matches!(host, Host::Tcp(_))
}

fn password(folder: &Path) -> Result<Option<zeroize::Zeroizing<String>>, String> {
    let handed = env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
    let handed = handed.map(|folder| folder.join(CREDENTIAL));
    let found = [handed, Some(folder.join(PASSWORD))];
    let Some(path) = found.into_iter().flatten().find(|path| path.exists()) else {
        return Ok(None);
    };
    let mut text = private_file::read(&path)?;
    // An editor's line end is no part of it.
    while text.ends_with(['\n', '\r']) {
        text.pop();
    }
    Ok(Some(text))
}

/// TLS that believes the CA in `folder`, if there is one, and else those that the system trusts.
fn tls(folder: &Path, is_needed: bool) -> Result<Tls, String> {
    let authority = folder.join(AUTHORITY);
    let roots = if authority.exists() {
        let shown = authority.display();
        let mut roots = RootCertStore::empty();
        let certificates = CertificateDer::pem_file_iter(&authority)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| format!("{shown}: {error}"))?;
        for certificate in certificates {
            let added = roots.add(certificate);
            added.map_err(|error| format!("{shown}: {error}"))?;
        }
        roots
    } else if is_needed {
        trusted()?
    } else {
        RootCertStore::empty()
    };
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

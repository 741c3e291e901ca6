//! How computers become a fleet's: their certificates, and what root has pinned there.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::time::{SystemTime, UNIX_EPOCH};

use antiphon_certificate::authority::{Authority, OwnKey, Side};
use antiphon_core::fleet::Pinned;
use antiphon_core::time::UnixTime;
use antiphon_tests::{Computer, Fleet};
use nix::unistd::User;

use super::relays::{ADDRESS, hosts_port};

const FOLDER: &str = "/etc/antiphon/fleet";

/// Who admits them.
pub(super) struct Admission {
    fleet: Fleet,
    authority: Authority,
    /// The authority's own certificate, PEM.
    certificate: String,
}

/// A key and its certificate, PEM.
#[derive(Clone, Copy)]
pub(super) struct Papers<'a> {
    pub(super) key: &'a str,
    pub(super) certificate: &'a str,
}

impl Admission {
    pub(super) fn new() -> Self {
        let authority = Authority::new("example").unwrap();
        Self {
            fleet: Fleet::new("example"),
            certificate: authority.certificate(now()).unwrap(),
            authority,
        }
    }

    /// The authority's certificate, PEM.
    pub(super) fn authority(&self) -> &str {
        &self.certificate
    }

    /// Makes a relay of `computer`, by which hosts can join.
    pub(super) fn admit_relay(&self, computer: &Computer<'_>, number: u16) {
        let key = OwnKey::new().unwrap();
        let signed = self
            .authority
            .sign(ADDRESS, &key.public, Side::Relay, now());
        let papers = Papers {
            key: &key.pem,
            certificate: &signed.unwrap(),
        };
        self.admit(computer, papers, hosts_port(number));
        keep(computer, "ca.key", &self.authority.key());
        keep(computer, "keys", &self.fleet.keys(1).to_text().unwrap());
    }

    /// Makes a host of `computer`, or a relay; the relay at this port is the one that it asks.
    pub(super) fn admit(&self, computer: &Computer<'_>, papers: Papers<'_>, relay: u16) {
        fs::create_dir_all(computer.path(FOLDER)).unwrap();
        let relay = format!("{ADDRESS}:{relay}");
        let pinned = self.fleet.pinned(computer.name(), &[&relay]);
        fs::write(computer.path(Pinned::FILE), pinned.to_toml()).unwrap();
        keep(computer, "ca.pem", &self.certificate);
        keep(computer, "host.pem", papers.certificate);
        keep(computer, "host.key", papers.key);
    }
}

/// Writes a file of the fleet's there that the daemon can read.
fn keep(computer: &Computer<'_>, name: &str, text: &str) {
    let path = computer.path(FOLDER).join(name);
    fs::write(&path, text).unwrap();
    let daemon = User::from_name("antiphon").unwrap().unwrap();
    chown(&path, Some(0), Some(daemon.gid.as_raw())).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
}

pub(super) fn now() -> UnixTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    UnixTime(since.as_secs())
}

//! Everything that is read from a computer, as a value: it is read only here, and tests can make one up.

use std::path::{Path, PathBuf};

use antiphon_core::config::Config;

use super::package::Package;
use super::pam::{Folder, OURS};
use super::people::Account;
use super::{
    accounts, clock, daemon, denials, host_name, page, pam, polkit, providers, sshd, unconfirmed,
    versions,
};
use crate::check::not_enrolled_though_needed;
use crate::house::House;
use crate::setting::Settings;

/// All of it.
#[derive(Debug, Clone)]
pub(crate) struct Host {
    pub(crate) folder: Folder,
    pub(crate) sshd: Option<sshd::Facts>,
    pub(crate) people: Vec<Account>,
    /// People whom `check` has already reported.
    pub(crate) named: Vec<String>,
    /// `None` if it cannot be used.
    pub(crate) config: Option<Config>,
    pub(crate) settings: Settings,
    pub(crate) package: Package,
    /// Whether pam-auth-update can put our line into the files that all services include.
    pub(crate) has_profile: bool,
    pub(crate) daemon: Option<daemon::Facts>,
    pub(crate) page: Option<page::Facts>,
    pub(crate) providers: providers::Facts,
    pub(crate) polkit: polkit::Facts,
    pub(crate) clock: clock::Facts,
    pub(crate) name: host_name::Facts,
    pub(crate) versions: versions::Facts,
    pub(crate) denials: Vec<String>,
    /// A change of ours that has not ended, or why it cannot be read.
    pub(crate) unconfirmed: Result<Option<unconfirmed::Facts>, String>,
}

impl Host {
    /// Reads this computer.
    pub(crate) fn read(house: Option<&House>, named: Option<&Path>) -> Self {
        let folder = pam::read();
        let sshd = sshd::read();
        let key_files = sshd.as_ref().map(sshd::Facts::key_files);
        let people = accounts::read(house, &key_files.unwrap_or_default());
        let has_phones = people.iter().any(|account| account.has_phone);
        Self {
            sshd,
            named: house.map(not_enrolled_though_needed).unwrap_or_default(),
            config: house.map(|house| house.config.clone()),
            settings: Settings::read(named),
            package: Package::read(),
            has_profile: [
                "/usr/sbin/pam-auth-update",
                "/usr/share/pam-configs/antiphon",
            ]
            .iter()
            .all(|path| Path::new(path).exists()),
            daemon: house.map(daemon::read),
            page: house.map(|house| page::read(&house.config.page, has_phones)),
            providers: house.map(providers::read).unwrap_or_default(),
            polkit: polkit::read(),
            clock: clock::read(),
            name: host_name::read(),
            versions: versions::read(&module(&folder)),
            denials: denials::read(crate::clock::now()),
            unconfirmed: unconfirmed::read(),
            folder,
            people,
        }
    }
}

/// The path of our module as lines call it, or else where it would be.
fn module(folder: &Folder) -> PathBuf {
    let plain = format!("{OURS}.so");
    let services = pam::services(folder);
    let mut called = services.iter().flat_map(pam::Service::ours);
    let path = called.find_map(|step| Some(step.module()?.path.clone()));
    Path::new(&folder.modules_at).join(path.unwrap_or(plain))
}

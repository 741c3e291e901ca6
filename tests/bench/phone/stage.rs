//! A stage: people with records, a daemon that knows their phones, and the state on the disk that is measured.

use std::fs;
use std::path::{Path, PathBuf};

use antiphon_tests::World;
use antiphon_tests::mounts::bind;
use nix::mount::umount;

use super::daemon::{Daemon, STORE};
use super::handset::Handset;
use super::http::Web;
use super::server::Server;
use crate::arguments::Arguments;
use crate::figures::say;
use crate::stage::{Place, make_folder};

const STATES: &str = "/var/lib/antiphon/state";
/// Everybody who has a record. The first id is nobody's else.
pub(super) const PEOPLE: usize = 16;
const FIRST_ID: u32 = 2000;

/// Phones enrol from many addresses: one may only try so often. And the push service is on this computer.
const CONFIGURATION: &str =
    "[page]\ntrusted_proxies = [\"127.0.0.1\"]\n[push]\nprivate_hosts = [\"localhost\"]\n";

/// A stage.
pub(super) struct Stage<'world> {
    pub(super) place: Place,
    pub(super) daemon: Daemon,
    /// Of the people with a record.
    pub(super) phones: Vec<Handset>,
    pub(super) module: String,
    /// On the file system that is measured.
    pub(super) folder: PathBuf,
    _world: &'world World,
}

/// Sets it; phones may have themselves called by `service`.
pub(super) fn set<'world>(
    world: &'world World,
    service: &Server,
    place: Place,
    arguments: &Arguments,
) -> Stage<'world> {
    say(&format!("a stage on {}", place.name()));
    let folder = match place {
        Place::Disk => arguments.scratch.clone(),
        Place::Tmpfs => world.folder().join("phone"),
    };
    // What an earlier run left that was killed.
    let _ = fs::remove_dir_all(&folder);
    make_folder(&folder, 0o755);
    for (name, path, mode) in [("state", STATES, 0o700), ("store", STORE, 0o700)] {
        make_folder(&folder.join(name), mode);
        make_folder(Path::new(path), mode);
        bind(&folder.join(name), Path::new(path));
    }
    world.configure(CONFIGURATION);
    for service in ["sudo", "sshd"] {
        world.pam(service, "auth required pam_antiphon.so\n");
    }
    let daemon = Daemon::start(world, &arguments.antiphond, service);
    let mut web = Web::connect();
    let phones = (0..PEOPLE).map(|number| {
        let user = format!("person{number}");
        if nix::unistd::User::from_name(&user).unwrap().is_none() {
            world.add_person(&user, FIRST_ID + u32::try_from(number).unwrap());
        }
        let handset = Handset::enrol(&mut web, &user, number);
        let mut enrolled = world.enrol(&user);
        enrolled.change(|record| record.phones.push(handset.passkey.phone()));
        handset
    });
    let phones = phones.collect();
    // What is still to be written would hold up the first sign-ins.
    nix::unistd::sync();
    Stage {
        place,
        daemon,
        phones,
        module: world.module().to_str().unwrap().to_owned(),
        folder,
        _world: world,
    }
}

impl Stage<'_> {
    /// Takes it away.
    pub(super) fn strike(self) {
        drop(self.daemon);
        for path in [STATES, STORE] {
            umount(path).unwrap();
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

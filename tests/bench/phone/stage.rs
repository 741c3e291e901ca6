//! A stage: people with records, a daemon that knows their phones, and the state on the disk that is measured.

use std::fs;
use std::path::{Path, PathBuf};

use antiphon_core::record::Record;
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
const CONFIGURATION: &str = "[page]\norigin = \"http://localhost:8470\"\ntrusted_proxies = [\"127.0.0.1\"]\n[push]\nprivate_hosts = [\"localhost\"]\n";

/// A stage.
pub(crate) struct Stage<'world> {
    pub(crate) place: Place,
    pub(super) daemon: Daemon,
    /// Of the people with a record.
    pub(super) phones: Vec<Handset>,
    pub(crate) module: String,
    /// On the file system that is measured.
    pub(crate) folder: PathBuf,
    world: &'world World,
}

/// What every stage of a run has.
pub(crate) struct Setting<'world> {
    pub(crate) world: &'world World,
    /// Trusted by the daemon, which may call it.
    pub(crate) service: &'world Server,
    /// Beside what every one has.
    pub(crate) configuration: &'world str,
}

/// Sets it.
pub(crate) fn set<'world>(
    setting: &Setting<'world>,
    place: Place,
    arguments: &Arguments,
) -> Stage<'world> {
    let world = setting.world;
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
    world.configure(&[CONFIGURATION, setting.configuration].concat());
    for service in ["sudo", "sshd"] {
        world.pam(service, "auth required pam_antiphon.so\n");
    }
    let daemon = Daemon::start(world, &arguments.antiphond, setting.service);
    let mut web = Web::connect();
    let phones = (0..PEOPLE).map(|number| {
        let user = format!("person{number}");
        let handset = Handset::enrol(&mut web, &user, number);
        let id = FIRST_ID + u32::try_from(number).unwrap();
        add_person(world, &user, id, |record| {
            record.phones.push(handset.passkey.phone());
        });
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
        world,
    }
}

impl Stage<'_> {
    /// Adds a person with a record that `change` was made to.
    pub(crate) fn add_person(&self, user: &str, id: u32, change: impl FnOnce(&mut Record)) {
        add_person(self.world, user, id, change);
    }

    /// Takes it away.
    pub(crate) fn strike(self) {
        drop(self.daemon);
        for path in [STATES, STORE] {
            umount(path).unwrap();
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn add_person(world: &World, user: &str, id: u32, change: impl FnOnce(&mut Record)) {
    if nix::unistd::User::from_name(user).unwrap().is_none() {
        world.add_person(user, id);
    }
    world.enrol(user).change(change);
}

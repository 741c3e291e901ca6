//! A relay of a fleet, as a process of its own.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;

use antiphon_core::fleet::Pinned;
use antiphon_core::wire::ToDaemon;
use antiphon_tests::{Fleet, World};
use nix::unistd::User;

use crate::daemon::{Daemon, own_folder};
use crate::root::Root;

/// A relay, by the last digit of its ports.
pub(crate) struct Relay {
    pub(crate) number: u8,
    pub(crate) daemon: Daemon,
}

impl Relay {
    /// Starts it, with these lines of `[page]`, one of more that share an engine.
    pub(crate) fn start(world: &World, engine: &str, number: u8, page: &str) -> Self {
        let (folder, socket) = (folder(number), socket(number));
        own_folder(&folder, 0o755);
        let state = format!("/var/lib/relay{number}");
        own_folder(&state, 0o700);
        let configuration = format!("/etc/antiphon/relay{number}.toml");
        let text = format!(
            "[paths]\nsocket = \"{socket}\"\n[page]\n{page}listen = \"127.0.0.1:848{number}\"\n\
             [relay]\nlisten_hosts = \"127.0.0.1:847{number}\"\nengine = \"{engine}\"\n"
        );
        fs::write(&configuration, text).unwrap();
        let mut command = world.command_of("antiphon", &world.copy_of_daemon());
        command
            .args(["--config", &configuration])
            .env("STATE_DIRECTORY", &state);
        let daemon = Daemon::start_by(command, &socket);
        Self { number, daemon }
    }

    pub(crate) fn say(&self, message: &ToDaemon) -> Root {
        let mut root = Root::connect_to(&socket(self.number));
        root.send(message);
        root
    }
}

fn folder(number: u8) -> String {
    format!("/run/relay{number}")
}

fn socket(number: u8) -> String {
    format!("/run/relay{number}/antiphond.sock")
}

/// Makes this computer one of a fleet, as far as its relays look.
pub(crate) fn join(world: &World) {
    let folder = Path::new("/etc/antiphon/fleet");
    fs::create_dir_all(folder).unwrap();
    let pinned = Fleet::new("example").pinned("relay1", &["127.0.0.1:8471"]);
    fs::write(Pinned::FILE, pinned.to_toml()).unwrap();
    let at = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let made = world
        .command("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-nodes",
            "-subj",
            "/CN=127.0.0.1",
        ])
        .args([
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-keyout",
            &at("host.key"),
        ])
        .args(["-out", &at("host.pem")])
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    fs::copy(at("host.pem"), at("ca.pem")).unwrap();
    let user = User::from_name("antiphon").unwrap().unwrap();
    for (name, mode) in [("host.key", 0o640), ("host.pem", 0o644), ("ca.pem", 0o644)] {
        chown(at(name), Some(0), Some(user.gid.as_raw())).unwrap();
        fs::set_permissions(at(name), fs::Permissions::from_mode(mode)).unwrap();
    }
}

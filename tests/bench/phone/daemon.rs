//! The daemon as it is built for release, as its own user.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Stdio};

use antiphon_tests::{SOCKET, World, until};
use nix::unistd::User;

use super::server::Server;
use crate::process;

/// Its own folder.
pub(super) const STORE: &str = "/var/lib/antiphond";

/// The daemon. It is killed with the value.
pub(super) struct Daemon(Child);

impl Daemon {
    /// Starts it; it trusts `service`.
    pub(super) fn start(world: &World, program: &Path, service: &Server) -> Self {
        let user = User::from_name("antiphon").unwrap().unwrap();
        for (folder, mode) in [("/run/antiphon", 0o755), (STORE, 0o700)] {
            fs::create_dir_all(folder).unwrap();
            fs::set_permissions(folder, fs::Permissions::from_mode(mode)).unwrap();
            chown(folder, Some(user.uid.as_raw()), Some(user.gid.as_raw())).unwrap();
        }
        // Where its user can read it.
        let copy = world.folder().join("antiphond");
        fs::copy(program, &copy).unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let mut child = world
            .command_of("antiphon", copy.to_str().unwrap())
            .envs([service.trusted()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            // A journal takes its lines in any case; here nobody reads them.
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        until("the daemon", || {
            assert!(child.try_wait().unwrap().is_none(), "it has ended");
            UnixStream::connect(SOCKET).ok()
        });
        Self(child)
    }

    /// Bytes that it has in memory.
    pub(super) fn resident(&self) -> i64 {
        process::resident(self.0.id())
    }

    /// Seconds of a core that it has used.
    pub(super) fn used(&self) -> f64 {
        process::used(self.0.id())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
        let _ = fs::remove_file(SOCKET);
    }
}

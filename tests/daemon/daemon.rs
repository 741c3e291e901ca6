//! The daemon, as its own user.

use std::io::Read;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::{fs, thread};

use antiphon_tests::{Product, World, in_world, until};
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, User};

pub(crate) const STATE: &str = "/var/lib/antiphond";
pub(crate) use antiphon_tests::SOCKET;

/// Runs `test` in a world of its own, with the daemon built.
pub(crate) fn in_house<F: FnOnce(&World)>(test: F) {
    Product::build_daemon();
    in_world(test);
}

/// The daemon. It is killed with the value.
pub(crate) struct Daemon {
    child: Child,
    log: Arc<Mutex<String>>,
}

impl Daemon {
    /// Starts it with this configuration, and waits until it can be talked to.
    pub(crate) fn start(world: &World, configuration: &str) -> Self {
        Self::start_with(world, configuration, &[])
    }

    /// The same with these variables in its environment.
    pub(crate) fn start_with(
        world: &World,
        configuration: &str,
        environment: &[(&str, String)],
    ) -> Self {
        let mut daemon = Self::launch(world, configuration, environment);
        until("the daemon", || {
            assert!(daemon.child.try_wait().unwrap().is_none(), "it has ended");
            UnixStream::connect(SOCKET).ok()
        });
        daemon
    }

    /// Starts it, and looks no further.
    pub(crate) fn launch(
        world: &World,
        configuration: &str,
        environment: &[(&str, String)],
    ) -> Self {
        for (folder, mode) in [("/run/antiphon", 0o755), (STATE, 0o700)] {
            own_folder(folder, mode);
        }
        world.configure(configuration);
        let mut command = world.command_of("antiphon", &world.copy_of_daemon());
        command.envs(environment.iter().cloned());
        Self::spawn(command)
    }

    /// Starts it by a command of its own, and waits until it can be talked to at `socket`.
    pub(crate) fn start_by(command: Command, socket: &str) -> Self {
        let mut daemon = Self::spawn(command);
        until("the daemon", || {
            assert!(daemon.child.try_wait().unwrap().is_none(), "it has ended");
            UnixStream::connect(socket).ok()
        });
        daemon
    }

    fn spawn(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut errors = child.stderr.take().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let written = Arc::clone(&log);
        thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(length @ 1..) = errors.read(&mut piece) {
                let piece = String::from_utf8_lossy(&piece[..length]);
                written.lock().unwrap().push_str(&piece);
            }
        });
        Self { child, log }
    }

    /// What it has written to standard error so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Waits until the log says this.
    pub(crate) fn expect_log(&self, words: &str) {
        until(words, || self.log().contains(words).then_some(()));
    }

    /// Ends it as systemd does.
    pub(crate) fn terminate(mut self) -> ExitStatus {
        kill(self.id(), Signal::SIGTERM).unwrap();
        self.child.wait().unwrap()
    }

    pub(crate) fn id(&self) -> Pid {
        Pid::from_raw(self.child.id().try_into().unwrap())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("the daemon said: {}", self.log());
        }
    }
}

/// A daemon that does not begin with this configuration.
pub(crate) fn refused(
    world: &World,
    configuration: &str,
    environment: &[(&str, String)],
) -> Daemon {
    let mut daemon = Daemon::launch(world, configuration, environment);
    assert_eq!(daemon.child.wait().unwrap().code(), Some(78));
    daemon
}

/// Makes a folder of the daemon's.
pub(crate) fn own_folder(folder: &str, mode: u32) {
    let user = User::from_name("antiphon").unwrap().unwrap();
    fs::create_dir_all(folder).unwrap();
    fs::set_permissions(folder, fs::Permissions::from_mode(mode)).unwrap();
    chown(folder, Some(user.uid.as_raw()), Some(user.gid.as_raw())).unwrap();
}

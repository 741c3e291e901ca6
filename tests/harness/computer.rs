//! A computer beside the world's own: what Antiphon keeps is its own there, in a mount namespace, and so is its name. The network,
//! the people and the log are the world's.

use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, User};

use crate::lying_daemon::SOCKET;
use crate::people::PASSWORD;
use crate::prompts::PASSWORD_PROMPT;
use crate::sshd::{self, make_key};
use crate::terminal::Terminal;
use crate::until;
use crate::world::World;

/// What is the computer's own.
const PLACES: [&str; 4] = [
    "/etc/antiphon",
    "/var/lib/antiphon",
    "/var/lib/antiphond",
    "/run/antiphon",
];
/// Becomes the computer called `$0`, whose places are under `$1`, and runs the rest.
const BECOME: &str = "\
echo \"$0\" >/proc/sys/kernel/hostname
from=$1; shift
for place in /etc/antiphon /var/lib/antiphon /var/lib/antiphond /run/antiphon; do
    mount --bind \"$from$place\" \"$place\"
done
exec \"$@\"";
/// Where its daemon's lines go.
const DAEMON_LOG: &str = "antiphond.log";

/// A computer. Its programs end with the value.
pub struct Computer<'w> {
    world: &'w World,
    name: String,
    address: String,
    folder: PathBuf,
    daemon: Option<Child>,
    sshd: Option<Child>,
}

impl<'w> Computer<'w> {
    /// One that sshd will listen for at `address`, with this configuration.
    pub fn new(world: &'w World, name: &str, address: &str, configuration: &str) -> Self {
        let computer = Self {
            world,
            name: name.to_owned(),
            address: address.to_owned(),
            folder: world.folder().join("computers").join(name),
            daemon: None,
            sshd: None,
        };
        for place in PLACES {
            fs::create_dir_all(computer.path(place)).unwrap();
            fs::create_dir_all(place).unwrap();
        }
        let daemon = User::from_name("antiphon").unwrap().unwrap();
        for (place, mode) in [("/var/lib/antiphond", 0o700), ("/run/antiphon", 0o755)] {
            let path = computer.path(place);
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            chown(path, Some(daemon.uid.as_raw()), Some(daemon.gid.as_raw())).unwrap();
        }
        fs::write(computer.path("/etc/antiphon/antiphon.toml"), configuration).unwrap();
        computer
    }

    /// Where the world sees what is at `path` on the computer.
    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.join(path.trim_start_matches('/'))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its address.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// `program` there, as root.
    #[must_use]
    pub fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = self.world.command("unshare");
        command
            .args(["--mount", "--uts", "--", "sh", "-ec", BECOME])
            .arg(&self.name)
            .args([&self.folder, program.as_ref()]);
        command
    }

    /// `antiphon` there, still to be run.
    #[must_use]
    pub fn antiphon_command(&self, arguments: &[&str]) -> Command {
        let mut antiphon = self.command(&self.world.product().command);
        antiphon.args(arguments);
        antiphon
    }

    /// Starts its daemon, and waits until it can be talked to.
    pub fn start_daemon(&mut self) {
        let user = User::from_name("antiphon").unwrap().unwrap();
        let log = File::create(self.folder.join(DAEMON_LOG)).unwrap();
        let mut daemon = self.command("setpriv");
        daemon
            .arg(format!("--reuid={}", user.uid))
            .arg(format!("--regid={}", user.gid))
            .args(["--clear-groups", "--"])
            .arg(self.world.copy_of_daemon())
            .stderr(log);
        let mut child = daemon.spawn().unwrap();
        let socket = self.path(SOCKET);
        until("the computer's daemon", || {
            let has_ended = child.try_wait().unwrap().is_some();
            assert!(!has_ended, "it has ended: {}", self.daemon_log());
            UnixStream::connect(&socket).ok()
        });
        self.daemon = Some(child);
    }

    /// What its daemon has written to standard error.
    pub fn daemon_log(&self) -> String {
        fs::read_to_string(self.folder.join(DAEMON_LOG)).unwrap_or_default()
    }

    /// The process id of its daemon, which runs.
    pub fn daemon_id(&self) -> Pid {
        let daemon = self.daemon.as_ref().expect("a daemon that runs");
        Pid::from_raw(daemon.id().try_into().unwrap())
    }

    /// Kills its daemon.
    pub fn kill_daemon(&mut self) {
        let id = self.daemon_id();
        // First, for one that was stopped.
        kill(id, Signal::SIGKILL).unwrap();
        end(&mut self.daemon);
    }

    /// Starts sshd.
    pub fn start_sshd(&mut self) {
        let [key, server] = ["host_key", "sshd_config"].map(|name| self.folder.join(name));
        if !key.exists() {
            make_key(self.world, &key);
        }
        let listen = format!("ListenAddress {}\nHostKey {}", self.address, key.display());
        fs::write(&server, sshd::lines(&listen)).unwrap();
        let mut sshd = self.command("/usr/sbin/sshd");
        sshd.args(["-D", "-f"]).arg(server);
        self.sshd = Some(sshd::start(self.world, sshd));
    }

    /// Ends its programs.
    pub fn stop(&mut self) {
        end(&mut self.daemon);
        end(&mut self.sshd);
    }

    /// A sign-in of `user` by ssh, after the password.
    #[must_use]
    pub fn after_password(&self, user: &str) -> Terminal {
        let mut ssh = self.world.command("ssh");
        ssh.args(["-o", "NumberOfPasswordPrompts=1"])
            .args(["-o", "PreferredAuthentications=keyboard-interactive"])
            .arg(format!("{user}@{}", self.address))
            .arg("echo here it is");
        let mut terminal = Terminal::start(&ssh);
        terminal.answer(PASSWORD_PROMPT, PASSWORD);
        terminal
    }
}

fn end(program: &mut Option<Child>) {
    if let Some(mut child) = program.take() {
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// A test that fails shows what the daemons said.
impl Drop for Computer<'_> {
    fn drop(&mut self) {
        self.stop();
        if std::thread::panicking() {
            eprintln!("{}: antiphond said: {}", self.name, self.daemon_log());
        }
    }
}

//! A computer beside the world's own: what Antiphon keeps is its own there, in a mount namespace, and so is its name. The network,
//! the people and the log are the world's.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use antiphon_tests::{PASSWORD, PASSWORD_PROMPT, SOCKET, Terminal, World, make_key, until};
use nix::unistd::User;

use crate::command::{Said, run};
use crate::daemon::copy;

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
const SERVER: &str = "\
Port 22
PidFile none
PrintMotd no
PrintLastLog no
UseDNS no
LogLevel VERBOSE
";
const CLIENT: &str = "\
StrictHostKeyChecking no
UserKnownHostsFile /dev/null
GlobalKnownHostsFile /dev/null
IdentityAgent none
";
const SHIPPED: &str = include_str!("../../../conf/sshd_config.d/00-antiphon.conf");

/// A computer. Its programs end with the value.
pub(super) struct Computer<'w> {
    world: &'w World,
    name: String,
    address: String,
    folder: PathBuf,
    running: Vec<Child>,
}

impl<'w> Computer<'w> {
    /// One that sshd will listen for at `address`, with this configuration.
    pub(super) fn new(world: &'w World, name: &str, address: &str, configuration: &str) -> Self {
        let computer = Self {
            world,
            name: name.to_owned(),
            address: address.to_owned(),
            folder: world.folder().join("computers").join(name),
            running: Vec::new(),
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
    pub(super) fn path(&self, path: &str) -> PathBuf {
        self.folder.join(path.trim_start_matches('/'))
    }

    /// `program` there, as root.
    fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = self.world.command("unshare");
        command
            .args(["--mount", "--uts", "--", "sh", "-ec", BECOME])
            .arg(&self.name)
            .args([&self.folder, program.as_ref()]);
        command
    }

    /// `antiphon` there.
    pub(super) fn antiphon(&self, arguments: &[&str]) -> Said {
        self.antiphon_reading(arguments, "")
    }

    /// The same, which reads `input`.
    pub(super) fn antiphon_reading(&self, arguments: &[&str], input: &str) -> Said {
        let mut command = self.command(&self.world.product().command);
        run(command.args(arguments), input)
    }

    /// Starts its daemon, and waits until it can be talked to.
    pub(super) fn start_daemon(&mut self) {
        let user = User::from_name("antiphon").unwrap().unwrap();
        let mut daemon = self.command("setpriv");
        daemon
            .arg(format!("--reuid={}", user.uid))
            .arg(format!("--regid={}", user.gid))
            .args(["--clear-groups", "--"])
            .arg(copy(self.world));
        let mut child = daemon.spawn().unwrap();
        let socket = self.path(SOCKET);
        until("the computer's daemon", || {
            assert!(child.try_wait().unwrap().is_none(), "it has ended");
            UnixStream::connect(&socket).ok()
        });
        self.running.push(child);
    }

    /// Starts sshd.
    pub(super) fn start_sshd(&mut self) {
        let [key, server] = ["host_key", "sshd_config"].map(|name| self.folder.join(name));
        if !key.exists() {
            make_key(self.world, &key);
        }
        let (address, shown) = (&self.address, key.display());
        let text = format!("ListenAddress {address}\nHostKey {shown}\n{SHIPPED}{SERVER}");
        fs::write(&server, text).unwrap();
        fs::write("/etc/ssh/ssh_config", CLIENT).unwrap();
        fs::create_dir_all("/run/sshd").unwrap();
        let mut sshd = self.command("/usr/sbin/sshd");
        sshd.args(["-D", "-f"]).arg(server).stdin(Stdio::null());
        let mut child = sshd.spawn().unwrap();
        let listening = format!("sshd[{}]: Server listening", child.id());
        until("sshd", || {
            assert!(child.try_wait().unwrap().is_none(), "sshd has ended");
            self.world.log().says(&listening).then_some(())
        });
        self.running.push(child);
    }

    /// Ends its programs.
    pub(super) fn stop(&mut self) {
        for mut child in self.running.drain(..) {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// A sign-in of `user` by ssh, after the password.
    pub(super) fn after_password(&self, user: &str) -> Terminal {
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

impl Drop for Computer<'_> {
    fn drop(&mut self) {
        self.stop();
    }
}

//! The real sshd on the world's loopback, and its clients.

use std::fs;
use std::process::{Child, Command, Stdio};

use crate::people::PASSWORD;
use crate::prompts::PASSWORD_PROMPT;
use crate::terminal::Terminal;
use crate::until;
use crate::world::World;

/// What we ask an administrator to set.
const SHIPPED: &str = include_str!("../../conf/sshd_config.d/00-antiphon.conf");

/// The rest of what holds where the test says nothing else.
const SERVER: &str = "\
Port 22
PidFile none
PrintMotd no
PrintLastLog no
UseDNS no
LogLevel VERBOSE
Subsystem sftp internal-sftp
";

/// The clients ask nothing but what the server asks.
const CLIENT: &str = "\
StrictHostKeyChecking no
UserKnownHostsFile /dev/null
GlobalKnownHostsFile /dev/null
IdentityAgent none
";

/// A running sshd.
pub struct Sshd {
    child: Child,
}

impl Sshd {
    /// Starts sshd with `extra` lines, which come before the usual ones and so win, and waits until it listens.
    #[must_use]
    pub fn start(world: &World, extra: &str) -> Self {
        let mut sshd = world.command("/usr/sbin/sshd");
        sshd.args(["-D", "-f"]).arg(configuration(world, extra));
        Self {
            child: start(world, sshd),
        }
    }

    /// Whether sshd, told to try it, finds a configuration with `extra` lines valid.
    #[must_use]
    pub fn accepts(world: &World, extra: &str) -> bool {
        let mut trial = world.command("/usr/sbin/sshd");
        trial.arg("-t").arg("-f").arg(configuration(world, extra));
        trial.output().unwrap().status.success()
    }

    /// `ssh`, `scp` or `sftp`, to be given more options, `NAME@localhost` and what to run there.
    #[must_use]
    pub fn client(&self, world: &World, program: &str) -> Command {
        let mut command = world.command(program);
        command.args(["-o", "NumberOfPasswordPrompts=1"]);
        command
    }

    /// `name` signs in on a terminal and runs `remote`, with these options of ssh.
    #[must_use]
    pub fn sign_in_with(
        &self,
        world: &World,
        name: &str,
        options: &[&str],
        remote: &str,
    ) -> Terminal {
        let mut ssh = self.client(world, "ssh");
        ssh.args(options)
            .arg(format!("{name}@localhost"))
            .arg(remote);
        Terminal::start(&ssh)
    }

    /// `name` signs in on a terminal by keyboard-interactive and runs `remote`.
    #[must_use]
    pub fn sign_in(&self, world: &World, name: &str, remote: &str) -> Terminal {
        let options = ["-o", "PreferredAuthentications=keyboard-interactive"];
        self.sign_in_with(world, name, &options, remote)
    }

    /// The same, when the password has been given.
    #[must_use]
    pub fn after_password(&self, world: &World, name: &str, remote: &str) -> Terminal {
        self.after_password_from(world, "127.0.0.1", name, remote)
    }

    /// The same from another address of ours.
    #[must_use]
    pub fn after_password_from(
        &self,
        world: &World,
        address: &str,
        name: &str,
        remote: &str,
    ) -> Terminal {
        let bind = format!("BindAddress={address}");
        let method = "PreferredAuthentications=keyboard-interactive";
        let mut terminal = self.sign_in_with(world, name, &["-o", method, "-o", &bind], remote);
        terminal.answer(PASSWORD_PROMPT, PASSWORD);
        terminal
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Writes sshd's configuration, with `extra` lines before the usual ones.
fn configuration(world: &World, extra: &str) -> std::path::PathBuf {
    let folder = world.folder();
    let [key, server] = ["host_key", "sshd_config"].map(|name| folder.join(name));
    if !key.exists() {
        make_key(world, &key);
    }
    let own = format!(
        "{extra}\nHostKey {}\nListenAddress 127.0.0.1",
        key.display()
    );
    fs::write(&server, lines(&own)).unwrap();
    server
}

/// sshd's configuration, with `own` lines before the usual ones.
pub(crate) fn lines(own: &str) -> String {
    format!("{own}\n{SHIPPED}{SERVER}")
}

/// Starts sshd by this command, and waits until it listens: by its log, not by a connection, which would stand in the log
/// itself.
pub(crate) fn start(world: &World, mut sshd: Command) -> Child {
    fs::write("/etc/ssh/ssh_config", CLIENT).unwrap();
    fs::create_dir_all("/run/sshd").unwrap();
    let mut child = sshd
        .stdin(Stdio::null())
        .spawn()
        .expect("sshd of openssh-server");
    let listening = format!("sshd[{}]: Server listening", child.id());
    until("sshd", || {
        assert!(child.try_wait().unwrap().is_none(), "sshd has ended");
        world.log().says(&listening).then_some(())
    });
    child
}

/// Makes a key pair without passphrase at `path` and `path.pub`.
pub fn make_key(world: &World, path: &std::path::Path) {
    let status = world
        .command("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(path)
        .status()
        .expect("ssh-keygen of openssh-client");
    assert!(status.success());
}

//! The real journal in the place of the world's log.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use antiphon_tests::World;

const PROGRAM: &str = "/lib/systemd/systemd-journald";
/// Where programs log.
const LOG: &str = "/dev/log";
/// Where the world's own log waits meanwhile.
const ASIDE: &str = "/dev/log.aside";
const SOCKET: &str = "/run/systemd/journal/dev-log";

/// A running systemd-journald, to which `/dev/log` leads.
pub(crate) struct Journald {
    child: Child,
}

impl Journald {
    /// Starts it. What was sent to the world's log before does not stand in it.
    pub(crate) fn start(world: &World) -> Self {
        fs::create_dir_all("/run/systemd/journal").unwrap();
        // Else it takes the identity of a machine for one that has not begun.
        fs::write("/etc/machine-id", "0123456789abcdef0123456789abcdef\n").unwrap();
        let mut child = world
            .command(PROGRAM)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("systemd-journald of systemd");
        let deadline = Instant::now() + Duration::from_secs(60);
        while !Path::new(SOCKET).exists() {
            assert!(child.try_wait().unwrap().is_none(), "journald has ended");
            assert!(Instant::now() < deadline, "journald does not listen");
            thread::sleep(Duration::from_millis(2));
        }
        fs::rename(LOG, ASIDE).unwrap();
        symlink(SOCKET, LOG).unwrap();
        Self { child }
    }

    /// Where its files are, all that was sent before this call in them.
    pub(crate) fn folder(&self) -> PathBuf {
        let _ = self.shows(&["--sync"]);
        let mut folders = fs::read_dir("/run/log/journal").unwrap();
        folders.next().unwrap().unwrap().path()
    }

    /// What `journalctl` prints.
    pub(crate) fn shows(&self, arguments: &[&str]) -> String {
        let run = |arguments: &[&str]| {
            let output = Command::new("journalctl").args(arguments).output();
            output.expect("journalctl of systemd")
        };
        let synced = run(&["--sync"]);
        assert!(synced.status.success(), "{synced:#?}");
        String::from_utf8(run(arguments).stdout).unwrap()
    }
}

impl Drop for Journald {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::rename(ASIDE, LOG);
    }
}

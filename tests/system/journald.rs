//! The real journal in the place of the world's log.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use antiphon_tests::{PATIENCE, World};
use serde_json::Value;

const PROGRAM: &str = "/lib/systemd/systemd-journald";
/// Where programs log.
const LOG: &str = "/dev/log";
/// Where the world's own log waits meanwhile.
const ASIDE: &str = "/dev/log.aside";
const SOCKET: &str = "/run/systemd/journal/dev-log";

/// A running systemd-journald, to which `/dev/log` leads.
pub(crate) struct Journald {
    child: Child,
    folder: PathBuf,
}

impl Journald {
    /// Starts it. What was sent to the world's log before does not stand in it.
    pub(crate) fn start(world: &World) -> Self {
        fs::create_dir_all("/run/systemd/journal").unwrap();
        // Of a world's own, and not to be taken for that of a machine that has not begun.
        let machine = "0123456789abcdef0123456789abcdef";
        fs::write("/etc/machine-id", format!("{machine}\n")).unwrap();
        let mut child = world
            .command(PROGRAM)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("systemd-journald of systemd");
        let deadline = Instant::now() + PATIENCE;
        while !Path::new(SOCKET).exists() {
            assert!(child.try_wait().unwrap().is_none(), "journald has ended");
            assert!(Instant::now() < deadline, "journald does not listen");
            thread::sleep(Duration::from_millis(2));
        }
        fs::rename(LOG, ASIDE).unwrap();
        symlink(SOCKET, LOG).unwrap();
        Self {
            child,
            folder: Path::new("/run/log/journal").join(machine),
        }
    }

    /// Where its files are, all that was sent before this call in them.
    pub(crate) fn folder(&self) -> &Path {
        journalctl(&["--sync"]);
        &self.folder
    }

    /// The entries that `journalctl` finds in them.
    pub(crate) fn entries(&self, matches: &[&str]) -> Vec<Value> {
        let shown = self.shows(&[&["--output=json"], matches].concat());
        let lines = shown.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// What `journalctl` prints of them.
    pub(crate) fn shows(&self, arguments: &[&str]) -> String {
        let folder = format!("--directory={}", self.folder().display());
        journalctl(&[&[folder.as_str()], arguments].concat())
    }
}

fn journalctl(arguments: &[&str]) -> String {
    let output = Command::new("journalctl").args(arguments).output();
    let output = output.expect("journalctl of systemd");
    assert!(output.status.success(), "{arguments:?}: {output:#?}");
    String::from_utf8(output.stdout).unwrap()
}

impl Drop for Journald {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::rename(ASIDE, LOG);
    }
}

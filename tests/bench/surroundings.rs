//! Namespaces of our own: a log that somebody reads, no network, and nothing mounted that the machine sees.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixDatagram;
use std::thread;

use antiphon_tests::mounts::{devices, keep_apart, tmpfs};
use nix::sched::{CloneFlags, unshare};

/// A tmpfs: what is measured there costs no disk.
pub(crate) const TMPFS: &str = "/run/antiphon-bench";

/// Goes into the namespaces, before there is a second thread.
pub(crate) fn enter() {
    assert!(
        nix::unistd::geteuid().is_root(),
        "the benchmark makes namespaces: run tests/bench/run as root"
    );
    unshare(
        CloneFlags::CLONE_NEWNS
            | CloneFlags::CLONE_NEWUTS
            | CloneFlags::CLONE_NEWIPC
            | CloneFlags::CLONE_NEWNET,
    )
    .expect("unshare");
    keep_apart();
    nix::unistd::sethostname("harbour").unwrap();
    tmpfs("/run", "mode=755");
    fs::create_dir(TMPFS).unwrap();
    devices();
    // As where journald runs, which is nearly everywhere.
    fs::create_dir_all("/run/systemd/journal").unwrap();
    collect_log("/run/systemd/journal/dev-log");
    collect_log("/run/systemd/journal/socket");
    symlink("/run/systemd/journal/dev-log", "/dev/log").unwrap();
}

/// Reads what is logged, since a full queue would stop whoever logs. Why we refused somebody is worth knowing.
fn collect_log(path: &str) {
    let socket = UnixDatagram::bind(path).unwrap();
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(length) = socket.recv(&mut buffer) {
            let line = String::from_utf8_lossy(&buffer[..length]);
            if line.contains("outcome=") && !line.contains("outcome=accepted") {
                eprintln!("bench: {line}");
            }
        }
    });
}

/// Of the last minute, five and fifteen: what else the machine did shows in a p99.
pub(crate) fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(3).collect::<Vec<_>>().join(" ")
}

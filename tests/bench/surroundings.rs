//! Namespaces of our own: a log that somebody reads, no network, and nothing mounted that the machine sees.

use std::fs;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::thread;

use nix::mount::{MsFlags, mount};
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
    mount(
        None::<&str>,
        "/",
        None::<&str>,
        MsFlags::MS_REC | MsFlags::MS_PRIVATE,
        None::<&str>,
    )
    .expect("mount: /");
    nix::unistd::sethostname("harbour").unwrap();
    tmpfs("/run");
    fs::create_dir(TMPFS).unwrap();
    devices();
    collect_log();
}

/// A `/dev` whose log is ours.
fn devices() {
    let new = "/run/dev";
    fs::create_dir(new).unwrap();
    for name in ["null", "zero", "random", "urandom", "tty"] {
        let to = format!("{new}/{name}");
        fs::write(&to, "").unwrap();
        bind(Path::new("/dev").join(name).as_path(), Path::new(&to));
    }
    mount(
        Some(new),
        "/dev",
        None::<&str>,
        MsFlags::MS_BIND | MsFlags::MS_REC,
        None::<&str>,
    )
    .expect("mount: /dev");
}

/// Reads what is logged, since a full queue would stop whoever logs. Why we refused somebody is worth knowing.
fn collect_log() {
    let socket = UnixDatagram::bind("/dev/log").unwrap();
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

fn tmpfs(path: &str) {
    mount(
        Some("tmpfs"),
        path,
        Some("tmpfs"),
        MsFlags::empty(),
        Some("mode=755"),
    )
    .unwrap_or_else(|errno| panic!("mount: {path}: {errno}"));
}

pub(crate) fn bind(from: &Path, to: &Path) {
    mount(Some(from), to, None::<&str>, MsFlags::MS_BIND, None::<&str>)
        .unwrap_or_else(|errno| panic!("mount: {}: {errno}", to.display()));
}

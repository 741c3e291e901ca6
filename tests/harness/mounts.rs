//! The file systems of a world: nothing that is written in it reaches the machine's disks.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use nix::mount::{MsFlags, mount};

/// Where the harness keeps what is its own, on the world's `/run`.
pub(crate) const OURS: &str = "/run/antiphon-tests";

/// Gives the world its own `/run`, `/etc`, `/var/lib`, `/var/log`, `/var/lib/antiphon` and `/dev`.
pub(crate) fn mount_all() {
    // Whatever the machine shares, what we mount stays in this namespace.
    mount(
        None::<&str>,
        "/",
        None::<&str>,
        MsFlags::MS_REC | MsFlags::MS_PRIVATE,
        None::<&str>,
    )
    .expect("mount: /");
    tmpfs("/run", "mode=755");
    fs::create_dir_all(OURS).unwrap();
    // Overlays: programs find there what the machine has.
    overlay("/etc");
    overlay("/var/lib");
    // Nothing of the machine is needed there, and wtmp and lastlog are written without being asked for.
    tmpfs("/var/log", "mode=755");
    fs::create_dir_all("/var/lib/antiphon").unwrap();
    tmpfs("/var/lib/antiphon", "mode=755");
    devices();
}

/// A tmpfs at `path`.
pub(crate) fn tmpfs(path: &str, options: &str) {
    mount(
        Some("tmpfs"),
        path,
        Some("tmpfs"),
        MsFlags::MS_NOSUID,
        Some(options),
    )
    .unwrap_or_else(|errno| panic!("mount: {path}: {errno}"));
}

fn overlay(path: &str) {
    let place = format!("{OURS}/overlay{path}");
    for part in ["upper", "work"] {
        fs::create_dir_all(format!("{place}/{part}")).unwrap();
    }
    let options = format!("lowerdir={path},upperdir={place}/upper,workdir={place}/work");
    mount(
        Some("overlay"),
        path,
        Some("overlay"),
        MsFlags::empty(),
        Some(options.as_str()),
    )
    .unwrap_or_else(|errno| panic!("mount: {path}: {errno}"));
}

/// A `/dev` of our own: `/dev/log` and the terminals are the world's, the harmless devices are the machine's.
fn devices() {
    let new = &format!("{OURS}/dev");
    fs::create_dir(new).unwrap();
    tmpfs(new, "mode=755");
    for name in ["null", "zero", "full", "random", "urandom", "tty"] {
        fs::write(format!("{new}/{name}"), "").unwrap();
        bind(&format!("/dev/{name}"), &format!("{new}/{name}"));
    }
    for (name, target) in [
        ("fd", "/proc/self/fd"),
        ("stdin", "/proc/self/fd/0"),
        ("stdout", "/proc/self/fd/1"),
        ("stderr", "/proc/self/fd/2"),
        ("ptmx", "pts/ptmx"),
    ] {
        symlink(target, format!("{new}/{name}")).unwrap();
    }
    fs::create_dir(format!("{new}/pts")).unwrap();
    mount(
        Some("devpts"),
        format!("{new}/pts").as_str(),
        Some("devpts"),
        MsFlags::MS_NOSUID | MsFlags::MS_NOEXEC,
        Some("newinstance,ptmxmode=0666,mode=620,gid=5"),
    )
    .expect("mount: /dev/pts");
    fs::create_dir(format!("{new}/shm")).unwrap();
    fs::set_permissions(format!("{new}/shm"), fs::Permissions::from_mode(0o1777)).unwrap();
    mount(
        Some(new.as_str()),
        "/dev",
        None::<&str>,
        MsFlags::MS_MOVE,
        None::<&str>,
    )
    .expect("mount: /dev");
}

fn bind(from: &str, to: &str) {
    assert!(Path::new(from).exists(), "{from} is not there");
    mount(Some(from), to, None::<&str>, MsFlags::MS_BIND, None::<&str>)
        .unwrap_or_else(|errno| panic!("mount: {to}: {errno}"));
}

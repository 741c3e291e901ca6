//! The file systems of a world: nothing that is written in it reaches the machine's disks.

use std::fs::{self, File};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use nix::mount::{MsFlags, mount};

use crate::product::target;

/// Where the harness keeps what is its own, on the world's `/run`.
pub(crate) const OURS: &str = "/run/antiphon-tests";

/// Begins empty in every world, and is its own: whatever the machine keeps there, in files or in bytes, no test meets it.
const EMPTY: &[(&str, &str)] = &[
    ("/run", "mode=755"),
    ("/tmp", "mode=1777"),
    ("/var/tmp", "mode=1777"),
    ("/home", "mode=755"),
    ("/root", "mode=700"),
    ("/var/lib", "mode=755"),
    // wtmp and lastlog are written there without being asked for.
    ("/var/log", "mode=755"),
];

/// Gives the world places of its own: those of [`EMPTY`], `/etc` and `/dev`, and with it `/dev/log` and `/dev/shm`.
pub(crate) fn mount_all() {
    keep_apart();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    // What is installed can be asked for: `packaging/try` looks whether it has all that it needs.
    let kept = [sources, &target(), Path::new("/var/lib/dpkg")].map(Kept::open);
    for (path, options) in EMPTY {
        tmpfs(path, options);
    }
    kept.iter().for_each(Kept::put_back);
    fs::create_dir_all(OURS).unwrap();
    // An overlay: programs find there what the machine has.
    overlay("/etc");
    // Rules for the machine's browsers.
    for rules in ["/etc/chromium", "/etc/firefox", "/etc/firefox-esr"] {
        if Path::new(rules).exists() {
            tmpfs(rules, "mode=755");
        }
    }
    fs::create_dir("/var/lib/antiphon").unwrap();
    devices();
}

/// Whatever the machine shares, what is mounted from now on stays in this namespace.
pub fn keep_apart() {
    let flags = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
    attach("", Path::new("/"), "", flags, "");
}

/// mount(2), in which nothing is the empty string.
fn attach(from: &str, to: &Path, kind: &str, flags: MsFlags, options: &str) {
    let [from, kind, options] =
        [from, kind, options].map(|word| Some(word).filter(|word| !word.is_empty()));
    mount(from, to, kind, flags, options)
        .unwrap_or_else(|errno| panic!("mount: {}: {errno}", to.display()));
}

/// A folder that stays where it is, whatever is mounted over it: somebody may have cloned us into `/tmp`.
struct Kept {
    path: PathBuf,
    folder: File,
}

impl Kept {
    fn open(path: &Path) -> Self {
        let path = path.canonicalize().unwrap();
        let folder = File::open(&path).unwrap();
        Self { path, folder }
    }

    fn put_back(&self) {
        if self.path.exists() {
            return;
        }
        fs::create_dir_all(&self.path).unwrap();
        let from = format!("/proc/thread-self/fd/{}", self.folder.as_raw_fd());
        let flags = MsFlags::MS_BIND | MsFlags::MS_REC;
        attach(&from, &self.path, "", flags, "");
    }
}

/// A tmpfs at `path`.
pub fn tmpfs(path: &str, options: &str) {
    attach(
        "tmpfs",
        Path::new(path),
        "tmpfs",
        MsFlags::MS_NOSUID,
        options,
    );
}

fn overlay(path: &str) {
    let place = format!("{OURS}/overlay{path}");
    for part in ["upper", "work"] {
        fs::create_dir_all(format!("{place}/{part}")).unwrap();
    }
    let options = format!("lowerdir={path},upperdir={place}/upper,workdir={place}/work");
    attach(
        "overlay",
        Path::new(path),
        "overlay",
        MsFlags::empty(),
        &options,
    );
}

/// A `/dev` of our own: `/dev/log` and the terminals are the world's, the harmless devices are the machine's.
pub fn devices() {
    let new = &format!("{OURS}/dev");
    fs::create_dir_all(new).unwrap();
    tmpfs(new, "mode=755");
    for name in ["null", "zero", "full", "random", "urandom", "tty"] {
        fs::write(format!("{new}/{name}"), "").unwrap();
        bind(&Path::new("/dev").join(name), &Path::new(new).join(name));
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
    let pts = format!("{new}/pts");
    let options = "newinstance,ptmxmode=0666,mode=620,gid=5";
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NOEXEC;
    attach("devpts", Path::new(&pts), "devpts", flags, options);
    fs::create_dir(format!("{new}/shm")).unwrap();
    fs::set_permissions(format!("{new}/shm"), fs::Permissions::from_mode(0o1777)).unwrap();
    attach(new, Path::new("/dev"), "", MsFlags::MS_MOVE, "");
}

/// What is at `from`, at `to` as well.
pub fn bind(from: &Path, to: &Path) {
    attach(from.to_str().unwrap(), to, "", MsFlags::MS_BIND, "");
}

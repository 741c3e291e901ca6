//! A stage: `/etc` and `/var/lib` as a machine has them on which so many people are enrolled.

use std::fs::{self, File};
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process;

use antiphon_tests::mounts::bind;
use nix::sched::{CloneFlags, setns, unshare};

use crate::generate;
use crate::module::Module;
use crate::surroundings::TMPFS;

/// What file system the state stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The machine's disk.
    Disk,
    /// Memory.
    Tmpfs,
}

impl Place {
    pub(crate) const ALL: [Self; 2] = [Self::Disk, Self::Tmpfs];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Disk => "disk",
            Self::Tmpfs => "tmpfs",
        }
    }
}

/// A stage that guests can enter.
pub(crate) struct Stage {
    pub(crate) place: Place,
    pub(crate) users: u32,
    /// The mount namespace in which its folders are at their places. It lives as long as this is open.
    namespace: File,
}

impl Stage {
    /// Sets a stage with so many enrolled users.
    pub(crate) fn set(place: Place, users: u32, scratch: &Path, module: &Path) -> Self {
        let folder = match place {
            Place::Disk => scratch.to_owned(),
            Place::Tmpfs => PathBuf::from(TMPFS),
        }
        .join(users.to_string());
        let (etc, library) = (folder.join("etc"), folder.join("lib"));
        write_etc(&etc);
        let ours = library.join("antiphon-bench");
        make_folder(&ours, 0o755);
        fs::copy(module, ours.join("pam_antiphon.so"))
            .unwrap_or_else(|error| panic!("{}: {error}", module.display()));
        generate::enrol(users, &etc, &library);
        // What is still to be written would hold up the first sign-ins.
        nix::unistd::sync();
        Self {
            place,
            users,
            namespace: namespace_with(&etc, &library),
        }
    }

    /// What a guest opens to enter.
    pub(crate) fn entrance(&self) -> String {
        format!("/proc/{}/fd/{}", process::id(), self.namespace.as_raw_fd())
    }
}

/// Enters the stage with this entrance: `/etc` and `/var/lib` are then its own.
pub(crate) fn enter(entrance: &str) {
    let namespace = File::open(entrance).unwrap_or_else(|error| panic!("{entrance}: {error}"));
    setns(namespace, CloneFlags::CLONE_NEWNS).expect("setns");
}

/// What every sign-in reads, and no more.
fn write_etc(etc: &Path) {
    make_folder(&etc.join("pam.d"), 0o755);
    fs::set_permissions(etc, fs::Permissions::from_mode(0o755)).unwrap();
    for (name, text) in [
        (
            "passwd",
            "root:x:0:0:root:/root:/bin/sh\nalice:x:1000:1000::/:/bin/sh\n",
        ),
        ("group", "root:x:0:\nalice:x:1000:\n"),
        (
            "nsswitch.conf",
            "passwd: files\ngroup: files\nhosts: files\n",
        ),
        ("hostname", "harbour\n"),
        ("hosts", "127.0.0.1 localhost harbour\n"),
        ("pam.d/other", "auth required pam_deny.so\n"),
    ] {
        fs::write(etc.join(name), text).unwrap();
    }
    // Without the linker's cache it would search every folder, and without a time zone libc would ask for one each time.
    for name in ["ld.so.cache", "localtime"] {
        if let Ok(bytes) = fs::read(Path::new("/etc").join(name)) {
            fs::write(etc.join(name), bytes).unwrap();
        }
    }
    for module in Module::ALL {
        fs::write(etc.join("pam.d").join(module.name()), module.stack()).unwrap();
    }
}

/// Makes a mount namespace like ours but with these folders, and comes back to ours.
fn namespace_with(etc: &Path, library: &Path) -> File {
    let current = "/proc/thread-self/ns/mnt";
    let ours = File::open(current).unwrap();
    // Only this thread leaves; the one that reads the log stays.
    unshare(CloneFlags::CLONE_FS | CloneFlags::CLONE_NEWNS).expect("unshare");
    bind(etc, Path::new("/etc"));
    bind(library, Path::new("/var/lib"));
    let theirs = File::open(current).unwrap();
    setns(ours, CloneFlags::CLONE_NEWNS).expect("setns");
    theirs
}

/// A folder with all above it, and only root's to write.
pub(crate) fn make_folder(path: &Path, mode: u32) {
    fs::create_dir_all(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

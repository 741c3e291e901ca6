//! The file systems of our folders: whether they are writable and have free space.

use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use antiphon_core::shell;
use nix::sys::statvfs::{FsFlags, Statvfs, statvfs};

use crate::house::House;

/// A file system with fewer free bytes counts as full, if that is also less than a twentieth of it.
const FEW_BYTES: u128 = 16 * 1024 * 1024;
/// Likewise for inodes.
const FEW_FILES: u128 = 100;

/// A file system that we use.
pub(crate) struct FileSystem {
    mount: PathBuf,
    holds: Vec<Holding>,
    seen: Statvfs,
}

/// What we keep on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holding {
    States,
    Records,
    Activity,
    Enrolments,
}

impl Holding {
    /// The consequence if it cannot be written.
    fn costs(self) -> &'static str {
        match self {
            Self::States => {
                "codes and approvals are remembered in memory alone, which a restart forgets, with whoever first succeeded meanwhile, \
                 and recovery codes and bypass codes are refused"
            }
            Self::Records => "nobody's record can be made or changed",
            Self::Activity => "no activity is kept",
            Self::Enrolments => "nobody can enrol at a sign-in",
        }
    }
}

/// The file systems of our folders, except folders that do not exist.
pub(crate) fn ours(house: &House) -> Vec<FileSystem> {
    let paths = &house.config.paths;
    let mut found: Vec<FileSystem> = Vec::new();
    for (holding, path) in [
        (Holding::States, &paths.state),
        (Holding::Records, &paths.users),
        (Holding::Activity, &paths.activity),
        (Holding::Enrolments, &paths.pending),
    ] {
        let Ok(seen) = statvfs(path) else { continue };
        let mount = mount_of(path);
        match found.iter_mut().find(|known| known.mount == mount) {
            Some(known) => known.holds.push(holding),
            None => found.push(FileSystem {
                mount,
                holds: vec![holding],
                seen,
            }),
        }
    }
    found
}

impl FileSystem {
    pub(crate) fn mount(&self) -> &Path {
        &self.mount
    }

    pub(crate) fn is_read_only(&self) -> bool {
        self.seen.flags().contains(FsFlags::ST_RDONLY)
    }

    /// Whether it holds states, so that some sign-ins are refused when it is read-only.
    pub(crate) fn has_states(&self) -> bool {
        self.holds.contains(&Holding::States)
    }

    /// If it is read-only: that, the consequence and the fix.
    pub(crate) fn read_only_in_words(&self) -> Option<String> {
        let mount = shell::word(&self.mount);
        self.is_read_only().then(|| {
            format!(
                "the file system at {mount} is READ-ONLY: {}; journalctl -k says whether an error made it so: then the disk \
                 needs a look; to write to it again, run: mount -o remount,rw {mount}",
                self.costs(Holding::costs)
            )
        })
    }

    /// If it is full or nearly full: that, the consequence and the fix. `None` for a read-only one.
    pub(crate) fn full_in_words(&self) -> Option<String> {
        if self.is_read_only() {
            return None;
        }
        let mount = shell::word(&self.mount);
        let block = u128::from(self.seen.fragment_size());
        let bytes = Room {
            free: u128::from(self.seen.blocks_available()) * block,
            all: u128::from(self.seen.blocks()) * block,
        };
        let files = Room {
            free: u128::from(self.seen.files_available()),
            all: u128::from(self.seen.files()),
        };
        let (left, look) = if bytes.is_short(FEW_BYTES) {
            (
                format!("{} KiB", bytes.free / 1024),
                format!("du -xh -d 1 {mount} | sort -h"),
            )
        } else if files.is_short(FEW_FILES) {
            (
                format!("{} files", files.free),
                format!("du -x --inodes -d 1 {mount} | sort -n"),
            )
        } else {
            return None;
        };
        // A state is overwritten in place, and needs no space.
        let costs = self.costs(|holding| match holding {
            Holding::States => "nobody who has no state yet can sign in",
            other => other.costs(),
        });
        Some(format!(
            "the file system at {mount} has room for {left} more; when it is full, {costs}; free some space there; to see what \
             takes it, run: {look}"
        ))
    }

    fn costs(&self, of: impl Fn(Holding) -> &'static str) -> String {
        let costs: Vec<&str> = self.holds.iter().copied().map(of).collect();
        costs.join(", ")
    }
}

/// An amount, and how much of it is available to users other than root.
struct Room {
    free: u128,
    all: u128,
}

impl Room {
    /// Some file systems do not count, and report a total of 0.
    fn is_short(&self, few: u128) -> bool {
        self.all > 0 && self.free < few.min(self.all.div_ceil(20))
    }
}

/// The mount point of the file system of `path`, according to Linux (proc(5)).
fn mount_of(path: &Path) -> PathBuf {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mounts = fs::read("/proc/self/mountinfo").unwrap_or_default();
    mounts
        .split(|byte| *byte == b'\n')
        .filter_map(|line| line.split(|byte| *byte == b' ').nth(4))
        .map(unescaped)
        .filter(|mount| path.starts_with(mount))
        .max_by_key(|mount| mount.components().count())
        .unwrap_or_else(|| PathBuf::from("/"))
}

/// Spaces and the like are escaped as `\040`.
fn unescaped(written: &[u8]) -> PathBuf {
    let mut bytes = Vec::with_capacity(written.len());
    let mut rest = written;
    while let Some((first, after)) = rest.split_first() {
        let octal = after
            .get(..3)
            .filter(|_| *first == b'\\')
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok());
        bytes.push(octal.unwrap_or(*first));
        rest = match octal {
            Some(_) => after.get(3..).unwrap_or_default(),
            None => after,
        };
    }
    std::ffi::OsString::from_vec(bytes).into()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{FEW_BYTES, FEW_FILES, Room, unescaped};

    #[test]
    fn a_name_in_mountinfo_is_read_as_it_is() {
        for (written, path) in [
            ("/var/lib", "/var/lib"),
            (r"/mnt/two\040words\134x", r"/mnt/two words\x"),
            (r"/odd\04", r"/odd\04"),
            (r"/odd\zzz", r"/odd\zzz"),
        ] {
            assert_eq!(unescaped(written.as_bytes()), Path::new(path));
        }
    }

    #[test]
    fn a_small_file_system_is_not_always_full_and_one_that_does_not_count_never() {
        let short = |free, all, few| Room { free, all }.is_short(few);
        assert!(short(0, 65_536, FEW_BYTES));
        assert!(!short(4096, 65_536, FEW_BYTES));
        assert!(short(FEW_BYTES - 1, 1 << 40, FEW_BYTES));
        assert!(!short(FEW_BYTES, 1 << 40, FEW_BYTES));
        assert!(!short(0, 0, FEW_FILES));
        assert!(short(0, 20, FEW_FILES));
    }
}

//! The open change, in a file that only root can read, and the lock under which it is opened and ended.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use antiphon_core::disk::Folder;
use antiphon_core::shell;
use antiphon_core::time::UnixTime;
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use serde::{Deserialize, Serialize};

use super::bytes::Bytes;
use super::place;
use crate::clock;
use crate::failure::{Failure, Kind};
use crate::folders;

/// Where changes are kept, whatever the configuration says: it may be what was changed.
pub(crate) const FOLDER: &str = "/var/lib/antiphon/changes";
/// The open change.
const OPEN: &str = "open.json";
/// Its largest size, in bytes.
const LARGEST: u64 = 16 * 1024 * 1024;
/// The most folders of backups; older ones are removed.
const MOST_BACKUPS: usize = 20;
/// How long to wait for the lock, which is held only while files are written.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often to try.
const LOOK: Duration = Duration::from_millis(20);

/// A change of files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    /// Names it, and the folder of its backups.
    pub(crate) id: String,
    /// The command that made it, for people and the log.
    pub(crate) command: String,
    /// When it is taken back, by the wall clock: for people. The guard has a clock of its own.
    pub(crate) until: UnixTime,
    pub(crate) files: Vec<Changed>,
    #[serde(default)]
    pub(crate) ends: Ends,
    /// Whether all of its files were put into their places. What they are now does not tell: somebody may have edited them.
    #[serde(default)]
    pub(crate) is_made: bool,
}

/// How an open change is to end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Ends {
    /// It is taken back unless somebody confirms it.
    #[default]
    Confirmed,
    /// It stays. It is taken back only if the command that made it was killed halfway.
    Made,
    /// It was taken back, but for the files that it still names: somebody has edited them, and must look at them.
    LookedAt,
}

/// A file of a change. It differs before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Changed {
    /// Absolute.
    pub(crate) path: PathBuf,
    /// `None` if there was none.
    pub(crate) before: Option<Bytes>,
    /// `None` if there is none.
    pub(crate) after: Option<Bytes>,
}

impl Changed {
    fn is_as_before(&self) -> bool {
        place::read(&self.path).ok().as_ref() == Some(&self.before)
    }
}

impl Change {
    /// One that begins now and waits for `seconds`.
    pub(crate) fn new(command: String, seconds: u64, files: Vec<Changed>) -> Self {
        let now = clock::now();
        Self {
            id: format!("{now}-{}", std::process::id()),
            command,
            until: now.plus(seconds),
            files,
            ends: Ends::default(),
            is_made: false,
        }
    }

    /// Where the file at `path` is as it was before.
    pub(crate) fn backup_of(&self, path: &Path) -> PathBuf {
        let below = path.strip_prefix("/").unwrap_or(path);
        Path::new(FOLDER).join(&self.id).join(below)
    }

    /// Whether any of its files is another than before.
    pub(super) fn is_begun(&self) -> bool {
        self.files.iter().any(|file| !file.is_as_before())
    }

    /// Whether it is one that stays, and was made.
    pub(crate) fn is_made_for_good(&self) -> bool {
        self.ends == Ends::Made && self.was_made()
    }

    /// Whether all of it was made. Whoever was killed before that was written down may still have made it.
    fn was_made(&self) -> bool {
        self.is_made || self.stands()
    }

    /// Whether it can be said to stay: all of it was made, and nobody has put a file back.
    pub(super) fn can_stay(&self) -> bool {
        let is_undone = self.files.iter().any(Changed::is_as_before);
        self.was_made() && (self.ends == Ends::Made || !is_undone)
    }

    /// Whether all of its files are as it made them.
    pub(super) fn stands(&self) -> bool {
        let mut files = self.files.iter();
        files.all(|file| place::read(&file.path).ok() == Some(file.after.clone()))
    }
}

/// The folder of changes, locked.
pub(crate) struct Changes {
    folder: Folder,
    _lock: Flock<File>,
}

impl Changes {
    /// The same if there have been changes; `None` where nothing of ours is left, or never was.
    pub(crate) fn lock_if_there() -> Result<Option<Self>, Failure> {
        match Path::new(FOLDER).symlink_metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            _ => Self::lock().map(Some),
        }
    }

    /// Waits for whoever holds the lock, who has files to write and nobody to wait for.
    pub(crate) fn lock() -> Result<Self, Failure> {
        let folder = folders::of_changes(Path::new(FOLDER))?;
        let failed = |why: io::Error| Failure::new(Kind::Io, format!("{FOLDER}: {why}"));
        let until = Instant::now() + PATIENCE;
        let mut file = File::open(folder.path()).map_err(failed)?;
        loop {
            match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
                Ok(lock) => {
                    return Ok(Self {
                        folder,
                        _lock: lock,
                    });
                }
                Err((back, Errno::EAGAIN | Errno::EINTR)) if Instant::now() < until => file = back,
                Err((_, Errno::EAGAIN)) => {
                    let what = format!(
                        "{FOLDER}: another command is changing files; see which with: fuser -v {FOLDER}"
                    );
                    return Err(Failure::new(Kind::TryAgain, what));
                }
                Err((_, errno)) => return Err(failed(errno.into())),
            }
            std::thread::sleep(LOOK);
        }
    }

    /// The open change as anybody may look at it, without the lock.
    pub(crate) fn seen() -> Result<Option<Change>, Failure> {
        match Folder::open(Path::new(FOLDER)) {
            Ok(folder) => read_open(&folder),
            Err(distrust) if distrust.is_missing() => Ok(None),
            Err(distrust) => Err(distrust.into()),
        }
    }

    /// The open change, if there is one.
    pub(crate) fn current(&self) -> Result<Option<Change>, Failure> {
        read_open(&self.folder)
    }

    /// Writes the change down, with a backup of each file, before any of them is touched.
    pub(super) fn open(&self, change: &Change) -> Result<(), Failure> {
        for file in &change.files {
            if place::read(&file.path)? != file.before {
                let what = format!(
                    "{}: was changed by somebody else in this moment; nothing was changed, run the command again",
                    file.path.display()
                );
                return Err(Failure::new(Kind::TryAgain, what));
            }
        }
        self.remove_old_backups();
        for file in &change.files {
            let Some(before) = &file.before else { continue };
            let backup = change.backup_of(&file.path);
            let made = backup.parent().map(|parent| {
                DirBuilder::new()
                    .recursive(true)
                    .mode(0o700)
                    .create(parent)?;
                place::copy(&file.path, &backup, before)
            });
            made.unwrap_or(Ok(()))
                .map_err(|error| nothing_changed(&not_written(&backup, &error)))?;
        }
        self.write(change).map_err(|why| nothing_changed(&why))
    }

    /// Writes down that all files of `change` are in their places.
    pub(super) fn note_made(&self, change: &Change) -> Result<(), Failure> {
        self.write(&Change {
            is_made: true,
            ..change.clone()
        })
    }

    /// Ends the change: from then on nothing takes it back.
    ///
    /// # Errors
    /// Why it is still open; the person must be told what that means for the change.
    pub(crate) fn close(&self, change: &Change) -> Result<(), Failure> {
        // First, so that nothing is left of it by whoever is killed here; the backups are enough.
        for file in &change.files {
            place::forget(&file.path);
        }
        let path = self.folder.path_of(OPEN);
        fs::remove_file(&path).map_err(|error| not_written(&path, &error))?;
        // If that fails, a power cut can bring it back, and the next start of the computer ends it once more.
        let _ = place::sync(self.folder.path());
        Ok(())
    }

    /// Leaves `change` open with the files at `paths` alone, until somebody has looked at them.
    pub(super) fn leave(&self, change: &Change, paths: &[PathBuf]) -> Result<(), Failure> {
        let files = change.files.iter();
        let left = files.filter(|file| paths.contains(&file.path));
        let rest = Change {
            ends: Ends::LookedAt,
            files: left.cloned().collect(),
            ..change.clone()
        };
        for file in &change.files {
            place::forget(&file.path);
        }
        if rest == *change {
            return Ok(());
        }
        self.write(&rest)
    }

    fn write(&self, change: &Change) -> Result<(), Failure> {
        let text = serde_json::to_vec(change)
            .map_err(|error| Failure::new(Kind::Io, format!("JSON: {error}")))?;
        let path = self.folder.path_of(OPEN);
        place::write(&path, &text, 0o600).map_err(|error| not_written(&path, &error))
    }

    /// Their names begin with the time.
    fn remove_old_backups(&self) {
        let entries = self.folder.path().read_dir().into_iter().flatten();
        let folders = entries
            .flatten()
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
        let mut paths: Vec<PathBuf> = folders.map(|entry| entry.path()).collect();
        paths.sort();
        let surplus = (paths.len() + 1).saturating_sub(MOST_BACKUPS);
        for path in paths.iter().take(surplus) {
            // One that stays is removed another time.
            let _ = fs::remove_dir_all(path);
        }
    }
}

fn read_open(folder: &Folder) -> Result<Option<Change>, Failure> {
    let Some(bytes) = folder.read_secret(OPEN, LARGEST)? else {
        return Ok(None);
    };
    serde_json::from_slice(&bytes).map(Some).map_err(|error| {
        let path = folder.path_of(OPEN);
        let path = shell::word(&path);
        let what = format!(
            "{path}: {error}; look at the backups beside it, put back what is wrong, and run: rm {path}"
        );
        Failure::new(Kind::Config, what)
    })
}

fn not_written(path: &Path, error: &io::Error) -> Failure {
    Failure::new(Kind::CannotCreate, format!("{}: {error}", path.display()))
}

fn nothing_changed(why: &Failure) -> Failure {
    Failure::new(why.kind(), format!("{why}; nothing was changed"))
}

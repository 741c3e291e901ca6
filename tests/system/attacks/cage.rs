//! Cgroups as `systemd-run --user --scope` gives them to anybody: one that can be frozen, one that gets next to nothing of
//! the processor. Where the machine has none that we may make, they are left out.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// Processes that want the processor as well.
const CROWD: usize = 20;

/// The two.
pub(crate) struct Cage {
    freezer: Option<PathBuf>,
    processor: Option<Processor>,
    crowd: Vec<Child>,
}

/// A group with a part of the processor.
struct Processor {
    folder: PathBuf,
    is_unified: bool,
}

impl Cage {
    pub(crate) fn new() -> Self {
        let name = format!("antiphon-attack-{}", whose());
        let freezer = ["/sys/fs/cgroup/unified", "/sys/fs/cgroup"]
            .iter()
            .find_map(|root| made(root, &name, "cgroup.freeze"));
        let processor = [
            ("/sys/fs/cgroup/cpu", "cpu.cfs_quota_us", false),
            ("/sys/fs/cgroup", "cpu.max", true),
        ]
        .into_iter()
        .find_map(|(root, file, is_unified)| {
            let folder = made(root, &format!("{name}-slow"), file)?;
            Some(Processor { folder, is_unified })
        });
        let mut cage = Self {
            freezer,
            processor,
            crowd: Vec::new(),
        };
        if let Some(processor) = &cage.processor {
            let crowd = (0..CROWD).map(|_| {
                // Stopped until it is called.
                let mut busy = Command::new("sh");
                busy.args(["-c", "kill -STOP $$; while :; do :; done"]);
                let child = busy.spawn().unwrap();
                write(
                    &processor.folder.join("cgroup.procs"),
                    &child.id().to_string(),
                );
                child
            });
            cage.crowd = crowd.collect();
        }
        cage
    }

    pub(crate) fn can_freeze(&self) -> bool {
        self.freezer.is_some()
    }

    pub(crate) fn can_starve(&self) -> bool {
        self.processor.is_some()
    }

    /// Puts the process where it can be frozen.
    pub(crate) fn hold(&self, id: Pid) {
        let folder = self.freezer.as_ref().unwrap();
        write(&folder.join("cgroup.procs"), &id.to_string());
    }

    pub(crate) fn freeze(&self, is_frozen: bool) {
        if let Some(folder) = &self.freezer {
            write(
                &folder.join("cgroup.freeze"),
                if is_frozen { "1" } else { "0" },
            );
        }
    }

    /// Gives the process a hundredth of a processor.
    pub(crate) fn slow(&self, id: Pid) {
        let processor = self.processor.as_ref().unwrap();
        processor.allow(Some(100_000));
        write(&processor.folder.join("cgroup.procs"), &id.to_string());
    }

    /// From now on that is a thousandth, and for everybody in there together.
    pub(crate) fn starve(&self) {
        self.processor.as_ref().unwrap().allow(Some(1_000_000));
        self.call(Signal::SIGCONT);
    }

    /// Everybody gets what they want again.
    pub(crate) fn feed(&self) {
        if let Some(processor) = &self.processor {
            self.call(Signal::SIGSTOP);
            processor.allow(None);
        }
    }

    fn call(&self, signal: Signal) {
        for child in &self.crowd {
            kill(Pid::from_raw(child.id().cast_signed()), signal).unwrap();
        }
    }
}

impl Processor {
    /// A millisecond in each so many microseconds.
    fn allow(&self, period: Option<u32>) {
        if self.is_unified {
            let period = period.map_or("max".to_owned(), |period| format!("1000 {period}"));
            write(&self.folder.join("cpu.max"), &period);
            return;
        }
        write(&self.folder.join("cpu.cfs_quota_us"), "-1");
        if let Some(period) = period {
            write(&self.folder.join("cpu.cfs_period_us"), &period.to_string());
            write(&self.folder.join("cpu.cfs_quota_us"), "1000");
        }
    }
}

impl Drop for Cage {
    fn drop(&mut self) {
        self.freeze(false);
        self.feed();
        for child in &mut self.crowd {
            let _ = child.kill();
            let _ = child.wait();
        }
        let folders = [
            self.freezer.take(),
            self.processor.take().map(|processor| processor.folder),
        ];
        for folder in folders.into_iter().flatten() {
            let _ = fs::remove_dir(folder);
        }
    }
}

/// The machine knows each world by another name.
fn whose() -> u64 {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self/ns/pid").unwrap().ino()
}

/// The group `name` below `root`, if it has `file`.
fn made(root: &str, name: &str, file: &str) -> Option<PathBuf> {
    if !Path::new(root).join("cgroup.procs").exists() {
        return None;
    }
    let folder = Path::new(root).join(name);
    match fs::create_dir(&folder) {
        Ok(()) => {}
        // Of a run that was killed: without it, most of the means would be left out.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(_) => return None,
    }
    if folder.join(file).exists() {
        return Some(folder);
    }
    let _ = fs::remove_dir(folder);
    None
}

fn write(path: &Path, text: &str) {
    let file = OpenOptions::new().write(true).open(path);
    // A process that has gone is in no group.
    let _ = file.unwrap().write_all(text.as_bytes());
}

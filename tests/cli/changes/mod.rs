//! `enable`, `disable`, `edit` and `revert`: nobody locks themselves out, and nothing of anybody's is lost.

mod all;
mod edit;
mod enable;
mod kills;
mod later;
mod meanwhile;
mod refusals;
mod taken_back;

use std::cell::Cell;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use antiphon_tests::{PASSWORD, PamHost, Terminal, World, until};

use crate::command::{Said, antiphon, command, sh};
use crate::doctor::Clinic;

const SUDO: &str = "/etc/pam.d/sudo";
const OURS: &str = "auth required pam_antiphon.so";
const QUESTION: &str = "Does it work? [yes/no] ";
const OPEN: &str = "/var/lib/antiphon/changes/open.json";

/// A host on which nothing is wrong, and no service asks.
struct Desk<'w> {
    world: &'w World,
    clinic: Clinic<'w>,
    /// How many of alice's recovery codes are used.
    used: Cell<usize>,
}

impl<'w> Desk<'w> {
    fn new(world: &'w World) -> Self {
        let clinic = Clinic::new(world);
        install_module(world);
        sh("cd /etc/pam.d; sed -i '/pam_antiphon/d' sshd sudo sudo-i su login");
        Self {
            world,
            clinic,
            used: Cell::new(0),
        }
    }

    /// The command on a terminal.
    fn types(&self, arguments: &str) -> Terminal {
        let words: Vec<&str> = arguments.split_whitespace().collect();
        Terminal::start(&command(self.world, &words))
    }

    fn runs(&self, arguments: &str) -> Said {
        antiphon(self.world, arguments)
    }

    /// Whether sudo lets alice in by her password alone.
    fn needs_no_code(&self) -> bool {
        let host = PamHost::of_service(self.world, "sudo", "alice");
        host.answer(PASSWORD).play().result() == "PAM_SUCCESS"
    }

    /// Whether sudo asks alice for a code, and lets her in by it.
    fn asks(&self) -> bool {
        let next = self.used.replace(self.used.get() + 1);
        !self.needs_no_code() && self.clinic.lets_alice_in(&self.clinic.alice.recovery[next])
    }
}

/// Where libpam looks for it, without a trace.
fn install_module(world: &World) {
    sh(&format!(
        "mkdir -p /run/lib/upper /run/lib/work; mount -t overlay overlay -o \
         lowerdir=/usr/lib,upperdir=/run/lib/upper,workdir=/run/lib/work /usr/lib; cp {} \
         /usr/lib/$(uname -m)-linux-gnu/security/pam_antiphon.so",
        world.module().display()
    ));
}

/// A file, and all that must be as it was.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    bytes: Vec<u8>,
    mode: u32,
    owner: (u32, u32),
}

fn seen(path: &str) -> Seen {
    let about = fs::symlink_metadata(path).unwrap();
    Seen {
        bytes: fs::read(path).unwrap(),
        mode: about.mode(),
        owner: (about.uid(), about.gid()),
    }
}

fn has_line(path: &str) -> bool {
    fs::read_to_string(path).is_ok_and(|text| text.lines().any(|line| line == OURS))
}

/// Waits for what goes on in the background.
fn in_time(what: &str, is_so: impl Fn() -> bool) {
    until(what, || is_so().then_some(()));
}

/// Files of pam.d with hidden names, which a finished change does not leave.
fn hidden() -> Vec<PathBuf> {
    let entries = fs::read_dir("/etc/pam.d").unwrap();
    entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| is_hidden(path))
        .collect()
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().unwrap().to_string_lossy().starts_with('.')
}

/// Holds that no change is open, and that nothing hidden is left.
fn is_over() {
    assert!(!fs::exists(OPEN).unwrap());
    assert_eq!(hidden(), <[PathBuf; 0]>::default());
}

/// The backups of the file at `path`, each with its bytes.
fn backups(path: &str) -> Vec<Vec<u8>> {
    let entries = fs::read_dir("/var/lib/antiphon/changes").unwrap();
    let paths = entries.map(|entry| entry.unwrap().path().join(path.trim_start_matches('/')));
    paths.filter_map(|path| fs::read(path).ok()).collect()
}

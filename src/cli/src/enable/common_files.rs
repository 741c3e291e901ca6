//! Our line in the files that all services include, as pam-auth-update writes them.
//!
//! It works in a folder of our own, on copies and with answers of its own, so that nothing on the computer changes before
//! the result has been followed. Its notes in `/var/lib/pam` are part of the change.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::{Plan, Towards};
use crate::changes::{self, Changed, Changes};
use crate::doctor::{self, File, Host, OURS, program};
use crate::failure::{Failure, Kind};

const TOOL: &str = "/usr/sbin/pam-auth-update";
/// What another tool writes the files by.
const AUTHSELECT: &str = "/etc/authselect/authselect.conf";
/// The profiles, which it only reads.
const PROFILES: &str = "/usr/share/pam-configs";
/// The kinds of lines: each has a file in `/etc/pam.d` and one in `/var/lib/pam`.
const KINDS: [&str; 5] = [
    "auth",
    "account",
    "password",
    "session",
    "session-noninteractive",
];
/// Which profiles it has seen.
const SEEN: &str = "/var/lib/pam/seen";
/// Below the folder of changes.
const SCRATCH: &str = "pam-auth-update";

/// What the common files are to be.
pub(super) fn plan(towards: Towards, host: &Host) -> Result<Plan, Failure> {
    if Path::new(AUTHSELECT).exists() {
        let what = "authselect writes the files of PAM here; nothing was changed. Select a profile with our line, for local \
                    users: authselect select antiphon; others are described in /usr/share/authselect/vendor/antiphon/README";
        return Err(Failure::new(Kind::Config, what));
    }
    if !host.has_profile {
        let what = format!(
            "this needs {TOOL} and {PROFILES}/antiphon, which the package for Debian brings; name the services instead, as in: \
             antiphon {} sshd",
            towards.word()
        );
        return Err(Failure::new(Kind::NoInput, what));
    }
    if towards == Towards::On {
        super::own_files::module_is_there(host)?;
    }
    let root = Path::new(changes::FOLDER).join(SCRATCH);
    let files = files(towards, &root)?;
    let mut folder = host.folder.clone();
    for file in &files {
        let path = file.path.display().to_string();
        if let (Some(name), Some(after)) = (path.strip_prefix("/etc/pam.d/"), &file.after) {
            let text = String::from_utf8_lossy(&after.0).into_owned();
            folder
                .files
                .insert(name.to_owned(), File::new(path.clone(), text));
        }
    }
    let asked = |folder| {
        let services = doctor::services(folder).into_iter();
        services.map(|service| (service.has_ours(), service.name))
    };
    let before: Vec<_> = asked(&host.folder).collect();
    let changed = asked(&folder).filter(|after| !before.contains(after));
    Ok(Plan {
        services: changed.map(|(_, name)| name).collect(),
        already: vec!["Everything that includes common-auth".to_owned()],
        files,
        folder,
    })
}

/// The files that would change.
fn files(towards: Towards, root: &Path) -> Result<Vec<Changed>, Failure> {
    let failed = |error: io::Error| {
        Failure::new(
            Kind::CannotCreate,
            format!("{}: {error}; nothing was changed", root.display()),
        )
    };
    // One at a time; what a killed one has left goes.
    let _lock = Changes::lock()?;
    let _ = fs::remove_dir_all(root);
    let mut before = Vec::new();
    let notes = KINDS.iter().map(|kind| format!("/var/lib/pam/{kind}"));
    let common = KINDS.iter().map(|kind| format!("/etc/pam.d/common-{kind}"));
    for path in common.chain(notes).chain([SEEN.to_owned()]) {
        let path = PathBuf::from(path);
        let bytes = changes::read(&path)?;
        let copy = below(root, &path);
        make_folder_of(&copy).map_err(failed)?;
        if let Some(bytes) = &bytes {
            fs::write(&copy, &bytes.0).map_err(failed)?;
        }
        before.push((path, bytes));
    }
    copy_profiles(root).map_err(failed)?;
    run(towards, root).map_err(|why| {
        let what = format!("pam-auth-update: {why}; nothing was changed");
        Failure::new(Kind::Unavailable, what)
    })?;
    let mut changed = Vec::new();
    for (path, before) in before {
        let after = changes::read(&below(root, &path))?;
        if after != before {
            changed.push(Changed {
                path,
                before,
                after,
            });
        }
    }
    let _ = fs::remove_dir_all(root);
    // Its notes alone are nothing to ask anybody about.
    let is_of_pam = |file: &Changed| file.path.starts_with("/etc/pam.d");
    if !changed.iter().any(is_of_pam) {
        changed.clear();
    }
    Ok(changed)
}

fn copy_profiles(root: &Path) -> io::Result<()> {
    for entry in fs::read_dir(PROFILES)? {
        let path = entry?.path();
        if path.is_file() {
            let copy = below(root, &path);
            make_folder_of(&copy)?;
            fs::copy(&path, &copy)?;
        }
    }
    Ok(())
}

/// Runs it below `root`.
fn run(towards: Towards, root: &Path) -> Result<(), String> {
    let root = root.display().to_string();
    // Answers of its own: the computer's would remember a profile that was then taken back.
    let settings = format!(
        "Config: configdb\nTemplates: templatedb\n\nName: configdb\nDriver: File\nFilename: {root}/config.dat\n\n\
         Name: templatedb\nDriver: File\nFilename: {root}/templates.dat\n"
    );
    let file = format!("{root}/debconf.conf");
    fs::write(&file, settings).map_err(|error| error.to_string())?;
    let option = match towards {
        Towards::On => "--enable",
        Towards::Off => "--remove",
    };
    let settings = format!("DEBCONF_SYSTEMRC={file}");
    let ran = program::run(
        "env",
        &[
            "DEBIAN_FRONTEND=noninteractive",
            &settings,
            TOOL,
            "--root",
            &root,
            "--package",
            option,
            "antiphon",
        ],
    )?;
    if ran.err.contains("Local modifications") {
        return Err(
            "the common files were edited by hand, and it leaves them as they are; name the services instead".to_owned(),
        );
    }
    if !ran.succeeded {
        return Err(ran.err.trim().to_owned());
    }
    let text = fs::read_to_string(format!("{root}/etc/pam.d/common-auth")).unwrap_or_default();
    let is_there = text
        .lines()
        .any(|line| !line.starts_with('#') && line.contains(OURS));
    if is_there == (towards == Towards::On) {
        return Ok(());
    }
    Err("it did not change common-auth as it should".to_owned())
}

fn below(root: &Path, path: &Path) -> PathBuf {
    root.join(path.strip_prefix("/").unwrap_or(path))
}

fn make_folder_of(path: &Path) -> io::Result<()> {
    let Some(folder) = path.parent() else {
        return Ok(());
    };
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

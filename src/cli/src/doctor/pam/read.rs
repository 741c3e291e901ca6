//! Reads what libpam would find on this computer.

use std::collections::BTreeSet;
use std::env::consts::ARCH;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::folder::{File, Folder};
use super::line::Says;
use super::module::OURS;
use crate::check::PAM_FOLDERS;
use crate::plain_file::{self, Unread};

/// The largest file that is read, in bytes.
const LARGEST: u64 = 256 * 1024;
/// The most files, since includes can name any number.
const MOST_FILES: usize = 2000;
/// The folder of modules below that of libraries.
const SECURITY: &str = "security";

/// Reads it.
pub(crate) fn read() -> Folder {
    let mut folder = files();
    let modules_folder = modules_folder();
    let mut modules = BTreeSet::from([format!("{OURS}.so")]);
    let mut configurations = BTreeSet::new();
    for file in folder.files.values() {
        for line in file.lines() {
            if let Says::Module(module) = &line.says {
                let arguments = module.arguments.iter();
                let paths = arguments.filter_map(|argument| argument.strip_prefix("config="));
                configurations.extend(paths.map(str::to_owned));
                modules.insert(module.path.clone());
            }
        }
    }
    // Joining an absolute path gives that path.
    modules.retain(|path| modules_folder.join(path).exists());
    configurations.retain(|path| !Path::new(path).exists());
    folder.modules = modules;
    folder.absent_configurations = configurations;
    folder.modules_at = modules_folder.display().to_string();
    folder.knows_at_include = ["/etc/debian_version", "/usr/sbin/pam-auth-update"]
        .iter()
        .any(|path| Path::new(path).exists());
    folder
}

/// The files of services, and those that their lines name by a path.
fn files() -> Folder {
    let mut folder = Folder::default();
    for place in PAM_FOLDERS.map(Path::new) {
        for entry in place.read_dir().into_iter().flatten().flatten() {
            let is_folder = entry.path().is_dir();
            if let Ok(name) = entry.file_name().into_string()
                && !is_folder
            {
                // The administrator's file takes precedence over a package's.
                add(&mut folder, name, &entry.path());
            }
        }
    }
    loop {
        let files = folder.files.values();
        let named: BTreeSet<String> = files.flat_map(paths_in).collect();
        let known = folder.files.len();
        for name in named {
            let path = Path::new("/etc/pam.d").join(&name);
            add(&mut folder, name, &path);
        }
        if folder.files.len() == known {
            return folder;
        }
    }
}

fn add(folder: &mut Folder, name: String, path: &Path) {
    if folder.files.len() >= MOST_FILES
        || folder.files.contains_key(&name)
        || folder.unread.contains_key(&name)
    {
        return;
    }
    let shown = path.display().to_string();
    match plain_file::text(path, LARGEST) {
        Ok(text) => {
            folder.files.insert(name, File::new(shown, text));
        }
        Err(Unread::Absent) => {}
        Err(why) => {
            folder.unread.insert(name, format!("{shown}: {why}"));
        }
    }
}

fn paths_in(file: &File) -> impl Iterator<Item = String> {
    file.lines().iter().filter_map(|line| match &line.says {
        Says::Include(name) | Says::AtInclude(name) | Says::Substack(name) => {
            name.contains('/').then(|| name.clone())
        }
        _ => None,
    })
}

/// Where libpam looks for modules: the folder it was built with, which also holds Linux-PAM's own.
fn modules_folder() -> PathBuf {
    let libraries = ["/usr/lib", "/lib"].map(Path::new);
    let of_processor = libraries.into_iter().flat_map(|folder| {
        let entries = folder.read_dir().into_iter().flatten().flatten();
        entries
            .map(|entry| entry.path())
            .filter(|path| path.file_name().is_some_and(is_of_processor))
    });
    let plain = ["/usr/lib64", "/lib64", "/usr/lib", "/lib"].map(PathBuf::from);
    of_processor
        .chain(plain)
        .map(|folder| folder.join(SECURITY))
        .find(|folder| folder.join("pam_permit.so").exists())
        .unwrap_or_else(|| "/usr/lib/security".into())
}

/// `x86_64-linux-gnu`.
fn is_of_processor(name: &OsStr) -> bool {
    let processor = if ARCH == "x86" { "i386" } else { ARCH };
    let name = name.to_string_lossy();
    name.starts_with(processor) && name.contains("-linux-")
}

//! Reads what libpam would find on this computer.

use std::collections::{BTreeMap, BTreeSet};
use std::env::consts::ARCH;
use std::fs;
use std::path::{Path, PathBuf};

use super::folder::{File, Folder};
use super::line::{Says, lines};
use super::module::OURS;
use crate::check::PAM_FOLDERS;

/// The largest file that is read, in bytes.
const LARGEST: u64 = 256 * 1024;
/// Where modules are, below the folders of the processor.
const SECURITY: &str = "security";

/// Reads it.
pub(crate) fn read() -> Folder {
    let files = files();
    let modules_folder = modules_folder();
    let mut named = BTreeSet::from([format!("{OURS}.so")]);
    let mut configurations = BTreeSet::new();
    for file in files.values() {
        for line in lines(&file.text) {
            if let Says::Module(module) = line.says {
                let arguments = module.arguments.iter();
                let paths = arguments.filter_map(|argument| argument.strip_prefix("config="));
                configurations.extend(paths.map(str::to_owned));
                named.insert(module.path);
            }
        }
    }
    // An absolute path stands for itself.
    named.retain(|path| modules_folder.join(path).exists());
    configurations.retain(|path| !Path::new(path).exists());
    Folder {
        files,
        knows_at_include: ["/etc/debian_version", "/usr/sbin/pam-auth-update"]
            .iter()
            .any(|path| Path::new(path).exists()),
        modules: named,
        absent_configurations: configurations,
        modules_folder: modules_folder.display().to_string(),
    }
}

fn files() -> BTreeMap<String, File> {
    let mut files = BTreeMap::new();
    for folder in PAM_FOLDERS {
        for entry in Path::new(folder).read_dir().into_iter().flatten().flatten() {
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            // The administrator's file hides one of a package.
            if !files.contains_key(&name)
                && let Some(file) = file(&entry.path())
            {
                files.insert(name, file);
            }
        }
    }
    // Lines may name a file by its path, and so may its own.
    loop {
        let named: Vec<String> = files
            .values()
            .flat_map(|file| paths_in(&file.text))
            .collect();
        let known = files.len();
        for name in named {
            if !files.contains_key(&name)
                && let Some(file) = file(Path::new(&name))
            {
                files.insert(name, file);
            }
        }
        if files.len() == known {
            return files;
        }
    }
}

fn paths_in(text: &str) -> impl Iterator<Item = String> {
    lines(text).into_iter().filter_map(|line| match line.says {
        Says::Include(name) | Says::AtInclude(name) | Says::Substack(name) => {
            name.starts_with('/').then_some(name)
        }
        _ => None,
    })
}

fn file(path: &Path) -> Option<File> {
    let seen = path.metadata().ok()?;
    if !seen.is_file() || seen.len() > LARGEST {
        return None;
    }
    let bytes = fs::read(path).ok()?;
    Some(File {
        path: path.display().to_string(),
        text: String::from_utf8_lossy(&bytes).into_owned(),
    })
}

/// Where libpam looks for modules: it has one folder, which it was built with, and Linux-PAM's own are there.
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
fn is_of_processor(name: &std::ffi::OsStr) -> bool {
    let processor = if ARCH == "x86" { "i386" } else { ARCH };
    let name = name.to_string_lossy();
    name.starts_with(processor) && name.contains("-linux-")
}

//! What the packages carry and what their scripts do, on pam.d as Debian has it and with the real pam-auth-update.
//! Installing, upgrading and removing by dpkg and rpm is what `tests/package/run` tries.

mod authselect;
mod contents;
mod installing;
mod removing;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Output;

use antiphon_tests::World;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Puts files where the package has them, in a `/usr` that can be written to without a trace, and makes pam.d Debian's
/// own.
fn begin(world: &World) {
    let script = format!(
        "
        mkdir -p /run/usr/upper /run/usr/work /run/debconf/upper /run/debconf/work /var/lib/pam
        mount -t overlay overlay -o lowerdir=/usr,upperdir=/run/usr/upper,workdir=/run/usr/work /usr
        d=/var/cache/debconf
        mount -t overlay overlay -o lowerdir=$d,upperdir=/run/debconf/upper,workdir=/run/debconf/work $d
        mkdir -p /usr/share/antiphon
        cp {ROOT}/conf/antiphon.toml /usr/share/antiphon/
        cp {ROOT}/conf/pam-configs/antiphon /usr/share/pam-configs/
        cp {ROOT}/conf/sysusers.d/antiphon.conf /usr/lib/sysusers.d/
        cp {ROOT}/conf/tmpfiles.d/antiphon.conf /usr/lib/tmpfiles.d/
        cp /usr/share/pam/common-* /etc/pam.d/
        sed -i /pam_antiphon/d /etc/pam.d/*
        DEBIAN_FRONTEND=noninteractive pam-auth-update --force --package
        "
    );
    done(world, &script);
}

/// Runs a script of the package as its manager does.
fn run(world: &World, script: &str, arguments: &[&str]) -> Output {
    let mut command = world.command(format!("{ROOT}/packaging/scripts/{script}"));
    command.args(arguments).output().unwrap()
}

/// Runs commands of an administrator, which must succeed.
fn done(world: &World, script: &str) {
    let output = world
        .command("bash")
        .args(["-ec", script])
        .output()
        .unwrap();
    assert!(output.status.success(), "{script}: {output:#?}");
}

/// A file: owner, group, mode, what is in it.
type Seen = (u32, u32, u32, Vec<u8>);

/// Everything under these folders.
fn seen(folders: &[&str]) -> BTreeMap<PathBuf, Seen> {
    let mut all = BTreeMap::new();
    let mut left: Vec<PathBuf> = folders.iter().map(PathBuf::from).collect();
    while let Some(path) = left.pop() {
        let Ok(about) = fs::symlink_metadata(&path) else {
            continue;
        };
        let mut bytes = Vec::new();
        if about.is_dir() {
            // The machine's own, and much.
            if path == Path::new("/var/lib/dpkg") {
                continue;
            }
            let entries = fs::read_dir(&path).unwrap();
            left.extend(entries.map(|entry| entry.unwrap().path()));
        } else if about.is_symlink() {
            bytes = fs::read_link(&path)
                .unwrap()
                .into_os_string()
                .into_encoded_bytes();
        } else if about.is_file() {
            bytes = fs::read(&path).unwrap();
        }
        all.insert(path, (about.uid(), about.gid(), about.mode(), bytes));
    }
    all
}

/// Whether `path` has a line of ours that is no comment.
fn asks(path: &str) -> bool {
    let text = fs::read_to_string(Path::new(path)).unwrap();
    text.lines()
        .any(|line| !line.starts_with('#') && line.contains("pam_antiphon"))
}

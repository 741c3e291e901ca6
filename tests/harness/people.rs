//! The people of a world, in its `/etc/passwd`, `shadow` and `group`.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, chown};
use std::path::PathBuf;

use crate::mounts::OURS;

/// Everybody's password, root's too.
pub const PASSWORD: &str = "battery staple";

/// Its hash, with the fewest rounds that crypt(5) allows: sign-ins are many.
const HASH: &str = "$6$rounds=1000$antiphontests$UYXo11XutPcTOdTaKRT/p8HxNztq0.ECKmRrBboJGLP5sF60pOn3Q1mN.1uDDEIxkDd1WhGr881LuUzrINKI9.";

/// The daemon's user and group.
pub(crate) const DAEMON: u32 = 990;

/// Those that programs look for; `sshd` is where sshd goes without privileges, `antiphon` reads activity.
const SYSTEM: &[(&str, u32)] = &[
    ("root", 0),
    ("antiphon", DAEMON),
    ("sshd", 991),
    ("nobody", 65534),
];

/// Writes the three files with the system's own users.
pub(crate) fn begin() {
    fs::create_dir_all(format!("{OURS}/home")).unwrap();
    for file in ["passwd", "shadow", "group", "gshadow"] {
        // Removed first: an overlay keeps the mode of what it copies up.
        let _ = fs::remove_file(format!("/etc/{file}"));
        fs::write(format!("/etc/{file}"), "").unwrap();
    }
    add_line("group", "tty:x:5:");
    for (name, id) in SYSTEM {
        let (shell, hash) = if *id == 0 {
            ("/bin/sh", HASH)
        } else {
            ("/usr/sbin/nologin", "!")
        };
        enter(name, *id, shell, hash);
    }
}

/// Adds a person to the user database, with a home folder.
pub(crate) fn add(name: &str, id: u32) {
    enter(name, id, "/bin/sh", HASH);
}

/// The home folder of `name`.
pub(crate) fn home(name: &str) -> PathBuf {
    PathBuf::from(format!("{OURS}/home/{name}"))
}

fn enter(name: &str, id: u32, shell: &str, hash: &str) {
    let home = home(name);
    fs::DirBuilder::new().mode(0o700).create(&home).unwrap();
    chown(&home, Some(id), Some(id)).unwrap();
    add_line(
        "passwd",
        &format!("{name}:x:{id}:{id}::{}:{shell}", home.display()),
    );
    add_line("shadow", &format!("{name}:{hash}:20000:0:99999:7:::"));
    add_line("group", &format!("{name}:x:{id}:"));
}

/// Adds a group with these members.
pub(crate) fn add_group(name: &str, id: u32, members: &[&str]) {
    add_line("group", &format!("{name}:x:{id}:{}", members.join(",")));
}

fn add_line(file: &str, line: &str) {
    let mut file = OpenOptions::new()
        .append(true)
        .open(format!("/etc/{file}"))
        .unwrap();
    writeln!(file, "{line}").unwrap();
}

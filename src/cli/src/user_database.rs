//! Everybody whom the system knows: `passwd(5)` as getent has it, directories included, and who has a password.

use std::collections::HashMap;
use std::path::Path;

use nix::unistd::{Gid, Uid};

use crate::doctor::program;
use crate::plain_file;
use crate::rollout::Account;

/// The largest file that is read, in bytes.
const LARGEST: u64 = 16 * 1024 * 1024;
/// Shells of accounts that nobody signs in to.
const NO_SHELLS: [&str; 6] = ["nologin", "false", "sync", "halt", "shutdown", "true"];

/// The database's text.
pub(crate) struct UserDatabase {
    passwd: String,
    shadow: String,
}

impl UserDatabase {
    /// Reads it. A directory server that does not answer in time is left out.
    pub(crate) fn read() -> Self {
        let passwd = program::run("getent", &["passwd"])
            .map(|ran| ran.out)
            .or_else(|_| plain_file::text(Path::new("/etc/passwd"), LARGEST))
            .unwrap_or_default();
        let shadow = plain_file::text(Path::new("/etc/shadow"), LARGEST).unwrap_or_default();
        Self { passwd, shadow }
    }

    /// Whether it has more text than is read: its last people are missing then, and nobody sees who.
    pub(crate) fn is_cut_off(&self) -> bool {
        self.passwd.len() as u64 >= program::MOST
    }

    /// Its people, in its order; a name may come twice.
    pub(crate) fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.passwd.lines().filter_map(Entry::read)
    }

    /// The hashes of local passwords, by name.
    pub(crate) fn hashes(&self) -> HashMap<&str, &str> {
        self.shadow
            .lines()
            .filter_map(|line| line.split_once(':'))
            .map(|(name, rest)| (name, rest.split(':').next().unwrap_or_default()))
            .collect()
    }
}

/// A line of the database.
pub(crate) struct Entry<'a> {
    pub(crate) name: &'a str,
    password: &'a str,
    pub(crate) uid: &'a str,
    gid: &'a str,
    pub(crate) home: &'a str,
    shell: &'a str,
}

impl<'a> Entry<'a> {
    pub(crate) fn read(line: &'a str) -> Option<Self> {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, password, uid, gid, _, home, shell] = fields.as_slice() else {
            return None;
        };
        Some(Self {
            name,
            password,
            uid,
            gid,
            home,
            shell,
        })
    }

    /// Whether the shell allows a sign-in.
    pub(crate) fn has_shell(&self) -> bool {
        let program = self.shell.rsplit('/').next().unwrap_or_default();
        !NO_SHELLS.contains(&program)
    }

    /// There is no line in `shadow` for people whose password a directory keeps.
    pub(crate) fn has_password(&self, hashes: &HashMap<&str, &str>) -> bool {
        let hash = match self.password {
            "x" => hashes.get(self.name).copied().unwrap_or("directory"),
            own => own,
        };
        !hash.starts_with(['!', '*'])
    }

    /// The person, for looking up their groups; `None` for a line whose numbers are none.
    pub(crate) fn account(&self) -> Option<Account<'a>> {
        Some(Account {
            name: self.name,
            uid: Uid::from_raw(self.uid.parse().ok()?),
            gid: Gid::from_raw(self.gid.parse().ok()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::Entry;

    #[test]
    fn a_locked_password_is_none_and_one_that_a_directory_keeps_is_one() {
        let hashes = HashMap::from([("locked", "!$6$x"), ("none", "*"), ("anna", "$6$x")]);
        for (line, has_shell, has_password) in [
            ("anna:x:1:1::/:/bin/sh", true, true),
            ("locked:x:1:1::/:/bin/sh", true, false),
            ("none:x:1:1::/:/usr/sbin/nologin", false, false),
            ("far:x:1:1::/:", true, true),
            ("open::1:1::/:/bin/false", false, true),
        ] {
            let entry = Entry::read(line).unwrap();
            assert_eq!(entry.has_shell(), has_shell, "{line}");
            assert_eq!(entry.has_password(&hashes), has_password, "{line}");
        }
        assert!(Entry::read("anna:x:1").is_none());
    }
}

//! Everybody in the user database.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use nix::unistd::{Gid, Uid};

use crate::doctor::program;
use crate::failure::{Failure, Kind};
use crate::plain_file;

/// The largest database that is read, in bytes.
const LARGEST: u64 = 16 * 1024 * 1024;

/// An account, as far as its line says.
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) uid: Uid,
    pub(crate) gid: Gid,
    pub(crate) home: PathBuf,
}

/// The lines of the user database; of the local file alone where a directory server does not answer in time.
pub(crate) fn database() -> String {
    program::run("getent", &["passwd"])
        .map(|ran| ran.out)
        .or_else(|_| plain_file::text(Path::new("/etc/passwd"), LARGEST))
        .unwrap_or_default()
}

/// Everybody, each once, in the order of the database.
///
/// # Errors
/// [`Failure`] if the database cannot be read or is empty.
pub(crate) fn in_the_database() -> Result<Vec<Account>, Failure> {
    let mut seen = HashSet::new();
    let mut all: Vec<Account> = database().lines().filter_map(read).collect();
    // The first line of a name is the one that counts.
    all.retain(|account| seen.insert(account.name.clone()));
    if all.is_empty() {
        let what = "the user database cannot be read; try: getent passwd";
        return Err(Failure::new(Kind::Unavailable, what));
    }
    Ok(all)
}

fn read(line: &str) -> Option<Account> {
    let fields: Vec<&str> = line.split(':').collect();
    let [name, _, uid, gid, _, home, _] = fields.as_slice() else {
        return None;
    };
    Some(Account {
        name: (*name).to_owned(),
        uid: Uid::from_raw(uid.parse().ok()?),
        gid: Gid::from_raw(gid.parse().ok()?),
        home: Path::new(home).to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{in_the_database, read};

    #[test]
    fn root_is_in_the_database_once_with_their_home() {
        let all = in_the_database().unwrap();
        let roots: Vec<_> = all
            .iter()
            .filter(|account| account.name == "root")
            .collect();
        assert_eq!(roots.len(), 1);
        assert!(roots[0].uid.is_root());
        assert_eq!(roots[0].home, Path::new("/root"));
    }

    #[test]
    fn a_line_that_is_none_is_passed_over() {
        for line in [
            "",
            "alice",
            "alice:x:1:1::/home/alice",
            "alice:x:one:1::/:/bin/sh",
            "+::::::",
        ] {
            assert!(read(line).is_none(), "{line}");
        }
    }
}

//! Everybody in the user database.

use std::collections::HashSet;
use std::path::PathBuf;

use nix::unistd::{Gid, Uid};

use crate::failure::{Failure, Kind};
use crate::user_database::{Entry, UserDatabase};

/// An account, as far as its line says.
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) uid: Uid,
    pub(crate) gid: Gid,
    pub(crate) home: PathBuf,
}

/// Everybody, each once, in the order of the database.
///
/// # Errors
/// [`Failure`] if the database cannot be read, is empty, or is too large to be read whole.
pub(crate) fn in_the_database() -> Result<Vec<Account>, Failure> {
    let database = UserDatabase::read();
    if database.is_cut_off() {
        let what = "the user database has more lines than can be read at once; name people in a table, or their files";
        return Err(Failure::new(Kind::Unavailable, what));
    }
    let mut seen = HashSet::new();
    let mut all: Vec<Account> = database
        .entries()
        .filter_map(|entry| account(&entry))
        .collect();
    // The first line of a name is the one that counts.
    all.retain(|account| seen.insert(account.name.clone()));
    if all.is_empty() {
        let what = "the user database cannot be read; try: getent passwd";
        return Err(Failure::new(Kind::Unavailable, what));
    }
    Ok(all)
}

fn account(entry: &Entry<'_>) -> Option<Account> {
    let account = entry.account()?;
    Some(Account {
        name: account.name.to_owned(),
        uid: account.uid,
        gid: account.gid,
        home: entry.home.into(),
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{account, in_the_database};
    use crate::user_database::Entry;

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
            let read = Entry::read(line).and_then(|entry| account(&entry));
            assert!(read.is_none(), "{line}");
        }
    }
}

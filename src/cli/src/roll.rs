//! Lists whose files are in one of our folders.

use antiphon_core::disk::Folder;
use antiphon_core::name::UserName;

use crate::failure::{Failure, Kind};

/// The names in a folder.
#[derive(Default)]
pub(crate) struct Roll {
    /// People, sorted by name.
    pub(crate) users: Vec<UserName>,
    /// File names that are not ours.
    pub(crate) foreign: Vec<String>,
}

/// Reads the names in `folder`, whose files end with `suffix`.
pub(crate) fn call(folder: &Folder, suffix: &str) -> Result<Roll, Failure> {
    let failed = |error: std::io::Error| {
        Failure::new(Kind::Io, format!("{}: {error}", folder.path().display()))
    };
    let mut roll = Roll::default();
    for entry in std::fs::read_dir(folder.path()).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        let name = name.to_string_lossy();
        match UserName::from_file_name(&name, suffix) {
            Some(user) => roll.users.push(user),
            None => roll.foreign.push(name.into_owned()),
        }
    }
    roll.users.sort_by(|a, b| a.as_str().cmp(b.as_str()));
    roll.foreign.sort();
    Ok(roll)
}

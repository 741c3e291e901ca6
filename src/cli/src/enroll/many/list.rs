//! Who is to be enrolled: the members of a group, or the rows of a table.

use std::collections::BTreeSet;
use std::path::Path;

use nix::unistd::Group;

use super::table::{self, Wish};
use crate::arguments::Enroll;
use crate::everybody;
use crate::failure::{Failure, Kind};
use crate::plain_file;
use crate::screen::Screen;

/// The largest table that is read, in bytes.
const LARGEST: u64 = 16 * 1024 * 1024;

/// A name on the list.
pub(super) struct Entry {
    /// As it is written there.
    pub(super) name: String,
    /// The line, of a table.
    pub(super) line: Option<u64>,
    /// What the person is to have, or why that cannot be.
    pub(super) wish: Result<Wish, String>,
}

/// The list that `wanted` names.
pub(super) fn read(wanted: &Enroll, screen: &mut Screen) -> Result<Vec<Entry>, Failure> {
    match (&wanted.group, &wanted.from) {
        (Some(group), _) => members_of(group),
        (None, Some(path)) => rows_of(path, screen),
        (None, None) => Ok(Vec::new()),
    }
}

/// Those whom the group lists, and those whose own group it is.
fn members_of(name: &str) -> Result<Vec<Entry>, Failure> {
    let group = Group::from_name(name).map_err(|errno| {
        let what = format!("the group database: {}; try again", errno.desc());
        Failure::new(Kind::Unavailable, what)
    })?;
    let group = group.ok_or_else(|| {
        let what =
            format!("{name}: the system knows no such group; getent group lists those it knows");
        Failure::new(Kind::NoUser, what)
    })?;
    let own = everybody::in_the_database()?.into_iter();
    let own = own.filter(|account| account.gid == group.gid);
    let names: BTreeSet<String> = own.map(|account| account.name).chain(group.mem).collect();
    let entries = names.into_iter().map(|name| Entry {
        name,
        line: None,
        wish: Ok(Wish::default()),
    });
    Ok(entries.collect())
}

fn rows_of(path: &Path, screen: &mut Screen) -> Result<Vec<Entry>, Failure> {
    let failed = |kind, why: &dyn std::fmt::Display| {
        Failure::new(kind, format!("{}: {why}", path.display()))
    };
    let bytes =
        plain_file::bytes(path, LARGEST).map_err(|unread| failed(Kind::NoInput, &unread))?;
    let table = table::read(&bytes).map_err(|why| failed(Kind::Data, &why))?;
    if !table.ignored.is_empty() {
        let ignored = table.ignored.join(", ");
        screen.note(&format!("note: columns that mean nothing here: {ignored}"));
    }
    let entries = table.rows.into_iter().map(|row| Entry {
        name: row.name,
        line: Some(row.line),
        wish: row.wish,
    });
    Ok(entries.collect())
}

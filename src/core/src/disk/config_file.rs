//! Reading `/etc/antiphon/antiphon.toml`.

use std::path::Path;

use super::folder::{Kind, Walk};
use crate::config::{Config, ConfigError, Paths};
use crate::trouble::Trouble;

/// The largest configuration that is read, in bytes.
const MAX_SIZE: u64 = 64 * 1024;

/// Reads the configuration at `named`, or at its usual place, where its absence means the defaults.
///
/// # Errors
/// [`Trouble`] if it is not root's alone to write, or not wholly understood; or if `named` is not there: who names a
/// file has written one, and its loss must not change the rules.
pub fn load(named: Option<&Path>, walk: &Walk) -> Result<Config, Trouble> {
    load_as(named, walk, Config::parse)
}

/// Reads another part of the same file, by its own `parse`.
///
/// # Errors
/// As [`load`].
pub fn load_as<T: Default>(
    named: Option<&Path>,
    walk: &Walk,
    parse: fn(&str) -> Result<T, ConfigError>,
) -> Result<T, Trouble> {
    let path = named.unwrap_or(Path::new(Paths::CONFIG));
    let trouble = |detail: &dyn std::fmt::Display| Trouble::new("config", detail);
    let (Some(parent), Some(name)) = (
        path.parent(),
        path.file_name().and_then(|name| name.to_str()),
    ) else {
        return Err(trouble(&format_args!(
            "config={}: is not the path of a file",
            path.display()
        )));
    };
    if !crate::config::is_plain_absolute(path) {
        return Err(trouble(&format_args!(
            "config={}: must be an absolute path without `..`",
            path.display()
        )));
    }
    let bytes = match walk.open(parent) {
        Ok(folder) => folder
            .read(name, MAX_SIZE, Kind::Public)
            .map_err(|distrust| trouble(&distrust))?,
        Err(distrust) if distrust.is_missing() => None,
        Err(distrust) => return Err(trouble(&distrust)),
    };
    let Some(bytes) = bytes else {
        return match named {
            None => Ok(T::default()),
            Some(_) => Err(trouble(&format_args!(
                "{}: is named in pam.d but not there",
                path.display()
            ))),
        };
    };
    let text = std::str::from_utf8(&bytes)
        .map_err(|_| trouble(&format_args!("{}: is not UTF-8", path.display())))?;
    parse(text).map_err(|error| {
        trouble(&format_args!(
            "{}: {error}; test the fix with: antiphon check",
            path.display()
        ))
    })
}

#[cfg(test)]
mod tests;

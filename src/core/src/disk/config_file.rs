//! Reading `/etc/antiphon/antiphon.toml`.

use std::path::Path;

use super::folder::Walk;
use crate::config::{Config, ConfigError, PATH_RULE, Paths, is_plain_absolute};
use crate::trouble::Trouble;

/// The largest accepted configuration, in bytes.
const MAX_SIZE: u64 = 64 * 1024;

/// Reads the configuration at `named`, or at the default path, where a missing file means the defaults.
///
/// # Errors
/// [`Trouble`] if others than root can write it or it has errors; or if `named` is missing: the administrator wrote
/// that file, and its loss must not change the rules.
pub fn load(named: Option<&Path>, walk: &Walk) -> Result<Config, Trouble> {
    load_as(named, walk, Config::parse)
}

/// Reads another part of the same file with its own `parse`.
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
    let shown = path.display();
    let (Some(parent), Some(name)) = (
        path.parent(),
        path.file_name().and_then(|name| name.to_str()),
    ) else {
        return Err(trouble(&format_args!(
            "config={shown}: is not the path of a file"
        )));
    };
    if !is_plain_absolute(path) {
        return Err(trouble(&format_args!("config={shown}: {PATH_RULE}")));
    }
    let bytes = match walk.open(parent) {
        Ok(folder) => folder
            .read_public(name, MAX_SIZE)
            .map_err(|distrust| trouble(&distrust))?,
        Err(distrust) if distrust.is_missing() => None,
        Err(distrust) => return Err(trouble(&distrust)),
    };
    let Some(bytes) = bytes else {
        return match named {
            None => Ok(T::default()),
            Some(_) => Err(trouble(&format_args!(
                "{shown}: is named in pam.d but not there"
            ))),
        };
    };
    let text =
        std::str::from_utf8(&bytes).map_err(|_| trouble(&format_args!("{shown}: is not UTF-8")))?;
    parse(text).map_err(|error| {
        trouble(&format_args!(
            "{shown}: {error}; test the fix with: antiphon check"
        ))
    })
}

#[cfg(test)]
mod tests;

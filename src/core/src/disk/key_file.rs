//! Reading and writing a provider's keys.

use super::distrust::Distrust;
use super::folder::Folder;
use super::whole_file::WholeFile;
use crate::account::KeySet;
use crate::trouble::Trouble;

/// The suffix after the provider's name.
const SUFFIX: &str = ".toml";
/// The largest accepted file, in bytes.
const MAX_SIZE: u64 = 128 * 1024;

/// Reads the keys of the provider called `name` from the folder of providers; `Ok(None)` only if there is no file.
///
/// # Errors
/// [`Trouble`] with the file and the fix, if others than root can write it or it has errors.
pub fn load(folder: &Folder, name: &str) -> Result<Option<KeySet>, Trouble> {
    let file = file_name(name);
    let bytes = folder
        .read_public(&file, MAX_SIZE)
        .map_err(|distrust| Trouble::new("provider", &distrust))?;
    let Some(bytes) = bytes else {
        return Ok(None);
    };
    let text = std::str::from_utf8(&bytes).map_err(|_| "is not UTF-8".to_owned());
    let parsed = text.and_then(|text| KeySet::parse(text, name).map_err(|error| error.to_string()));
    parsed.map(Some).map_err(|error| {
        let path = folder.path_of(&file);
        let fix = format_args!(
            "{}: {error}; run: antiphon providers refresh {name}",
            path.display()
        );
        Trouble::new("provider", &fix)
    })
}

/// Writes `keys` atomically: a reader sees the old ones or the new ones.
///
/// # Errors
/// [`Distrust`] with the system's error; the old file is still there then.
pub fn store(folder: &Folder, keys: &KeySet) -> Result<(), Distrust> {
    let name = file_name(&keys.provider);
    let file = WholeFile {
        name: &name,
        temporary: &format!(".{name}.new"),
        // No secret, and the daemon tells from it whether a key is unknown.
        mode: 0o644,
        group: None,
        durable: true,
    };
    file.write(folder, keys.to_toml().as_bytes())
}

/// Names have small letters, digits and hyphens alone.
fn file_name(provider: &str) -> String {
    format!("{provider}{SUFFIX}")
}

#[cfg(test)]
mod tests;

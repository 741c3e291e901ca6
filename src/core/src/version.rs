//! The module's version, read from its file.

/// The module's first message with `debug`, so that its file contains the version.
pub const MODULE_SAYS: &str = concat!(
    "pam_antiphon ",
    env!("CARGO_PKG_VERSION"),
    " has read the configuration"
);
const BEFORE: &[u8] = b"pam_antiphon ";
const AFTER: &[u8] = b" has read the configuration";
/// The longest version, in bytes.
const LONGEST: usize = 32;

/// The version of the module with these bytes.
#[must_use]
pub fn of_module(bytes: &[u8]) -> Option<String> {
    let end = bytes.windows(AFTER.len()).position(|part| part == AFTER)?;
    let before = bytes.get(end.saturating_sub(LONGEST + BEFORE.len())..end)?;
    let begin = before
        .windows(BEFORE.len())
        .rposition(|part| part == BEFORE)?;
    let version = before.get(begin + BEFORE.len()..)?;
    std::str::from_utf8(version).ok().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::{MODULE_SAYS, of_module};

    #[test]
    fn the_version_is_found_among_other_bytes() {
        let bytes = [b"pam_antiphon \xff", MODULE_SAYS.as_bytes(), b"x"].concat();
        assert_eq!(
            of_module(&bytes).as_deref(),
            Some(env!("CARGO_PKG_VERSION"))
        );
        assert_eq!(of_module(b"pam_antiphon 1.0"), None);
        assert_eq!(of_module(b" has read the configuration"), None);
    }
}

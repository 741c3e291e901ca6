//! The arguments of `pam_antiphon.so` in pam.d.

use std::ffi::CStr;
use std::path::PathBuf;

use antiphon_core::outcome::Trouble;

/// `[config=FILE] [debug]`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Arguments {
    /// The configuration, if not the default one.
    pub(crate) config: Option<PathBuf>,
    /// Whether to log each decision.
    pub(crate) debug: bool,
}

impl Arguments {
    /// Parses the arguments. Unknown ones are refused, since one may have been meant as a restriction.
    pub(crate) fn parse(given: &[&CStr]) -> Result<Self, Trouble> {
        let mut arguments = Self::default();
        for argument in given {
            let text = argument.to_str().unwrap_or_default();
            if let Some(path) = text.strip_prefix("config=") {
                arguments.config = Some(PathBuf::from(path));
            } else if text == "debug" {
                arguments.debug = true;
            } else {
                let shown = argument.to_string_lossy();
                return Err(Trouble::new(
                    "arguments",
                    &format_args!(
                        "pam.d: unknown argument `{shown}`; known are config=FILE and debug"
                    ),
                ));
            }
        }
        Ok(arguments)
    }
}

#[cfg(test)]
mod tests {
    use super::Arguments;

    #[test]
    fn known_arguments_are_taken_and_any_other_refuses_the_sign_in() {
        let arguments = Arguments::parse(&[c"debug", c"config=/etc/other.toml"]).unwrap();
        assert!(arguments.debug);
        assert_eq!(arguments.config, Some("/etc/other.toml".into()));
        let arguments = Arguments::parse(&[c"config=config=/x"]).unwrap();
        assert_eq!(arguments.config, Some("config=/x".into()));
        for unknown in [c"nullok", c"Debug", c"config", c"", c"\xff"] {
            assert_eq!(Arguments::parse(&[unknown]).unwrap_err().what, "arguments");
        }
    }
}

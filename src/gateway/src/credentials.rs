//! Gateway credentials: a small TOML file of root's, which systemd passes to the daemon.
//!
//! `username`, `password` and `token` at the top level apply to both gateways; a table `[sms]` or `[call]` overrides
//! them.

use std::collections::HashMap;

use zeroize::Zeroizing;

use antiphon_core::config::ConfigError;
use antiphon_core::document::{Document, Fault, Section};

/// A kind of credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Credential {
    /// `username`.
    Username,
    /// `password`.
    Password,
    /// `token`.
    Token,
}

/// The credentials for one gateway. Wiped on drop.
#[derive(Clone, Default)]
pub struct Credentials(HashMap<Credential, Zeroizing<String>>);

/// Redacted.
impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials([redacted])")
    }
}

impl Credential {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Username, Self::Password, Self::Token];

    /// Its key.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Username => "username",
            Self::Password => "password",
            Self::Token => "token",
        }
    }
}

impl Credentials {
    /// Parses those for one gateway, `"sms"` or `"call"`; the other one's must be valid too.
    ///
    /// # Errors
    /// [`ConfigError`], which quotes nothing but our own keys.
    pub fn parse(text: &str, way: &'static str) -> Result<Self, ConfigError> {
        Self::read(text, way).map_err(Fault::without_quotes)
    }

    fn read(text: &str, way: &'static str) -> Result<Self, Fault> {
        let document = Document::parse(text)?;
        let mut top = document.root();
        let mut credentials = Self::from_section(&mut top)?;
        for table in ["sms", "call"] {
            let mut section = top.section(table)?;
            let own = Self::from_section(&mut section)?;
            section.done()?;
            if table == way {
                credentials.0.extend(own.0);
            }
        }
        top.done()?;
        Ok(credentials)
    }

    fn from_section(section: &mut Section<'_>) -> Result<Self, Fault> {
        let rule = "must be a text without spaces at its ends and without control characters";
        let mut found = HashMap::new();
        for which in Credential::ALL {
            let text = section.optional(which.key(), rule, |value| {
                let text = value.as_str()?;
                let fits =
                    !text.is_empty() && text.trim() == text && !text.contains(char::is_control);
                fits.then(|| Zeroizing::new(text.to_owned()))
            })?;
            found.extend(text.map(|text| (which, text)));
        }
        Ok(Self(found))
    }

    /// The value of one credential, for the request that needs it.
    #[must_use]
    pub fn get(&self, which: Credential) -> Option<&str> {
        self.0.get(&which).map(|text| text.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::{Credential, Credentials};

    #[test]
    fn a_way_can_have_its_own() {
        let text = "username = \"u\"\npassword = \"p\"\n[call]\npassword = \"other\"\n";
        let password = |way| {
            let read = Credentials::parse(text, way).unwrap();
            read.get(Credential::Password).map(str::to_owned)
        };
        assert_eq!(password("sms").as_deref(), Some("p"));
        assert_eq!(password("call").as_deref(), Some("other"));
        let read = Credentials::parse(text, "call").unwrap();
        assert_eq!(read.get(Credential::Username), Some("u"));
        assert_eq!(read.get(Credential::Token), None);
        assert_eq!(format!("{read:?}"), "Credentials([redacted])");
    }

    #[test]
    fn what_is_refused_is_not_quoted() {
        for text in [
            "hunter2",
            "hunter2 = \"hunter2\"",
            "password = \"hunter2\\n\"",
            "password = \" hunter2\"",
            "password = [\"hunter2\"]",
            "password = \"\"",
            "[sms]\nhunter2 = 1",
            "[hunter2]",
            "password = \"hunter2",
        ] {
            let said = Credentials::parse(text, "sms").unwrap_err().to_string();
            assert!(said.contains("line") && !said.contains("hunter2"), "{said}");
        }
    }
}

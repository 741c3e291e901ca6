//! `[organisation]`: who people belong to, and whom they ask for help.

use crate::document::{Fault, Section};

/// The longest name or help desk, in characters: two lines on a page.
const LONGEST: usize = 200;

/// `[organisation]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Organisation {
    /// What people call it: the issuer that authenticator apps show (by default the host name), and in the guide.
    pub name: Option<String>,
    /// Whom people ask for help, and how: shown to people as it stands, for instance "IT support, 08-123 45 67".
    pub help_desk: Option<String>,
}

impl Organisation {
    pub(super) fn read(&mut self, top: &mut Section<'_>) -> Result<(), Fault> {
        // The name alone, as it was written before there was more to say.
        let name = top.optional(
            "organisation",
            "must be a table, or a name without colons and control characters",
            |value| match value.as_str() {
                Some(name) => as_name(name).map(Some),
                None => value.as_table().map(|_| None),
            },
        )?;
        if let Some(Some(name)) = name {
            self.name = Some(name);
            return Ok(());
        }
        let mut section = top.section("organisation")?;
        let rule =
            "must be a name without colons and control characters, of 200 characters at most";
        self.name = section.optional("name", rule, |value| as_name(value.as_str()?))?;
        let rule = "must be one line of 200 characters at most";
        self.help_desk = section.optional("help_desk", rule, |value| as_line(value.as_str()?))?;
        section.done()
    }
}

/// A colon would end the issuer in the address that authenticator apps scan.
fn as_name(text: &str) -> Option<String> {
    as_line(text).filter(|name| !name.contains(':'))
}

fn as_line(text: &str) -> Option<String> {
    let fits = !text.trim().is_empty()
        && !text.contains(char::is_control)
        && text.chars().count() <= LONGEST;
    fits.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    #[test]
    fn the_name_stands_in_a_table_or_alone_and_the_help_desk_beside_it() {
        for text in [
            "organisation = \"Example AB\"",
            "organisation.name = \"Example AB\"",
            "[organisation]\nname = \"Example AB\"",
        ] {
            let organisation = Config::parse(text).unwrap().organisation;
            assert_eq!(organisation.name.as_deref(), Some("Example AB"), "{text}");
            assert_eq!(organisation.help_desk, None);
        }
        let text = "[organisation]\nhelp_desk = \"IT: https://help.example.org\"";
        let organisation = Config::parse(text).unwrap().organisation;
        let help_desk = organisation.help_desk.as_deref();
        assert_eq!(help_desk, Some("IT: https://help.example.org"));
        assert_eq!(organisation.name, None);
    }

    #[test]
    fn a_name_or_help_desk_that_would_spoil_a_line_is_refused() {
        let long = format!("organisation.help_desk = \"{}\"", "a".repeat(201));
        for (text, expected) in [
            ("organisation = \"a:b\"", "organisation"),
            ("organisation = \"\"", "organisation"),
            ("organisation = 3", "must be a table"),
            ("organisation.name = \"a:b\"", "organisation.name"),
            ("organisation.name = \" \"", "organisation.name"),
            ("organisation.nam = \"a\"", "`name`"),
            (
                "organisation.help_desk = \"a\\nb\"",
                "organisation.help_desk",
            ),
            (
                "organisation.help_desk = \"\\u001b[31m\"",
                "organisation.help_desk",
            ),
            (&long, "organisation.help_desk"),
        ] {
            let said = Config::parse(text).unwrap_err().to_string();
            assert!(said.contains(expected), "{text:?} gave {said}");
        }
    }
}

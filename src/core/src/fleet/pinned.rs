//! What root has pinned on this host, `/etc/antiphon/fleet.toml`; written when the host joined the fleet.

use toml_writer::ToTomlValue;

use super::address::RelayAddress;
use super::keys::PublicKey;
use super::name::{self, is_name};
use crate::document::{Document, Fault, texts, whole_number};

/// The format version of the file.
const VERSION: u32 = 1;
/// Most relays.
const MOST_RELAYS: usize = 32;

/// This host's place in a fleet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pinned {
    /// The fleet.
    pub fleet: String,
    /// This host's name in it, unique. Phones show and sign it, in the place of what `gethostname` says.
    pub host: String,
    /// The root key, which says who signs.
    pub root: PublicKey,
    /// The relays.
    pub relays: Vec<RelayAddress>,
}

impl Pinned {
    /// The default path of the file.
    pub const FILE: &str = "/etc/antiphon/fleet.toml";

    /// Parses the file.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let document = Document::parse(text)?;
        let mut top = document.root();
        let version = top.required("version", "must be a whole number", whole_number)?;
        if version != VERSION {
            return Err(top.fault("version", "is one that is not known here"));
        }
        let mut name = |key| {
            let named = |value: &toml::de::DeValue<'_>| {
                value
                    .as_str()
                    .filter(|name| is_name(name))
                    .map(str::to_owned)
            };
            top.required(key, name::RULE, named)
        };
        let (fleet, host) = (name("fleet")?, name("host")?);
        let pinned = Self {
            fleet,
            host,
            root: top.required("root", PublicKey::RULE, PublicKey::read)?,
            relays: top.required(
                "relays",
                "must be an array of 1 to 32 addresses such as \"relay1.example.org:8471\"",
                |value| {
                    let relays: Option<Vec<_>> =
                        texts(value)?.into_iter().map(RelayAddress::read).collect();
                    relays.filter(|relays| (1..=MOST_RELAYS).contains(&relays.len()))
                },
            )?,
        };
        top.done()?;
        Ok(pinned)
    }

    /// The text for [`Self::parse`].
    #[must_use]
    pub fn to_toml(&self) -> String {
        let relays = self
            .relays
            .iter()
            .map(|relay| relay.to_string().to_toml_value());
        let relays: Vec<String> = relays.collect();
        format!(
            "# This host's place in a fleet, written by antiphon join. The root key is what this host believes: whoever\n\
             # has it decides who may approve sign-ins here.\n\
             version = {VERSION}\n\
             fleet = {}\n\
             host = {}\n\
             root = {}\n\
             relays = [{}]\n",
            self.fleet.to_toml_value(),
            self.host.to_toml_value(),
            self.root.to_text().to_toml_value(),
            relays.join(", ")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST_RELAYS, Pinned};
    use crate::fleet::RelayAddress;
    use crate::fleet::signer::Signer;

    fn pinned() -> Pinned {
        Pinned {
            fleet: "example".into(),
            host: "db7.example.org".into(),
            root: Signer::new("root").public_key(),
            relays: ["relay1.example.org:8471", "[2001:db8::7]:8471"]
                .map(|relay| RelayAddress::read(relay).unwrap())
                .to_vec(),
        }
    }

    #[test]
    fn what_was_pinned_is_read_again() {
        let pinned = pinned();
        assert_eq!(Pinned::parse(&pinned.to_toml()), Ok(pinned));
    }

    #[test]
    fn what_is_not_wholly_understood_pins_nothing() {
        let whole = pinned().to_toml();
        let crowd = format!("relays = [{}", "\"relay1:8471\", ".repeat(MOST_RELAYS + 1));
        for (from, to) in [
            ("version = 1", "version = 2"),
            ("fleet = \"example\"\n", ""),
            ("\"example\"", "\"Example\""),
            ("host = \"db7.example.org\"", "host = \"\""),
            ("root = \"MFkw", "root = \"AFkw"),
            (":8471\"", "\""),
            ("relays = [", "relays = []\nmore = ["),
            ("relays = [", &crowd),
            ("relays = ", "relay = "),
        ] {
            assert!(whole.contains(from), "{from}");
            let text = whole.replacen(from, to, 1);
            assert!(Pinned::parse(&text).is_err(), "{text}");
        }
        assert!(Pinned::parse("").is_err());
    }
}

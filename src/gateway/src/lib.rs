//! `[gateway]`: the services that deliver one-time codes to telephones. Secrets are kept in a file of their own, see
//! [`Credentials`].
//!
//! Parsed separately from the rest of the configuration, by the daemon and the command only: the module does not use
//! it, and a mistake in it must disable this method rather than every sign-in.

mod address;
mod body;
mod command;
mod credentials;
mod elks;
mod http;
mod template;

use std::path::{Path, PathBuf};

pub use body::{Body, Field, add_field};
pub use command::CommandGateway;
pub use credentials::{Credential, Credentials};
pub use elks::Elks;
pub use http::{HttpAuth, HttpGateway};
pub use template::{Around, Filling, Template};

use antiphon_core::config::{Config, ConfigError, is_plain_absolute};
use antiphon_core::disk::{Walk, config_file};
use antiphon_core::document::{Document, Fault, Section};
use antiphon_core::outcome::Trouble;
use antiphon_core::record::TelephoneUse;

/// `[gateway]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gateways {
    /// Path of the credentials if systemd does not provide them (`LoadCredential=gateway:…`).
    pub credentials: Option<PathBuf>,
    /// For text messages.
    pub sms: Option<Gateway>,
    /// For calls.
    pub call: Option<Gateway>,
}

/// One gateway, by its `kind`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gateway {
    /// `"46elks"`.
    Elks(Elks),
    /// `"http"`: any service that accepts one request per message.
    Http(Box<HttpGateway>),
    /// `"command"`: a program on this host.
    Command(CommandGateway),
}

impl Gateways {
    /// Reads `[gateway]` in the configuration at `named`, or at the default path.
    ///
    /// # Errors
    /// As [`config_file::load`].
    pub fn load(named: Option<&Path>, walk: &Walk) -> Result<Self, Trouble> {
        config_file::load_as(named, walk, Self::parse)
    }

    /// Parses `[gateway]` in the text of a configuration, and nothing else.
    ///
    /// # Errors
    /// [`ConfigError`], which names the line and what to do.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let document = Document::parse(text)?;
        let mut section = document.root().section("gateway")?;
        let rule = "must be an absolute path without `..`";
        let gateways = Self {
            credentials: section.optional("credentials", rule, |value| {
                let path = PathBuf::from(value.as_str()?);
                is_plain_absolute(&path).then_some(path)
            })?,
            sms: Gateway::read(section.section("sms")?, TelephoneUse::Sms)?,
            call: Gateway::read(section.section("call")?, TelephoneUse::Call)?,
        };
        section.done()?;
        Ok(gateways)
    }

    /// Which method `[telephone]` enables without a usable gateway, and the fix, in one sentence. A fleet's host needs none: its
    /// relays have them.
    #[must_use]
    pub fn fault(&self, config: &Config) -> Option<String> {
        if config.is_host_of_fleet() {
            return None;
        }
        for (way, wanted, there) in [
            ("sms", config.telephone.sms, &self.sms),
            ("call", config.telephone.call, &self.call),
        ] {
            if wanted && there.is_none() {
                return Some(format!(
                    "`telephone.{way}` is true, but nobody carries such codes: add [gateway.{way}], or set it to false"
                ));
            }
        }
        match &self.call {
            Some(Gateway::Elks(elks)) if config.telephone.call && elks.sounds(config).is_none() => Some(
                "`gateway.call.sounds` is missing: 46elks fetches the spoken digits by https, and `page.origin` is not \
                 an address that it can open"
                    .to_owned(),
            ),
            _ => None,
        }
    }
}

impl Gateway {
    /// The required credentials.
    #[must_use]
    pub fn needs(&self) -> Vec<Credential> {
        match self {
            Self::Elks(_) => vec![Credential::Username, Credential::Password],
            Self::Http(http) => http.needs(),
            Self::Command(_) => Vec::new(),
        }
    }

    fn read(mut section: Section<'_>, by: TelephoneUse) -> Result<Option<Self>, Fault> {
        if !section.is_present() {
            return Ok(None);
        }
        let rule = "must be \"46elks\", \"http\" or \"command\"";
        let kinds = ["46elks", "http", "command"];
        let kind = section.required("kind", rule, |value| {
            value.as_str().filter(|kind| kinds.contains(kind))
        })?;
        let gateway = match kind {
            "46elks" => Self::Elks(Elks::read(&mut section, by)?),
            "http" => Self::Http(Box::new(HttpGateway::read(&mut section)?)),
            _ => Self::Command(CommandGateway::read(&mut section)?),
        };
        section.done()?;
        Ok(Some(gateway))
    }
}

#[cfg(test)]
mod tests {
    use super::{Gateway, Gateways};
    use antiphon_core::config::Config;

    #[test]
    fn the_shipped_examples_are_examples() {
        for (example, has_call) in [
            (include_str!("../../../conf/gateway/46elks.toml"), true),
            (include_str!("../../../conf/gateway/twilio.toml"), true),
            (include_str!("../../../conf/gateway/gammu.toml"), false),
        ] {
            let read = Gateways::parse(example).unwrap();
            assert_eq!(
                (read.sms.is_some(), read.call.is_some()),
                (true, has_call),
                "{example}"
            );
            let page = "[page]\norigin = \"https://login.example.org\"\n";
            let config = Config::parse(&format!("{example}{page}")).unwrap();
            assert_eq!(read.fault(&config), None);
        }
        let shipped = include_str!("../../../conf/antiphon.toml");
        assert_eq!(Gateways::parse(shipped).unwrap(), Gateways::default());
    }

    #[test]
    fn each_kind_is_read() {
        let gateways = Gateways::parse(
            "[gateway]\ncredentials = \"/etc/antiphon/gateway\"\n\
             [gateway.sms]\nkind = \"46elks\"\nfrom = \"Antiphon\"\n\
             [gateway.call]\nkind = \"command\"\ncommand = [\"/usr/bin/say\", \"{to}\"]\nstdin = \"{text}\"\n",
        )
        .unwrap();
        assert!(matches!(gateways.sms, Some(Gateway::Elks(_))));
        assert!(matches!(gateways.call, Some(Gateway::Command(_))));
    }

    #[test]
    fn what_is_wrong_is_refused_with_its_place() {
        for (text, expected) in [
            (
                "[gateway.sms]\nfrom = \"x\"",
                "`gateway.sms.kind` is missing",
            ),
            ("[gateway.sms]\nkind = \"twilio\"", "line 2"),
            (
                "[gateway.sms]\nkind = \"46elks\"",
                "`gateway.sms.from` is missing",
            ),
            (
                "[gateway.sms]\nkind = \"46elks\"\nfrom = \"0123\"",
                "line 3",
            ),
            (
                "[gateway.call]\nkind = \"46elks\"\nfrom = \"Antiphon\"",
                "line 3",
            ),
            (
                "[gateway.sms]\nkind = \"46elks\"\nfrom = \"Abc\"\nsounds = \"https://a.example/s\"",
                "unknown key `gateway.sms.sounds`",
            ),
            (
                "[gateway.sms]\nkind = \"46elks\"\nfrom = \"Abc\"\nurl = \"http://a.example\"",
                "`gateway.sms.url` must be https://",
            ),
            (
                "[gateway.sms]\nkind = \"http\"\nurl = \"https://a.example/{code}\"\npassword = \"x\"",
                "unknown key `gateway.sms.password`",
            ),
            ("[gateway]\ncredentials = \"x\"", "line 2"),
            (
                "[gateway.text]\nkind = \"http\"",
                "unknown key `gateway.text`",
            ),
        ] {
            let said = Gateways::parse(text).unwrap_err().to_string();
            // A mistake here does not affect sign-ins.
            assert!(Config::parse(text).is_ok(), "{text}");
            assert!(said.contains(expected), "{text:?} gave {said}");
        }
    }

    #[test]
    fn what_is_promised_needs_who_keeps_it() {
        let fault = |text: &str| {
            let config = Config::parse(text).unwrap();
            Gateways::parse(text).unwrap().fault(&config)
        };
        assert_eq!(fault(""), None);
        // A fleet's host has its relays keep it.
        let sms = "[telephone]\nsms = true\n[fleet]\n";
        assert_eq!(fault(sms), None);
        assert!(fault(&format!("{sms}[relay]\n")).is_some());
        let elks = "\n[gateway.call]\nkind = \"46elks\"\nfrom = \"+46701234567\"\n";
        for (text, expected) in [
            ("[telephone]\nsms = true".to_owned(), "[gateway.sms]"),
            ("[telephone]\ncall = true".to_owned(), "[gateway.call]"),
            (
                format!("[telephone]\ncall = true{elks}"),
                "gateway.call.sounds",
            ),
        ] {
            let said = fault(&text).unwrap();
            assert!(said.contains(expected), "{said}");
        }
        let page = "[page]\norigin = \"https://mfa.example.org\"\n[telephone]\ncall = true";
        assert_eq!(fault(&format!("{page}{elks}")), None);
        let sounds = "sounds = \"https://static.example.org/antiphon\"\n";
        assert_eq!(
            fault(&format!("[telephone]\ncall = true{elks}{sounds}")),
            None
        );
    }
}

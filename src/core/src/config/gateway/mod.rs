//! `[gateway]`: who carries one-time codes to telephones. No secret stands here: those are in a file of their own, see
//! [`Credentials`].

mod address;
mod command;
mod credentials;
mod elks;
mod http;
mod template;

use std::path::PathBuf;

pub use address::GatewayUrl;
pub use command::CommandGateway;
pub use credentials::{Credential, Credentials};
pub use elks::Elks;
pub use http::{Body, Header, HttpAuth, HttpGateway, Method};
pub use template::{Around, Filling, Template};

use super::{Config, is_plain_absolute};
use crate::document::{Fault, Section};
use crate::record::TelephoneUse;

/// `[gateway]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gateways {
    /// Where the credentials stand when systemd hands none over (`LoadCredential=gateway:…`).
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
    /// `"http"`: any service that takes one request a message.
    Http(Box<HttpGateway>),
    /// `"command"`: a program on this computer.
    Command(CommandGateway),
}

impl Gateways {
    /// The gateway of one way.
    #[must_use]
    pub fn of(&self, by: TelephoneUse) -> Option<&Gateway> {
        match by {
            TelephoneUse::Sms => self.sms.as_ref(),
            TelephoneUse::Call => self.call.as_ref(),
        }
    }

    pub(super) fn read(&mut self, mut section: Section<'_>) -> Result<(), Fault> {
        self.credentials = section.optional(
            "credentials",
            "must be an absolute path without `..`",
            |value| {
                let path = PathBuf::from(value.as_str()?);
                is_plain_absolute(&path).then_some(path)
            },
        )?;
        self.sms = Gateway::read(section.section("sms")?, TelephoneUse::Sms)?;
        self.call = Gateway::read(section.section("call")?, TelephoneUse::Call)?;
        section.done()
    }
}

impl Gateway {
    /// The credentials that it cannot do without.
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
        let kind = section.required("kind", rule, |value| {
            let kind = value.as_str()?;
            ["46elks", "http", "command"]
                .contains(&kind)
                .then_some(kind)
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

impl Config {
    /// What `[telephone]` promises and no gateway can keep: one sentence with the mend. The file is still a valid
    /// configuration, so that a gateway which is taken out locks nobody out.
    #[must_use]
    pub fn telephone_fault(&self) -> Option<String> {
        for (way, wanted, there) in [
            ("sms", self.telephone.sms, &self.gateway.sms),
            ("call", self.telephone.call, &self.gateway.call),
        ] {
            if wanted && there.is_none() {
                return Some(format!(
                    "`telephone.{way}` is true, but nobody carries such codes: add [gateway.{way}], or set it to false"
                ));
            }
        }
        match &self.gateway.call {
            Some(Gateway::Elks(elks)) if self.telephone.call && elks.sounds(self).is_none() => Some(
                "`gateway.call.sounds` is missing: 46elks fetches the spoken digits by https, and `page.origin` is not \
                 an address that it can open"
                    .to_owned(),
            ),
            _ => None,
        }
    }
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
mod tests {
    use super::Gateway;
    use crate::config::Config;

    #[test]
    fn each_kind_is_read() {
        let config = Config::parse(
            "[gateway]\ncredentials = \"/etc/antiphon/gateway\"\n\
             [gateway.sms]\nkind = \"46elks\"\nfrom = \"Antiphon\"\n\
             [gateway.call]\nkind = \"command\"\ncommand = [\"/usr/bin/say\", \"{to}\"]\nstdin = \"{text}\"\n",
        )
        .unwrap();
        assert!(matches!(config.gateway.sms, Some(Gateway::Elks(_))));
        assert!(matches!(config.gateway.call, Some(Gateway::Command(_))));
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
            let said = Config::parse(text).unwrap_err().to_string();
            assert!(said.contains(expected), "{text:?} gave {said}");
        }
    }

    #[test]
    fn what_is_promised_needs_who_keeps_it() {
        let fault = |text: &str| Config::parse(text).unwrap().telephone_fault();
        assert_eq!(fault(""), None);
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

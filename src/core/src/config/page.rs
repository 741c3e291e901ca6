//! `[page]` and `[push]`: the phones' page, and how phones are called.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use super::is_plain_absolute;
use crate::document::{Fault, Section, strings, whole_number};
use crate::web_origin::{is_origin, relying_party};

/// `[page]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The address that phones open, without a slash at its end. Passkeys belong to its host name for ever.
    pub origin: String,
    /// Where the daemon listens.
    pub listen: SocketAddr,
    /// Certificate chain and private key, PEM; without them the page is plain HTTP, for a proxy in front.
    pub tls: Option<TlsFiles>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Whether the page may keep the secret of codes and show them. Off: the page's code, which the daemon serves, could
    /// then compute codes.
    pub code: bool,
}

/// Files of TLS, read again when they change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The chain.
    pub certificate: PathBuf,
    /// The key.
    pub key: PathBuf,
}

/// `[push]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Push {
    /// `mailto:` or `https:` address at which a push service can complain (RFC 8292, section 2.1).
    pub contact: Option<String>,
    /// Hosts of push services inside the own network, which would else be refused: an endpoint is the phone's choice.
    pub private_hosts: Vec<String>,
    /// How often.
    pub limits: PushLimits,
}

/// How often a person's phone may be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushLimits {
    /// Pushes in five minutes; 1 to 100.
    pub most_in_five_minutes: u32,
    /// Pushes in a row that nobody approved, until they pause; 1 to 100.
    pub most_unanswered: u32,
    /// Seconds that they then pause, unless the person signs in with a code before; at most a day.
    pub unanswered_pause: u32,
    /// Seconds that they pause after "It is not me"; at most a day.
    pub reported_pause: u32,
}

impl Default for PushLimits {
    fn default() -> Self {
        Self {
            most_in_five_minutes: 3,
            most_unanswered: 10,
            unanswered_pause: 3600,
            reported_pause: 900,
        }
    }
}

impl Default for Page {
    fn default() -> Self {
        Self {
            origin: "http://localhost:8470".to_owned(),
            listen: SocketAddr::from(([127, 0, 0, 1], 8470)),
            tls: None,
            trusted_proxies: Vec::new(),
            code: false,
        }
    }
}

impl Page {
    /// The host name in `origin`: what passkeys belong to, and what a certificate must be for.
    #[must_use]
    pub fn host(&self) -> &str {
        relying_party(&self.origin)
    }

    /// Whether only a browser on this computer can open the page, as before anybody has set `origin`.
    #[must_use]
    pub fn is_for_this_computer_only(&self) -> bool {
        self.host() == "localhost"
    }

    pub(super) fn read(&mut self, mut section: Section<'_>) -> Result<(), Fault> {
        let rule = "must be https:// and a host name, or http://localhost, each with a port where one is needed; \
                    passkeys do not work with an IP address";
        section.set(&mut self.origin, "origin", rule, |value| {
            value
                .as_str()
                .filter(|origin| is_origin(origin))
                .map(str::to_owned)
        })?;
        section.set(
            &mut self.listen,
            "listen",
            "must be an address and a port, such as \"127.0.0.1:8470\"",
            |value| value.as_str()?.parse().ok(),
        )?;
        let path = |value: &toml::de::DeValue<'_>| {
            let path = PathBuf::from(value.as_str()?);
            is_plain_absolute(&path).then_some(path)
        };
        let rule = "must be an absolute path without `..`";
        let certificate = section.optional("certificate", rule, path)?;
        let key = section.optional("key", rule, path)?;
        self.tls = match (certificate, key) {
            (None, None) => None,
            (Some(certificate), Some(key)) => Some(TlsFiles { certificate, key }),
            _ => {
                return Err(Fault::rule(
                    "page.certificate",
                    "and `page.key` need each other".to_owned(),
                ));
            }
        };
        section.set(
            &mut self.trusted_proxies,
            "trusted_proxies",
            "must be an array of IP addresses",
            |value| {
                strings(value)?
                    .iter()
                    .map(|text| text.parse().ok())
                    .collect()
            },
        )?;
        section.set(
            &mut self.code,
            "code",
            "must be true or false",
            toml::de::DeValue::as_bool,
        )?;
        section.done()
    }
}

impl Push {
    pub(super) fn read(&mut self, mut section: Section<'_>) -> Result<(), Fault> {
        self.contact =
            section.optional("contact", "must be a mailto: or https: address", |value| {
                let contact = value.as_str()?;
                (contact.starts_with("mailto:") || contact.starts_with("https://"))
                    .then(|| contact.to_owned())
            })?;
        section.set(
            &mut self.private_hosts,
            "private_hosts",
            "must be an array of host names",
            strings,
        )?;
        let limits = &mut self.limits;
        let up_to = |most: u32| {
            move |value: &_| whole_number(value).filter(|number| (1..=most).contains(number))
        };
        let rule = "must be a whole number from 1 to 100";
        section.set(
            &mut limits.most_in_five_minutes,
            "most_in_five_minutes",
            rule,
            up_to(100),
        )?;
        section.set(
            &mut limits.most_unanswered,
            "most_unanswered",
            rule,
            up_to(100),
        )?;
        let rule = "must be a whole number of seconds from 1 to 86400";
        section.set(
            &mut limits.unanswered_pause,
            "unanswered_pause",
            rule,
            up_to(86_400),
        )?;
        section.set(
            &mut limits.reported_pause,
            "reported_pause",
            rule,
            up_to(86_400),
        )?;
        section.done()
    }
}

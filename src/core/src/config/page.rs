//! `[page]` and `[push]`: the page that phones open, and push notifications.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use super::PATH_RULE;
use super::paths::plain_path;
use crate::document::{Fault, Section, strings};
use crate::web_origin::{is_origin, origin_in, relying_party};

/// The most relays of a page: they all stand in a header.
const MOST_RELAYS: usize = 16;

/// `[page]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The page's address, without a trailing slash. Passkeys are bound to its host name for good.
    pub origin: String,
    /// Where the daemon answers if another web server serves the page: the addresses of the relays. By default the daemon
    /// serves the page itself, and answers at `origin`.
    pub relays: Vec<String>,
    /// The daemon's listening address.
    pub listen: SocketAddr,
    /// Certificate chain and private key; without them the page is plain HTTP, behind a proxy.
    pub tls: Option<TlsFiles>,
    /// Proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Vec<IpAddr>,
    /// Whether the page may store the secret and show codes. Off by default: the page's JavaScript, which the daemon
    /// serves, could then compute codes.
    pub code: bool,
}

/// The TLS files, reloaded when they change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The chain, PEM.
    pub certificate: PathBuf,
    /// The key, PEM.
    pub key: PathBuf,
}

/// `[push]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Push {
    /// `mailto:` or `https:` contact for push services (RFC 8292, section 2.1).
    pub contact: Option<String>,
    /// Push service hosts on the internal network, which are otherwise refused because the phone chooses the endpoint.
    pub private_hosts: Vec<String>,
    /// Rate limits.
    pub limits: PushLimits,
}

/// Rate limits on pushes to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushLimits {
    /// Most pushes in five minutes; 1 to 100.
    pub most_in_five_minutes: u32,
    /// Unapproved pushes in a row before they pause; 1 to 100.
    pub most_unanswered: u32,
    /// Length of that pause in seconds, which a sign-in with a code ends early; at most a day.
    pub unanswered_pause: u32,
    /// Length of the pause after "It is not me", in seconds; at most a day.
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
            relays: Vec::new(),
            listen: SocketAddr::from(([127, 0, 0, 1], 8470)),
            tls: None,
            trusted_proxies: Vec::new(),
            code: false,
        }
    }
}

impl Page {
    /// The host name in `origin`: the passkeys' relying party, and the name on the certificate.
    #[must_use]
    pub fn host(&self) -> &str {
        relying_party(&self.origin)
    }

    /// The addresses at which the daemon answers.
    #[must_use]
    pub fn answering(&self) -> &[String] {
        if self.is_served_elsewhere() {
            &self.relays
        } else {
            std::slice::from_ref(&self.origin)
        }
    }

    /// Of the host names at which the daemon answers, the one that `is_own`, such as the one on the certificate; else the
    /// first.
    #[must_use]
    pub fn answering_host(&self, is_own: impl Fn(&str) -> bool) -> &str {
        let mut hosts = self.answering().iter().map(|it| relying_party(it));
        let own = hosts.clone().find(|host| is_own(host));
        own.or_else(|| hosts.next()).unwrap_or_else(|| self.host())
    }

    /// Whether another web server serves the page.
    #[must_use]
    pub fn is_served_elsewhere(&self) -> bool {
        !self.relays.is_empty()
    }

    /// The address as it is shown to people who type it in.
    #[must_use]
    pub fn shown(&self) -> &str {
        self.origin.strip_prefix("https://").unwrap_or(&self.origin)
    }

    /// Whether only a browser on this computer can open the page, as before `origin` is set.
    #[must_use]
    pub fn is_for_this_computer_only(&self) -> bool {
        self.host() == "localhost"
    }

    pub(super) fn read(&mut self, mut section: Section<'_>) -> Result<(), Fault> {
        let rule = "must be https:// and a host name, or http://localhost, each with a port where one is needed; \
                    passkeys do not work with an IP address";
        section.set(&mut self.origin, "origin", rule, origin_in)?;
        let rule = "must be an array of addresses, such as [\"https://relay1.example.org\"]: each https:// and a host name, \
                    with a port where one is needed";
        section.set(&mut self.relays, "relays", rule, |value| {
            let relays = strings(value)?;
            relays
                .iter()
                .all(|relay| is_origin(relay))
                .then_some(relays)
        })?;
        self.check_relays()?;
        section.set(
            &mut self.listen,
            "listen",
            "must be an address and a port, such as \"127.0.0.1:8470\"",
            |value| value.as_str()?.parse().ok(),
        )?;
        let certificate = section.optional("certificate", PATH_RULE, plain_path)?;
        let key = section.optional("key", PATH_RULE, plain_path)?;
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
        section.set_flag(&mut self.code, "code")?;
        section.done()
    }

    fn check_relays(&self) -> Result<(), Fault> {
        let relays = &self.relays;
        let twice = |(place, relay)| relays.iter().take(place).any(|before| before == relay);
        let rule = if relays.contains(&self.origin) {
            "names `page.origin`: either antiphond serves the page there, and `page.relays` is left out, or another web server \
             does, and each relay has a name of its own"
                .to_owned()
        } else if relays.len() > MOST_RELAYS {
            format!("can name {MOST_RELAYS} relays at most")
        } else if relays.iter().enumerate().any(twice) {
            "names a relay twice".to_owned()
        } else {
            return Ok(());
        };
        Err(Fault::rule("page.relays", rule))
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
        let five_minutes = &mut limits.most_in_five_minutes;
        section.set_number(five_minutes, "most_in_five_minutes", 1..=100)?;
        section.set_number(&mut limits.most_unanswered, "most_unanswered", 1..=100)?;
        section.set_seconds(&mut limits.unanswered_pause, "unanswered_pause")?;
        section.set_seconds(&mut limits.reported_pause, "reported_pause")?;
        section.done()
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{Config, Page};

    fn page(relays: &str) -> Result<Page, String> {
        let text = format!("[page]\norigin = \"https://mfa.example.org\"\nrelays = {relays}\n");
        let config = Config::parse(&text).map_err(|fault| fault.to_string())?;
        Ok(config.page)
    }

    #[test]
    fn the_daemon_answers_at_the_relays_names_where_another_server_has_the_page() {
        let here = page("[]").unwrap();
        assert!(!here.is_served_elsewhere());
        assert_eq!(here.answering(), ["https://mfa.example.org"]);
        assert_eq!(here.answering_host(|_| false), "mfa.example.org");
        let elsewhere =
            page("[\"https://r1.example.org\", \"https://r2.example.org:8443\"]").unwrap();
        assert!(elsewhere.is_served_elsewhere());
        assert_eq!(elsewhere.host(), "mfa.example.org");
        assert_eq!(
            elsewhere.answering(),
            ["https://r1.example.org", "https://r2.example.org:8443"]
        );
        assert_eq!(
            elsewhere.answering_host(|host| host == "r2.example.org"),
            "r2.example.org"
        );
        assert_eq!(elsewhere.answering_host(|_| false), "r1.example.org");
    }

    #[test]
    fn relays_that_no_page_could_talk_to_are_refused() {
        let many: Vec<String> = (0..17)
            .map(|relay| format!("\"https://r{relay}.example.org\""))
            .collect();
        for (relays, expected) in [
            ("\"https://r1.example.org\"", "must be an array"),
            ("[\"r1.example.org\"]", "must be an array"),
            ("[\"http://r1.example.org\"]", "must be an array"),
            ("[\"https://r1.example.org/\"]", "must be an array"),
            (
                "[\"https://r1.example.org; script-src *\"]",
                "must be an array",
            ),
            (
                "[\"https://r1.example.org\", \"https://r1.example.org\"]",
                "twice",
            ),
            ("[\"https://mfa.example.org\"]", "names `page.origin`"),
            (&format!("[{}]", many.join(", ")), "16 relays"),
        ] {
            let said = page(relays).unwrap_err();
            assert!(
                said.contains("`page.relays`") && said.contains(expected),
                "{said}"
            );
        }
    }
}

//! `[fleet]` and `[relay]`: whether this host believes a fleet's records, and whether it carries for others.

use std::net::SocketAddr;

use super::{Config, Unenrolled};
use crate::document::{Fault, Section};
use crate::name::UserName;
use crate::web_origin::is_dns_name;

/// `[fleet]`: people's phones are known from the fleet that this host has joined.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fleet {
    /// The directory's domain, which is no part of people's names in the fleet: with `example.org`, `anna@example.org`
    /// is `anna` there.
    pub strip_domain: Option<String>,
}

/// `[relay]`: the daemon takes connections from the fleet's hosts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relay {
    /// The listening address for hosts.
    pub listen_hosts: SocketAddr,
    /// The PostgreSQL that the fleet's relays share, as a URL without a password; by default the relay is the only one, and
    /// has a file.
    pub engine: Option<String>,
}

impl Default for Relay {
    fn default() -> Self {
        Self {
            listen_hosts: SocketAddr::from(([0, 0, 0, 0], 8471)),
            engine: None,
        }
    }
}

impl Fleet {
    /// The name in the fleet of a person who is called `user` on this host.
    #[must_use]
    pub fn name_of(&self, user: &UserName) -> UserName {
        let without = |domain: &String| {
            let name = user.as_str().strip_suffix(domain.as_str())?;
            UserName::new(name.strip_suffix('@')?).ok()
        };
        let short = self.strip_domain.as_ref().and_then(without);
        short.unwrap_or_else(|| user.clone())
    }

    pub(super) fn read(mut section: Section<'_>) -> Result<Option<Self>, Fault> {
        if !section.is_present() {
            return Ok(None);
        }
        let rule = "must be a domain such as \"example.org\"";
        let strip_domain = section.optional("strip_domain", rule, |value| {
            let domain = value.as_str().filter(|domain| is_dns_name(domain));
            domain.map(str::to_owned)
        })?;
        section.done()?;
        Ok(Some(Self { strip_domain }))
    }
}

impl Relay {
    pub(super) fn read(mut section: Section<'_>) -> Result<Option<Self>, Fault> {
        if !section.is_present() {
            return Ok(None);
        }
        let mut relay = Self::default();
        section.set(
            &mut relay.listen_hosts,
            "listen_hosts",
            "must be an address and a port, such as \"0.0.0.0:8471\"",
            |value| value.as_str()?.parse().ok(),
        )?;
        let rule = "must be a URL such as \"postgresql://antiphon@db1.example.org,db2.example.org/antiphon\"";
        relay.engine = section.optional("engine", rule, |value| {
            let url = value.as_str().filter(|url| is_engine(url));
            url.map(str::to_owned)
        })?;
        if relay.engine.as_deref().is_some_and(has_password) {
            // Quotes nothing: it stands in the error otherwise.
            let rule = "must hold no password, since everybody can read this file: write it to /etc/antiphon/engine, mode \
                        0600, owned by root, hand that to the service by LoadCredential=engine:/etc/antiphon/engine \
                        (systemctl edit antiphond), and take a new password"
                .to_owned();
            return Err(Fault::rule("relay.engine", rule));
        }
        section.done()?;
        Ok(Some(relay))
    }
}

/// Whether it is a URL of PostgreSQL. What it says beyond that, its client judges.
fn is_engine(url: &str) -> bool {
    let is_plain = |text: &str| !text.chars().any(|c| c.is_whitespace() || c.is_control());
    let rest = url
        .strip_prefix("postgresql://")
        .or_else(|| url.strip_prefix("postgres://"));
    rest.is_some_and(|rest| !rest.is_empty() && is_plain(rest))
}

/// Whether a URL of PostgreSQL holds a password, before its hosts or as a parameter.
fn has_password(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (place, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    let before_hosts = place.rsplit_once('@').map_or("", |(user, _)| user);
    before_hosts.contains(':')
        || parameters
            .split('&')
            .any(|parameter| parameter.starts_with("password"))
}

impl Config {
    /// Whether the daemon is a fleet's host, and no relay: it only carries what the module says to a relay.
    #[must_use]
    pub fn is_host_of_fleet(&self) -> bool {
        self.fleet.is_some() && self.relay.is_none()
    }

    /// That the fleet has no record of somebody is only a relay's word, and must neither let anybody in nor let them
    /// enrol: they may well be enrolled.
    pub(super) fn check_fleet(&self) -> Result<(), Fault> {
        if self.fleet.is_none() {
            return Ok(());
        }
        if self.unenrolled != Unenrolled::Deny {
            let rule = "must be \"deny\" together with [fleet]: that somebody is not enrolled is only a relay's word; \
                        enrol people on the enrolment host"
                .to_owned();
            return Err(Fault::rule("unenrolled", rule));
        }
        if let Some(rollout) = self.rollout.first() {
            let rule = format!(
                "names {}, and [[rollout]] cannot stand together with [fleet]: it lets people in who are not enrolled, \
                 and that somebody is not enrolled is only a relay's word",
                rollout.group
            );
            return Err(Fault::rule("rollout.group", rule));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{Config, Fleet};
    use crate::name::UserName;

    #[test]
    fn without_its_table_there_is_neither_fleet_nor_relay() {
        let config = Config::parse("").unwrap();
        assert_eq!((config.fleet, config.relay), (None, None));
        let config = Config::parse("[fleet]\n[relay]\n").unwrap();
        assert_eq!(config.fleet, Some(Fleet::default()));
        assert_eq!(config.relay.unwrap().listen_hosts.port(), 8471);
        let config = Config::parse("[relay]\nlisten_hosts = \"[::]:9471\"\n").unwrap();
        assert_eq!(config.relay.unwrap().listen_hosts.port(), 9471);
    }

    #[test]
    fn an_engine_is_a_url_of_postgresql_without_a_password() {
        let engine = |url: &str| {
            let config = Config::parse(&format!("[relay]\nengine = \"{url}\"\n"));
            config.map(|config| config.relay.unwrap().engine)
        };
        assert_eq!(
            Config::parse("[relay]\n").unwrap().relay.unwrap().engine,
            None
        );
        for url in [
            "postgresql://antiphon@pg1,pg2:5433/antiphon?target_session_attrs=read-write",
            "postgres://%2Frun%2Fpostgresql/antiphon",
            "postgresql://a:5432/antiphon",
        ] {
            assert_eq!(engine(url).unwrap().as_deref(), Some(url));
        }
        for url in [
            "postgresql://",
            "pg1/antiphon",
            "host=pg1",
            "etcd://a",
            "postgresql://a b",
        ] {
            let said = engine(url).unwrap_err().to_string();
            assert!(
                said.contains("relay.engine") && said.contains("must be a URL"),
                "{said}"
            );
        }
        for url in [
            "postgresql://antiphon:hunter2@pg1/antiphon",
            "postgresql://a@b:hunter2@pg1/antiphon",
            "postgresql://pg1/antiphon?user=a&password=hunter2",
        ] {
            let said = engine(url).unwrap_err().to_string();
            assert!(
                said.contains("must hold no password") && !said.contains("hunter2"),
                "{said}"
            );
        }
    }

    #[test]
    fn with_a_fleet_nobody_is_let_in_or_enrols_because_there_is_no_record() {
        let day = "= 2027-01-15\n";
        let rollouts = ["enroll_from", "deny_from"]
            .map(|key| format!("[fleet]\n[[rollout]]\ngroup = \"staff\"\n{key} {day}"));
        for (text, key) in [
            ("unenrolled = \"allow\"\n[fleet]\n", "`unenrolled`"),
            ("unenrolled = \"enroll\"\n[fleet]\n", "`unenrolled`"),
            (&rollouts[0], "`rollout.group`"),
            (&rollouts[1], "`rollout.group`"),
        ] {
            let said = Config::parse(text).unwrap_err().to_string();
            assert!(said.starts_with(key) && said.contains("[fleet]"), "{said}");
            let alone = text.replace("[fleet]\n", "");
            assert!(Config::parse(&alone).is_ok(), "{alone}");
            let relay = text.replace("[fleet]", "[relay]");
            assert!(Config::parse(&relay).is_ok(), "{relay}");
        }
        assert!(Config::parse("unenrolled = \"deny\"\n[fleet]\n").is_ok());
    }

    #[test]
    fn what_is_not_understood_is_refused_with_its_key() {
        for (text, expected) in [
            ("fleet = true", "`fleet` must be a table"),
            (
                "[fleet]\nstrip_domain = \"@example.org\"",
                "fleet.strip_domain",
            ),
            ("[fleet]\nstrip_domain = \"\"", "fleet.strip_domain"),
            ("[fleet]\nstrip_domain = 1", "fleet.strip_domain"),
            (
                "[fleet]\nstrip_domian = \"a\"",
                "did you mean `strip_domain`?",
            ),
            ("[relay]\nlisten_hosts = \"8471\"", "relay.listen_hosts"),
            (
                "[relay]\nlisten = \"0.0.0.0:8471\"",
                "did you mean `listen_hosts`?",
            ),
        ] {
            let said = Config::parse(text).unwrap_err().to_string();
            assert!(said.contains(expected), "{text:?} gave {said}");
        }
    }

    #[test]
    fn the_domain_of_the_directory_is_taken_off_and_no_other() {
        let fleet = Fleet {
            strip_domain: Some("example.org".into()),
        };
        for (user, name) in [
            ("anna@example.org", "anna"),
            ("anna", "anna"),
            ("anna@sub.example.org", "anna@sub.example.org"),
            ("anna@example.com", "anna@example.com"),
            ("annaexample.org", "annaexample.org"),
            ("a@b@example.org", "a@b"),
            ("@example.org", "@example.org"),
            ("anna@EXAMPLE.ORG", "anna@EXAMPLE.ORG"),
        ] {
            let user = UserName::new(user).unwrap();
            assert_eq!(fleet.name_of(&user).as_str(), name);
            assert_eq!(Fleet::default().name_of(&user), user);
        }
    }
}

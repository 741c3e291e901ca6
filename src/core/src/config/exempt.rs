//! `[exempt]`: who is let in without a second factor. Each rule weakens sign-ins, so each is exact.

use ipnet::IpNet;

use super::network;

use crate::document::{Fault, Section, strings};

/// The exemptions; none by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exempt {
    /// System groups whose members are not asked.
    pub groups: Vec<String>,
    /// PAM services on which nobody is asked.
    pub services: Vec<String>,
    /// Networks from which nobody is asked, on the services listed with them.
    pub network: Vec<NetworkRule>,
}

/// One `[[exempt.network]]`. Both keys are required, so that an omission cannot exempt a network on every service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkRule {
    /// Networks in CIDR notation (`10.0.0.0/8`, `2001:db8::/32`), or single addresses.
    pub networks: Vec<IpNet>,
    /// The PAM services it applies to.
    pub services: Vec<String>,
}

impl Exempt {
    pub(super) fn read(&mut self, mut section: Section<'_>) -> Result<(), Fault> {
        let rule = "must be an array of names";
        section.set(&mut self.groups, "groups", rule, strings)?;
        section.set(&mut self.services, "services", rule, strings)?;
        for mut table in section.sections("network")? {
            let networks = table.required("networks", network::RULE, network::networks)?;
            let services = table.required("services", rule, strings)?;
            table.done()?;
            self.network.push(NetworkRule { networks, services });
        }
        section.done()
    }
}

impl NetworkRule {
    /// Whether it is for this service.
    #[must_use]
    pub fn is_for(&self, service: &str) -> bool {
        self.services.iter().any(|listed| listed == service)
    }

    /// Whether it exempts a sign-in on `service` from `remote_host` (`PAM_RHOST`).
    #[must_use]
    pub fn covers(&self, service: &str, remote_host: &str) -> bool {
        self.is_for(service) && network::covers(&self.networks, remote_host)
    }
}

#[cfg(test)]
mod tests {
    use super::NetworkRule;

    #[test]
    fn only_a_literal_address_on_a_listed_service_is_exempt() {
        let rule = NetworkRule {
            networks: vec![
                "10.0.0.0/8".parse().unwrap(),
                "2001:db8::/32".parse().unwrap(),
            ],
            services: vec!["sshd".into()],
        };
        for (service, remote_host, covered) in [
            ("sshd", "10.1.2.3", true),
            ("sshd", "::ffff:10.1.2.3", true),
            ("sshd", "2001:db8::7", true),
            ("sshd", "11.1.2.3", false),
            ("sshd", "2001:db9::7", false),
            ("sudo", "10.1.2.3", false),
            ("sshd", "", false),
            ("sshd", "10.1.2.3.example.org", false),
            ("sshd", "intranet", false),
            ("sshd", " 10.1.2.3", false),
            ("sshd", "010.1.2.3", false),
            ("sshd", "0x0a.1.2.3", false),
            ("sshd", "10.1.2.3%eth0", false),
        ] {
            assert_eq!(
                rule.covers(service, remote_host),
                covered,
                "{service} {remote_host:?}"
            );
        }
    }
}

//! `[[place]]`: the administrator's names for networks, so that a phone can show "Campus Norra" beside an address. For
//! information only; no decision uses it.

use ipnet::IpNet;
use toml::de::DeValue;

use super::network;
use crate::document::{Fault, Section};
use crate::visible::visible;

/// The longest name, in bytes: it has to fit on one line of a phone.
const LONGEST: usize = 64;

/// A named set of networks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    name: String,
    networks: Vec<IpNet>,
}

impl Place {
    pub(super) fn read(mut section: Section<'_>) -> Result<Self, Fault> {
        let rule = "must be a name of at most 64 bytes without control characters";
        let place = Self {
            name: section.required("name", rule, name)?,
            networks: section.required("networks", network::RULE, network::networks)?,
        };
        section.done()?;
        Ok(place)
    }

    /// The name of the first of `places` that contains `remote_host` (`PAM_RHOST`); empty if none does or it is not an
    /// address.
    #[must_use]
    pub fn name_of<'p>(places: &'p [Self], remote_host: &str) -> &'p str {
        let mut places = places.iter();
        let found = places.find(|place| network::covers(&place.networks, remote_host));
        found.map_or("", |place| &place.name)
    }
}

fn name(value: &DeValue<'_>) -> Option<String> {
    let name = value.as_str()?;
    let is_plain = !name.trim().is_empty() && visible(name, LONGEST) == name;
    is_plain.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::Place;
    use crate::config::Config;

    #[test]
    fn the_first_place_that_an_address_is_in_names_it() {
        let text = "[[place]]\nname = \"Campus Norra\"\nnetworks = [\"10.1.0.0/16\", \"2001:db8:1::/48\"]\n\
                    [[place]]\nname = \"VPN\"\nnetworks = [\"10.0.0.0/8\"]\n";
        let places = Config::parse(text).unwrap().places;
        for (remote_host, name) in [
            ("10.1.2.3", "Campus Norra"),
            ("::ffff:10.1.2.3", "Campus Norra"),
            ("2001:db8:1::7", "Campus Norra"),
            ("10.2.2.3", "VPN"),
            ("192.0.2.7", ""),
            ("host.example.org", ""),
            ("", ""),
        ] {
            assert_eq!(Place::name_of(&places, remote_host), name, "{remote_host}");
        }
    }

    #[test]
    fn a_place_without_a_plain_name_or_networks_is_refused() {
        for (text, expected) in [
            ("networks = []", "name"),
            ("name = \"x\"", "networks"),
            ("name = \" \"\nnetworks = []", "place"),
            ("name = \"a\\u202eb\"\nnetworks = []", "place"),
            ("name = \"x\"\nnetworks = [\"campus\"]", "networks"),
            ("name = \"x\"\nnetworks = []\nmore = 1", "more"),
        ] {
            let said = Config::parse(&format!("[[place]]\n{text}\n"))
                .unwrap_err()
                .to_string();
            assert!(said.contains(expected), "{text}: {said}");
        }
    }
}

//! Where a relay takes connections from hosts.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use super::name::is_name;

/// A relay's host and port, such as `relay1.example.org:8471`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelayAddress {
    host: String,
    port: u16,
}

impl RelayAddress {
    /// Reads `name:port`, `192.0.2.7:port` or `[2001:db8::7]:port`.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (host, digits) = text.rsplit_once(':')?;
        let port: u16 = digits.parse().ok()?;
        // One spelling only: no sign, no leading zero.
        if port == 0 || port.to_string() != digits {
            return None;
        }
        let host = match host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
        {
            Some(address) => address.parse::<Ipv6Addr>().ok()?.to_string(),
            None if host
                .parse::<IpAddr>()
                .is_ok_and(|address| address.is_ipv4()) =>
            {
                host.to_owned()
            }
            None => Some(host).filter(|host| is_name(host))?.to_owned(),
        };
        Some(Self { host, port })
    }

    /// The name or address, which its certificate must be for.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl fmt::Display for RelayAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RelayAddress;

    #[test]
    fn an_address_is_written_as_it_was_read_and_has_a_port() {
        for text in [
            "relay1.example.org:8471",
            "relay1:1",
            "192.0.2.7:8471",
            "[2001:db8::7]:8471",
        ] {
            assert_eq!(RelayAddress::read(text).unwrap().to_string(), text);
        }
        for wrong in [
            "",
            "relay1",
            "relay1:",
            "relay1:0",
            "relay1:08471",
            "relay1:+8471",
            "relay1:65536",
            ":8471",
            "https://relay1:8471",
            "2001:db8::7:8471",
            "[192.0.2.7]:8471",
            "[2001:db8::7:8471",
            "Relay1:8471",
            "relay1 :8471",
        ] {
            assert_eq!(RelayAddress::read(wrong), None, "{wrong}");
        }
        assert_eq!(
            RelayAddress::read("[2001:db8::7]:1").unwrap().host(),
            "2001:db8::7"
        );
    }
}

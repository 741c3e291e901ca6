//! `[metrics]`: where the daemon shows its figures to Prometheus.

use std::net::SocketAddr;

use crate::document::{Fault, Section};

/// `[metrics]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metrics {
    /// The listening address, plain HTTP; off by default.
    pub listen: Option<SocketAddr>,
}

impl Metrics {
    pub(super) fn read(&mut self, mut section: Section<'_>) -> Result<(), Fault> {
        self.listen = section.optional(
            "listen",
            "must be an address and a port, such as \"127.0.0.1:9470\"",
            |value| value.as_str()?.parse().ok(),
        )?;
        section.done()
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    #[test]
    fn figures_are_shown_nowhere_until_an_address_is_set() {
        assert_eq!(Config::default().metrics.listen, None);
        let config = Config::parse("[metrics]\nlisten = \"[::1]:9470\"\n").unwrap();
        assert_eq!(config.metrics.listen.unwrap().port(), 9470);
        for wrong in ["\"9470\"", "9470", "\"localhost:9470\"", "true"] {
            let said = Config::parse(&format!("[metrics]\nlisten = {wrong}\n")).unwrap_err();
            assert!(said.to_string().contains("metrics.listen"), "{said}");
        }
    }
}

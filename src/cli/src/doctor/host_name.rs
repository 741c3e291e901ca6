//! Whether this computer's name resolves.

use std::net::ToSocketAddrs;

use antiphon_core::shell;

use crate::finding::{Finding, Findings};

/// The facts that the findings are based on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) name: String,
    /// Whether it resolves.
    pub(crate) is_known: bool,
}

pub(crate) fn read() -> Facts {
    let name = antiphon_link::host_name();
    let is_known = (name.as_str(), 0).to_socket_addrs().is_ok();
    Facts { name, is_known }
}

/// After a change of the name, sudo looks it up and waits for the network.
pub(crate) fn look(facts: &Facts, findings: &mut Findings) {
    if facts.is_known {
        return;
    }
    let line = shell::word(format!("127.0.1.1 {}", facts.name));
    findings.add(
        Finding::warning(format_args!(
            "this computer's name, {}, does not resolve: sudo waits for the network at each sign-in",
            facts.name
        ))
        .fix(format!("echo {line} >> /etc/hosts")),
    );
}

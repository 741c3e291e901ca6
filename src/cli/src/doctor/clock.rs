//! Whether this computer's clock is kept synchronised.

use std::path::Path;

use super::program;
use crate::finding::{Finding, Findings};

/// The facts; `None` if unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Facts {
    /// Whether the kernel considers it synchronised (`STA_UNSYNC` is not set).
    pub(crate) is_synchronised: Option<bool>,
    /// Whether a time service is enabled.
    pub(crate) is_kept: Option<bool>,
    pub(crate) has_chrony: bool,
}

/// Asks systemd, which asks the kernel.
pub(crate) fn read() -> Facts {
    let asked = program::run("timedatectl", &["show"]).ok();
    let said = asked.filter(|ran| ran.succeeded).map(|ran| ran.out);
    let value = |key: &str| {
        let lines = said.as_deref()?.lines();
        let mut pairs = lines.filter_map(|line| line.split_once('='));
        let (_, value) = pairs.find(|(name, _)| *name == key)?;
        Some(value == "yes")
    };
    Facts {
        is_synchronised: value("NTPSynchronized"),
        is_kept: value("NTP"),
        has_chrony: ["/usr/bin/chronyc", "/usr/sbin/chronyd"]
            .iter()
            .any(|path| Path::new(path).exists()),
    }
}

pub(crate) fn look(facts: Facts, findings: &mut Findings) {
    if facts.is_synchronised != Some(false) {
        return;
    }
    let (why, fix) = match (facts.is_kept, facts.has_chrony) {
        (Some(false), _) => ("no time service is enabled", "timedatectl set-ntp true"),
        (_, true) => (
            "it is not synchronised",
            "systemctl restart chronyd && chronyc makestep",
        ),
        (_, false) => (
            "it is not synchronised",
            "systemctl restart systemd-timesyncd",
        ),
    };
    findings.add(
        Finding::warning(format_args!(
            "this computer's clock: {why}; codes are refused once it is more than half a minute off"
        ))
        .fix(fix),
    );
}

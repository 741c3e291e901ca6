//! polkit's helper: since polkit 127 it runs in a sandbox without write access, and every code is refused there.

use std::fs;
use std::path::Path;

use super::pam::Service;
use crate::finding::{Finding, Findings};

/// Its PAM service.
const SERVICE: &str = "polkit-1";
const UNIT: &str = "polkit-agent-helper@.service";
const DROP_INS: &str = "/etc/systemd/system/polkit-agent-helper@.service.d";
/// What must be writable; `conf/systemd` has the reasons.
const OPENED: &str = "ReadWritePaths=-/var/lib/antiphon ReadWritePaths=-/run/antiphon-marks";

/// The facts that the findings are based on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Facts {
    /// Whether its sandbox has no write access.
    pub(crate) is_closed: bool,
    /// Whether our folder is an exception.
    pub(crate) is_opened: bool,
}

pub(crate) fn read() -> Facts {
    let units = ["/usr/lib/systemd/system", "/lib/systemd/system"].map(Path::new);
    let mut texts = units
        .into_iter()
        .filter_map(|folder| fs::read_to_string(folder.join(UNIT)).ok());
    let entries = Path::new(DROP_INS)
        .read_dir()
        .into_iter()
        .flatten()
        .flatten();
    let mut drop_ins = entries.filter_map(|entry| fs::read_to_string(entry.path()).ok());
    Facts {
        is_closed: texts.any(|text| text.contains("ProtectSystem=strict")),
        is_opened: drop_ins.any(|text| text.contains("/var/lib/antiphon")),
    }
}

pub(crate) fn look(facts: Facts, services: &[Service], findings: &mut Findings) {
    let mut asking = services.iter().filter(|service| service.has_ours());
    let asks = asking.any(|service| service.name == SERVICE);
    if !asks || !facts.is_closed || facts.is_opened {
        return;
    }
    findings.add(
        Finding::fault(format_args!(
            "{UNIT} runs in a sandbox without write access: pam_antiphon cannot record used codes, and refuses every \
             code at \
             {SERVICE}"
        ))
        .fix(format!(
            "mkdir -p {DROP_INS} && printf '%s\\n' '[Service]' {OPENED} > {DROP_INS}/antiphon.conf && systemctl \
             daemon-reload"
        ))
        .of(vec![SERVICE.to_owned()]),
    );
}

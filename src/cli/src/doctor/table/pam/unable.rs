//! Services that cannot ask, or were forgotten.

use super::{LOCKED_OUT, OURS, PASSED, ask_in_common_auth};
use crate::doctor::pam::Verdict;
use crate::doctor::table::host::{change, configure, write};
use crate::doctor::table::{Broken, Then};
use crate::finding::Severity;

pub(super) fn hosts() -> Vec<Broken> {
    vec![
        Broken {
            what: "i3lock includes login",
            damage: |host| write(host, "i3lock", "auth include login\n"),
            service: "i3lock",
            says: "in the stack of i3lock, which cannot ask",
            fix: "sed -i '1c @include common-auth' /etc/pam.d/i3lock",
            then: Then::NotTried,
            ..LOCKED_OUT
        },
        Broken {
            what: "a screen locker, and our line in common-auth",
            damage: |host| {
                ask_in_common_auth(host);
                write(host, "swaylock", "@include common-auth\n");
            },
            service: "swaylock",
            says: "in the stack of swaylock, which cannot ask",
            fix: "printf '%s\\n' '' '[exempt]' 'services = [\"swaylock\"]' >> /etc/antiphon/antiphon.toml",
            then: Then::NotTried,
            ..LOCKED_OUT
        },
        Broken {
            what: "a server of files that shows no prompt",
            damage: |host| {
                write(
                    host,
                    "vsftpd",
                    "@include common-auth\nauth required pam_antiphon.so\n",
                );
                configure(host, "[exempt]\nservices = [\"cron\"]\n");
            },
            service: "vsftpd",
            says: "in the stack of vsftpd, which cannot ask (it cannot show a prompt)",
            fix: "antiphon disable vsftpd",
            then: Then::NotTried,
            ..LOCKED_OUT
        },
        Broken {
            what: "sudo asks, and sudo -i does not",
            damage: |host| change(host, "sudo-i", OURS, ""),
            service: "sudo-i",
            verdict: Verdict::DoesNotAsk,
            severity: Severity::Warning,
            says: "sudo asks and sudo-i does not",
            fix: "antiphon enable sudo-i",
            ..PASSED
        },
        Broken {
            what: "our line stands nowhere",
            damage: |host| {
                for name in ["sshd", "sudo", "sudo-i", "su", "login"] {
                    change(host, name, OURS, "");
                }
            },
            verdict: Verdict::DoesNotAsk,
            severity: Severity::Warning,
            says: "no file in /etc/pam.d calls pam_antiphon",
            fix: "antiphon enable sshd",
            ..PASSED
        },
        Broken {
            what: "our line stands nowhere, and our module neither",
            damage: |host| {
                host.folder.modules.remove("pam_antiphon.so");
                for name in ["sshd", "sudo", "sudo-i", "su", "login"] {
                    change(host, name, OURS, "");
                }
            },
            verdict: Verdict::DoesNotAsk,
            severity: Severity::Warning,
            says: "no file in /etc/pam.d calls pam_antiphon",
            fix: "install -D -m 644 target/release/libpam_antiphon.so",
            then: Then::NotTried,
            ..PASSED
        },
        Broken {
            what: "our line stands nowhere, and there is a profile",
            damage: |host| {
                for name in ["sshd", "sudo", "sudo-i", "su", "login"] {
                    change(host, name, OURS, "");
                }
                host.has_profile = true;
            },
            verdict: Verdict::DoesNotAsk,
            severity: Severity::Warning,
            says: "no file in /etc/pam.d calls pam_antiphon",
            fix: "antiphon enable --all",
            then: Then::NotTried,
            ..PASSED
        },
    ]
}

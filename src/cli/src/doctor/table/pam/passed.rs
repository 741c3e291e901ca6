//! Lines that lead past ours, or make nothing of it.

use super::{OURS, PASSED, with};
use crate::doctor::table::Broken;
use crate::doctor::table::host::{change, write};
use crate::finding::Severity;

#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn hosts() -> Vec<Broken> {
    vec![
        Broken {
            what: "faillock, sufficient at the end of common-auth",
            damage: |host| {
                write(
                    host,
                    "common-auth",
                    "auth [success=1 default=bad] pam_unix.so\nauth [default=die] pam_faillock.so authfail\n\
                     auth sufficient pam_faillock.so authsucc\nauth required pam_deny.so\n",
                );
            },
            fix: "sed -i -e '3c auth required pam_faillock.so authsucc' -e 4d /etc/pam.d/common-auth",
            ..PASSED
        },
        Broken {
            what: "sufficient pam_unix in an included file",
            damage: |host| {
                write(
                    host,
                    "common-auth",
                    "auth sufficient pam_unix.so\nauth required pam_deny.so\n",
                );
            },
            fix: "sed -i '1c auth substack common-auth' /etc/pam.d/sshd",
            ..PASSED
        },
        Broken {
            what: "Fedora's system-auth, included",
            damage: |host| {
                write(
                    host,
                    "system-auth",
                    "auth required pam_env.so\nauth sufficient pam_unix.so nullok\n\
                     auth sufficient pam_sss.so forward_pass\nauth required pam_deny.so\n",
                );
                with(host, "auth include system-auth\n");
                host.folder.knows_at_include = false;
                for name in [
                    "common-auth",
                    "common-account",
                    "cron",
                    "login",
                    "passwd",
                    "su",
                    "su-l",
                ] {
                    host.folder.files.remove(name);
                }
                for name in ["sudo", "sudo-i", "vlock"] {
                    host.folder.files.remove(name);
                }
            },
            fix: "sed -i '1c auth substack system-auth' /etc/pam.d/sshd",
            ..PASSED
        },
        Broken {
            what: "an end by success=done",
            damage: |host| with(host, "auth [success=done default=die] pam_unix.so\n"),
            fix: "sed -i '1c auth [success=ok default=die] pam_unix.so' /etc/pam.d/sshd",
            ..PASSED
        },
        Broken {
            what: "a jump that is one too long",
            damage: |host| {
                write(
                    host,
                    "sshd",
                    "auth [success=2 default=ignore] pam_unix.so\nauth requisite pam_deny.so\n\
                     auth required pam_antiphon.so\nauth required pam_permit.so\n",
                );
            },
            fix: "sed -i '1c auth [success=1 default=ignore] pam_unix.so' /etc/pam.d/sshd",
            ..PASSED
        },
        Broken {
            what: "sufficient pam_permit before all",
            damage: |host| {
                change(
                    host,
                    "sshd",
                    "@include",
                    "auth sufficient pam_permit.so\n@include",
                );
            },
            fix: "sed -i '1c auth required pam_permit.so' /etc/pam.d/sshd",
            ..PASSED
        },
        Broken {
            what: "a fingerprint in the place of everything",
            damage: |host| {
                change(
                    host,
                    "sudo",
                    "@include",
                    "auth sufficient pam_fprintd.so\n@include",
                );
            },
            service: "sudo",
            fix: "sed -i '3c auth requisite pam_fprintd.so' /etc/pam.d/sudo",
            ..PASSED
        },
        Broken {
            what: "people whom a condition lets past",
            damage: |host| {
                change(
                    host,
                    "sshd",
                    OURS,
                    "auth [success=1 default=ignore] pam_succeed_if.so user ingroup robots\n\
                     auth required pam_antiphon.so\n",
                );
            },
            severity: Severity::Warning,
            says: "lets the people it names skip pam_antiphon",
            fix: "sed -i 2d /etc/pam.d/sshd",
            ..PASSED
        },
    ]
}

pub(super) fn pardoned() -> Vec<Broken> {
    const PARDONED: Broken = Broken {
        says: "ignores a refusal by pam_antiphon",
        fix: "auth required pam_antiphon.so' /etc/pam.d/",
        ..PASSED
    };
    vec![
        Broken {
            what: "our line is optional",
            damage: |host| change(host, "sshd", "required pam_a", "optional pam_a"),
            ..PARDONED
        },
        Broken {
            what: "our line is sufficient",
            damage: |host| change(host, "sudo", "required pam_a", "sufficient pam_a"),
            service: "sudo",
            ..PARDONED
        },
        Broken {
            what: "our line ignores what it does not name",
            damage: |host| {
                change(
                    host,
                    "su",
                    "required pam_a",
                    "[success=ok default=ignore] pam_a",
                );
            },
            service: "su",
            ..PARDONED
        },
        Broken {
            what: "our line ignores that its record cannot be read",
            damage: |host| {
                change(
                    host,
                    "login",
                    "required pam_a",
                    "[success=ok authinfo_unavail=ignore default=die] pam_a",
                );
            },
            service: "login",
            ..PARDONED
        },
        Broken {
            what: "a line behind ours forgets what was before",
            damage: |host| {
                change(
                    host,
                    "sshd",
                    OURS,
                    "auth required pam_antiphon.so\nauth [default=reset] pam_warn.so\nauth required pam_permit.so\n",
                );
            },
            fix: "/etc/pam.d/sshd",
            ..PARDONED
        },
    ]
}

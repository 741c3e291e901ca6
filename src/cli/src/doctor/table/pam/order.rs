//! Lines in a wrong order, or too many of them.

use super::{ASKS_ALL_THE_SAME, OURS, ask_in_common_auth, with};
use crate::doctor::table::host::{change, configure, write};
use crate::doctor::table::{Broken, Then};
use crate::finding::Severity;

#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn hosts() -> Vec<Broken> {
    vec![
        Broken {
            what: "our line stands twice",
            damage: |host| change(host, "sudo", OURS, &OURS.repeat(2)),
            service: "sudo",
            says: "calls pam_antiphon a second time in one sign-in",
            fix: "sed -i 5d /etc/pam.d/sudo",
            ..ASKS_ALL_THE_SAME
        },
        Broken {
            what: "our line stands in common-auth as well",
            damage: ask_in_common_auth,
            says: "calls pam_antiphon a second time in one sign-in",
            fix: "sed -i ",
            then: Then::NotTried,
            ..ASKS_ALL_THE_SAME
        },
        Broken {
            what: "our line before common-auth, at sshd",
            damage: |host| {
                write(
                    host,
                    "sshd",
                    "auth required pam_antiphon.so\n@include common-auth\n",
                );
            },
            says: "and sshd refuses everybody there",
            fix: "sed -i -e 1d -e '2a auth required pam_antiphon.so' /etc/pam.d/sshd",
            ..ASKS_ALL_THE_SAME
        },
        Broken {
            what: "our line before the password, in one file",
            damage: |host| {
                write(
                    host,
                    "sudo",
                    "auth required pam_antiphon.so debug\nauth [success=1 default=ignore] pam_unix.so\n\
                     auth requisite pam_deny.so\nauth required pam_permit.so\n",
                );
            },
            service: "sudo",
            says: "can guess codes and lock others out",
            fix: "sed -i -e 1d -e '4a auth required pam_antiphon.so debug' /etc/pam.d/sudo",
            ..ASKS_ALL_THE_SAME
        },
        Broken {
            what: "a wrong password goes on to us",
            damage: |host| with(host, "auth required pam_unix.so\n"),
            severity: Severity::Warning,
            says: "a wrong password goes on to pam_antiphon",
            fix: "sed -i '1c auth requisite pam_unix.so' /etc/pam.d/sshd",
            ..ASKS_ALL_THE_SAME
        },
        Broken {
            what: "common-auth as a substack",
            damage: |host| {
                change(
                    host,
                    "sshd",
                    "@include common-auth",
                    "auth substack common-auth",
                );
            },
            severity: Severity::Warning,
            says: "a wrong password goes on to pam_antiphon",
            fix: "sed -i '1c auth include common-auth' /etc/pam.d/sshd",
            ..ASKS_ALL_THE_SAME
        },
        Broken {
            what: "a code in the place of the password",
            damage: |host| with(host, "auth optional pam_sss.so\n"),
            says: "a code alone is then enough",
            fix: "sed -i '1c auth requisite pam_sss.so' /etc/pam.d/sshd",
            ..ASKS_ALL_THE_SAME
        },
        Broken {
            what: "nothing but our line, at sudo",
            damage: |host| write(host, "sudo", OURS),
            service: "sudo",
            severity: Severity::Warning,
            says: "the second factor is the only one at sudo",
            fix: "sed -i '1i @include common-auth' /etc/pam.d/sudo",
            ..ASKS_ALL_THE_SAME
        },
        Broken {
            what: "whom the configuration exempts has no success",
            damage: |host| {
                write(host, "sudo", "auth requisite pam_antiphon.so\n");
                configure(host, "[exempt]\ngroups = [\"robots\"]\n");
            },
            service: "sudo",
            severity: Severity::Warning,
            says: "people whom the configuration exempts are refused at sudo",
            fix: "sed -i '1a auth required pam_permit.so' /etc/pam.d/sudo",
            ..ASKS_ALL_THE_SAME
        },
        Broken {
            what: "our line in the account part",
            damage: |host| {
                change(
                    host,
                    "sshd",
                    "account ",
                    "account required pam_antiphon.so\naccount ",
                );
            },
            severity: Severity::Warning,
            says: "it belongs in `auth` alone",
            fix: "sed -i 3d /etc/pam.d/sshd",
            ..ASKS_ALL_THE_SAME
        },
    ]
}

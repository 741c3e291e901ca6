//! Lines by which nobody gets in.

use super::{LOCKED_OUT, OURS};
use crate::doctor::pam::Verdict;
use crate::doctor::table::host::{change, write};
use crate::doctor::table::{Broken, Then};

#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn hosts() -> Vec<Broken> {
    vec![
        Broken {
            what: "an argument that we do not know",
            damage: |host| change(host, "sshd", "antiphon.so", "antiphon.so nullok"),
            fix: "sed -i '2c auth required pam_antiphon.so' /etc/pam.d/sshd",
            ..LOCKED_OUT
        },
        Broken {
            what: "an argument in capitals",
            damage: |host| change(host, "sshd", "antiphon.so", "antiphon.so Debug"),
            fix: "sed -i '2c auth required pam_antiphon.so debug' /etc/pam.d/sshd",
            ..LOCKED_OUT
        },
        Broken {
            what: "a configuration that is not there",
            damage: |host| {
                change(
                    host,
                    "sshd",
                    "antiphon.so",
                    "antiphon.so config=/etc/antiphon/other.toml",
                );
            },
            fix: "sed -i '2c auth required pam_antiphon.so' /etc/pam.d/sshd",
            ..LOCKED_OUT
        },
        Broken {
            what: "our module is not there",
            damage: |host| {
                host.folder.modules.remove("pam_antiphon.so");
            },
            fix: "install -D -m 644 target/release/libpam_antiphon.so \
                  /usr/lib/x86_64-linux-gnu/security/pam_antiphon.so",
            then: Then::NotTried,
            ..LOCKED_OUT
        },
        Broken {
            what: "our module's name, misspelt",
            damage: |host| change(host, "sshd", "pam_antiphon.so", "pam_antipon.so"),
            fix: "sed -i '2c auth required pam_antiphon.so' /etc/pam.d/sshd",
            ..LOCKED_OUT
        },
        Broken {
            what: "our module by a path at which it is not",
            damage: |host| {
                change(
                    host,
                    "sshd",
                    "pam_antiphon.so",
                    "/lib/security/pam_antiphon.so",
                );
            },
            fix: "sed -i '2c auth required pam_antiphon.so' /etc/pam.d/sshd",
            ..LOCKED_OUT
        },
        Broken {
            what: "another module that is not there",
            damage: |host| {
                change(
                    host,
                    "sshd",
                    OURS,
                    "auth required pam_gone.so\nauth required pam_antiphon.so\n",
                );
            },
            says: "there is no pam_gone.so in /usr/lib",
            fix: "sed -i '2s/^/#/' /etc/pam.d/sshd",
            ..LOCKED_OUT
        },
        Broken {
            what: "a control, misspelt",
            damage: |host| change(host, "sshd", "required pam_a", "requird pam_a"),
            says: "its control is invalid",
            fix: "sed -i '2c auth required pam_antiphon.so' /etc/pam.d/sshd",
            ..LOCKED_OUT
        },
        Broken {
            what: "a jump over no line",
            damage: |host| change(host, "common-auth", "success=1", "success=0"),
            says: "its control is invalid",
            fix: "/etc/pam.d/common-auth",
            then: Then::NotTried,
            ..LOCKED_OUT
        },
        Broken {
            what: "the kind, misspelt",
            damage: |host| change(host, "sshd", "auth required pam_a", "auht required pam_a"),
            says: "is none of auth, account, password and session",
            fix: "sed -i '2c auth required pam_antiphon.so' /etc/pam.d/sshd",
            ..LOCKED_OUT
        },
        Broken {
            what: "an included file, misspelt",
            damage: |host| change(host, "sshd", "@include common-auth", "@include common-auht"),
            says: "libpam gives up on the whole file here",
            fix: "sed -i '1c @include common-auth' /etc/pam.d/sshd",
            ..LOCKED_OUT
        },
        Broken {
            what: "an included file that is not there",
            damage: |host| {
                change(
                    host,
                    "sshd",
                    "@include common-auth",
                    "auth include password-auth",
                );
            },
            says: "there is no file password-auth",
            fix: "/etc/pam.d/sshd",
            then: Then::NotTried,
            ..LOCKED_OUT
        },
        Broken {
            what: "no module at the end of a line",
            damage: |host| {
                change(
                    host,
                    "sshd",
                    OURS,
                    "auth required pam_antiphon.so\nauth required\n",
                );
            },
            says: "no module is named",
            fix: "sed -i '3s/^/#/' /etc/pam.d/sshd",
            ..LOCKED_OUT
        },
        Broken {
            what: "a file of Windows",
            damage: |host| {
                let text = host.folder.files["sshd"].text().replace('\n', "\r\n");
                write(host, "sshd", &text);
            },
            says: "its lines end in carriage returns",
            fix: "sed -i 's/\\r$//' /etc/pam.d/sshd",
            ..LOCKED_OUT
        },
        Broken {
            what: "a file that includes itself",
            damage: |host| {
                change(
                    host,
                    "sshd",
                    OURS,
                    "auth required pam_antiphon.so\nauth include sshd\n",
                );
            },
            says: "includes itself",
            fix: "sed -i '3s/^/#/' /etc/pam.d/sshd",
            ..LOCKED_OUT
        },
        Broken {
            what: "@include where libpam does not know it",
            damage: |host| host.folder.knows_at_include = false,
            says: "only Debian's libpam knows @include",
            fix: "${EDITOR:-vi} +3 /etc/pam.d/login",
            then: Then::NotTried,
            ..LOCKED_OUT
        },
        Broken {
            what: "an include that names no file",
            damage: |host| {
                change(
                    host,
                    "sshd",
                    OURS,
                    "auth required pam_antiphon.so\naccount include\n",
                );
            },
            says: "no file is named, and libpam crashes",
            fix: "${EDITOR:-vi} +3 /etc/pam.d/sshd",
            then: Then::NotTried,
            ..LOCKED_OUT
        },
        Broken {
            what: "the file for services without one is broken, and libpam reads it all the same",
            damage: |host| write(host, "other", "auth required pam_deny.so \\"),
            says: "nobody gets in by cron, login, passwd, sshd, su, su-l, sudo, sudo-i and vlock",
            fix: "${EDITOR:-vi} +1 /etc/pam.d/other",
            then: Then::NotTried,
            ..LOCKED_OUT
        },
        Broken {
            what: "a module of the account part is not there",
            damage: |host| {
                change(
                    host,
                    "common-account",
                    "account required pam_unix.so\n",
                    "account required pam_unix.so\naccount required pam_gone.so\n",
                );
            },
            says: "nobody gets in by login, sshd, su, su-l, sudo and sudo-i",
            fix: "sed -i '2s/^/#/' /etc/pam.d/common-account",
            ..LOCKED_OUT
        },
        Broken {
            what: "what asks for the password is not there, and is not to be dropped",
            damage: |host| {
                write(
                    host,
                    "sshd",
                    "auth requisite pam_ldap.so\nauth required pam_antiphon.so\naccount required pam_unix.so\n",
                );
            },
            says: "there is no pam_ldap.so in /usr/lib",
            fix: "${EDITOR:-vi} +1 /etc/pam.d/sshd",
            then: Then::NotTried,
            ..LOCKED_OUT
        },
        Broken {
            what: "a control misspelt in two lines: each has its own fix, and none is to drop ours",
            damage: |host| {
                write(
                    host,
                    "sshd",
                    "@include common-auth\nauth requird pam_antiphon.so\naccount requird pam_unix.so\n",
                );
            },
            says: "`auth requird pam_antiphon.so`: its control is invalid",
            fix: "sed -i '2c auth required pam_antiphon.so' /etc/pam.d/sshd",
            then: Then::NotTried,
            ..LOCKED_OUT
        },
        Broken {
            what: "an included file that cannot be read",
            damage: |host| {
                host.folder.files.remove("common-auth");
                let why = "/etc/pam.d/common-auth: it is not a regular file".to_owned();
                host.folder.unread.insert("common-auth".to_owned(), why);
            },
            verdict: Verdict::NotKnown,
            says: "it is not a regular file: what becomes of sign-ins by cron, login, sshd",
            fix: "ls -l /etc/pam.d/common-auth",
            then: Then::NotTried,
            ..LOCKED_OUT
        },
        Broken {
            what: "sshd without our line, and nobody gets in",
            damage: |host| write(host, "sshd", "auth required pam_gone.so\n"),
            says: "there is no pam_gone.so in /usr/lib",
            fix: "${EDITOR:-vi} +1 /etc/pam.d/sshd",
            then: Then::NotTried,
            ..LOCKED_OUT
        },
        Broken {
            what: "a backslash at the end of the file",
            damage: |host| {
                write(
                    host,
                    "sshd",
                    "@include common-auth\nauth required pam_antiphon.so \\",
                );
            },
            says: "libpam gives up on the whole file here",
            fix: "${EDITOR:-vi} +2 /etc/pam.d/sshd",
            then: Then::NotTried,
            ..LOCKED_OUT
        },
    ]
}

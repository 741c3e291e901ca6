//! Those who sign in without PAM.

use super::{BROKEN, with};
use crate::doctor::people::Keys;
use crate::doctor::table::Broken;
use crate::doctor::table::host::person;

pub(super) fn hosts() -> Vec<Broken> {
    const KEYS: Broken = Broken {
        says: "a key alone is enough, with no second factor",
        ..BROKEN
    };
    vec![
        Broken {
            what: "anna has a key",
            damage: |host| person(host, "anna").keys = Keys::Seen(1),
            fix: "'AuthenticationMethods publickey,keyboard-interactive:pam keyboard-interactive:pam'",
            ..KEYS
        },
        Broken {
            what: "keys by a command",
            damage: |host| {
                with(
                    host,
                    "AuthorizedKeysCommand /usr/bin/sss_ssh_authorizedkeys\n",
                );
            },
            says: "those whose keys AuthorizedKeysCommand gives",
            ..KEYS
        },
        Broken {
            what: "keys that an authority has signed",
            damage: |host| with(host, "TrustedUserCAKeys /etc/ssh/ca.pub\n"),
            says: "those whose keys TrustedUserCAKeys has signed",
            ..KEYS
        },
        Broken {
            what: "one of the lists of methods is a key alone",
            damage: |host| {
                with(
                    host,
                    "AuthenticationMethods publickey keyboard-interactive:pam\n",
                );
                person(host, "bo").keys = Keys::Seen(2);
            },
            fix: "sed -i '1c AuthenticationMethods publickey,keyboard-interactive:pam keyboard-interactive:pam'",
            ..KEYS
        },
        Broken {
            what: "root may come by a key alone, and is asked for more",
            damage: |host| {
                with(
                    host,
                    "AuthenticationMethods publickey,keyboard-interactive:pam\n",
                );
                person(host, "root").keys = Keys::Seen(1);
            },
            says: "root cannot sign in",
            fix: "'PermitRootLogin yes'",
            ..BROKEN
        },
        Broken {
            what: "tickets of Kerberos",
            damage: |host| {
                with(host, "GSSAPIAuthentication yes\n");
                host.sshd.as_mut().unwrap().has_keytab = true;
            },
            says: "a Kerberos ticket or host-based authentication alone is enough",
            ..BROKEN
        },
        Broken {
            what: "another computer's word",
            damage: |host| with(host, "HostbasedAuthentication yes\n"),
            says: "a Kerberos ticket or host-based authentication alone is enough",
            ..BROKEN
        },
    ]
}

//! Methods that cannot ask.

use super::{BROKEN, LOCKED_OUT, behind_a_key, with};
use crate::doctor::pam::Verdict;
use crate::doctor::table::Broken;
use crate::doctor::table::host::{SSHD_CONFIG, configure_sshd};

pub(super) fn hosts() -> Vec<Broken> {
    vec![
        Broken {
            what: "the drop-in is missing",
            damage: |host| {
                let files = &mut host.sshd.as_mut().unwrap().files;
                files.remove("/etc/ssh/sshd_config.d/00-antiphon.conf");
            },
            says: "sshd uses the password method, which cannot show the prompt for a second factor",
            fix: "printf '%s\\n' 'KbdInteractiveAuthentication yes' 'PasswordAuthentication no' > \
                  /etc/ssh/sshd_config.d/00-antiphon.conf && sshd -t && systemctl reload ssh",
            ..LOCKED_OUT
        },
        Broken {
            what: "PAM is off",
            damage: |host| with(host, "UsePAM no\n"),
            verdict: Verdict::DoesNotAsk,
            says: "UsePAM is off",
            fix: "sed -i '1c UsePAM yes' /etc/ssh/sshd_config.d/00-antiphon.conf",
            ..LOCKED_OUT
        },
        Broken {
            what: "both methods are off",
            damage: |host| with(host, "KbdInteractiveAuthentication no\n"),
            verdict: Verdict::DoesNotAsk,
            says: "only keys sign in",
            ..LOCKED_OUT
        },
        Broken {
            what: "the password method is on as well",
            damage: |host| with(host, "PasswordAuthentication yes\n"),
            says: "the password method is on",
            ..BROKEN
        },
        Broken {
            what: "a file that comes before ours turns passwords on",
            damage: |host| {
                configure_sshd(
                    host,
                    "sshd_config.d/00-aaa.conf",
                    "\nPasswordAuthentication yes\n",
                );
            },
            says: "the password method is on",
            fix: "sed -i '2c PasswordAuthentication no' /etc/ssh/sshd_config.d/00-aaa.conf",
            ..BROKEN
        },
        Broken {
            what: "a setting before the drop-ins",
            damage: |host| {
                let text = format!("PasswordAuthentication yes\n{SSHD_CONFIG}");
                configure_sshd(host, "sshd_config", &text);
            },
            says: "the password method is on",
            fix: "sed -i '1c PasswordAuthentication no' /etc/ssh/sshd_config",
            ..BROKEN
        },
        Broken {
            what: "drop-ins are not included",
            damage: |host| configure_sshd(host, "sshd_config", "UsePAM yes\n"),
            says: "the password method is on",
            fix: "sed -i -e '1i PasswordAuthentication no' /etc/ssh/sshd_config",
            ..BROKEN
        },
        Broken {
            what: "a list of methods wants the blind one",
            damage: |host| {
                with(
                    host,
                    "AuthenticationMethods publickey,password password\nPasswordAuthentication yes\n",
                );
            },
            says: "AuthenticationMethods requires the password method",
            fix: "AuthenticationMethods publickey,keyboard-interactive:pam keyboard-interactive:pam",
            ..LOCKED_OUT
        },
        Broken {
            what: "our line alone, and no key before it",
            damage: behind_a_key,
            says: "reason=no-first-factor",
            fix: "'AuthenticationMethods publickey,keyboard-interactive:pam' >> \
                  /etc/ssh/sshd_config.d/00-antiphon.conf",
            ..LOCKED_OUT
        },
    ]
}

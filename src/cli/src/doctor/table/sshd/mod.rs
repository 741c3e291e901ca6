//! Hosts whose sshd does not come to our line, or comes without being able to show it.

mod keys;
mod methods;

use super::host::{SSHD_CONFIG, configure, configure_sshd, person, write};
use super::{Broken, Then, hold};
use crate::doctor::host::Host;
use crate::doctor::pam::Verdict;
use crate::doctor::people::Keys;
use crate::finding::Severity;

const DROP_IN: &str = "sshd_config.d/00-antiphon.conf";
const RELOADED: &str = " && sshd -t && systemctl reload ssh";

const BROKEN: Broken = Broken {
    what: "",
    damage: |_| {},
    service: "sshd",
    verdict: Verdict::Asks,
    severity: Severity::Warning,
    says: "",
    fix: RELOADED,
    then: Then::Asks,
};
const LOCKED_OUT: Broken = Broken {
    verdict: Verdict::LocksOut,
    severity: Severity::Fault,
    ..BROKEN
};

/// Our drop-in, with these lines before its own.
fn with(host: &mut Host, lines: &str) {
    let usual = "UsePAM yes\nKbdInteractiveAuthentication yes\nPasswordAuthentication no\nLoginGraceTime 300\n";
    configure_sshd(host, DROP_IN, &format!("{lines}{usual}"));
}

/// The lines of a key and a code.
fn behind_a_key(host: &mut Host) {
    write(
        host,
        "sshd",
        include_str!("../../../../../../conf/pam.d/sshd-key"),
    );
}

pub(super) fn hosts() -> Vec<Broken> {
    [methods::hosts(), keys::hosts(), beside(), blocks()]
        .into_iter()
        .flatten()
        .collect()
}

#[test]
fn methods_that_cannot_ask_are_found_and_set_right() {
    hold(&methods::hosts());
}

#[test]
fn those_who_sign_in_without_pam_are_found() {
    hold(&keys::hosts());
}

#[test]
fn what_else_cuts_sign_ins_off_is_found() {
    hold(&beside());
}

#[test]
fn a_match_block_that_undoes_it_is_found_and_changed() {
    hold(&blocks());
}

fn beside() -> Vec<Broken> {
    vec![
        Broken {
            what: "half a minute to sign in",
            damage: |host| with(host, "LoginGraceTime 30\n"),
            says: "LoginGraceTime is 30 s: anyone who waits for a phone",
            fix: "sed -i '1c LoginGraceTime 300'",
            ..BROKEN
        },
        Broken {
            what: "two minutes to enrol",
            damage: |host| {
                with(host, "LoginGraceTime 2m\n");
                configure(host, "unenrolled = \"enroll\"\n");
            },
            says: "LoginGraceTime is 120 s: anyone who enrols at the sign-in",
            ..BROKEN
        },
        Broken {
            what: "two minutes to sign in at the account's provider",
            damage: |host| {
                with(host, "LoginGraceTime 2m\n");
                configure(
                    host,
                    "[[provider]]\nname = \"kmh\"\nissuer = \"https://id.example.org\"\nclient_id = \"a\"\n\
                     label = { sv = \"KMH-konto\", en = \"KMH account\" }\n",
                );
            },
            says: "LoginGraceTime is 120 s: anyone who approves with an account, for which there are 180 s,",
            fix: "sed -i '1c LoginGraceTime 300'",
            ..BROKEN
        },
        Broken {
            what: "names in the place of addresses",
            damage: |host| {
                with(host, "UseDNS yes\n");
                configure(
                    host,
                    "[[exempt.network]]\nnetworks = [\"10.0.0.0/8\"]\nservices = [\"sshd\"]\n",
                );
            },
            says: "with UseDNS sshd reports host names instead of addresses",
            ..BROKEN
        },
        Broken {
            what: "a configuration that sshd refuses",
            damage: |host| {
                let why =
                    "/etc/ssh/sshd_config: line 12: Bad configuration option: Fooo".to_owned();
                host.sshd.as_mut().unwrap().output = Err(why);
            },
            severity: Severity::Fault,
            says: "would not start again (/etc/ssh/sshd_config: line 12: Bad configuration option: Fooo)",
            fix: "${EDITOR:-vi} +12 /etc/ssh/sshd_config",
            then: Then::NotTried,
            ..BROKEN
        },
        Broken {
            what: "methods that sshd cannot satisfy",
            damage: |host| {
                let why =
                    "AuthenticationMethods cannot be satisfied by enabled authentication methods"
                        .to_owned();
                host.sshd.as_mut().unwrap().output = Err(why);
            },
            severity: Severity::Fault,
            says: "sshd rejects its configuration (AuthenticationMethods cannot be satisfied",
            fix: "sshd -t",
            then: Then::NotTried,
            ..BROKEN
        },
        Broken {
            what: "sshd says nothing of itself",
            damage: |host| {
                let why = "Missing privilege separation directory: /run/sshd".to_owned();
                host.sshd.as_mut().unwrap().output = Err(why);
            },
            says: "sshd -T does not answer (Missing privilege separation directory: /run/sshd)",
            fix: "mkdir -p -m 755 /run/sshd",
            then: Then::NotTried,
            ..BROKEN
        },
    ]
}

fn blocks() -> Vec<Broken> {
    const MAIN: &str = "sshd_config";
    vec![
        Broken {
            what: "passwords for one person",
            damage: |host| {
                let text = "Match User backup\n\tKbdInteractiveAuthentication no\n\tPasswordAuthentication yes\n";
                configure_sshd(host, MAIN, &format!("{SSHD_CONFIG}{text}"));
            },
            severity: Severity::Fault,
            says: "for `Match User backup`: sshd uses the password method",
            fix: "sed -i '8c KbdInteractiveAuthentication yes' /etc/ssh/sshd_config && sed -i '9c \
             PasswordAuthentication \
                  no' /etc/ssh/sshd_config && sshd -t",
            ..BROKEN
        },
        Broken {
            what: "a key alone from one network",
            damage: |host| {
                with(
                    host,
                    "AuthenticationMethods publickey,keyboard-interactive:pam keyboard-interactive:pam\n",
                );
                let text = "Match Address 10.0.0.0/8\n\tAuthenticationMethods publickey\n";
                configure_sshd(host, MAIN, &format!("{SSHD_CONFIG}{text}"));
                person(host, "anna").keys = Keys::Seen(1);
            },
            says: "for `Match Address 10.0.0.0/8`: a key alone is enough",
            ..BROKEN
        },
    ]
}
